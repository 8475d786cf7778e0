"""The review in a real browser: hostile data is text, and everyone can read it and work it by keyboard alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from made_runs import HOSTILE
from served_reviews import CONTRASTS, verdicts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("name", ["hostile_images", "hostile_table", "hostile_texts", "hostile_numbers"])
def test_hostile_names_are_shown_as_text(reviewing, name):
    ada = reviewing(name, size=(390, 844))
    seen = set()
    for step in range(len(HOSTILE)):
        seen |= {ada.text("#given-label"), ada.text("#suggested-label")}
        assert ada.page.evaluate("document.documentElement.scrollWidth") == 390
        assert ada.page.title() == "dataclinic review"
        assert ada.page.locator("h1").count() == 1
        assert ada.page.locator("main script, main style, [src=x], [onerror]").count() == 0
        assert "\u202e" not in ada.page.locator("body").inner_text()
        if step < 3 and name != "hostile_numbers":
            ada.press("n")
            assert ada.page.evaluate("document.documentElement.scrollWidth") == 390
            ada.press("Escape")
        ada.press("k" if step % 2 else "a")
    if name != "hostile_numbers":
        assert "<script>document.title='owned'</script>" in seen
        ada.press("/")
        ada.type("</title>")
        ada.press("Enter")
        assert "</h1>" in ada.text("#chips")
    ada.press("t", "Escape", "?", "Escape")
    assert {verdict for verdict, _ in verdicts(ada)} == {"keep", "ambiguous"}


def test_a_hostile_class_can_be_chosen(reviewing):
    ada = reviewing("hostile_table")
    ada.press("t")
    ada.type("emoji unic")
    ada.press("Enter")
    ada.press("t")
    ada.type("line one")
    ada.press("Enter")
    given = [one.given for one in ada.server.decisions]
    expected = [HOSTILE[7], HOSTILE[5]]
    assert verdicts(ada) == [
        ("keep", None) if was == name else ("relabel", name) for was, name in zip(given, expected, strict=True)
    ]


def test_it_speaks_chinese_where_it_is_asked_to_and_keeps_the_choice(reviewing):
    ada = reviewing("table", locale="zh-CN")
    assert ada.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "标错概率" in ada.text("#wrong")
    assert "未见过该样本的模型" in ada.text("#reason")
    assert "标签错误" in ada.page.locator("#checks li").all_inner_texts()
    assert not ada.page.locator("#original-reason").is_visible()
    ada.page.get_by_text("查看英文原文").click()
    assert ada.text("#original-reason").startswith("Models")
    ada.press("Enter")
    assert "已保存" in ada.bar
    ada.page.get_by_role("button", name="English").click()
    ada.page.locator("html[lang=en]").wait_for()
    assert "Saved" in ada.bar
    ada.page.reload()
    ada.page.wait_for_selector("#sample:not([hidden])")
    assert ada.text("#verdicts [data-act=drop] span") == "Drop"
    asked = reviewing("few", language="zh")
    assert asked.text("#verdicts [data-act=drop] span") == "剔除"
    asked.press("a", "k")
    assert "没有剩余的可疑样本" in asked.text("#done")


def test_keys_are_left_alone_where_they_are_not_meant_for_the_page(reviewing):
    ada = reviewing("images")
    ada.press("Control+k", "Alt+d", "Meta+a")
    for given in ("{key: 'k', repeat: true}", "{key: 'k', isComposing: true}", "{key: 'k', keyCode: 229}"):
        ada.page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{bubbles: true, ...{given}}}))")
        ada.settled()
    ada.press("/")
    ada.type("kda1 u?")
    assert ada.page.get_by_role("combobox").input_value() == "kda1 u?"
    ada.press("Escape", "?")
    ada.press("k", "d")
    ada.press("Escape")
    assert ada.page.locator("dialog[open]").count() == 0
    assert (verdicts(ada), ada.rank) == ([], 1)
    # Cyrillic: the key in the place of K; French: & is on the key of 1, without Shift.
    for given in ("{key: 'л', code: 'KeyK'}", "{key: '&', code: 'Digit1'}"):
        ada.page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{bubbles: true, ...{given}}}))")
        ada.settled()
    assert len(verdicts(ada)) == 2


def test_it_is_worked_and_read_by_keyboard_alone(reviewing):
    ada = reviewing("images")
    order, outlines = [], []
    for _ in range(30):
        ada.page.keyboard.press("Tab")
        order.append(
            ada.page.evaluate(
                "document.activeElement.dataset.act || document.activeElement.id || document.activeElement.className"
            )
        )
        outlines.append(ada.page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
        if order[-1] == "another":
            break
    wanted = [
        "to-sample",
        "filter",
        "help",
        "language",
        "stage",
        "keep",
        "accept",
        "near",
        "accept",
        "keep",
        "drop",
        "ambiguous",
        "skip",
        "undo",
        "another",
    ]
    assert [one for one in order if one in wanted] == wanted
    assert set(outlines) == {"solid"}
    ada.page.locator("#verdicts [data-act=drop]").focus()
    ada.press("Enter", "Space")
    assert [verdict for verdict, _ in verdicts(ada)] == ["drop", "drop"]
    said = ada.page.locator("#said").text_content()
    assert said.startswith("Saved: it is dropped. Suspect 3, ")
    assert "likely wrong." in said
    levels = ada.page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].filter((one) => one.offsetParent)"
        ".map((one) => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert ada.page.locator("img:not([alt]), img[alt='']").count() == 0
    nameless = "(one) => one.offsetParent && !one.textContent.trim() && !one.querySelector('img')"
    assert ada.page.locator("button").evaluate_all(f"(all) => all.filter({nameless}).length") == 0
    assert ada.page.locator("#verdicts [data-act]:not([aria-keyshortcuts])").count() == 0
    assert (
        ada.page.evaluate(
            "(ids => ids.length - new Set(ids).size)([...document.querySelectorAll('[id]')].map((one) => one.id))"
        )
        == 0
    )
    assert ada.page.get_by_role("main").count() == ada.page.get_by_role("banner").count() == 1
    assert ada.page.get_by_role("region", name="Verdicts").count() == 1


@pytest.mark.parametrize("name", ["images", "table", "numbers"])
def test_everything_can_be_read_in_light_and_dark(reviewing, name):
    ada, grounds = reviewing(name), set()
    ada.press("d", "u")
    for keys in ((), ("n",), ("Escape", "t"), ("Escape", "?")):
        ada.press(*keys)
        for scheme in ("light", "dark"):
            ada.page.emulate_media(color_scheme=scheme)
            grounds.add(ada.page.evaluate("getComputedStyle(document.body).backgroundColor"))
            contrasts = ada.page.evaluate(CONTRASTS)
            assert len(contrasts) > 20
            assert [one for one in contrasts if one[0] < 4.5] == [], (keys, scheme)
    assert len(grounds) == 2


@pytest.mark.parametrize("name", ["images", "hostile_table"])
def test_it_fits_the_screen(reviewing, name):
    ada = reviewing(name)
    for width, height in ((1280, 800), (1024, 700), (640, 400), (390, 844)):
        ada.page.set_viewport_size({"width": width, "height": height})
        for keys in ((), ("n",), ("Escape", "t"), ("Escape", "?"), ("Escape",)):
            ada.press(*keys)
            assert ada.page.evaluate("document.documentElement.scrollWidth") == width
        if width >= 1024:
            assert ada.page.evaluate("document.documentElement.scrollHeight") == height
        if (name, width) == ("images", 1280):
            assert ada.page.locator(".judge").evaluate("(one) => one.scrollHeight - one.clientHeight") == 0
            assert ada.page.locator("#stage img").evaluate("(one) => one.clientHeight") > 400
        another = ada.page.locator("#verdicts [data-act=another]")
        another.scroll_into_view_if_needed()
        assert another.is_visible()
