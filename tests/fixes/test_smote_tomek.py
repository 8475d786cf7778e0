import numpy as np
from imbalanced_parts import balanced, imbalanced, pictures, table
from imblearn.combine import SMOTETomek

from dataclinic.findings import DidNotApply
from dataclinic.fixes.smote_tomek import SmoteTomek
from dataclinic.seeding import seed_for


def test_samples_are_those_of_imbalanced_learn():
    part = imbalanced(apart=1.0)
    treatment = SmoteTomek().propose(part)
    reference = SMOTETomek(random_state=seed_for(0, "smote tomek"))
    points, labels = reference.fit_resample(part.features.matrix, part.labels)
    ours = np.concatenate([part.features.matrix[treatment.rows], treatment.synthetic.features.matrix])
    codes = np.concatenate([treatment.labels, treatment.synthetic.labels])
    assert sorted(map(tuple, np.column_stack([ours, codes]))) == sorted(map(tuple, np.column_stack([points, labels])))
    assert len(ours) < 360
    np.testing.assert_array_equal(treatment.labels, part.labels[treatment.rows])


def test_tables_with_categories_too():
    part = table()
    treatment = SmoteTomek().propose(part)
    assert 0 < len(treatment.rows) + len(treatment.synthetic.labels) < 360
    assert len(np.unique(treatment.rows)) == len(treatment.rows)


def test_pixels_and_balanced_classes_are_refused():
    assert "pixels" in SmoteTomek().propose(pictures()).reason
    assert isinstance(SmoteTomek().propose(balanced()), DidNotApply)
