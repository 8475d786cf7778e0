"""Limits and comparisons at a terminal of eighty columns, with names that a terminal would obey."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_gates import Found, Sample, Story, tell, ten
from made_judgement import ESTIMATE
from made_runs import HOSTILE

WIDTH = 80


@pytest.fixture(autouse=True)
def _narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", str(WIDTH))


def words(text):
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_limits_are_listed_with_value_verdict_and_the_first_five_that_broke_them(cli, tmp_path):
    findings = [Found("dark", row, reason="brightest pixel 3") for row in range(7)]
    tell(tmp_path / "run", Story(ten(), findings, {"blurry": ("did not apply", "no pictures")}, ["dark", "blurry"]))
    result = cli("check", tmp_path / "run", "--fail-on", "dark > 50%, blurry > 0, accuracy < 80%")
    assert result.code == 1
    assert max(map(len, result.out.splitlines())) <= WIDTH
    header, *rows = result.out.splitlines()[:3]
    assert header.split() == ["Fails", "on", "Found", "Limit"]
    assert words(rows[0]) == "dark > 50% 7 (70.0 %) ✗ broken"
    assert words(rows[1]).startswith("blurry > 0 0 (0.0 %) ✓ held the check did not apply")
    assert "accuracy < 80% 90.0 % ✓ held" in words(result.out)
    assert "s4: brightest pixel 3 … and 2 more" in words(result.out)


def test_with_a_baseline_the_column_says_new(cli, tmp_path):
    tell(tmp_path / "a", Story(ten([1])))
    tell(tmp_path / "b", Story(ten([1])))
    result = cli("check", tmp_path / "b", "--fail-on", "label_errors > 0", "--baseline", tmp_path / "a")
    assert (result.code, result.out.split()[:4]) == (0, ["Fails", "on", "New", "Limit"])
    assert "1 problem was there before" in words(result.out)


def test_what_cannot_be_said_is_in_the_table_and_on_stderr(cli, tmp_path):
    tell(tmp_path / "run", Story(ten(), outcomes={"dark": ("failed", "OSError: gone")}))
    result = cli("check", tmp_path / "run", "--fail-on", "dark > 0")
    assert result.code == 2
    assert "? cannot say" in result.out
    assert result.err.splitlines()[0].endswith("dark > 0 (the check failed (OSError: gone))")


def test_hostile_names_are_shown_as_signs(cli, tmp_path):
    names = [*HOSTILE, "\x1b[31mred\x07"]
    samples = [Sample(name, f"c{row}", name, flagged=True) for row, name in enumerate(names)]
    findings = [Found("dark", len(names) - 1, reason="\x1b]0;title\x07")]
    tell(tmp_path / "a", Story([Sample("s", "s")]))
    tell(tmp_path / "b", Story(samples, findings))
    for command in (
        ("check", tmp_path / "b", "--fail-on", "dark > 0, label_errors > 0"),
        ("compare", tmp_path / "a", tmp_path / "b", "--top", "20"),
        ("compare", tmp_path / "b", tmp_path / "a", "--top", "20"),
    ):
        out = cli(*command).out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
        assert "<script>" in out
        assert "␛[31mred␇" in out


class TestCompare:
    def test_tells_what_became_of_samples_suspects_estimates_and_scores(self, cli, tmp_path):
        small = {**ESTIMATE, "errors": {"value": 2.0, "low": 0.5, "high": 4.0}}
        scores = {"accuracy": {"mean": 0.95, "spread": 0.01, "per_repeat": [0.94, 0.96], "balanced": 0.9}}
        cleaned = [Sample("s1", "c1", "owl"), *ten()[2:], Sample("n", "n", "cat", flagged=True)]
        tell(tmp_path / "a", Story(ten([1, 2])))
        tell(tmp_path / "b", Story(cleaned, estimate=small, record=scores))
        out = words(cli("compare", tmp_path / "a", tmp_path / "b").out)
        assert "10 → 10 (1 gone, 1 added, 1 relabelled)" in out
        assert "2 → 1: 2 fixed (1 relabelled, 1 same label, no longer a suspect); 1 new; 0 returned; 0 still" in out
        assert "about 143 (120–170) → about 2 (0–4); the ranges do not overlap" in out
        assert "90.0 % → 95.0 % (+5.0 pp, more than folds drawn anew: ± 1.4 pp)" in out
        assert "these are not paired" in out
        assert "New suspects (1)" in out
        assert "dog → owl" in out
        assert "Settings and versions are the same" in out

    def test_says_where_a_difference_may_be_none(self, cli, tmp_path):
        scores = {"accuracy": {"mean": 0.905, "spread": 0.01, "per_repeat": [0.9, 0.91], "balanced": None}}
        tell(tmp_path / "a", Story(ten()))
        tell(tmp_path / "b", Story(ten(), record=scores))
        out = words(cli("compare", tmp_path / "a", tmp_path / "b").out)
        assert "the ranges overlap, so their number may be the same" in out
        assert "(+0.5 pp, no more than folds drawn anew: ± 1.4 pp)" in out
        assert "Both on the same labels" in out
        assert "(the same, with the same labels)" in out

    def test_lists_no_more_than_asked_for_and_counts_the_rest(self, cli, tmp_path):
        tell(tmp_path / "a", Story(ten()))
        tell(tmp_path / "b", Story(ten([1, 2, 3])))
        assert "… and 2 more" in cli("compare", tmp_path / "a", tmp_path / "b", "--top", "1").out
        assert "New suspects" not in cli("compare", tmp_path / "a", tmp_path / "b", "--top", "0").out

    def test_names_settings_that_differ_and_checks_with_other_counts(self, cli, tmp_path):
        tell(tmp_path / "a", Story(ten(), [Found("dark", 1)]))
        tell(tmp_path / "b", Story(ten(), outcomes={"dark": ("skipped", "left out")}, record={"settings": {"seed": 1}}))
        out = words(cli("compare", tmp_path / "a", tmp_path / "b").out)
        assert "dark 1 skipped" in out
        assert "2 settings or versions differ folds: 5 → – seed: 0 → 1" in out

    def test_of_regressions_tells_their_errors(self, cli, tmp_path):
        for name in "ab":
            tell(tmp_path / name, Story(ten(), task="regression"))
        out = words(cli("compare", tmp_path / "a", tmp_path / "b").out)
        assert "Mae 2 → 2" in out
        assert "Wrong labels" not in out
