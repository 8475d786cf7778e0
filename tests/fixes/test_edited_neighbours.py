import numpy as np
from imbalanced_parts import balanced, imbalanced, pictures, table
from imblearn.under_sampling import EditedNearestNeighbours

from dataclinic.findings import DidNotApply
from dataclinic.fixes.edited_neighbours import EditedNeighbours
from dataclinic.testing.parts import vector_part


def test_rows_are_those_of_imbalanced_learn():
    part = imbalanced()
    treatment = EditedNeighbours().propose(part)
    reference = EditedNearestNeighbours(sampling_strategy=[0])  # 120 of 172, above the mean of 57.3
    reference.fit_resample(part.features.matrix, part.labels)
    np.testing.assert_array_equal(treatment.rows, np.sort(reference.sample_indices_))
    np.testing.assert_array_equal(treatment.labels, part.labels[treatment.rows])
    assert np.bincount(treatment.labels)[1:].tolist() == [40, 12]
    assert treatment.told == f"drop {172 - len(treatment.rows)} of 172 samples"


def test_hand_worked():
    """On a line: two of the larger class lie among the smaller one, and only they go."""
    line = np.array([0, 0.1, 0.2, 0.3, 5.05, 5.15, 5, 5.1, 5.2], float)[:, None]
    part = vector_part(line, np.array([0, 0, 0, 0, 0, 0, 1, 1, 1]))
    assert EditedNeighbours().propose(part).rows.tolist() == [0, 1, 2, 3, 6, 7, 8]


def test_nothing_to_leave_out_where_neighbours_agree():
    outcome = EditedNeighbours().propose(imbalanced(apart=50.0))
    assert outcome == DidNotApply("no sample is contradicted by its neighbours")


def test_tables_have_neighbours_by_what_their_cells_are_worth():
    part = table()
    assert 0 < len(EditedNeighbours().propose(part).rows) < len(part)


def test_pixels_and_balanced_classes_are_refused():
    assert "pixels" in EditedNeighbours().propose(pictures()).reason
    assert isinstance(EditedNeighbours().propose(balanced()), DidNotApply)
