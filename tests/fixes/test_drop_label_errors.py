import numpy as np
import pandas as pd
from flipped_parts import flipped_part

from dataclinic.findings import DidNotApply
from dataclinic.fixes.drop_label_errors import DropLabelErrors
from dataclinic.testing.parts import accusing, regression_part


def test_suspects_go_and_others_keep_their_labels():
    part, _, wrong = flipped_part()
    treatment = DropLabelErrors().propose(part)
    np.testing.assert_array_equal(treatment.rows, np.flatnonzero(~wrong))
    np.testing.assert_array_equal(treatment.labels, part.labels[~wrong])
    assert treatment.told == "drop 20 of 200 labels"


def test_accused_rows_whose_label_the_models_prefer_stay():
    _, _, wrong = flipped_part()
    right = np.flatnonzero(~wrong)[:7]
    part, _, _ = flipped_part(accused=[*right, *np.flatnonzero(wrong)[:2]])
    assert np.setdiff1d(part.rows, DropLabelErrors().propose(part).rows).tolist() == np.flatnonzero(wrong)[:2].tolist()


def test_accused_numbers_of_a_regression_go():
    part = regression_part(pd.DataFrame({"x": range(4)}), np.arange(4.0), records=[accusing([2], "target_errors")])
    assert DropLabelErrors().propose(part).rows.tolist() == [0, 1, 3]


def test_says_when_no_label_looks_wrong():
    assert DropLabelErrors().propose(flipped_part(accused=[])[0]) == DidNotApply("no label looks wrong")
