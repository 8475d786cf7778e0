"""A few per cent of the judged labels become wrong ones, and which is known."""

import numpy as np
import pytest

from dataclinic.predictions import OutOfFold
from dataclinic.steps.plant_errors import FEWEST_OF_CLASS, SHARE, plant_errors
from dataclinic.testing.planted import confident_probs, table_dataset


def made(labels, classes=None, probs=None, judged=None):
    classes = int(labels.max()) + 1 if classes is None else classes
    dataset = table_dataset(
        np.zeros((len(labels), 1), np.float32), labels, [f"class {code}" for code in range(classes)]
    )
    probs = confident_probs(labels, classes=classes) if probs is None else probs
    judged = np.ones(len(labels), bool) if judged is None else judged
    repeat = np.where(judged[:, None], probs, np.nan).astype(np.float32)[None]
    return dataset, OutOfFold(repeat, np.where(judged, 0, -1)[None], judged, temperature=1.0)


def test_a_few_per_cent_are_switched_and_named():
    labels = np.arange(1000) % 5
    labels.setflags(write=False)
    for copy in plant_errors(*made(labels), copies=3, seed=0):
        assert copy.planted.sum() == round(SHARE * 1000)
        np.testing.assert_array_equal(copy.labels != labels, copy.planted)
        assert set(copy.labels) <= set(range(5))


def test_every_copy_has_errors_of_its_own_and_the_same_seed_the_same():
    case = made(np.arange(600) % 3)
    copies, same, other = (plant_errors(*case, copies=2, seed=seed) for seed in (0, 0, 1))
    assert (copies[0].planted != copies[1].planted).any()
    assert (copies[0].planted != other[0].planted).any()
    for one, again in zip(copies, same, strict=True):
        np.testing.assert_array_equal(one.labels, again.labels)
        np.testing.assert_array_equal(one.planted, again.planted)
    # one copy more moves no other
    np.testing.assert_array_equal(plant_errors(*case, copies=5, seed=0)[1].labels, copies[1].labels)


def test_half_go_to_what_models_confuse():
    labels = np.zeros(20_000, np.int64)
    labels[:100] = np.arange(100) % 5  # the other classes exist
    probs = np.full((20_000, 5), 0.001, np.float32)
    probs[:, 0], probs[:, 3] = 0.9, 0.097
    copy = plant_errors(*made(labels, probs=probs), copies=1, seed=0)[0]
    # half of them, and a quarter of the other half
    assert (copy.labels[copy.planted] == 3).mean() == pytest.approx(0.625, abs=0.05)


def test_samples_that_no_model_judged_keep_their_labels():
    judged = np.arange(1000) % 4 != 0
    labels = np.arange(1000) % 3
    copy = plant_errors(*made(labels, judged=judged), copies=1, seed=0)[0]
    assert not copy.planted[~judged].any()
    assert copy.planted.sum() == round(SHARE * 750)


def test_small_classes_lose_no_sample():
    labels = np.concatenate([np.repeat([0, 1], 200), np.full(FEWEST_OF_CLASS - 1, 2), np.full(FEWEST_OF_CLASS, 3)])
    copies = plant_errors(*made(labels), copies=20, seed=0)
    assert not any(copy.planted[labels == 2].any() for copy in copies)
    assert any(copy.planted[labels == 3].any() for copy in copies)


def test_the_only_large_class_is_not_used_up():
    labels = np.concatenate([np.arange(9 * 60) % 60, np.full(20, 60)])
    for copy in plant_errors(*made(labels), copies=5, seed=0):
        assert 1 <= copy.planted.sum() <= 2


def test_classes_that_only_unjudged_samples_bear_are_given_to_nobody():
    labels = np.concatenate([np.arange(300) % 2, np.full(50, 3)])
    probs = np.full((350, 5), 0.2, np.float32)
    for copy in plant_errors(*made(labels, 5, probs, np.arange(350) < 300), copies=5, seed=0):
        assert copy.planted.any()
        assert set(copy.labels[copy.planted]) <= {0, 1}


@pytest.mark.parametrize(
    ("labels", "judged", "copies"),
    [(np.zeros(100, np.int64), np.ones(100, bool), 0), (np.arange(100) % 2, np.zeros(100, bool), 0)],
)
def test_fewer_than_two_classes_make_no_copies(labels, judged, copies):
    assert len(plant_errors(*made(labels, 2, judged=judged), copies=3, seed=0)) == copies


def test_where_all_classes_are_small_nothing_is_switched():
    labels = np.arange(12) % 6
    (copy,) = plant_errors(*made(labels), copies=1, seed=0)
    np.testing.assert_array_equal(copy.labels, labels)
    assert not copy.planted.any()
