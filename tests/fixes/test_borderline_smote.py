import numpy as np
from imbalanced_parts import balanced, imbalanced, pictures, table
from imblearn.over_sampling import BorderlineSMOTE

from dataclinic.findings import DidNotApply
from dataclinic.fixes.borderline_smote import BorderlineSmote
from dataclinic.seeding import seed_for


def test_new_samples_are_those_of_imbalanced_learn():
    part = imbalanced(apart=1.5)
    treatment = BorderlineSmote().propose(part)
    reference = BorderlineSMOTE(random_state=seed_for(0, "borderline smote"))
    points, labels = reference.fit_resample(part.features.matrix, part.labels)
    np.testing.assert_array_equal(treatment.synthetic.features.matrix, points[len(part) :])
    np.testing.assert_array_equal(treatment.synthetic.labels, labels[len(part) :])
    np.testing.assert_array_equal(treatment.rows, part.rows)


def test_classes_far_apart_have_no_border():
    outcome = BorderlineSmote().propose(imbalanced(apart=50.0))
    assert outcome == DidNotApply("no smaller class borders on another")


def test_class_of_three_samples_has_the_neighbours_that_it_can():
    treatment = BorderlineSmote().propose(imbalanced((40, 3), apart=0.5))
    assert np.bincount(np.concatenate([treatment.labels, treatment.synthetic.labels])).tolist() == [40, 40]


def test_table_needs_numbers_alone():
    assert "smote can" in BorderlineSmote().propose(table()).reason
    assert len(BorderlineSmote().propose(table(categories=False)).synthetic.labels) > 50


def test_pixels_and_balanced_classes_are_refused():
    assert "pixels" in BorderlineSmote().propose(pictures()).reason
    assert isinstance(BorderlineSmote().propose(balanced()), DidNotApply)
