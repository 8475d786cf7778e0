"""Three sentences say what was looked at, what is wrong and what to do, of every kind of run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_judgement import CLEAN, make_judged_run
from made_runs import Made, make_run
from made_trials import NOTHING_HELPS, MadeTrials, add_trials

from dataclinic.report.summary import CheckLine, summarise
from dataclinic.report.synopsis import synopsis


@pytest.fixture
def summary(tmp_path):
    return summarise(make_run(tmp_path / "run", Made(samples=60, flagged=3)))


def plain(summary) -> tuple[str, ...]:
    return tuple(
        text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "") for text in synopsis(summary).sentences
    )


def test_a_plain_run(summary):
    looked, wrong, do = plain(summary)
    assert looked == (
        "60 images in 6 classes (40 train, 20 test; 4 more without a label left out) were audited with linear_head on "
        "timm_image features, which agrees with 81.2 ± 0.4 % of the labels of samples it never saw, where always "
        f"naming the largest class would agree with {100 * summary.accuracy.majority_share:.1f} %."
    )
    assert wrong == (
        "3 given labels (5.0 %) are worth a second look, the most doubtful first; 3 samples are nearly the same as "
        "others."
    )
    assert do == "Look at the suspects, the most doubtful first; no fix was tried on this data."


def test_an_estimate_and_a_fix_that_helps(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=60, flagged=3), near=False)
    add_trials(run, MadeTrials())
    _, wrong, do = plain(summarise(run))
    assert wrong.startswith("About 143 of 1,797 labels are wrong (120–170); of the 150 flagged about 91 % are; your")
    assert do.startswith("Relabel 212 of 16,000 labels: +1.8 pp (95 % interval +1.1 to +2.5), helps · ")
    assert synopsis(summarise(run)).helps


def test_clean_labels_and_fixes_without_effect(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=60, flagged=0), CLEAN, near=False)
    add_trials(run, NOTHING_HELPS)
    _, wrong, do = plain(summarise(run))
    assert wrong.startswith("The labels look clean: about 2 of 1,797 labels may be wrong (0–6)")
    assert do.startswith("No fix measurably helps on this data; gains of at least 0.9 pp would have shown.")
    assert not synopsis(summarise(run)).helps


def test_a_single_suspect_and_none(summary):
    assert plain(replace(summary, suspects=1))[1].startswith("1 given label (")
    assert plain(replace(summary, suspects=0))[1].startswith("No given label stands out as wrong; ")
    assert plain(replace(summary, suspects=0))[2].startswith("No label has to be looked at")


def test_without_a_model_no_judgement_is_claimed(summary):
    looked = plain(replace(summary, accuracy=None, model=None, encoder=None))[0]
    assert looked.endswith("were audited; no model was trained, so no label was judged by prediction.")


def test_what_spoils_a_score_is_told_first_and_at_most_two_things(summary):
    checks = [("near_duplicates", "ran", 7), ("unreadable", "ran", 2), ("split_leakage", "ran", 1)]
    lines = tuple(CheckLine(check, outcome, "", count) for check, outcome, count in checks)
    assert plain(replace(summary, checks=lines))[1].endswith(
        "; 1 held-out sample has a copy in another split and 7 samples are nearly the same as others."
    )
    assert synopsis(replace(summary, checks=())).besides == ""


def test_probabilities_of_ones_own_are_said_to_be(summary):
    own = replace(summary, model=replace(summary.model, id="own"))
    assert "by probabilities of your own model, which agrees with" in plain(own)[0]


def test_texts_are_called_texts(tmp_path):
    made = summarise(make_run(tmp_path / "texts", Made(kind="texts", samples=60, flagged=3)))
    assert plain(made)[0].startswith("60 texts in 6 classes")


def test_many_splits_are_counted(summary):
    many = replace(summary, split={f"part {place}": 10 for place in range(9)})
    assert "10 part 5, 3 more; 4 more without a label" in plain(many)[0]
