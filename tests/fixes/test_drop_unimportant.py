import numpy as np
import pandas as pd
from column_parts import NAN, part_of, rng, targets_of

from dataclinic.findings import DidNotApply
from dataclinic.fixes.drop_unimportant import DropUnimportant
from dataclinic.testing.parts import table_part

ROWS = 300
NOISE = {f"noise {place}": column for place, column in enumerate(rng().normal(size=(6, ROWS)))}
A, B = np.random.default_rng(1).normal(size=(2, ROWS))


def kept(part):
    return set(DropUnimportant().propose(part).column_map.names)


def test_effects_of_any_shape_stay_and_constants_go():
    labels = (A**2 + B**2 > 1.4).astype(int)
    names = kept(part_of(labels, a=A, b=B, **NOISE, constant=np.ones(ROWS)))
    assert {"a", "b"} <= names
    assert "constant" not in names
    assert len(names) < 8


def test_regression_keeps_what_the_target_is_made_of():
    names = kept(targets_of(A**2 + B, a=A, b=B, **NOISE))
    assert {"a", "b"} <= names
    assert len(names) < 8


def test_empty_cells_are_no_hindrance():
    holes = np.where(np.arange(ROWS) % 7 == 0, NAN, A)
    assert "a" in kept(part_of((A > 0).astype(int), a=holes, empty=np.full(ROWS, NAN), **NOISE))


def test_categories_are_looked_at_and_left_alone():
    """What a category says already, a column that is its copy need not."""
    colours = pd.Categorical(np.where(A > 0, "red", "blue"))
    part = table_part(pd.DataFrame({"b": B, "colour": colours, **NOISE}), (A > 0).astype(int))
    treatment = DropUnimportant().propose(part)
    assert isinstance(treatment, DidNotApply) or len(treatment.column_map.names) < 7


def test_few_rows_and_pure_noise_are_left_alone():
    assert isinstance(DropUnimportant().propose(part_of(a=A[:20], b=B[:20])), DidNotApply)
    assert isinstance(DropUnimportant().propose(part_of(constant=np.ones(ROWS))), DidNotApply)
    assert isinstance(DropUnimportant().propose(part_of((A > 0).astype(int), a=A)), DidNotApply)
