"""Verdicts of people stand above the page and on their samples, with the exact interval of what they say."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from made_galleries import add_decisions
from made_runs import Made, make_run, read_report
from scipy.stats import binomtest

from dataclinic.errors import DecisionsError
from dataclinic.report.html import render_html, write_report
from dataclinic.report.reviewed import decided_told, read_reviewed, reviewed_told
from dataclinic.rundir.decisions import DECISIONS


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", Made(samples=60, flagged=20, previews=False))


def reviewed_of(run):
    return read_reviewed(run, run.read_table("ranking.parquet"))


def test_nobody_decided_anything(run):
    assert reviewed_of(run) is None
    assert 'id="reviewed"' not in render_html(run)


def test_precision_is_the_share_of_wrong_labels_with_its_exact_interval(run):
    verdicts = {rank: ("relabel", "boot") if rank % 3 else ("keep", None) for rank in range(1, 10)}
    add_decisions(run, {**verdicts, 10: ("drop", None), 11: ("ambiguous", None)})
    found = reviewed_of(run)
    assert (found.told, found.wrong, found.suspects) == (10, 7, 11)
    expected = binomtest(7, 10).proportion_ci(0.95, "exact")
    assert (found.precision, found.low, found.high) == pytest.approx((0.7, expected.low, expected.high))
    assert found.counts == {"relabel": 6, "keep": 3, "drop": 1, "ambiguous": 1}


def test_samples_that_are_no_suspects_count_as_reviewed_but_not_for_the_precision(run):
    add_decisions(run, {1: ("relabel", "boot"), 40: ("keep", None)})
    found = reviewed_of(run)
    assert (len(found.by_row), found.suspects, found.told, found.wrong) == (2, 1, 1, 1)


@pytest.mark.parametrize("origin", ["audit", "import"])
def test_samples_drawn_at_random_or_imported_do_not_count_for_the_precision(run, origin):
    add_decisions(run, {1: ("relabel", "boot")})
    line = json.loads((run.path / DECISIONS).read_text(encoding="utf-8"))
    (run.path / DECISIONS).write_text(json.dumps({**line, "origin": origin}) + "\n", encoding="utf-8")
    found = reviewed_of(run)
    assert (found.told, found.precision) == (0, None)
    assert len(reviewed_told(found, 20)) == 1


def test_it_is_told_in_two_sentences(run):
    add_decisions(run, {1: ("relabel", "boot"), 2: ("keep", None)})
    looked, right = (text.replace("\N{NO-BREAK SPACE}", " ") for text in reviewed_told(reviewed_of(run), 20))
    assert looked == "2 samples reviewed by 1 reviewer: 1 relabelled, 1 kept as given; of 20 suspects 2 are decided."
    assert right == "Of 2 suspects with a clear verdict 1 was wrong: 50.0 % (95 % interval 1.3 % to 98.7 %, exact)."


def test_a_sample_is_found_by_its_content_where_its_id_is_another_one(run):
    ranking = run.read_table("ranking.parquet").sort_values("row")
    digests = [f"digest {row}" for row in ranking["row"]]
    run.write_table("measurements.parquet", pd.DataFrame({"content": digests}))
    line = {"id": ranking["id"].iloc[4], "verdict": "keep", "label": None, "content": "digest 9"}
    (run.path / DECISIONS).write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert list(reviewed_of(run).by_row) == [9]


def test_cards_are_marked_and_the_json_has_the_numbers(run):
    add_decisions(run, {1: ("relabel", "boot"), 2: ("ambiguous", None)})
    write_report(run)
    text = (run.path / "report.html").read_text(encoding="utf-8")
    assert text.count('<li class="card decided"') == 2
    assert "Reviewed: relabelled to boot" in text
    found = read_report(run)["reviewed"]
    assert (found["samples"], found["verdicts"], found["precision"]) == (2, {"relabel": 1, "ambiguous": 1}, 1.0)


def test_a_verdict_in_words(run):
    add_decisions(run, {1: ("drop", None)})
    (decision,) = reviewed_of(run).by_row.values()
    assert decided_told(decision) == "to be dropped"


def test_a_broken_line_is_refused(run):
    (run.path / DECISIONS).write_text('{"id": 3}\n{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(DecisionsError):
        reviewed_of(run)
