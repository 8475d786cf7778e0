"""What the review's page says, in both languages, and how its files are written."""

import json
import re
from pathlib import Path

import pytest

import dataclinic.review

FOLDER = Path(dataclinic.review.__file__).parent
STATIC = sorted((FOLDER / "static").iterdir())
SCRIPTS = [file for file in STATIC if file.suffix == ".js"]
PAGE = (FOLDER / "static" / "review.html").read_text(encoding="utf-8")
EN, ZH = (
    json.loads((FOLDER / "words" / f"page.{language}.json").read_text(encoding="utf-8")) for language in ("en", "zh")
)

COMPOSED = ("verdict.", "failed.", "near.", "check.", "done.")
"""Beginnings of names that scripts put together."""


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_both_languages_say_the_same_things():
    assert list(EN) == list(ZH)
    for name, text in EN.items():
        assert places(text) == places(ZH[name]), name
        assert (text == "") <= (name in {"reason", "failed.refused_hint"}), name


def test_chinese_is_chinese():
    plain = {
        "standing.interval",
        "standing.range",
        "percent",
        "percent.below",
        "percent.above",
        "percent.span",
        "sample.rank",
        "failed.refused_hint",
    }
    plain |= {"page.other_language", "reason"}
    for name in ZH.keys() - plain:
        assert re.search(r"[\u3000-\u9fff\uff00-\uffef]", ZH[name]), name


def test_every_word_that_the_page_asks_for_is_there_and_no_other():
    asked = set(re.findall(r'data-(?:word|label)="([^"]+)"', PAGE))
    for script in SCRIPTS:
        asked |= set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)*)"', script.read_text(encoding="utf-8")))
    known = {name.removesuffix("_one").removesuffix("_other") for name in EN}
    said = set(re.findall(r'data-(?:word|label)="([^"]+)"', PAGE))
    for script in SCRIPTS:
        said |= set(re.findall(r'(?:told|counted|pieces)\("([^"]+)"', script.read_text(encoding="utf-8")))
    assert said <= known
    assert {name for name in known - asked if not name.startswith(COMPOSED)} == {"page.other_language"} - asked


def test_whatever_is_counted_has_a_singular_and_a_plural():
    for name in EN:
        if name.endswith("_one"):
            assert name.removesuffix("_one") + "_other" in EN


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_write_text_alone(script):
    """Nothing from the data is ever read as HTML or as a script."""
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc", text)
    assert not re.search(r"https?://", text)
    assert len(text.splitlines()) <= 400


def test_the_page_holds_no_script_or_style_of_its_own():
    assert re.findall(r"<script(?![^>]* src=)", PAGE) == []
    assert "<style" not in PAGE
    assert not re.search(r'\s(?:style|on\w+)="', PAGE)
    assert "http" not in PAGE
    assert PAGE.count('lang="en"') == 2  # of the page, and of the audit's own reasons
