from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score

from dataclinic.methods.decision_offsets import checked_offsets, class_mean, f1, fitted_offsets, recall
from dataclinic.seeding import rng_for

METRICS = [recall, f1]


def leaning(counts, *, sure=1.5, seed=0):
    """Log-probabilities of a model that is right about the shares of the classes, and labels."""
    rng = rng_for(seed, "leaning")
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    logs = rng.normal(size=(len(labels), len(counts))) + sure * np.eye(len(counts))[labels]
    logs = sure * logs + np.log(np.array(counts) / sum(counts))
    return logs - np.log(np.exp(logs).sum(axis=1, keepdims=True)), labels


def reached(logs, labels, metric):
    return class_mean(logs.argmax(axis=1), labels, logs.shape[1], metric)


@given(st.integers(0, 10**6))
def test_metrics_are_scikit_learns(seed):
    rng = rng_for(seed, "decided")
    labels, decided = rng.integers(0, 4, (2, 30))
    decided = np.where(np.isin(decided, labels), decided, labels[0])
    assert class_mean(decided, labels, 5, recall) == pytest.approx(balanced_accuracy_score(labels, decided))
    assert class_mean(decided, labels, 5, f1) == pytest.approx(f1_score(labels, decided, average="macro"))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(METRICS))
def test_no_other_threshold_of_two_classes_does_better(seed, metric):
    logs, labels = leaning((20, 6), seed=seed)
    offsets = fitted_offsets(logs, labels, metric)
    gaps = np.sort(logs[:, 0] - logs[:, 1])
    thresholds = np.concatenate([[gaps[0] - 1], (gaps[1:] + gaps[:-1]) / 2, [gaps[-1] + 1]])
    best = max(reached(logs + np.array([0, threshold]), labels, metric) for threshold in thresholds)
    assert reached(logs + offsets, labels, metric) == pytest.approx(best)
    assert offsets[0] == 0


@pytest.mark.parametrize("metric", METRICS)
def test_three_classes_do_as_well_as_a_fine_grid(metric):
    logs, labels = leaning((150, 40, 20))
    ours = reached(logs + fitted_offsets(logs, labels, metric), labels, metric)
    grid = np.linspace(-1, 4, 41)
    best = max(reached(logs + np.array([0, one, other]), labels, metric) for one, other in product(grid, grid))
    assert ours > best - 0.005
    assert ours > reached(logs, labels, metric) + 0.03


@pytest.mark.parametrize("metric", METRICS)
def test_many_classes_follow_a_plain_coordinate_search(metric):
    """Rivals are kept up to date by the way: a search that looks at all classes anew never finds a better move."""
    logs, labels = leaning((60, 30, 20, 10, 8, 5), sure=1.0)
    offsets = fitted_offsets(logs, labels, metric)
    settled = reached(logs + offsets, labels, metric)
    assert settled > reached(logs, labels, metric) + 0.03
    for code in range(6):
        for step in np.linspace(-3, 3, 121):
            moved = offsets + step * np.eye(6)[code]
            assert reached(logs + moved, labels, metric) <= settled + 1e-9


def test_hand_worked():
    """The rare class is right once it is given between 1 and 2: one of three others is lost for both of its rows."""
    logs = np.array([[0, -5.0], [0, -5.0], [0, -0.5], [0, -1.0], [0, -0.2]])
    offsets = fitted_offsets(logs, np.array([0, 0, 0, 1, 1]), recall)
    assert offsets.tolist() == [0, 3.0]
    np.testing.assert_array_equal((logs + offsets).argmax(axis=1), [0, 0, 1, 1, 1])


def test_what_is_right_already_is_not_moved():
    logs = np.log(np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]))
    assert fitted_offsets(logs, np.array([0, 0, 1]), recall).tolist() == [0, 0]


def test_class_without_rows_is_not_moved_and_never_chosen_more_often():
    logs, labels = leaning((600, 100, 200))
    some = labels != 1
    offsets = fitted_offsets(logs[some], labels[some], recall)
    assert offsets[1] == 0
    assert offsets[2] > 0.3


def test_given_arrays_are_left_alone():
    logs, labels = leaning((60, 10))
    before = logs.copy()
    for array in (logs, labels):
        array.setflags(write=False)
    fitted_offsets(logs, labels, f1)
    np.testing.assert_array_equal(logs, before)


@pytest.mark.parametrize("metric", METRICS)
def test_checked_offsets_hold_on_rows_apart(metric):
    logs, labels = leaning((900, 90, 60))
    checked = checked_offsets(logs, labels, np.arange(len(labels)) % 5, metric)
    assert checked.before == pytest.approx(reached(logs, labels, metric))
    assert checked.after > checked.before + 0.03
    np.testing.assert_allclose(checked.offsets, checked.share * fitted_offsets(logs, labels, metric))
    fresh, truth = leaning((18000, 1800, 1200), seed=1)
    assert reached(fresh + checked.offsets, truth, metric) > reached(fresh, truth, metric) + 0.005


def test_offsets_that_only_suit_the_rows_they_were_chosen_by_are_trusted_less():
    """Decisions are as good as they can be, and one class has eight rows: what suits these is chance."""
    counts = np.array([200, 8])
    even = np.log(counts / counts.sum())
    fresh, truth = leaning(tuple(50 * counts), seed=100)
    chosen, trusted, shares = [], [], []
    for seed in range(20):
        logs, labels = leaning(tuple(counts), seed=seed)
        checked = checked_offsets(logs - even, labels, np.arange(len(labels)) % 4, recall)
        fitted = fitted_offsets(logs - even, labels, recall)
        before = reached(fresh - even, truth, recall)
        chosen.append(reached(fresh - even + fitted, truth, recall) - before)
        trusted.append(reached(fresh - even + checked.offsets, truth, recall) - before)
        shares.append(checked.share)
    assert np.mean(chosen) < -0.02
    assert np.mean(trusted) > np.mean(chosen) / 2
    assert 0 < np.mean(shares) < 0.5
