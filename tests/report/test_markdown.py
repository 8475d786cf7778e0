"""report.md says in plain text what the page says, and no value of the data becomes markup."""

from __future__ import annotations

import re

import pytest
from made_galleries import add_all
from made_judgement import make_judged_run
from made_runs import HOSTILE, Made, change_record, make_run
from made_trials import ARMS, MadeTrials, add_trials

from dataclinic.report.html import write_report
from dataclinic.report.markdown import MOST_SUSPECTS, block, escaped


def markdown_of(run) -> str:
    write_report(run)
    return (run.path / "report.md").read_text(encoding="utf-8")


def tables(text: str) -> list[list[str]]:
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [table.splitlines() for table in found]


def test_it_has_the_sentences_the_gains_the_suspects_classes_and_checks(tmp_path):
    run = add_all(make_judged_run(tmp_path / "run", Made()))
    add_trials(run, MadeTrials())
    text = markdown_of(run).replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith("# wardrobe\n")
    assert "\n2. About 143 of 1,797 labels are wrong (120–170); " in text
    assert "3 samples reviewed by 1 reviewer" in text
    gains, suspects, classes, checks = tables(text)
    assert len(gains) == 2 + len(ARMS)
    assert "| Relabel suspects | +1.8 pp | +1.1 to +2.5 | helps |" in gains
    assert len(suspects) == 2 + MOST_SUSPECTS
    assert suspects[2].endswith("| relabel |")
    assert len(classes) == 2 + 6
    assert len(checks) == 2 + len(run.read_json("checks.json"))
    assert "| Dark images | failed |" in "".join(checks)


@pytest.mark.parametrize("kind", ["images", "table"])
def test_every_row_of_a_table_has_its_cells_whatever_the_names(tmp_path, kind):
    made = Made(kind=kind, classes=(*HOSTILE, "a|b", "`code`", "[x](http://example.invalid)"), hostile_ids=True)
    text = markdown_of(add_all(make_judged_run(tmp_path / "run", made), hostile=True))
    for table in tables(text):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
        assert len(counts) == 1, table[:3]
    outside = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"(?<!\\)<", outside)
    assert not re.search(r"(?<!\\)\[", outside)
    assert "://" not in outside.replace("\\://", "")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a|b", r"a\|b"),
        ("*bold* __too__", r"\*bold\* \_\_too\_\_"),
        ("linear_head", "linear_head"),
        ("<b>", r"\<b\>"),
        ("https://example.invalid", r"https\://example.invalid"),
        ("one\ntwo", "one↵two"),
        (r"\|", r"\\\|"),
        (3, "3"),
    ],
)
def test_signs_lose_their_meaning(value, written):
    assert escaped(value) == written


def test_a_block_cannot_be_closed_from_within():
    assert "```" not in block("a\n```\n# not a heading")
    assert escaped(block("a_b*")) == "a_b*"


def test_a_run_without_model_or_suspects_says_so(tmp_path):
    run = make_run(tmp_path / "run", Made(flagged=0, previews=False))
    change_record(run, accuracy=None, encoder=None, model=None, command=None, settings={}, versions={})
    text = markdown_of(run)
    assert "No given label stands out as wrong." in text
    assert "None" not in text


def test_a_regression_has_no_classes(tmp_path):
    text = markdown_of(make_run(tmp_path / "run", Made(kind="table", task="regression")))
    assert "| Predicted |" in text
    assert "## Classes" not in text
