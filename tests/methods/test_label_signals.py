"""Every signal against a loop over samples or an independent library, and what moves it."""

from dataclasses import replace

import numpy as np
import pytest
from cleanlab.count import get_confident_thresholds
from cleanlab.rank import get_normalized_margin_for_each_label

from dataclinic.methods.anchored_noise import wrong_log_odds
from dataclinic.methods.label_signals import SMALLEST_DISTANCE
from dataclinic.methods.label_signals import Testimony as Known  # pytest would take it for a class of tests
from dataclinic.methods.nearest_neighbours import nearest_neighbours
from dataclinic.progress import silent
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import confident_probs, gaussian_classes, switch_labels

ALWAYS = {"noise_odds", "fitted_odds", "margin", "model_margin", "joint_margin", "probability_gap"}
CLASSES = 4


@pytest.fixture(scope="module")
def made():
    """Testimony on labels of which a tenth is wrong, with neighbours, and the true labels."""
    vectors, true = gaussian_classes(400, CLASSES)
    labels, _ = switch_labels(true, 0.1, classes=CLASSES)
    near = nearest_neighbours(vectors, np.ones(400, bool), 8, device="cpu", progress=silent)
    groups = np.arange(400) // 100
    probs = confident_probs(true, classes=CLASSES, sure=0.85)
    return Known(probs, labels, neighbours=tuple(near), groups=groups), true


def log_margins(probs, labels):
    return [
        np.log(max(np.delete(row, label).max(), 1e-9)) - np.log(max(row[label], 1e-9))
        for row, label in zip(probs.astype(np.float64), labels, strict=True)
    ]


def test_there_is_a_signal_for_whatever_is_known(made):
    whole, _ = made
    bare = Known(whole.probs, whole.labels)
    assert set(bare.signals(bare.labels)) == ALWAYS
    repeats = replace(bare, repeat_choices=np.zeros((2, 400), np.int64))
    assert set(repeats.signals(bare.labels)) == ALWAYS | {"disagreement"}
    assert set(whole.signals(whole.labels)) == ALWAYS | {"neighbour_margin", "class_distance"}
    assert set(replace(bare, twins=np.arange(400)).signals(bare.labels)) == ALWAYS | {"twins"}
    assert set(replace(bare, twins=np.full(400, -1)).signals(bare.labels)) == ALWAYS


def test_every_signal_is_higher_for_wrong_labels_than_for_right_ones(made):
    whole, true = made
    # two copies of each class, so that those of another class say otherwise
    repeats = np.stack([true, whole.probs.argmax(axis=1)])
    known = replace(whole, repeat_choices=repeats, twins=true)
    right, wrong = known.signals(true), known.signals((true + 1) % CLASSES)
    for name, values in wrong.items():
        assert (values > right[name]).mean() > 0.9, name


def test_signals_of_the_given_labels_are_finite_and_leave_what_was_given(made):
    whole, _ = made
    for array in (whole.probs, whole.labels, whole.groups, *whole.neighbours):
        array.setflags(write=False)
    for values in whole.signals(whole.labels).values():
        assert values.shape == (400,)
        assert values.dtype == np.float64
        assert np.isfinite(values).all()


def test_margins_are_those_of_a_loop(made):
    whole, _ = made
    found = whole.signals(whole.labels)
    assert found["model_margin"] == pytest.approx(log_margins(whole.probs, whole.labels))
    assert found["margin"] == pytest.approx(log_margins(whole.posterior.clean, whole.labels))
    assert found["neighbour_margin"] == pytest.approx(log_margins(whole.votes, whole.labels))


def test_probability_gap_orders_as_the_normalized_margin_of_cleanlab(made):
    whole, _ = made
    quality = get_normalized_margin_for_each_label(whole.labels, whole.probs)
    assert whole.signals(whole.labels)["probability_gap"] == pytest.approx(1 - 2 * quality, abs=1e-6)


def test_joint_margin_is_relative_to_the_confident_thresholds_of_cleanlab(made):
    whole, _ = made
    given_probs = whole.posterior.given
    above = given_probs / get_confident_thresholds(whole.labels, given_probs)
    assert whole.signals(whole.labels)["joint_margin"] == pytest.approx(log_margins(above, whole.labels), abs=1e-6)


def test_odds_are_those_under_either_noise(made):
    whole, _ = made
    found = whole.signals(whole.labels)
    fitted = wrong_log_odds(whole.posterior.clean, whole.posterior.transition, whole.labels)
    np.testing.assert_array_equal(found["fitted_odds"], fitted)
    np.testing.assert_array_equal(found["noise_odds"], wrong_log_odds(whole.clean, whole.transition, whole.labels))


def test_class_distance_is_that_of_a_loop_over_neighbours_of_other_groups(made):
    whole, _ = made
    rows, distances = whole.neighbours
    rows, distances = rows.copy(), distances.copy()
    rows[::5, 3:], distances[::5, 3:] = -1, np.inf
    rows[7], distances[7] = -1, np.inf
    known = replace(whole, neighbours=(rows, distances))
    expected = []
    for sample, label in enumerate(known.labels):
        nearest = {True: 2.0, False: 2.0}
        for other, distance in zip(rows[sample], distances[sample], strict=True):
            if other >= 0 and known.groups[other] != known.groups[sample]:
                same = bool(known.labels[other] == label)
                nearest[same] = min(nearest[same], float(distance))
        expected.append(np.log(nearest[True] + SMALLEST_DISTANCE) - np.log(nearest[False] + SMALLEST_DISTANCE))
    assert known.signals(known.labels)["class_distance"] == pytest.approx(expected)
    assert expected[7] == 0


def test_disagreement_is_the_share_of_the_repeats_that_scored(made):
    whole, _ = made
    small = replace(whole, probs=whole.probs[:4], labels=np.array([0, 1, 2, 3]), neighbours=None, groups=None)
    choices = np.array([[0, 0, -1, -1], [0, 1, 1, -1], [0, 2, 2, -1]])
    found = replace(small, repeat_choices=choices).signals(small.labels)["disagreement"]
    assert found == pytest.approx([0, 2 / 3, 1 / 2, 0])


def test_twins_that_bear_another_label_speak_against_it():
    probs = np.full((8, 3), 1 / 3, np.float32)
    labels = np.array([0, 0, 1, 2, 2, 0, 1, 2])
    twins = np.array([0, 0, 0, 1, 1, 2, -1, -1])
    known = Known(probs, labels, twins=twins)
    assert known.signals(labels)["twins"].tolist() == [0.5, 0.5, 1, 0, 0, 0, 0, 0]
    # if they bore other labels, their twins would bear the same ones as now
    assert known.signals(np.array([1, 0, 0, 0, 2, 1, 1, 1]))["twins"].tolist() == [0.5, 0.5, 0, 1, 0, 0, 0, 0]


def test_copies_that_contradict_each_other_have_one_true_class():
    labels = np.concatenate([np.tile([0, 0, 1], 40), [2, 2]])
    probs = np.tile(np.array([0.4, 0.3, 0.3], np.float32), (122, 1))
    twins = np.full(122, -1)
    twins[:3], twins[3:5], twins[120:] = 0, 1, 2  # bear 0, 0, 1 and 0, 0 and 2, 2
    known = Known(probs, labels, copies=twins)
    right, looks = known.transition.diagonal(), known.clean[0]
    other = (1 - right) / 2
    # P(class | labels 0, 0, 1) ∝ what it looks like × P(0 | class)² × P(1 | class), wrong labels going anywhere
    shares = looks * np.array([right[0] ** 2 * other[0], other[1] ** 2 * right[1], other[2] ** 3])
    shares /= shares.sum()
    assert known.contradicted[:3] == pytest.approx([1 - shares[0], 1 - shares[0], 1 - shares[1]])
    assert not known.contradicted[3:].any()
    assert not Known(probs, labels).contradicted.any()


def test_votes_leave_the_own_group_out(made):
    whole, _ = made
    alone = replace(whole, groups=np.zeros(400, np.int64))
    shares = np.bincount(whole.labels, minlength=CLASSES) / 400
    assert alone.votes == pytest.approx(np.tile(shares, (400, 1)))
    assert Known(whole.probs, whole.labels).votes is None


def test_models_that_learned_from_other_labels_are_judged_by_those(made):
    whole, true = made
    before = replace(whole, repeat_choices=np.zeros((2, 400), np.int64))
    other = before.relearned(confident_probs(true, classes=CLASSES, seed=1), true)
    assert other.repeat_choices is None
    assert other.neighbours is whole.neighbours
    assert (other.votes != whole.votes).any()
    assert np.diag(other.transition).mean() > np.diag(whole.transition).mean() + 0.05  # those labels are right
    assert before.labels is whole.labels


def test_probabilities_of_exactly_one_and_nothing_give_finite_signals():
    rng = rng_for(0, "one-hot")
    labels = rng.integers(3, size=60)
    for choices in (labels, (labels + 1) % 3, rng.integers(3, size=60)):
        known = Known(np.eye(3, dtype=np.float32)[choices], labels)
        assert all(np.isfinite(values).all() for values in known.signals(labels).values())
