from dataclasses import replace

import numpy as np
from column_parts import part_of, rng, targets_of

from dataclinic.findings import DidNotApply
from dataclinic.fixes.recursive_elimination import MOST_ROWS, RecursiveElimination

ROWS = 300
NOISE = {f"noise {place}": column for place, column in enumerate(rng().normal(size=(8, ROWS)))}
A, B = np.random.default_rng(1).normal(size=(2, ROWS))


def test_noise_goes_and_signal_stays():
    labels = (A + B > 0).astype(int)
    kept = RecursiveElimination().propose(part_of(labels, a=A, **NOISE, b=B)).column_map.names
    assert {"a", "b"} <= set(kept)
    assert len(kept) <= 5


def test_columns_that_tell_something_together_stay():
    """Each alone is noise; their difference is the label."""
    common = 10 * np.random.default_rng(2).normal(size=ROWS)
    labels = (A > 0).astype(int)
    part = part_of(labels, left=common + A, right=common - A, **NOISE)
    assert {"left", "right"} <= set(RecursiveElimination().propose(part).column_map.names)


def test_regression_keeps_what_the_target_is_made_of():
    target = A - 2 * B + 0.1 * NOISE["noise 0"]
    kept = RecursiveElimination().propose(targets_of(target, a=A, **NOISE, b=B)).column_map.names
    assert {"a", "b", "noise 0"} <= set(kept)
    assert len(kept) < 10


def test_units_and_empty_cells_do_not_matter():
    labels = (A + B > 0).astype(int)
    holes = np.where(np.arange(ROWS) % 10 == 0, np.nan, 1e-9 * B)
    assert {"a", "b"} <= set(
        RecursiveElimination().propose(part_of(labels, a=1e9 * A, **NOISE, b=holes)).column_map.names
    )


def test_many_rows_are_judged_by_some_drawn_by_the_seed():
    rows = 2 * MOST_ROWS
    columns = {f"c{place}": column for place, column in enumerate(rng().normal(size=(6, rows)))}
    part = part_of((columns["c0"] + 3 * rng().permuted(columns["c1"]) > 0).astype(int), **columns)
    made = [RecursiveElimination().propose(replace(part, seed=seed)) for seed in (0, 0, 1)]
    assert repr(made[0]) == repr(made[1])
    assert all(isinstance(one, DidNotApply) or "c0" in one.column_map.names for one in made)


def test_what_cannot_be_judged_is_left_alone():
    fix = RecursiveElimination()
    assert isinstance(fix.propose(part_of(a=A)), DidNotApply)
    assert isinstance(fix.propose(part_of(a=A[:20], b=B[:20])), DidNotApply)
    one_class = part_of(np.zeros(ROWS, int), a=A, b=B)
    assert isinstance(fix.propose(one_class), DidNotApply)


def test_all_columns_stay_where_all_are_needed():
    labels = (A + B > 0).astype(int)
    assert isinstance(RecursiveElimination().propose(part_of(labels, a=A, b=B)), DidNotApply)
