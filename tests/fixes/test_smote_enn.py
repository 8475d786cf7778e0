import numpy as np
import pytest
from imbalanced_parts import balanced, imbalanced, pictures, table
from imblearn.combine import SMOTEENN

from dataclinic.findings import DidNotApply
from dataclinic.fixes.smote import Smote
from dataclinic.fixes.smote_enn import SmoteEnn
from dataclinic.seeding import seed_for


def test_samples_are_those_of_imbalanced_learn():
    part = imbalanced()
    treatment = SmoteEnn().propose(part)
    reference = SMOTEENN(random_state=seed_for(0, "smote enn"))
    points, labels = reference.fit_resample(part.features.matrix, part.labels)
    ours = np.concatenate([part.features.matrix[treatment.rows], treatment.synthetic.features.matrix])
    codes = np.concatenate([treatment.labels, treatment.synthetic.labels])
    assert sorted(map(tuple, np.column_stack([ours, codes]))) == sorted(map(tuple, np.column_stack([points, labels])))
    assert len(treatment.rows) < len(part)
    np.testing.assert_array_equal(treatment.labels, part.labels[treatment.rows])


def test_more_neighbours_to_agree_leave_fewer():
    few, many = (SmoteEnn(edit_neighbours=count).propose(imbalanced()) for count in (1, 7))
    assert len(many.rows) < len(few.rows)


@pytest.mark.parametrize("kind", [{}, {"categories": False}, {"numbers": False}])
def test_tables_with_categories_too(kind):
    part = table(**kind)
    treatment = SmoteEnn().propose(part)
    made = Smote().propose(part).synthetic
    assert len(np.unique(treatment.rows)) == len(treatment.rows) < len(part)
    assert 0 < len(treatment.synthetic.labels) < len(made.labels)
    assert treatment.synthetic.features.category_names == part.features.category_names


def test_pixels_and_balanced_classes_are_refused():
    assert "pixels" in SmoteEnn().propose(pictures()).reason
    assert isinstance(SmoteEnn().propose(balanced()), DidNotApply)
