"""Labels of people who bring their own probabilities, and whatever else they may bring."""

import numpy as np
import pandas as pd
import pytest

from dataclinic import rank_labels as rank
from dataclinic.errors import ProbsError
from dataclinic.testing.planted import confident_probs, gaussian_classes, switch_labels

COLUMNS = ["suspicion", "probability", "flagged", "suggested_label", "suggested_probability"]
SAMPLES = 240
NAMES = np.array(["cat", "dog", "yak"])


@pytest.fixture(scope="module")
def made():
    """(vectors, labels, probs, wrong) of three classes."""
    vectors, true = gaussian_classes(SAMPLES, 3)
    labels, wrong = switch_labels(true, 0.1, classes=3)
    arrays = vectors, labels, confident_probs(true, classes=3, sure=0.9).astype(np.float64), wrong
    for array in arrays:
        array.setflags(write=False)
    return arrays


def require_sound(ranking, labels, judged=None):
    """What holds whatever was given; `judged` are the rows with a verdict, None for all."""
    labels = np.asarray(labels, object)
    judged = np.ones(len(labels), bool) if judged is None else judged
    assert list(ranking.index) == list(range(len(labels)))
    assert list(ranking.columns[:5]) == COLUMNS
    assert all(name.startswith("signal_") for name in ranking.columns[5:])
    assert ranking["flagged"].dtype == bool
    seen, unseen = ranking[judged], ranking[~judged]
    assert unseen.drop(columns="flagged").isna().all(axis=None)
    assert not unseen["flagged"].any()
    assert seen.notna().all(axis=None)
    assert seen["probability"].between(0, 1).all()
    assert (seen["suggested_probability"] <= seen["probability"]).all()
    assert (seen["suggested_label"].to_numpy(object) != labels[judged]).all()
    assert seen.sort_values("suspicion", kind="stable")["probability"].is_monotonic_increasing
    assert ((seen["suspicion"] > 0) == (seen["probability"] > 0.5)).all()
    numbers = seen.drop(columns=["suggested_label", "flagged"]).to_numpy(np.float64)
    assert np.isfinite(numbers).all()
    errors = ranking.attrs["errors"]
    assert 0 <= errors["low"] <= errors["value"] <= errors["high"] <= len(seen)
    assert sum(ranking.attrs["weights"].values()) == pytest.approx(1)


class TestWhatIsGiven:
    def test_a_row_for_each_sample_in_the_given_order(self, made):
        vectors, labels, probs, wrong = made
        ranking = rank(labels, probs, vectors=vectors)
        require_sound(ranking, labels)
        assert ranking["flagged"][wrong].mean() > 0.85
        assert {"signal_noise_odds", "signal_neighbour_margin"} <= set(ranking.columns)

    def test_labels_may_be_names(self, made):
        vectors, labels, probs, _ = made
        codes = rank(labels, probs, vectors=vectors)
        for names in (NAMES[labels], NAMES[labels].tolist(), pd.Series(NAMES[labels], dtype="category")):
            ranking = rank(names, probs, vectors=vectors, classes=list(NAMES))
            assert ranking["suggested_label"].tolist() == NAMES[codes["suggested_label"].to_numpy(int)].tolist()
            pd.testing.assert_frame_equal(
                ranking.drop(columns="suggested_label"), codes.drop(columns="suggested_label")
            )

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, list])
    def test_numbers_may_be_of_any_kind(self, made, dtype):
        vectors, labels, probs, _ = made
        if dtype is list:
            ranking = rank(labels.tolist(), probs.tolist(), vectors=vectors.tolist(), groups=list(range(SAMPLES)))
            pd.testing.assert_frame_equal(ranking, rank(labels, probs, vectors=vectors))
        else:
            ranking = rank(labels, probs.astype(dtype), vectors=vectors.astype(dtype))
            whole = rank(labels, probs, vectors=vectors)
            assert ranking["probability"].to_numpy() == pytest.approx(whole["probability"].to_numpy(), abs=0.05)
        require_sound(ranking, labels)

    def test_rows_need_not_sum_to_one(self, made):
        _, labels, probs, _ = made
        ranking = rank(labels, probs * 7)
        assert ranking["probability"].to_numpy() == pytest.approx(rank(labels, probs)["probability"].to_numpy())

    def test_the_same_every_time(self, made):
        vectors, labels, probs, _ = made
        one, same = (rank(labels, probs, vectors=vectors, groups=labels) for _ in range(2))
        pd.testing.assert_frame_equal(one, same, check_exact=True)
        assert one.attrs == same.attrs
        other = rank(labels, probs, vectors=vectors, seed=1)
        assert other.attrs["weights"] != rank(labels, probs, vectors=vectors).attrs["weights"]

    @pytest.mark.parametrize("threshold", [0.1, 0.5, 0.9])
    def test_flags_above_the_threshold(self, made, threshold):
        _, labels, probs, _ = made
        ranking = rank(labels, probs, threshold=threshold)
        require_sound(ranking, labels)
        assert (ranking["flagged"] == (ranking["probability"] > threshold)).all()
        assert ranking["probability"].equals(rank(labels, probs)["probability"])

    def test_samples_of_one_group_say_nothing_about_each_other(self):
        # three copies of everything, all with the same wrong label: only others can tell
        vectors, true = gaussian_classes(120, 2)
        labels = true.copy()
        labels[:6] = 1 - true[:6]
        thrice = np.repeat(np.arange(120), 3)
        probs = np.full((360, 2), 0.5)
        probs[np.arange(360), true[thrice]] = 0.6
        groups = [f"patient {row}" for row in thrice]
        alone, together = (
            rank(labels[thrice], probs, vectors=vectors[thrice], groups=given)["signal_class_distance"][:18].mean()
            for given in (None, groups)
        )
        assert together > alone + 2

    def test_who_has_no_group_is_alone(self, made):
        vectors, labels, probs, _ = made
        groups = np.array([None if row % 2 else f"patient {row // 8}" for row in range(SAMPLES)], object)
        ranking = rank(labels, probs, vectors=vectors, groups=groups)
        require_sound(ranking, labels)
        named = [f"alone {row}" if name is None else name for row, name in enumerate(groups)]
        pd.testing.assert_frame_equal(ranking, rank(labels, probs, vectors=vectors, groups=named))
        all_alone = rank(labels, probs, vectors=vectors, groups=[None] * SAMPLES)
        pd.testing.assert_frame_equal(all_alone, rank(labels, probs, vectors=vectors))


class TestEdges:
    @pytest.mark.parametrize("described", [False, True])
    @pytest.mark.parametrize("samples", [2, 3, 12])
    def test_few_samples_of_two_classes(self, described, samples):
        vectors, true = gaussian_classes(samples, 2)
        probs = confident_probs(true, classes=2)
        require_sound(rank(true, probs, vectors=vectors if described else None), true)
        labels = true.copy()
        if samples == 12:
            labels[4] = 1 - labels[4]
            ranking = rank(labels, probs, vectors=vectors if described else None)
            require_sound(ranking, labels)
            assert ranking["suspicion"].idxmax() == 4

    def test_a_class_with_one_sample(self, made):
        vectors, labels, probs, _ = made
        labels = np.where(labels == 2, 0, labels)
        labels[5] = 2
        require_sound(rank(labels, probs, vectors=vectors), labels)

    def test_rows_of_nan_are_not_judged(self, made):
        vectors, labels, probs, _ = made
        probs, judged = probs.copy(), np.arange(SAMPLES) % 7 != 0
        probs[::7], probs[::14, 1] = np.nan, 0.3
        ranking = rank(labels, probs, vectors=vectors)
        require_sound(ranking, labels, judged)
        alone = rank(labels[judged], probs[judged])
        np.testing.assert_array_equal(rank(labels, probs)["suspicion"][judged], alone["suspicion"])

    def test_a_class_that_only_unjudged_samples_bear_is_never_suggested(self, made):
        vectors, labels, probs, _ = made
        labels, probs = labels % 2, probs.copy()
        labels[0], probs[0] = 2, np.nan
        probs[3] = [0, 0, 1]  # and is all that the model finds for another
        ranking = rank(NAMES[labels], probs, vectors=vectors, classes=list(NAMES))
        require_sound(ranking, NAMES[labels], np.arange(SAMPLES) > 0)
        assert set(ranking["suggested_label"].dropna()) == {"cat", "dog"}

    def test_certain_models(self, made):
        vectors, labels, probs, wrong = made
        for described in (None, vectors):
            ranking = rank(labels, np.eye(3)[probs.argmax(axis=1)], vectors=described)
            require_sound(ranking, labels)
            assert ranking["flagged"][wrong].mean() > 0.8
            assert not ranking["flagged"][~wrong].any()

    def test_certain_models_that_agree_accuse_nobody(self, made):
        _, labels, _, _ = made
        ranking = rank(labels, np.eye(3)[labels])
        require_sound(ranking, labels)
        assert not ranking["flagged"].any()
        assert ranking.attrs["errors"]["value"] < 0.01

    @pytest.mark.parametrize("samples", [154, 770])
    def test_many_classes(self, samples):
        true = np.arange(samples) % 77
        labels, wrong = switch_labels(true, 0.1, classes=77)
        ranking = rank(labels, confident_probs(true, classes=77))
        require_sound(ranking, labels)
        assert ranking["flagged"][~wrong].mean() < 0.01
        if samples == 770:
            assert ranking["flagged"][wrong].mean() > 0.9

    @pytest.mark.parametrize("row", [(1 / 3, 1 / 3, 1 / 3), (0.7, 0.2, 0.1), (1, 0, 0)])
    def test_the_same_probabilities_for_all(self, made, row):
        vectors, labels, _, _ = made
        for described in (None, vectors):
            require_sound(rank(labels, np.tile(row, (SAMPLES, 1)), vectors=described), labels)

    def test_vectors_that_say_nothing_about_some_samples(self, made):
        vectors, labels, probs, _ = made
        vectors = vectors.copy()
        vectors[3], vectors[8], vectors[9, 2], vectors[10] = np.nan, 0, np.inf, vectors[11]
        require_sound(rank(labels, probs, vectors=vectors), labels)

    @pytest.mark.parametrize("value", [0.0, np.nan, 1.0])
    def test_vectors_that_say_nothing_at_all_change_next_to_nothing(self, made, value):
        _, labels, probs, _ = made
        ranking = rank(labels, probs, vectors=np.full((SAMPLES, 4), value))
        require_sound(ranking, labels)
        without = rank(labels, probs)
        assert np.median(np.abs(ranking["probability"] - without["probability"])) < 0.01
        assert (ranking["flagged"] == without["flagged"]).mean() > 0.98

    def test_vectors_too_large_for_float32(self, made):
        vectors, labels, probs, _ = made
        require_sound(rank(labels, probs, vectors=vectors.astype(np.float64) * 1e300), labels)


class TestWhatDoesNotFit:
    @pytest.mark.parametrize(
        ("shape", "told"),
        [((6,), r"got \(6,\)"), ((6, 1), r"got \(6, 1\)"), ((2, 3, 2), r"got \(2, 3, 2\)"), ((), r"got \(\)")],
    )
    def test_probs_of_another_shape(self, shape, told):
        with pytest.raises(ProbsError, match=told):
            rank([0, 1] * 3, np.full(shape, 0.5))

    @pytest.mark.parametrize("bad", [-0.1, np.inf, -np.inf])
    def test_scores_for_probabilities(self, bad):
        probs = np.full((6, 2), 0.5)
        probs[4, 1] = bad
        with pytest.raises(ProbsError, match="negative, infinite, or all 0") as caught:
            rank([0, 1] * 3, probs)
        assert "softmax" in caught.value.hint

    def test_a_row_of_zeros(self):
        with pytest.raises(ProbsError, match="all 0 in a row"):
            rank([0, 1], [[0.5, 0.5], [0, 0]])

    @pytest.mark.parametrize("bad", [[["a", "b"]] * 2, [[0.5, 0.5], [1]], [[0.5, 0.5], [0.5, "none"]]])
    def test_probs_that_are_no_table_of_numbers(self, bad):
        with pytest.raises(ProbsError, match="probs cannot be read as a table of numbers"):
            rank([0, 1], bad)

    def test_one_class_is_too_few(self):
        with pytest.raises(ProbsError, match="bear 1 class; two are needed"):
            rank([1] * 6, np.full((6, 2), 0.5))

    def test_nothing_judged(self):
        with pytest.raises(ProbsError, match="bear 0 classes; two are needed"):
            rank([0, 1], np.full((2, 2), np.nan))
        with pytest.raises(ProbsError, match="bear 0 classes"):
            rank([], np.empty((0, 2)))

    @pytest.mark.parametrize("label", [2, -1, None, np.nan, "0"])
    def test_a_label_without_a_column(self, label):
        with pytest.raises(ProbsError, match=rf"label {label!r} has no column of probabilities \(columns: 0, 1\)"):
            rank([0, 1, label], np.full((3, 2), 0.5))

    def test_a_name_without_a_column(self):
        with pytest.raises(ProbsError, match=r"label 'yak' has no column of probabilities \(columns: cat, dog\)"):
            rank(["cat", "dog", "yak"], np.full((3, 2), 0.5), classes=["cat", "dog"])

    def test_classes_that_are_no_names_of_the_columns(self):
        with pytest.raises(ProbsError, match="classes has 1 entries, and 2 are needed"):
            rank(["cat", "cat"], np.full((2, 2), 0.5), classes=["cat"])
        with pytest.raises(ProbsError, match="classes names 'cat' more than once"):
            rank(["cat", "cat"], np.full((2, 2), 0.5), classes=["cat", "cat"])

    def test_lengths_that_differ(self):
        probs = np.full((4, 2), 0.5)
        with pytest.raises(ProbsError, match="probs has 4 entries, and 3 are needed"):
            rank([0, 1, 0], probs)
        with pytest.raises(ProbsError, match="groups has 3 entries, and 4 are needed"):
            rank([0, 1, 0, 1], probs, groups=["a", "b", "c"])
        with pytest.raises(ProbsError, match="vectors has 3 entries, and 4 are needed"):
            rank([0, 1, 0, 1], probs, vectors=np.zeros((3, 2)))

    @pytest.mark.parametrize("labels", [[[1, 0], [0, 1]], 1])
    def test_labels_that_are_no_list(self, labels):
        with pytest.raises(ProbsError, match=r"labels must be one for each sample; got an array of \(.*\)"):
            rank(labels, np.full((2, 2), 0.5))

    @pytest.mark.parametrize(
        ("vectors", "told"),
        [
            ([1, 2], r"vectors must be one for each sample; got an array of \(2,\)"),
            ([["a"], ["b"]], "vectors cannot be read as a table of numbers"),
            ([[1], [1, 2]], "vectors cannot be read as a table of numbers"),
        ],
    )
    def test_vectors_that_are_no_table_of_numbers(self, vectors, told):
        with pytest.raises(ProbsError, match=told):
            rank([0, 1], np.full((2, 2), 0.5), vectors=vectors)

    @pytest.mark.parametrize("threshold", [-0.1, 1.5, 50, np.nan])
    def test_a_threshold_that_is_no_probability(self, threshold):
        with pytest.raises(ProbsError, match="threshold must be a probability, 0 to 1"):
            rank([0, 1], [[0.9, 0.1], [0.1, 0.9]], threshold=threshold)
