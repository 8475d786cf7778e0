"""The suite of fixes catches fixes that leak: each double here peeks in another way."""

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_limits import ColumnLimits, Limits
from dataclinic.recipe import Recipe
from dataclinic.testing.contracts import assert_never_peeks, heard_by, read_only, same_proposal
from dataclinic.testing.held_out import held_out_pictures, held_out_regression, held_out_table, held_out_vectors
from dataclinic.treatments import Synthetic, Treatment


@dataclass(frozen=True)
class Double:
    """A fix that is handed something behind the part's back."""

    handed: object = None

    summary: ClassVar[str] = "peek"
    tasks: ClassVar[frozenset] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset] = frozenset()


class WeighsByAllLabels(Double):
    """Class weights of all samples, the held-out ones among them."""

    def propose(self, part):
        counts = np.bincount(self.handed, minlength=len(part.classes))
        return Treatment(part.rows, part.labels, "weigh classes", weights=1 / counts[part.labels])


class ScalesByAllRows(Double):
    """Limits of all rows: what scaling before splitting does."""

    def propose(self, part):
        ends = zip(np.nanmin(self.handed, axis=0).tolist(), np.nanmax(self.handed, axis=0).tolist(), strict=True)
        limits = ColumnLimits(part.features.number_names, tuple(Limits(*one) for one in ends))
        return Treatment(part.rows, part.given, "clip columns", column_map=limits)


class ComparesWithAllVectors(Double):
    """Drops what is far from the mean of all samples."""

    def propose(self, part):
        far = np.linalg.norm(part.features.matrix - self.handed.mean(axis=0), axis=1)
        kept = part.rows[far < np.median(far)]
        return Treatment(kept, part.labels[kept], "drop half")


class GoesByAllVerifiedLabels(Double):
    """Smooths labels the more, the more errors people found anywhere."""

    def propose(self, part):
        wrong = float((self.handed == 0).mean())
        return Treatment(part.rows, part.labels, "smooth labels", recipe=Recipe(label_smoothing=wrong))


class ReadsTheFile(Double):
    """Asks the source for the share of each class."""

    def propose(self, part):
        label = pd.read_csv(part.evidence.dataset.source)["label"]
        shares = label.value_counts(normalize=True).reindex(range(len(part.classes)), fill_value=0.0)
        return Treatment(part.rows, part.labels, "shift decisions", offsets=-np.log(shares.to_numpy() + 0.01))


class SaysWhyByTheFile(Double):
    """Even the reason for doing nothing must not know."""

    def propose(self, part):
        return DidNotApply(f"labels sum to {pd.read_csv(part.evidence.dataset.source)['label'].sum()}")


class LooksAtItsPartAlone(Double):
    def propose(self, part):
        return Treatment(part.rows[1:], part.given[1:], f"drop 1 of {len(part)}", weights=np.full(len(part) - 1, 0.5))


@pytest.mark.parametrize(
    ("double", "make", "handed"),
    [
        (WeighsByAllLabels, held_out_vectors, "whole.labels"),
        (ScalesByAllRows, held_out_table, "whole.features.numbers"),
        (ComparesWithAllVectors, held_out_vectors, "whole.features.matrix"),
        (GoesByAllVerifiedLabels, held_out_pictures, "whole.trusted"),
        (ReadsTheFile, held_out_table, "source"),
        (SaysWhyByTheFile, held_out_regression, "source"),
    ],
)
def test_fix_that_peeks_is_caught(double, make, handed, tmp_path):
    world = make(tmp_path)
    with pytest.raises(AssertionError, match=f"{double.__name__}.* it saw them"):
        assert_never_peeks(double(attrgetter(handed)(world)), world)


@pytest.mark.parametrize("make", [held_out_vectors, held_out_pictures, held_out_table, held_out_regression])
def test_fix_that_looks_at_its_part_alone_passes(make, tmp_path):
    assert_never_peeks(LooksAtItsPartAlone(), make(tmp_path))


@pytest.mark.parametrize("make", [held_out_vectors, held_out_pictures, held_out_table, held_out_regression])
def test_spoiling_changes_every_held_out_sample_and_no_other(make, tmp_path):
    world, untouched = make(tmp_path), make(tmp_path)
    lines = pd.read_csv(world.source)
    world.spoil()
    rows, held = world.train_rows, world.held_out
    assert len(np.intersect1d(rows, held)) == 0
    assert same_given(world, untouched, rows)
    assert not same_given(world, untouched, held)
    vectors, before = (one.whole.features.vectors(one.whole.rows) for one in (world, untouched))
    if world.whole.features.frozen:
        np.testing.assert_array_equal(vectors[rows], before[rows])
    assert (np.abs(vectors[held[1:]] - before[held[1:]]).max(axis=1) > 0).all()
    after = pd.read_csv(world.source)
    pd.testing.assert_frame_equal(after.iloc[rows], lines.iloc[rows])
    assert not after.iloc[held].equals(lines.iloc[held])


def same_given(one, other, rows):
    given, trusted = ((world.whole.given[rows], world.whole.trusted[rows]) for world in (one, other))
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(given, trusted, strict=True))


def test_part_of_a_world_reaches_nothing_that_is_held_out(tmp_path):
    world = held_out_table(tmp_path)
    part = world.part()
    assert len(part) == len(world.train_rows) == len(part.features) == len(part.evidence.measurements.content)
    for array, whole in ((part.labels, world.whole.labels), (part.features.numbers, world.whole.features.numbers)):
        assert not np.shares_memory(array, whole)


def test_hears_the_checks_that_the_fix_listens_to(tmp_path):
    class Listening(Double):
        listens: ClassVar[frozenset] = frozenset({"label_errors"})

    part = heard_by(Listening(), held_out_vectors(tmp_path).part())
    assert [record.check for record in part.records] == ["label_errors"]
    assert part.suspects.any()
    assert heard_by(Double(), part).records == ()


def test_read_only_parts_stop_a_fix_that_writes_to_them(tmp_path):
    part = read_only(held_out_vectors(tmp_path).part())
    for array in (part.labels, part.features.matrix, part.self_confidence, part.suspects, part.trusted):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_proposals_that_differ_in_anything_are_not_the_same(tmp_path):
    part = held_out_table(tmp_path).part()
    names = part.features.number_names
    limits = ColumnLimits(names, tuple(Limits(-1.0, 1.0) for _ in names))
    one = Treatment(part.rows, part.labels, "do it", weights=np.ones(len(part)), column_map=limits)
    made = Synthetic(part.features.take(part.rows[:2]), part.labels[:2])
    others = (
        {"rows": part.rows[::-1]},
        {"labels": np.roll(part.labels, 1)},
        {"told": "do something else"},
        {"weights": np.full(len(part), 2.0)},
        {"weights": None},
        {"recipe": Recipe(ema=True)},
        {"synthetic": made},
        {"column_map": replace(limits, limits=tuple(Limits(-1.0, 2.0) for _ in names))},
        {"column_map": None},
        {"offsets": np.zeros(len(part.classes))},
    )
    assert same_proposal(one, replace(one, rows=part.rows.copy(), column_map=replace(limits)), part)
    for other in others:
        assert not same_proposal(one, replace(one, **other), part)
    assert not same_proposal(
        replace(one, synthetic=made), replace(one, synthetic=replace(made, labels=made.labels + 1)), part
    )
    assert not same_proposal(one, DidNotApply("there is nothing to do"), part)
    assert same_proposal(DidNotApply("nothing to do"), DidNotApply("nothing to do"), part)
