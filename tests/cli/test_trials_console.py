"""What fixes are worth, at a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_runs import Made, make_run
from made_trials import ARMS, NOTHING_HELPS, MadeTrials, add_trials

from dataclinic.cli.console import MOST_ARMS, print_summary, print_trials
from dataclinic.report.summary import summarise


@pytest.fixture
def printed(tmp_path, capsys, monkeypatch):
    """What `print_trials` or `print_summary` says, on lines of 100 characters."""
    monkeypatch.setenv("COLUMNS", "100")

    def lines(made, *, whole=False):
        run = make_run(tmp_path / "run", Made(samples=20, flagged=2, previews=False))
        if made:
            add_trials(run, made)
        summary = summarise(run)
        if whole:
            print_summary(summary)
        else:
            print_trials(summary.trials, summary.run)
        return capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ").splitlines()

    return lines


def test_arms_are_listed_best_first_with_interval_and_verdict(printed):
    lines = printed(MadeTrials())
    rows = [line.split() for line in lines if set(line) & set("▲●▼")]
    gains = [float(row[row.index("pp") - 1].replace("−", "-")) for row in rows]
    assert gains == [1.8, 1.2, 0.6, 0.2, 0.04, -0.02, -0.3, -0.4, -0.5, -4.6]
    assert " ".join(rows[0]) == "relabel 212 of 16,000 labels +1.8 pp +1.1 to +2.5 ▲ helps"
    assert lines[1] == "Fixes  gain in accuracy of ridge_head, 5 folds × 3 repeats, labels as given"


def test_verified_labels_have_their_line(printed):
    text = " ".join(" ".join(printed(MadeTrials())).split())
    assert "Verified On labels that people verified: relabel 212 of 16,000 labels: +2.0 pp" in text


def test_those_not_tried_and_the_combination_have_a_line_each(printed):
    text = " ".join(" ".join(printed(MadeTrials())).split())
    assert "Failed: Borderline SMOTE. Did not apply: Drop duplicates, Logit adjustment, Test time augmentation." in text
    assert "Relabel suspects + Class weights: +2.1 pp (+1.4 to +2.8), helps, on folds that did not choose it" in text


def test_the_recommendation_comes_last_on_one_line(printed, tmp_path):
    assert printed(MadeTrials())[-1] == (
        f"Recommended  Relabel suspects, then Class weights: dataclinic export {tmp_path / 'run'} DEST --treatment"
    )


def test_nothing_is_recommended_where_nothing_helps(printed):
    text = "\n".join(printed(NOTHING_HELPS))
    assert "No fix measurably helps on this data; gains of at least 0.9 pp would have shown." in text
    assert "Recommended" not in text


def test_only_the_first_arms_are_listed(printed):
    lines = printed(MadeTrials(arms=ARMS + tuple((f"fix_{at}", None, *ARMS[3][2:]) for at in range(8))))
    assert len([line for line in lines if set(line) & set("▲●▼")]) == MOST_ARMS
    assert "… and 6 more" in lines


def test_the_summary_has_fixes_after_checks(printed):
    text = "\n".join(printed(MadeTrials(), whole=True))
    assert text.index("dark_images") < text.index("Fixes  gain") < text.index("Most suspect")


def test_the_summary_of_a_run_without_trials_says_nothing_of_fixes(printed):
    assert "Fixes" not in "\n".join(printed(None, whole=True))


def test_markup_in_what_an_arm_did_is_text(printed):
    evil = (("[bold", "[bold red]drop[/] \x1b[31mall", 1.0, 0.5, "helps"),)
    text = "\n".join(printed(MadeTrials(arms=evil)))
    assert "[bold red]drop[/] ␛[31mall" in text
