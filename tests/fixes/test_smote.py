import numpy as np
import pytest
from imbalanced_parts import balanced, imbalanced, pictures, table
from imblearn.over_sampling import SMOTE

from dataclinic.findings import DidNotApply
from dataclinic.fixes.smote import Smote
from dataclinic.seeding import seed_for


def test_new_samples_are_those_of_imbalanced_learn():
    part = imbalanced()
    treatment = Smote().propose(part)
    points, labels = SMOTE(random_state=seed_for(0, "smote")).fit_resample(part.features.matrix, part.labels)
    np.testing.assert_array_equal(treatment.synthetic.features.matrix, points[len(part) :])
    np.testing.assert_array_equal(treatment.synthetic.labels, labels[len(part) :])
    np.testing.assert_array_equal(treatment.rows, part.rows)
    assert treatment.synthetic.features.matrix.dtype == np.float32
    assert treatment.told == "train on 188 new samples beside 172"


def test_tiny_classes_have_fewer_neighbours_and_one_sample_is_repeated():
    part = imbalanced((20, 3, 2, 1))
    treatment = Smote().propose(part)
    labels = np.concatenate([treatment.labels, treatment.synthetic.labels])
    assert np.bincount(labels).tolist() == [20, 20, 20, 20]
    assert np.bincount(treatment.labels).tolist() == [20, 3, 2, 20]
    np.testing.assert_array_equal(treatment.labels, part.labels[treatment.rows])
    a, b = part.features.matrix[part.labels == 2]
    along = (treatment.synthetic.features.matrix[treatment.synthetic.labels == 2] - a) @ (b - a) / ((b - a) @ (b - a))
    assert ((along >= -1e-5) & (along <= 1 + 1e-5)).all()


def test_only_classes_of_one_sample_make_nothing_new():
    treatment = Smote().propose(imbalanced((5, 1)))
    assert treatment.synthetic is None
    assert np.bincount(treatment.labels).tolist() == [5, 5]


def test_table_of_numbers_and_categories_gets_rows_with_its_own_levels():
    part = table()
    synthetic = Smote().propose(part).synthetic.features
    assert len(synthetic) == 188
    assert (synthetic.number_names, synthetic.category_names) == (("a", "b", "c", "d"), ("colour", "size"))
    for column in range(2):
        assert set(synthetic.levels[:, column]) <= set(part.features.levels[:, column])
    for new, old in zip(synthetic.numbers.T, part.features.numbers.T, strict=True):
        assert np.nanmin(old) <= np.nanmin(new) < np.nanmax(new) <= np.nanmax(old)
    assert np.isnan(synthetic.numbers).any(axis=0).tolist() == [False, True, False, False]


@pytest.mark.parametrize("kind", [{"numbers": False}, {"categories": False}, {"categories": False, "holes": False}])
def test_table_of_one_kind_of_columns(kind):
    part = table(**kind)
    synthetic = Smote().propose(part).synthetic
    assert part.features.joined(synthetic.features).vectors(part.rows).shape[0] == len(part) + 188
    if kind.get("numbers", True):
        assert synthetic.features.levels.shape == (188, 0)
    else:
        assert set(synthetic.features.levels[:, 0]) <= set(part.features.levels[:, 0])


def test_pixels_are_refused():
    assert "between two pictures lie no pictures" in Smote().propose(pictures()).reason


def test_balanced_classes_are_left_alone():
    assert isinstance(Smote().propose(balanced()), DidNotApply)
    assert isinstance(Smote(share=0.3, least_imbalance=1).propose(imbalanced((30, 20))), DidNotApply)
