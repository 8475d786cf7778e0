import pytest

from dataclinic.edits import Decision
from dataclinic.errors import RunError
from dataclinic.rundir.decisions import read_decisions

LINES = '{"id": "a", "verdict": "relabel", "label": "cat", "content": "12"}\n{"id": "b", "verdict": "keep"}\n'


def test_decisions_are_read_in_their_order(tmp_path):
    (tmp_path / "decisions.jsonl").write_text(LINES)
    assert read_decisions(tmp_path / "decisions.jsonl") == (
        Decision("a", "relabel", "cat", "12"),
        Decision("b", "keep"),
    )


def test_no_file_is_no_decision(tmp_path):
    assert read_decisions(tmp_path / "decisions.jsonl") == ()


def test_a_last_line_that_a_crash_cut_off_is_passed_over(tmp_path):
    (tmp_path / "decisions.jsonl").write_text(LINES + '{"id": "c", "verd')
    assert len(read_decisions(tmp_path / "decisions.jsonl")) == 2


def test_a_broken_line_in_the_middle_is_an_error_that_names_it(tmp_path):
    (tmp_path / "decisions.jsonl").write_text("[]\n" + LINES)
    with pytest.raises(RunError, match="line 1 is no decision"):
        read_decisions(tmp_path / "decisions.jsonl")
