import json
from dataclasses import replace

import pytest

from dataclinic.edits import Decision
from dataclinic.rundir.decisions import DECISIONS, DecisionLog, read_decisions

SAID = [
    Decision(f"photo {place}", verdict, label, f"{place}", "cat", "2026-08-03T14:00:00+00:00", "Ana")
    for place, (verdict, label) in enumerate([("keep", None), ("drop", None), ("relabel", "dog"), ("keep", None)])
]
BEN = [replace(SAID[0], reviewer="Ben"), replace(SAID[2], reviewer="Ben", label="[b]fox\x1b[2J")]


@pytest.fixture
def copies(tmp_path):
    """Two copies of a run, each reviewed by another person."""
    folders = (tmp_path / "run", tmp_path / "copy")
    for folder, decisions in zip(folders, (SAID, BEN), strict=True):
        folder.mkdir()
        for decision in decisions:
            DecisionLog(folder / DECISIONS).append(decision)
    return folders


def test_it_tells_of_agreement_and_writes_nothing(cli, copies):
    before = [(folder / DECISIONS).read_bytes() for folder in copies]
    done = cli("merge-decisions", *copies)
    assert done.code == 0
    assert "Ana alone decided on 2, Ben alone on 0" in done.out
    assert "2 samples decided by both; they agree on 1 (50.0\xa0%)" in done.out
    assert "Cohen's kappa 0.33" in done.out
    assert "nothing was written; add --out to write the 3 joint decisions" in done.out
    assert [(folder / DECISIONS).read_bytes() for folder in copies] == before


def test_disagreements_are_listed_as_plain_text(cli, copies):
    done = cli("merge-decisions", *copies)
    line = next(line for line in done.out.splitlines() if "photo 2" in line)
    assert "cat" in line
    assert "dog" in line
    assert "[b]fox" in line
    assert "\x1b" not in done.out


def test_the_result_goes_back_into_the_first_run(cli, copies):
    done = cli("merge-decisions", *copies, "--out", copies[0], "--disagreements", "ambiguous")
    assert done.code == 0
    found = read_decisions(copies[0] / DECISIONS)
    assert [decision.verdict for decision in found] == ["keep", "drop", "ambiguous", "keep"]
    assert found[2].reviewer == "Ana, Ben"
    assert "1 on which they disagree are ambiguous" in done.out
    assert read_decisions(copies[1] / DECISIONS) == tuple(BEN)


def test_files_do_as_well_as_folders_and_a_new_file_is_made(cli, copies, tmp_path):
    files = [folder / DECISIONS for folder in copies]
    done = cli("merge-decisions", *files, "--out", tmp_path / "joint.jsonl", "--disagreements", "second")
    assert "4 decisions written" in done.out
    assert "are as the second says" in done.out
    assert read_decisions(tmp_path / "joint.jsonl")[2].label == "[b]fox\x1b[2J"


def test_json_has_every_disagreement(cli, copies):
    told = json.loads(cli("merge-decisions", *copies, "--json").out)
    assert (told["both"], told["agreed"], told["only_first"], told["only_second"]) == (2, 1, 2, 0)
    assert told["kappa"]["value"] == pytest.approx(1 / 3)
    assert told["disagreements"][0]["second"]["label"] == "[b]fox\x1b[2J"
    assert told["written"] is None


def test_withdrawn_and_superseded_verdicts_do_not_count(cli, copies):
    log = DecisionLog(copies[1] / DECISIONS)
    log.append(replace(BEN[1], label="dog"))
    log.withdraw(BEN[0], "", "Ben")
    told = json.loads(cli("merge-decisions", *copies, "--json").out)
    assert (told["both"], told["agreed"]) == (1, 1)
    assert told["kappa"] is None


def test_no_sample_in_common_is_said(cli, copies):
    (copies[1] / DECISIONS).unlink()
    DecisionLog(copies[1] / DECISIONS).append(replace(BEN[0], id="photo 9", content="9"))
    assert "no sample was decided by both" in cli("merge-decisions", *copies).out


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("same", "both are the same decisions"),
        ("missing", "there are no decisions in"),
        ("empty", "no decision stands in"),
        ("broken", "line 1 is no decision"),
        ("in the way", "is none of the two"),
        ("no folder", "cannot write"),
    ],
)
def test_what_cannot_be_joined_is_refused(cli, copies, tmp_path, case, why):
    first, second = copies
    more = []
    if case == "same":
        second = first / DECISIONS
    elif case == "missing":
        (second / DECISIONS).unlink()
    elif case == "empty":
        (second / DECISIONS).write_text("")
    elif case == "broken":
        (second / DECISIONS).write_text("{}\n{}\n")
    elif case == "in the way":
        (tmp_path / "notes.txt").write_text("mine")
        more = ["--out", tmp_path / "notes.txt"]
    else:
        more = ["--out", tmp_path / "nowhere" / "joint.jsonl"]
    done = cli("merge-decisions", first, second, *more)
    assert done.code == 2
    assert why in done.err
    assert done.out == ""
    assert case != "in the way" or (tmp_path / "notes.txt").read_text() == "mine"


def test_many_disagreements_are_cut_short(cli, copies):
    for folder, verdict in zip(copies, ("drop", "ambiguous"), strict=True):
        log = DecisionLog(folder / DECISIONS)
        for place in range(40):
            log.append(Decision(f"text {place}", verdict))
    assert "… and 11 more; --json lists all" in cli("merge-decisions", *copies).out
