"""The page: one file, everything escaped, small, and complete."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from made_galleries import add_all, add_copies, add_curves
from made_judgement import CLEAN, ESTIMATE, add_judgement, add_map, add_neighbours, make_judged_run
from made_runs import HOSTILE, PLAIN, Made, change_record, make_run, read_report
from made_trials import MadeTrials, add_trials

from dataclinic.report import html, previews
from dataclinic.report.html import render_html, write_report

MOST_BYTES = 5_000_000
QUOTES = '"' * 900


class Page(HTMLParser):
    """Tags, attributes and text of a page, as a browser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_writes_page_json_and_csv(tmp_path):
    run = make_run(tmp_path / "run", Made())
    path = write_report(run)
    assert path == run.path / "report.html"
    assert path.read_text(encoding="utf-8") == render_html(run)
    report = read_report(run)
    assert [suspect["rank"] for suspect in report["first_suspects"]] == list(range(1, 41))
    assert report["class_table"][0]["label"] == PLAIN[0]
    assert sum(row["count"] for row in report["class_table"]) == 300
    assert len((run.path / "suspects.csv").read_text(encoding="utf-8").splitlines()) == 41


def test_report_json_holds_the_first_thousand_suspects_only(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=3000, flagged=1200, previews=False))
    write_report(run)
    assert len(read_report(run)["first_suspects"]) == 1000
    assert read_report(run)["suspects"] == 1200


@pytest.mark.parametrize("kind", ["images", "table", "texts"])
def test_hostile_text_is_text(tmp_path, kind):
    run = make_judged_run(tmp_path / "run", Made(kind=kind, classes=HOSTILE, hostile_ids=True))
    page = Page(render_html(add_all(run, hostile=True)))
    assert len(page.all("script")) == 1
    assert len(page.all("h1")) == 1
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert not [image for image in page.all("img") if not (image["src"] or "").startswith("data:image/")]
    assert {"gallery", "copies", "outliers", "training", "reviewed"} <= {tag.get("id") for _, tag in page.tags}
    assert "<script>document.title='owned'</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text


def test_every_field_of_the_record_is_escaped(tmp_path):
    run = make_run(tmp_path / "run", Made())
    evil = "<script>alert(1)</script>"
    change_record(
        run,
        source=f"/data/{evil}",
        command=["dataclinic", evil],
        device=evil,
        notes=[evil],
        settings={evil: evil},
        versions={evil: evil},
        steps={evil: {"seconds": 1.0}},
        encoder={"id": evil, "description": evil},
        model={"id": evil, "description": evil},
        dataset={**run.record["dataset"], "format": evil, "split": {evil: 3}, "fingerprint": evil},
    )
    checks = run.read_json("checks.json")
    run.write_json(
        "checks.json", [{**entry, "check": f"{evil}{at}", "reason": evil} for at, entry in enumerate(checks)]
    )
    assert len(Page(render_html(run)).all("script")) == 1


def test_loads_nothing_and_allows_no_script_but_its_own(tmp_path):
    text = render_html(add_all(make_judged_run(tmp_path / "run", Made())))
    page = Page(text)
    addresses = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert all((address or "").startswith(("data:", "#")) for address in addresses)
    assert "url(" not in text
    assert "@import" not in text
    policy = next(meta["content"] for meta in page.all("meta") if "content" in meta and "http-equiv" in meta) or ""
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "img-src data:;" in policy


def test_pictures_that_find_no_room_are_files_beside_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(previews, "MOST_SMALL_BYTES", 20_000)
    page = Page(render_html(make_judged_run(tmp_path / "run", Made())))
    linked = [image for image in page.all("img") if not (image["src"] or "").startswith("data:")]
    assert len(linked) > 20
    assert all(re.fullmatch(r"thumbnails/000/\d+\.jpg", image["src"] or "") for image in linked)
    assert all(image["loading"] == "lazy" and image["alt"] and image["width"] == "96" for image in linked)
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta) or ""
    assert "img-src data: 'self';" in policy
    assert "thumbnails/ beside it" in page.text


def test_pictures_are_inlined_with_alt_texts(tmp_path):
    page = Page(render_html(make_run(tmp_path / "run", Made())))
    pictures = page.all("img")
    assert len(pictures) > 30
    assert all(image["alt"] for image in pictures)
    assert b64decode((pictures[0]["src"] or "").partition(",")[2]).startswith(b"\xff\xd8")


def test_what_cannot_be_read_is_named(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=41, flagged=41))
    assert "no picture: not an image" in Page(render_html(run)).text


def test_every_check_outcome_is_there_with_its_reason(tmp_path):
    run = make_run(tmp_path / "run", Made())
    text = Page(render_html(run)).text
    for entry in run.read_json("checks.json"):
        assert entry["reason"] in text
    for outcome in ("failed", "did not apply", "skipped", "nothing found", "40 findings"):
        assert outcome in text


def test_few_classes_give_a_heat_map_and_many_give_pairs(tmp_path):
    few = Page(render_html(make_run(tmp_path / "few", Made(previews=False))))
    many_classes = tuple(f"class {place}" for place in range(40))
    many = Page(render_html(make_run(tmp_path / "many", Made(classes=many_classes, previews=False))))
    kinds = [[table.get("class") for table in page.all("table")] for page in (few, many)]
    assert kinds == [["classes", "heat"], ["classes", "pairs"]], "nothing was estimated here"


def test_a_run_without_suspects_says_so(tmp_path):
    page = Page(render_html(make_run(tmp_path / "run", Made(flagged=0))))
    assert "No given label stands out as wrong" in page.text
    assert not page.all("select")


def test_a_run_without_a_model_says_so(tmp_path):
    run = make_run(tmp_path / "run", Made(flagged=0))
    change_record(run, accuracy=None, encoder=None, model=None, judged=None, temperature=None)
    assert "No model was trained" in Page(render_html(run)).text


def test_a_sparse_record_is_enough(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=2, flagged=1, previews=False))
    dataset = {"format": "csv", "kind": "table", "samples": 2, "classes": list(PLAIN)}
    run.write_json("run.json", {"schema": 1, "source": "/data/x.csv", "dataset": dataset})
    assert "x.csv" in Page(render_html(run)).text


@pytest.mark.parametrize(("status", "said"), [("interrupted", "interrupted"), ("failed", "ended by an error")])
def test_an_unfinished_run_says_so(tmp_path, status, said):
    run = make_run(tmp_path / "run", Made())
    change_record(run, status=status)
    assert said in Page(render_html(run)).text


@pytest.mark.parametrize("kind", ["images", "table", "texts"])
def test_the_worst_content_stays_below_five_megabytes(tmp_path, kind):
    """All text is long and of quotes, which take five characters each once escaped; every picture is noise."""
    classes = tuple('"' * 299 + chr(65 + place) for place in range(25))
    made = Made(kind=kind, samples=400, flagged=400, classes=classes, picture_px=300, noise=True)
    run = make_run(tmp_path / "run", made)
    ranking = run.read_table("ranking.parquet")
    ids = [QUOTES + str(row) for row in ranking["row"]]
    run.write_table("ranking.parquet", ranking.assign(id=ids, reason=QUOTES))
    add_judgement(run, {**ESTIMATE, "notes": [QUOTES] * 9, "weights": {QUOTES: 0.5}})
    signals = {f"signal_{QUOTES[:40]}{place}": 0.123456789 for place in range(12)}
    run.write_table("ranking.parquet", run.read_table("ranking.parquet").assign(**signals))
    add_neighbours(run)
    add_map(run)
    found = run.read_table("findings.parquet").head(30).assign(subject=QUOTES, reason=QUOTES)
    checks = [{**entry, "check": f"check_{at}"} for at in range(5) for entry in run.read_json("checks.json")]
    checks = [{**entry, "check": f"check_{at}", "outcome": "ran", "count": 30} for at, entry in enumerate(checks)]
    run.write_json("checks.json", [{**entry, "reason": QUOTES} for entry in checks])
    run.write_table("findings.parquet", pd.concat([found.assign(check=entry["check"]) for entry in checks]))
    if kind == "table":
        cells = {QUOTES[:100] + str(place): QUOTES[:120] for place in range(40)}
        run.write_json("previews.json", {str(row): {"values": cells, "columns": 40} for row in ranking["row"]})
    if kind == "texts":
        entry = {"text": '"' * 4000, "characters": 10**9}
        run.write_json("previews.json", {str(row): entry for row in ranking["row"]})
    add_copies(run, hostile=True)
    add_curves(run, ("a", "b", "c", "d", "e"), folds=30)
    add_trials(run, MadeTrials(classes=classes))
    text = write_report(run).read_text(encoding="utf-8")
    assert 2_000_000 < len(text.encode()) < MOST_BYTES
    assert text.count('<li class="card') >= 50


def test_a_page_that_would_be_too_large_shows_fewer_cards(tmp_path, monkeypatch):
    run = make_run(tmp_path / "run", Made(samples=120, flagged=90, kind="texts"))
    whole = render_html(run)
    monkeypatch.setattr(html, "MOST_BYTES", len(whole.encode()) - 1)
    assert (whole.count('<li class="card'), render_html(run).count('<li class="card')) == (90, 50)
    assert "The 50 most doubtful of 90" in Page(render_html(run)).text


def test_json_has_no_nan(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=50, flagged=50))
    write_report(run)
    text = (run.path / "report.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text)["first_suspects"][49]["loss_nats"] is None


@pytest.mark.parametrize("kind", ["images", "table"])
def test_only_tables_may_part_exact_duplicates(tmp_path, kind):
    text = Page(render_html(make_run(tmp_path / "run", Made(kind=kind)))).text
    assert "trained without it and without its exact duplicates" in text
    assert ("unless columns are so coarse" in text) == (kind == "table")


def test_parts_of_an_id_keep_their_order_around_a_name_written_right_to_left(tmp_path):
    run = make_run(tmp_path / "run", Made())
    ranking = run.read_table("ranking.parquet")
    run.write_table("ranking.parquet", ranking.assign(id="حصان/00.png"))
    isolated = '<bdi dir="ltr"><bdi dir="ltr">حصان</bdi>/<bdi dir="ltr">00.png</bdi></bdi>'
    assert render_html(run).count(isolated) == 40


def test_long_class_names_are_short_in_reasons(tmp_path):
    classes = tuple(f"{letter * 100}-{letter * 100}" for letter in "abc")
    run = make_run(tmp_path / "run", Made(classes=classes))
    reasons = re.findall(r'<p class="reason">(.*?)</p>', render_html(run))
    assert len(reasons) == 40
    assert max(map(len, reasons)) < 170
    assert all("…" in reason and reason.endswith(("a.", "b.", "c.")) for reason in reasons)
    assert len(run.read_table("ranking.parquet")["reason"][0]) > 400


def test_the_page_opens_with_three_sentences(tmp_path):
    page = Page(render_html(make_judged_run(tmp_path / "run", Made())))
    text = page.text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")
    second = "About 143 of 1,797 labels are wrong (120–170) ; of the 150 flagged about 91 % are; your first 100 reviews"
    assert text.index("300 images in 6 classes (280 train") < text.index(second) < text.index("no fix was tried")
    assert text.index("no fix was tried") < text.index("No pretrained weights were found")
    assert "Of 240 errors planted in copies of the labels 93 % were flagged." in text
    assert "about 143 8 % of 1,797 labels, plausibly 120–170" in text
    assert "worth a second look" not in text


def test_labels_that_look_clean_are_said_to_be(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(flagged=0), CLEAN, near=False)
    text = Page(render_html(run)).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "The labels look clean: about 2 of 1,797 labels may be wrong (0–6) ; none stands out" in text
    assert "No given label is more likely wrong than the threshold of 50 %" in text


def test_a_card_shows_the_probability_and_what_is_left_for_the_given_label(tmp_path):
    text = render_html(make_judged_run(tmp_path / "run", Made()))
    probabilities = re.findall(r'<p class="wrong"><b>(.*?)</b> likely wrong</p>', text)
    assert len(probabilities) == 40
    assert probabilities[0] == "&gt;\N{NO-BREAK SPACE}99\N{NO-BREAK SPACE}%"
    shares = re.findall(r'<div class="given"><dt>given</dt><dd class="share">(.*?)</dd>', text)
    expected = np.round(100 * (1 - np.linspace(0.999, 0.51, 300)[:40]), 1)
    assert [float(share.split("\N{NO-BREAK SPACE}")[0]) for share in shares] == pytest.approx(expected.tolist())


def test_signals_are_told_in_plain_words_with_their_weights(tmp_path):
    page = Page(render_html(make_judged_run(tmp_path / "run", Made())))
    assert page.text.count("3 signals") == 40
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Another label is likelier, by the noise found 0.999 100.0 % 60.0 %" in text
    assert "another label is likelier, by the noise found (60 %), nearest neighbours disagree (40 %)" in text


@pytest.mark.parametrize(
    ("kind", "seen"), [("images", "Neighbour photos/"), ("texts", "that I ordered"), ("table", "age")]
)
def test_neighbours_are_beside_every_suspect(tmp_path, kind, seen):
    text = render_html(make_judged_run(tmp_path / "run", Made(kind=kind)))
    lists = re.findall(r'<div class="beside.*?</ul>\s*</div>\s*</div>', text, re.DOTALL)
    assert len(lists) == 40
    assert sum(one.count("<li") for one in lists) == 160
    assert any(seen in one for one in lists)


def test_checks_that_say_nothing_are_folded_away_with_their_reasons(tmp_path):
    run = make_run(tmp_path / "run", Made())
    text = render_html(run)
    section = text[text.index('<h2 id="checks">') : text.index('<h2 id="made">')]
    open_part, *folded = section.split('<details class="rest">')
    titles = [re.findall(r"<h3>(.*?)</h3>", part) for part in (open_part, *folded)]
    assert titles == [
        ["Dark images", "Label errors", "Near duplicates"],
        ["High loss"],
        ["Split leakage", "Z-score outliers"],
    ]
    assert "1 check found nothing: High loss" in folded[0]
    assert "2 checks did not look: Split leakage, Z-score outliers" in folded[1]


def test_an_older_run_is_told_as_before(tmp_path):
    page = Page(render_html(make_run(tmp_path / "run", Made())))
    text = page.text
    assert "40 given labels (13.3" in text
    for new in ("likely wrong", "Wrong labels", "3 signals", "nearest in", "planted"):
        assert new not in text
