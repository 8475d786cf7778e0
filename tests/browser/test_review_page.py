"""The review in a real browser: it is done by keys, shows what the verdicts say, and loses none of them."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path
from statistics import median

import pytest
from made_runs import PLAIN
from served_reviews import Reviewer, lines, program, verdicts

from dataclinic.review.queue import Filters

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_first_suspect_is_shown_with_both_labels_and_why(reviewing):
    ada = reviewing("images")
    suspect = ada.server.session.suspect(ada.server.session.next())
    assert ada.text("#sample-title").split() == ["#1", suspect.id]
    assert ada.text("#wrong") == "> 99 % likely wrong"
    assert ada.text("#given-label") == suspect.given_label
    assert ada.text("#suggested-label") == suspect.suggested_label
    assert ada.text("#suggested-share") == "95 %"
    assert suspect.reason[:20] in ada.text("#reason")
    assert ada.page.locator("#checks li").all_inner_texts() == [
        check.replace("_", " ").capitalize() for check in suspect.checks
    ]
    assert ada.page.get_by_role("img", name="Sample").count() == 5
    ada.until(lambda: ada.page.locator("#stage img").evaluate("(one) => one.naturalWidth") > 0)
    bar = ada.page.locator("#suggested-bar > span")
    assert bar.evaluate("(one) => one.getBoundingClientRect().width / one.parentElement.clientWidth") == pytest.approx(
        0.95, abs=0.01
    )


def test_every_verdict_has_its_key(reviewing):
    ada = reviewing("images")
    suggested = ada.text("#suggested-label")
    ada.press("Enter", "k", "d", "a")
    assert [verdict for verdict, _ in verdicts(ada)] == ["relabel", "keep", "drop", "ambiguous"]
    assert verdicts(ada)[0] == ("relabel", suggested)
    assert ada.rank == 5
    ada.press("Space")
    assert ada.rank == 6
    assert "comes again at the end" in ada.bar
    other = next(
        key for key, name in enumerate(PLAIN, 1) if name not in {ada.text("#given-label"), ada.text("#suggested-label")}
    )
    ada.press(str(other))
    assert verdicts(ada)[-1] == ("relabel", PLAIN[other - 1])
    assert ada.bar.startswith("✓ Saved: ") or ada.bar.startswith("Saved: ")
    given = ada.text("#given-label")
    ada.press(str(PLAIN.index(given) + 1))
    assert verdicts(ada)[-1] == ("keep", None)
    assert f"stays {given}" in ada.bar


def test_every_verdict_has_its_button(reviewing):
    ada = reviewing("images")
    for name in ("Accept", "Keep", "Drop", "Ambiguous", "Skip"):
        rank = ada.rank
        ada.page.locator("#verdicts").get_by_role("button", name=name).click()
        ada.settled()
        assert ada.rank == rank + 1
    ada.page.get_by_role("button", name="Suggested label").click()
    ada.settled()
    ada.page.locator("#classes").get_by_role("button").nth(2).click()
    ada.settled()
    assert [verdict for verdict, _ in verdicts(ada)] == ["relabel", "keep", "drop", "ambiguous", "relabel", "relabel"][
        : len(verdicts(ada))
    ]
    assert len(verdicts(ada)) == 6
    ada.page.locator("#verdicts").get_by_role("button", name="Drop").click()
    ada.settled()
    ada.press("Enter")
    assert [verdict for verdict, _ in verdicts(ada)][-2:] == ["drop", "relabel"]


def test_another_class_is_found_by_typing(reviewing):
    ada = reviewing("many_classes")
    ada.press("t")
    field = ada.page.get_by_role("combobox", name="Which class is it?")
    assert field.evaluate("(one) => one === document.activeElement")
    began = time.monotonic()
    ada.type("grosse 0777")
    ada.until(lambda: ada.page.get_by_role("option").count() == 10)
    assert time.monotonic() - began < 2
    assert ada.text("#picker-status") == "10 found"
    ada.press("ArrowDown", "ArrowDown", "ArrowUp")
    active = field.get_attribute("aria-activedescendant")
    assert ada.text(f"#{active}") == "Größe 07771"
    assert ada.page.get_by_role("option", selected=True).inner_text() == "Größe 07771"
    ada.press("Enter")
    assert verdicts(ada) == [("relabel", "Größe 07771")]
    assert ada.page.locator("#classes button", has_text="Größe 07771").count() == 1
    ada.press("t")
    ada.type("nothing like it")
    assert ada.text("#picker-status") == "Nothing of that name"
    ada.press("Enter", "Escape")
    assert not ada.page.locator("#picker").is_visible()
    assert len(verdicts(ada)) == 1


def test_a_class_keeps_its_number_key(reviewing):
    ada = reviewing("many_classes")
    seen = {}
    for _ in range(6):
        shown = dict(
            zip(
                ada.page.locator("#classes kbd").all_inner_texts(),
                ada.page.locator("#classes bdi").all_inner_texts(),
                strict=True,
            )
        )
        assert seen.items() <= shown.items()
        seen = shown
        ada.press("k")
    assert len(seen) == 9
    ada.page.reload()
    ada.page.wait_for_selector("#sample:not([hidden])")
    assert ada.page.locator("#classes bdi").all_inner_texts() == list(seen.values())


def test_digits_stand_on_their_own_keys(reviewing):
    ada = reviewing("digits")
    for key in "0729":
        given = ada.text("#given-label")
        ada.press(key)
        assert verdicts(ada)[-1] == (("keep", None) if given == key else ("relabel", key))


def test_a_verdict_is_taken_back_and_shown_again(reviewing):
    ada = reviewing("images")
    ada.press("Enter", "d")
    ada.press("u")
    assert ada.rank == 2
    assert "Your verdict was: it is dropped" in ada.text("#former")
    assert ada.page.locator("#verdicts [aria-current=true]").inner_text().endswith("Drop")
    ada.press("u")
    assert ada.rank == 1
    assert ada.page.locator("#verdicts .acts:first-of-type [aria-current=true]").get_attribute("data-act") == "accept"
    assert verdicts(ada) == []
    ada.press("u")
    assert ada.bar == "There is no verdict to take back."
    ada.press("k")
    assert verdicts(ada) == [("keep", None)]
    assert not ada.page.locator("#former").is_visible()


def test_decisions_are_there_after_a_reload(reviewing):
    ada = reviewing("images")
    ada.press("Enter", "k", "Enter")
    ada.page.reload()
    ada.page.wait_for_selector("#sample:not([hidden])")
    assert ada.rank == 4
    assert "3" in ada.text("#figures .tile:first-child b")
    assert ada.text("#figures .tile:nth-child(2) b") == "67 %"
    assert "95 % CI 9–99 %" in ada.text("#figures .tile:nth-child(2)")


def test_nothing_goes_on_before_the_verdict_is_saved(reviewing):
    ada = reviewing("images")
    held = []
    ada.page.route("**/api/verdicts", lambda route: held.append(route))  # noqa: PLW0108 - playwright wants a function
    ada.page.keyboard.press("k")
    ada.until(lambda: len(held) == 1)
    for key in ("k", "d", "Enter", "u", "Space", "1", "t", "/"):
        ada.page.keyboard.press(key)
    assert (ada.rank, ada.bar, len(held)) == (1, "", 1)
    assert ada.page.locator("dialog[open]").count() == 0
    held[0].continue_()
    ada.settled()
    assert ada.rank == 2
    assert verdicts(ada) == [("keep", None)]


def test_what_was_not_saved_is_said_and_tried_again(reviewing):
    ada = reviewing("images")
    ada.page.route("**/api/verdicts", lambda route: route.abort())
    ada.press("Enter")
    alert = ada.page.get_by_role("alert").filter(visible=True)
    assert "Your verdict is not saved yet. The server does not answer." in alert.inner_text()
    assert ada.page.evaluate("document.activeElement.id") == "retry"
    ada.page.evaluate("document.activeElement.blur()")
    ada.press("k", "d", "u", "Space")
    assert (ada.rank, ada.bar, verdicts(ada)) == (1, "", [])
    ada.page.unroute("**/api/verdicts")
    ada.page.get_by_role("button", name="Try again").click()
    ada.settled()
    assert not alert.is_visible()
    assert ada.rank == 2
    assert [verdict for verdict, _ in verdicts(ada)] == ["relabel"]
    ada.page.route("**/api/verdicts", lambda route: route.abort())
    ada.press("d")
    ada.page.get_by_role("button", name="Do not save it").click()
    ada.page.unroute("**/api/verdicts")
    ada.press("k")
    assert [verdict for verdict, _ in verdicts(ada)] == ["relabel", "keep"]
    assert ada.trouble == ["Failed to load resource: net::ERR_FAILED"] * 2
    ada.trouble.clear()


def test_a_verdict_whose_answer_was_lost_is_written_once(reviewing):
    ada = reviewing("images")

    def answer_is_lost(route):
        route.fetch()
        route.abort()

    ada.page.route("**/api/verdicts", answer_is_lost)
    ada.press("Enter")
    ada.page.unroute("**/api/verdicts")
    ada.page.get_by_role("button", name="Try again").click()
    ada.settled()
    assert ada.rank == 2
    assert len(lines(ada.server.run.path)) == 1
    ada.press("Enter")
    ada.page.route("**/api/undo", answer_is_lost)
    ada.press("u")
    ada.page.get_by_role("button", name="Try again").click()
    ada.settled()
    assert "The answer was lost" in ada.bar
    assert (ada.rank, len(verdicts(ada))) == (2, 1)
    ada.trouble.clear()


def test_a_killed_server_loses_no_verdict(browser, made, tmp_path):
    run = Path(shutil.copytree(made("few").path, tmp_path / "run"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = browser.new_context()
    ada = Reviewer(context.new_page())
    with program(run, port) as (process, url):
        ada.open(url)
        ada.press("k")
        process.kill()
        process.wait()
        assert [line["verdict"] for line in lines(run)] == ["keep"]
        ada.press("d")
        assert "The server does not answer." in ada.text("#alert")
        assert ada.rank == 2
    with program(run, port) as (_, new):
        assert new != url
        ada.page.get_by_role("button", name="Try again").click()
        ada.settled()
        assert "It was started anew" in ada.text("#alert")
        ben = Reviewer(context.new_page())
        ben.open(new)
        assert ben.rank == 2
        ada.page.get_by_role("button", name="Try again").click()
        ada.settled()
        assert ada.page.get_by_role("heading", name="No suspect is left").is_visible()
        assert [line["verdict"] for line in lines(run)] == ["keep", "drop"]
    context.close()


def test_200_000_suspects_are_no_slower(reviewing):
    ada = reviewing("huge")
    assert ada.text("#figures .tile:first-child").endswith("200,000 suspects to go")
    seconds = []
    for rank in range(1, 8):
        began = time.monotonic()
        ada.page.keyboard.press("Enter")
        ada.page.locator("#rank", has_text=f"#{rank + 1}").wait_for()
        seconds.append(time.monotonic() - began)
    assert median(seconds) < 1
    assert len(verdicts(ada)) == 7


def test_the_queue_is_filtered_by_check_and_class(reviewing):
    ada = reviewing("images")
    everything = ada.server.session.left()
    ada.press("/")
    ada.type("high")
    ada.press("Enter")
    ada.press("/")
    ada.type("boot")
    ada.press("Enter")
    left = int(ada.text("#left").split()[0])
    assert 0 < left < everything
    for _ in range(left):
        assert "boot" in {ada.text("#given-label"), ada.text("#suggested-label")}
        assert "High loss" in ada.page.locator("#checks li").all_inner_texts()
        ada.press("k")
    assert ada.page.get_by_role("heading", name="Nothing is left with this filter").is_visible()
    ada.press("k", "Enter", "t")
    assert len(verdicts(ada)) == left
    ada.page.get_by_role("button", name="class boot").click()
    ada.settled()
    ada.page.get_by_role("button", name="check High loss").click()
    ada.settled()
    assert ada.text("#left") == ""
    assert ada.server.session.left() == everything - left
    assert ada.rank == 1


def test_the_end_says_what_to_do_next(reviewing):
    ada = reviewing("few")
    ada.press("Enter", "d")
    assert ada.page.get_by_role("heading", name="No suspect is left").is_visible()
    assert "1 relabelled, 0 kept, 1 dropped, 0 ambiguous." in ada.text("#done-counts")
    assert "dataclinic export 'run 0' DEST" in ada.page.locator("#commands code").all_inner_texts()
    assert ada.page.locator("#verdicts button:visible").count() == 1
    ada.page.get_by_role("button", name="Go on with less suspect samples").click()
    ada.settled()
    assert ada.rank == 3
    ada.press("k", "u", "u")
    assert ada.rank == 2
    assert [verdict for verdict, _ in verdicts(ada)] == ["relabel"]


def test_numbers_are_kept_or_typed(reviewing):
    ada = reviewing("numbers")
    ada.press("Enter")
    assert "press T and type the right value" in ada.bar
    assert verdicts(ada) == []
    ada.press("t")
    field = ada.page.get_by_role("textbox", name="What is the right value?")
    assert field.evaluate("(one) => one === document.activeElement")
    ada.type("12,5")
    ada.press("Enter")
    assert "This is no number" in ada.text("#number-error")
    field.fill("12.50")
    ada.press("Enter")
    assert verdicts(ada) == [("relabel", "12.5")]
    ada.press("k", "d", "a")
    assert [verdict for verdict, _ in verdicts(ada)] == ["relabel", "keep", "drop", "ambiguous"]
    assert "is 12.5" not in ada.bar


def test_pictures_are_fetched_ahead_and_once(reviewing):
    ada = reviewing("images")
    for _ in range(4):
        ada.page.wait_for_load_state("networkidle")
        row = ada.server.session.upcoming(Filters(), 2)[1]
        fetched = [url for url in ada.asked if f"/pictures/{row}?size=large" in url]
        assert len(fetched) == 1
        ada.press("k")
        assert ada.page.locator("#stage img").evaluate("(one) => one.complete && one.naturalWidth > 0")
    large = [url for url in ada.asked if "size=large" in url]
    assert len(large) == len(set(large))


def test_the_queue_says_when_it_was_ranked_anew_and_the_random_sample_is_told(reviewing):
    ada = reviewing("images", audit_sample=20)
    assert "20 random samples to look at" in ada.text("#figures")
    for at in range(25):
        ada.press("k" if at % 5 == 4 else "Enter")
    assert "Wrong among all labels" in ada.text("#figures")
    assert ada.page.locator("#reranked").is_visible() == (ada.server.session.standing().reranked > 0)
    assert "a verdict," in ada.text("#pace")
