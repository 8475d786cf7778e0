"""What every fix owes, as assertions for test suites: ours and those of third parties.

A fix is worth measuring only if it could not peek: `assert_never_peeks(MyFix(), held_out_table(tmp_path))`.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dataclinic.progress import silent
from dataclinic.steps.run_checks import run_checks
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dataclinic.findings import DidNotApply
    from dataclinic.fixes import Fix, TrainingPart
    from dataclinic.methods.column_features import ColumnFeatures
    from dataclinic.testing.held_out import HeldOutWorld


def assert_never_peeks(fix: Fix, world: HeldOutWorld) -> None:
    """Demand that `fix` proposes the same whatever the held-out samples are.

    The training part is built twice, from worlds that differ in nothing but the held-out samples: their features,
    labels, verified labels and lines of the source file. They are overwritten in the very arrays of `world`, which is
    used up by it, so that a fix which was handed one of them is found out too.

    Raises:
        AssertionError: the proposals differ.
    """
    before = heard_by(fix, world.part())
    first = fix.propose(before)
    world.spoil()
    second = fix.propose(heard_by(fix, world.part()))
    if not same_proposal(first, second, before):
        raise AssertionError(f"{type(fix).__name__} proposed something else as held-out samples changed: it saw them")


def heard_by(fix: Fix, part: TrainingPart) -> TrainingPart:
    """The part with the records of the checks that `fix` listens to, run on its evidence."""
    if not fix.listens:
        return replace(part, records=())
    records = run_checks(part.evidence, only=fix.listens, skip=(), settings={}, clock=lambda: 0.0, progress=silent)
    return replace(part, records=records).heard(fix.listens)


def same_proposal(one: Treatment | DidNotApply, other: Treatment | DidNotApply, part: TrainingPart) -> bool:
    """Whether two proposals say the same; column maps do if they read alike and make the same of the part's numbers."""
    if not isinstance(one, Treatment) or not isinstance(other, Treatment):
        return one == other
    if repr(one.column_map) != repr(other.column_map):
        return False
    if one.column_map is not None and other.column_map is not None:
        numbers = cast("ColumnFeatures", part.features).numbers
        if not _same(one.column_map.apply(numbers), other.column_map.apply(numbers)):
            return False
    return _same(replace(one, column_map=None), replace(other, column_map=None))


def read_only(part: TrainingPart) -> TrainingPart:
    """A copy of the part whose arrays nobody can write to, nor to those that follow from them."""
    part = replace(part)
    if part.evidence.out_of_fold is not None:
        _ = (part.class_counts, part.suspicion, part.suspects, part.suggested, part.self_confidence)
    for array in _arrays(part):
        array.setflags(write=False)
    return part


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if type(one) is not type(other):
        return False
    if is_dataclass(one):
        return all(_same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return repr(one) == repr(other)


def _arrays(thing: Any) -> Iterator[NDArray[Any]]:
    """Every array in `thing`, in its parts, and in theirs; cached properties are parts too."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif is_dataclass(thing) or isinstance(thing, dict):
        for part in (vars(thing) if is_dataclass(thing) else thing).values():
            yield from _arrays(part)
