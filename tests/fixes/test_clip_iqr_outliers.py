import numpy as np
import pytest
from slipped_parts import NO_COLUMNS, SLIPS, slipped_part, slipped_regression

from dataclinic.findings import DidNotApply
from dataclinic.fixes.clip_iqr_outliers import ClipIqrOutliers
from dataclinic.methods.column_limits import iqr_limits


def test_slips_come_back_to_the_limit_and_every_row_still_trains():
    part = slipped_part()
    treatment = ClipIqrOutliers().propose(part)
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    numbers = part.features.numbers
    clipped = treatment.column_map.apply(numbers)
    high = iqr_limits(numbers[:, 0], 3.0, 0.1).high
    assert clipped[SLIPS, 0].tolist() == [high] * 3
    assert high < 150
    others = np.setdiff1d(part.rows, SLIPS)
    np.testing.assert_array_equal(clipped[others, 0], numbers[others, 0])
    assert treatment.told == "clip 3 cells in 1 of 2 numeric columns"


def test_rows_to_be_predicted_are_clipped_by_the_limits_of_training_rows():
    limits = ClipIqrOutliers().propose(slipped_part()).column_map
    assert limits.names == ("weight", "height")
    new = limits.apply(np.array([[7000.0, 170], [-7000, np.nan]]))
    assert new[0, 0] == limits.limits[0].high
    assert new[1, 0] == limits.limits[0].low
    assert np.isnan(new[1, 1])


def test_target_of_a_regression_stays():
    part = slipped_regression()
    np.testing.assert_array_equal(ClipIqrOutliers().propose(part).labels, part.given)


def test_settings_move_the_limits_and_spare_crowded_columns():
    part = slipped_part()
    outside = [ClipIqrOutliers(factor=value).propose(part).column_map.limits[0].high for value in (2.0, 4.0)]
    assert outside[0] < outside[1]
    assert isinstance(ClipIqrOutliers(most_share=0.001).propose(part), DidNotApply)


def test_nothing_outside_is_said():
    assert ClipIqrOutliers(factor=1e5).propose(slipped_part()) == DidNotApply(
        "no value lies outside the fences of a column that can be judged"
    )


@pytest.mark.parametrize("part", NO_COLUMNS)
def test_does_not_apply_without_numeric_columns(part):
    assert ClipIqrOutliers().propose(part) == DidNotApply("there is no numeric column that the model trains on")
