import math

import numpy as np
import pytest

from dataclinic.methods.paired_gain import paired_gain
from dataclinic.seeding import rng_for
from dataclinic.steps.weigh_gains import weigh_gains
from dataclinic.trials import UNTREATED, Changes, FoldScore

PLAIN = (0.70, 0.72, 0.69, 0.71, 0.73, 0.70)


def folds(arm, accuracies, **more):
    """One score a fold: three folds a repeat, 100 rows scored and 200 trained on."""
    return [
        FoldScore(
            arm,
            repeat=number // 3,
            fold=number % 3,
            train_rows=200,
            test_rows=100,
            given={"accuracy": accuracy, "log_loss": 1 - accuracy},
            **{name: values[number] for name, values in more.items()},
        )
        for number, accuracy in enumerate(accuracies)
    ]


def shifted(by):
    return [accuracy + step for accuracy, step in zip(PLAIN, by, strict=True)]


BETTER = (0.10, 0.11, 0.09, 0.10, 0.12, 0.10)
UNCLEAR = (0.03, -0.01, 0.02, 0.0, -0.02, 0.02)
WORSE = tuple(-step for step in BETTER)


def test_gain_interval_and_verdict_in_points():
    gains = weigh_gains([*folds(UNTREATED, PLAIN), *folds("drop", shifted(BETTER))], "accuracy", {})
    expected = paired_gain(100 * np.array(BETTER), 0.5, resolution=1.0)
    gain = gains["drop"].metrics["accuracy"]
    assert list(gains) == ["drop"]
    assert (gain.metric, gain.unit, gain.verdict) == ("accuracy", "pp", "helps")
    assert gain.gain == pytest.approx(100 * np.mean(BETTER))
    assert gain.interval == pytest.approx((expected.low, expected.high))
    assert gain.p == gain.p_adjusted == pytest.approx(expected.p)
    assert gain.smallest_measurable == pytest.approx(expected.smallest_measurable)
    assert (gain.untreated, gain.treated) == pytest.approx((np.mean(PLAIN), np.mean(PLAIN) + np.mean(BETTER)))
    assert gain.relative_error_reduction == pytest.approx(np.mean(BETTER) / (1 - np.mean(PLAIN)))


def test_a_lower_loss_is_a_gain_in_its_own_unit():
    gains = weigh_gains([*folds(UNTREATED, PLAIN), *folds("drop", shifted(BETTER))], "accuracy", {})
    gain = gains["drop"].metrics["log_loss"]
    assert (gain.unit, gain.verdict) == ("nats", "helps")
    assert gain.gain == pytest.approx(np.mean(BETTER))
    assert gain.relative_error_reduction == pytest.approx(np.mean(BETTER) / (1 - np.mean(PLAIN)))
    assert list(gains["drop"].metrics) == ["accuracy", "log_loss"]


def test_harm_and_nothing_measurable_have_their_own_verdicts():
    scores = [*folds(UNTREATED, PLAIN), *folds("harm", shifted(WORSE)), *folds("none", shifted(UNCLEAR))]
    gains = weigh_gains(scores, "accuracy", {})
    assert gains["harm"].metrics["accuracy"].verdict == "hurts"
    assert gains["harm"].metrics["accuracy"].relative_error_reduction < 0
    assert gains["none"].metrics["accuracy"].verdict == "no measurable effect"


def test_an_arm_that_changes_nothing_gains_nothing():
    gain = weigh_gains([*folds(UNTREATED, PLAIN), *folds("same", PLAIN)], "accuracy", {})["same"].metrics["accuracy"]
    assert (gain.gain, gain.p, gain.p_adjusted, gain.verdict) == (0.0, 1.0, 1.0, "no measurable effect")
    assert -1 < gain.interval[0] < 0 < gain.interval[1] < 1
    assert gain.relative_error_reduction == 0


def test_less_than_a_row_in_every_fold_is_no_gain():
    tenth_of_a_row = shifted([0.001] * 6)
    gains = weigh_gains([*folds(UNTREATED, PLAIN), *folds("tiny", tenth_of_a_row)], "accuracy", {})
    assert gains["tiny"].metrics["accuracy"].verdict == "no measurable effect"


def test_the_rounding_of_a_loss_is_no_gain():
    def losses(arm, values):
        return [FoldScore(arm, 0, fold, 80, 20, {"mae": value}) for fold, value in enumerate(values)]

    plain = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
    gains = weigh_gains([*losses(UNTREATED, plain), *losses("same", plain * (1 - 1e-8))], "mae", {})
    assert gains["same"].metrics["mae"].verdict == "no measurable effect"
    assert gains["same"].metrics["mae"].unit == "target units"
    gains = weigh_gains([*losses(UNTREATED, plain), *losses("better", plain - 0.1)], "mae", {})
    assert gains["better"].metrics["mae"].verdict == "helps"
    assert gains["better"].metrics["mae"].relative_error_reduction == pytest.approx(1 / 7)


def test_holm_runs_over_the_arms_and_not_over_their_controls():
    barely = shifted([0.08, 0.02, 0.05, 0.06, 0.03, 0.04])
    arms = [*folds(UNTREATED, PLAIN), *folds("drop", barely)]
    controls = {"drop": "random drop", "relabel": "random relabel"}
    alone = weigh_gains([*arms, *folds("random drop", PLAIN)], "accuracy", controls)["drop"].metrics["accuracy"]
    assert alone.p_adjusted == pytest.approx(alone.p)
    others = [row for number in range(9) for row in folds(f"other {number}", PLAIN)]
    among_ten = weigh_gains([*arms, *others], "accuracy", {})["drop"].metrics["accuracy"]
    assert among_ten.p == alone.p
    assert among_ten.p_adjusted == pytest.approx(10 * alone.p)
    assert among_ten.smallest_measurable > alone.smallest_measurable
    assert (alone.verdict, among_ten.verdict) == ("helps", "no measurable effect")


def test_an_arm_is_compared_to_its_control():
    scores = [*folds(UNTREATED, PLAIN), *folds("drop", shifted(BETTER)), *folds("random", shifted(WORSE))]
    gains = weigh_gains([*scores, *folds("weigh", PLAIN)], "accuracy", {"drop": "random", "weigh": "not run"})
    assert list(gains) == ["drop", "weigh"]
    assert gains["drop"].control.gain == pytest.approx(-100 * np.mean(BETTER))
    assert gains["drop"].over_control.gain == pytest.approx(200 * np.mean(BETTER))
    assert gains["drop"].over_control.untreated == pytest.approx(np.mean(PLAIN) - np.mean(BETTER))
    assert gains["weigh"].control is None
    assert gains["weigh"].over_control is None


def test_a_control_that_arms_share_is_one_comparison():
    arms = [row for arm in ("drop", "drop more") for row in folds(arm, shifted(BETTER))]
    scores = [*folds(UNTREATED, PLAIN), *arms, *folds("random", shifted(UNCLEAR))]
    gains = weigh_gains(scores, "accuracy", {"drop": "random", "drop more": "random"})
    assert gains["drop"].control == gains["drop more"].control
    assert gains["drop"].control.p_adjusted == gains["drop"].control.p
    assert gains["drop"].over_control.p_adjusted == pytest.approx(2 * gains["drop"].over_control.p)


def test_pairs_the_folds_that_both_arms_have_whatever_their_order():
    plain, treated = folds(UNTREATED, PLAIN), folds("drop", shifted(BETTER))
    whole = weigh_gains([*plain[:4], *treated[:4]], "accuracy", {})
    partly = weigh_gains([*treated[3::-1], *plain[::-1]], "accuracy", {})
    assert partly["drop"].metrics == whole["drop"].metrics


def test_trusted_scores_are_weighed_beside_the_given_ones():
    plain = folds(UNTREATED, PLAIN, trusted=[{"accuracy": 0.8}] * 5 + [{}], trusted_rows=[10] * 5 + [0])
    ups = (0.1, 0.2, 0.1, 0.0, 0.1)
    trusted = [*({"accuracy": 0.8 + up} for up in ups), {}]
    treated = folds("drop", shifted(UNCLEAR), trusted=trusted, trusted_rows=[10] * 5 + [0])
    gains = weigh_gains([*plain, *treated], "accuracy", {})["drop"]
    expected = paired_gain(100 * np.array(ups), 0.5, resolution=10.0)
    assert list(gains.trusted) == ["accuracy"]
    assert gains.trusted["accuracy"].gain == pytest.approx(10.0)
    # The training sets overlap as before, however few of the scored rows are trusted.
    assert gains.trusted["accuracy"].interval == pytest.approx((expected.low, expected.high))
    assert gains.metrics["accuracy"].gain == pytest.approx(100 * np.mean(UNCLEAR))


def test_recalls_by_class_where_a_fold_has_the_class():
    plain = [(0.9, 0.5, math.nan)] * 5 + [(0.9, math.nan, math.nan)]
    treated = [(0.9, 0.5 + step, math.nan) for step in BETTER]
    scores = [*folds(UNTREATED, PLAIN, recalls=plain), *folds("weights", PLAIN, recalls=treated)]
    classes = weigh_gains(scores, "accuracy", {})["weights"].classes
    assert list(classes) == [0, 1]
    assert (classes[0].gain, classes[0].verdict) == (0.0, "no measurable effect")
    assert classes[1].gain == pytest.approx(100 * np.mean(BETTER[:5]))
    expected = paired_gain(100 * np.array(BETTER[:5]), 0.5, resolution=3.0)
    assert classes[1].interval == pytest.approx((expected.low, expected.high))
    # Two classes of one arm are two comparisons.
    assert classes[1].p_adjusted == pytest.approx(2 * classes[1].p)


def test_one_fold_gives_a_gain_without_bounds():
    gain = weigh_gains([*folds(UNTREATED, PLAIN[:1]), *folds("drop", [0.9])], "accuracy", {})["drop"]
    assert gain.metrics["accuracy"].gain == pytest.approx(20)
    assert gain.metrics["accuracy"].interval == (-math.inf, math.inf)
    assert gain.metrics["accuracy"].verdict == "no measurable effect"


def test_an_arm_without_a_fold_of_the_untreated_one_has_no_gain():
    late = folds("late", PLAIN)[3:]
    gains = weigh_gains([*folds(UNTREATED, PLAIN[:3]), *late, *folds("drop", shifted(BETTER)[:3])], "accuracy", {})
    assert gains["late"].metrics == {}
    assert gains["drop"].metrics["accuracy"].p_adjusted == gains["drop"].metrics["accuracy"].p


def test_no_error_to_begin_with_has_no_relative_reduction():
    gains = weigh_gains([*folds(UNTREATED, [1.0] * 4), *folds("drop", [0.9] * 4)], "accuracy", {})["drop"]
    assert gains.metrics["accuracy"].relative_error_reduction is None
    assert gains.metrics["log_loss"].relative_error_reduction is None


def test_epochs_until_the_untreated_accuracy_is_reached():
    plain = [(0.2, 0.5, 0.6, 0.6)] * 4 + [()] * 2
    fast = [(0.6, 0.5, 0.7, 0.7), (0.5, 0.6, 0.7, 0.7), (0.5, 0.55, 0.58, 0.59), (0.61,)] + [()] * 2
    scores = [
        *folds(UNTREATED, PLAIN, score_accuracies=plain),
        *folds("fast", PLAIN, score_accuracies=fast),
        *folds("seldom", PLAIN, score_accuracies=[(0.6,), *[(0.1,)] * 3, (), ()]),
        *folds("no epochs", PLAIN),
    ]
    gains = weigh_gains(scores, "accuracy", {})
    assert gains["fast"].epochs_to_baseline == pytest.approx((3.0, 4 / 3))
    assert gains["seldom"].epochs_to_baseline is None
    assert gains["no epochs"].epochs_to_baseline is None


def test_changes_are_means_over_folds():
    changes = [Changes(dropped=dropped, reweighted=200) for dropped in (10, 12, 11, 9, 10, 11)]
    scores = [*folds(UNTREATED, PLAIN), *folds("drop", PLAIN, changes=changes)]
    assert weigh_gains(scores, "accuracy", {})["drop"].changes == Changes(dropped=10, reweighted=200)


def test_arms_that_differ_by_chance_alone_seldom_get_a_verdict():
    rng = rng_for(0, "arms by chance")
    told = 0
    for _ in range(100):
        arms = [folds(f"arm {arm}", rng.normal(0.7, 0.02, size=15)) for arm in range(6)]
        scores = [*folds(UNTREATED, rng.normal(0.7, 0.02, size=15)), *(row for arm in arms for row in arm)]
        gains = weigh_gains(scores, "accuracy", {})
        told += any(arm.metrics["accuracy"].verdict != "no measurable effect" for arm in gains.values())
    assert told <= 5
