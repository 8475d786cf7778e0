"""The headline says what helps, what does not and how sure that is, and fits what is recommended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_trials import ARMS, NOTHING_HELPS, MadeTrials, trials_content
from pydantic import TypeAdapter

from dataclinic.report.headline import arm_words, tally, worth, worth_trusted
from dataclinic.report.trials import Trials

ADAPTER = TypeAdapter(Trials)
SMOTE = ("smote", "train on 1,204 new samples beside 16,000", -0.3, 0.6, "no measurable effect")


def trials_of(made: MadeTrials) -> Trials:
    return ADAPTER.validate_python(trials_content(made))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_names_the_best_and_the_worst():
    assert plain(worth(trials_of(MadeTrials(arms=(ARMS[0], SMOTE, ARMS[4])))).told) == (
        "relabel 212 of 16,000 labels: +1.8 pp (95 % interval +1.1 to +2.5), helps · "
        "SMOTE: −0.3 pp (−0.9 to +0.3), no measurable effect"
    )


def test_is_short_however_many_arms_there_are():
    many = tuple((f"fix_{place}", None, 3 - place / 10, 0.1, "helps") for place in range(20))
    found = worth(trials_of(MadeTrials(arms=(*many, ARMS[-1]))))
    assert [claim.arm for claim in found.claims] == ["Fix 0", "Fix 1", "Undersample"]


def test_says_that_nothing_helps_and_what_would_have_shown():
    assert plain(worth(trials_of(replace(NOTHING_HELPS, arms=ARMS[2:-1]))).told) == (
        "No fix measurably helps on this data; gains of at least 0.9 pp would have shown."
    )


def test_the_gain_that_would_have_shown_is_that_of_the_noisiest_arm_without_effect():
    trials = trials_of(NOTHING_HELPS)
    sizes = [arm.measured.smallest_measurable for arm in trials.having("no measurable effect")]
    assert f"{max(sizes):.1f}" == "0.9"
    assert min(sizes) < 0.5
    assert trials.having("hurts")[0].measured.smallest_measurable > 1
    assert plain(worth(trials).told).endswith(
        "at least 0.9 pp would have shown. Undersample: −4.6 pp (95 % interval −5.7 to −3.5), hurts"
    )


def test_a_claim_after_a_sentence_begins_with_a_capital():
    hurts = ("drop_outliers", "drop 160 of 16,000 samples", -2.0, 0.6, "hurts")
    assert plain(worth(trials_of(replace(NOTHING_HELPS, arms=(hurts,)))).told) == (
        "No fix measurably helps on this data. Drop 160 of 16,000 samples: −2.0 pp (95 % interval −2.6 to −1.4), hurts"
    )


def test_says_that_nothing_could_be_tried():
    trials = trials_of(MadeTrials(arms=(), combined=False))
    assert worth(trials).told == "No fix could be tried on this data."
    assert worth_trusted(trials) is None


def test_verified_labels_have_their_own_line():
    found = worth_trusted(trials_of(MadeTrials()))
    assert found is not None
    assert plain(found.told).startswith("relabel 212 of 16,000 labels: +2.0 pp (95 % interval +1.3 to +2.7), helps · ")
    assert worth_trusted(trials_of(replace(MadeTrials(), trusted=False))) is None


def test_a_gain_that_only_verified_labels_show_is_not_denied():
    content = trials_content(replace(NOTHING_HELPS, trusted=True))
    best = content["arms"][0]["trusted"]["accuracy"]
    content["arms"][0]["trusted"]["accuracy"] = {**best, "gain": 2.4, "verdict": "helps"}
    trials = ADAPTER.validate_python(content)
    assert worth(trials).told.startswith("No fix measurably helps on the labels as given; gains of at least")
    found = worth_trusted(trials)
    assert found is not None
    assert found.helps
    assert found.claims[0].told(first=False).startswith("drop 212 of 16,000 labels: +2.4")


def test_a_gain_that_verified_labels_do_not_show_is_said_beside():
    content = trials_content(MadeTrials())
    for arm in content["arms"]:
        if arm["outcome"] == "tried":
            arm["trusted"]["accuracy"]["verdict"] = "no measurable effect"
    trials = ADAPTER.validate_python(content)
    found = worth_trusted(trials)
    assert worth(trials).helps
    assert found is not None
    assert plain(found.told) == "No fix measurably helps; gains of at least 1.4 pp would have shown."


@pytest.mark.parametrize(
    ("name", "told", "words"),
    [
        ("drop_outliers", "drop 160 of 16,000 samples", "drop 160 of 16,000 samples"),
        ("smote", SMOTE[1], "SMOTE"),
        ("class_weights", "classes weigh 0.5 to 3", "Class weights"),
        ("ema", None, "EMA"),
        ("drop_outliers", "drop " + "x" * 300, "drop " + "x" * 54 + "…" + "x" * 60),
    ],
)
def test_an_arm_is_told_by_what_it_did_where_that_names_it(name, told, words):
    (arm,) = trials_of(MadeTrials(arms=((name, told, 0.1, 0.2, "helps"),))).tried
    assert arm_words(arm, (arm,)) == words


def test_arms_that_did_the_same_are_told_by_name():
    same = tuple((f"drop_{kind}_outliers", "drop 40 of 500 rows", 0.1, 0.2, "helps") for kind in ("iqr", "zscore"))
    arms = trials_of(MadeTrials(arms=same)).tried
    assert [arm_words(arm, arms) for arm in arms] == ["Drop IQR outliers", "Drop Z-score outliers"]


def test_tally():
    trials = trials_of(MadeTrials())
    assert tally(trials) == "10 fixes tried: 2 help, 7 have no measurable effect, 1 hurts"
    assert tally(replace(trials, arms=list(trials.tried[:1]))) == "1 fix tried: 1 helps"
