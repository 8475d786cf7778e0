import numpy as np
import pandas as pd
import pytest
from slipped_parts import NO_COLUMNS, SLIPS, slipped_part, slipped_regression

from dataclinic.findings import DidNotApply
from dataclinic.fixes.drop_zscore_outliers import DropZscoreOutliers
from dataclinic.testing.parts import table_part


@pytest.mark.parametrize("make", [slipped_part, slipped_regression])
def test_rows_with_a_slip_go_and_columns_stay(make):
    part = make()
    treatment = DropZscoreOutliers().propose(part)
    np.testing.assert_array_equal(treatment.rows, np.setdiff1d(part.rows, SLIPS))
    np.testing.assert_array_equal(treatment.labels, part.given[treatment.rows])
    assert treatment.column_map is None
    assert treatment.told == "drop 3 of 200 rows"


def test_empty_cells_are_no_outliers():
    frame = slipped_part().evidence.dataset.payload.frame.copy()
    frame.loc[[1, 2], "height"] = np.nan
    part = table_part(frame, np.arange(200) % 2)
    np.testing.assert_array_equal(DropZscoreOutliers().propose(part).rows, np.setdiff1d(part.rows, SLIPS))


def test_half_of_the_rows_are_too_many():
    rng = np.random.default_rng(0)
    wide = rng.uniform(size=(120, 12))
    for column in range(12):
        wide[column * 10 : column * 10 + 6, column] = 1000
    outcome = DropZscoreOutliers().propose(table_part(pd.DataFrame(wide).add_prefix("n"), np.arange(120) % 2))
    assert isinstance(outcome, DidNotApply)
    assert outcome.reason.startswith("72 of 120 rows have a value")
    assert outcome.reason.endswith("too many to drop")


def test_settings_move_the_limits_and_spare_crowded_columns():
    part = slipped_part()
    assert len(DropZscoreOutliers(threshold=1.3).propose(part).rows) < 197
    assert isinstance(DropZscoreOutliers(most_share=0.001).propose(part), DidNotApply)


def test_nothing_outside_is_said():
    assert DropZscoreOutliers(threshold=1e5).propose(slipped_part()) == DidNotApply(
        "no value of a column that can be judged has a robust z beyond ±100000"
    )


@pytest.mark.parametrize("part", NO_COLUMNS)
def test_does_not_apply_without_numeric_columns(part):
    assert DropZscoreOutliers().propose(part) == DidNotApply("there is no numeric column that the model trains on")
