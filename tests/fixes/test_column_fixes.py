"""What all fixes that map columns have in common."""

from dataclasses import replace

import numpy as np
import pytest
from column_parts import NAN, assert_only_columns_change, not_tables, part_of, rng, targets_of

from dataclinic.findings import DidNotApply
from dataclinic.registry import FIXES
from dataclinic.treatments import Treatment

SCREENED = {"power_transform"}
NAMES = (
    "chi2_selection",
    "drop_unimportant",
    "interactions",
    "log_transform",
    "min_max",
    "polynomials",
    "power_transform",
    "recursive_elimination",
    "standardise",
    "variance_threshold",
)


def columns(rows=240):
    made = {f"noise {place}": rng().permuted(rng().normal(size=rows) + place) for place in range(4)}
    signal = rng().normal(size=rows)
    made |= {"signal": signal, "amount": np.exp(1.5 * rng().normal(size=rows)), "constant": np.full(rows, 3.0)}
    made["noise 0"][::5] = NAN
    return signal, made


def parts():
    signal, made = columns()
    return part_of((signal > 0).astype(int), **made), targets_of(signal, **made)


@pytest.fixture(params=NAMES)
def fix(request):
    return FIXES.make(request.param)


def test_few_are_tried_unasked():
    assert {name for name in NAMES if FIXES.find(name).screened} == SCREENED


def test_both_tasks_get_other_columns_and_the_same_rows(fix):
    for part in parts():
        treatment = fix.propose(part)
        assert isinstance(treatment, Treatment)
        assert_only_columns_change(part, treatment)
        numbers = treatment.column_map.apply(part.features.numbers)
        assert numbers.shape == (len(part), len(treatment.column_map.names))
        assert len(set(treatment.column_map.names)) == len(treatment.column_map.names)
        vectors = part.features.with_numbers(numbers, treatment.column_map.names).vectors(part.rows)
        assert np.isfinite(vectors).all()


def test_the_same_part_gets_the_same(fix):
    for part in parts():
        assert repr(fix.propose(part)) == repr(fix.propose(part))


def test_scored_rows_are_mapped_by_what_training_rows_taught(fix):
    part = parts()[0]
    column_map = fix.propose(part).column_map
    far = np.full((2, 7), 1e30)
    far[1] = NAN
    alone, among = column_map.apply(far), column_map.apply(np.concatenate([part.features.numbers, far]))
    np.testing.assert_array_equal(alone, among[-2:])


def test_other_features_are_left_alone(fix):
    for part in not_tables():
        assert fix.propose(part) == DidNotApply("only for tables with numeric columns")


def test_a_table_without_a_number_in_it_is_left_alone(fix):
    assert isinstance(fix.propose(part_of(empty=np.full(60, NAN))), DidNotApply)


def test_few_rows_and_rare_classes_end_in_a_treatment_or_a_reason(fix):
    labels = np.array([0] * 8 + [1, 2])
    part = part_of(labels, a=rng().normal(size=10), b=np.arange(10.0), c=np.zeros(10))
    assert isinstance(fix.propose(part), Treatment | DidNotApply)
    assert isinstance(fix.propose(replace(part, seed=5)), Treatment | DidNotApply)
