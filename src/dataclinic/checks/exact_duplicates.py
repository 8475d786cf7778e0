"""Samples with exactly the same content as another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.dataset import Dataset, Images, Table, Texts
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.content_twins import content_sets, twin_share, twins_are_natural
from dataclinic.methods.number_text import exact_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Codes, Rows, Scores
    from dataclinic.evidence import Evidence

_NOUNS = {Table: "cells", Images: "picture", Texts: "text"}

_NAMED = 3
"""Copies that a reason names; it counts the others."""


@dataclass(frozen=True)
class ExactDuplicates:
    """Samples with exactly the same content as another.

    What it finds:
        Pictures with the same pixels and size, whatever their file format, name or metadata, rows of a table with the
        same cells, and texts with the same words and signs. One finding for every sample of such a set: those whose
        copies carry another label come first, then those whose copies stand in another split.

    Why it matters:
        Copies with different labels prove that at least one label is wrong. A copy in the test split is a question
        whose answer was in the lesson, and the score is too good. Copies within a split count one sample
        more than once.

    How it decides:
        By a 128-bit digest of the upright RGB pixels with their shape, or of all feature cells of a row; label, id,
        group and split columns are no features. Of texts, by one of the characters in Unicode normalisation form C,
        with runs of spaces and line breaks as one space; case and punctuation count. If more than half of a table's
        rows have a twin, and columns with these values, shuffled independently, would also give many, then equal rows
        are bound to occur (`methods/content_twins.py`): the sets are counted in the summary, and bring no findings.
        Copies are kept in the same fold of cross-validation, except such natural ones.

    Known limits:
        A picture saved again as JPEG, scaled or cropped is another picture. In tables a text that differs by a
        space, or a number by its last digit, is another cell. Pictures with 16 bits a channel are compared at 8. Texts
        as short as "thanks" are often equal by chance, and they are reported all the same.

    Fixes:
        Settle conflicting labels, keep one of each set, and drop the copies of test samples from the training split.
        Until then no fold parts them: a set is held out as a whole.

    References:
        B. Barz and J. Denzler, *Do We Train on Test Data? Purging CIFAR of Near-Duplicates*, Journal of Imaging 6(6),
        2020.
    """

    summary: ClassVar[str] = "samples with exactly the same content as another"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        dataset = evidence.dataset
        codes = content_sets(evidence.measurements.content)
        if not (codes >= 0).any():
            return DidNotApply("no sample has content to compare")
        sets = _twin_sets(codes, dataset)
        natural = isinstance(dataset.payload, Table) and twins_are_natural(codes, dataset.payload.frame)
        ranked = () if natural else sorted(sets, key=lambda one: (-one.score, one.first_id(dataset)))
        findings = tuple(finding for one in ranked for finding in one.findings(dataset))
        counts = {
            "sets": len(sets),
            "rows": sum(len(one.members) for one in sets),
            "conflicting_sets": sum(one.conflicting for one in sets),
            "cross_split_sets": sum(one.crossing for one in sets),
        }
        return Ran(findings, _summary(counts, twin_share(codes), natural=natural), counts | {"natural": natural})


@dataclass(frozen=True)
class _Set:
    """Two or more samples with the same content, and whether their labels differ and their splits do."""

    members: Rows
    conflicting: bool
    crossing: bool

    @property
    def score(self) -> float:
        """1 for a copy, 2 for one in another split, 3 for one with another label, 4 for both."""
        return 1.0 + 2 * self.conflicting + self.crossing

    def first_id(self, dataset: Dataset) -> str:
        return min(dataset.ids[int(row)] for row in self.members)

    def findings(self, dataset: Dataset) -> Iterator[Finding]:
        rows = sorted(self.members.tolist(), key=dataset.ids.__getitem__)
        labels = dataset.given[rows].tolist()
        unlike_first = next((row for row, label in zip(rows, labels, strict=True) if label != labels[0]), None)
        tail = _splits(rows, dataset) if self.crossing else ""
        for row, label in zip(rows, labels, strict=True):
            other = unlike_first if label == labels[0] else rows[0]
            named = _named(rows, row, other)
            reason = _same_as(dataset, row, other, named, len(rows) - 1 - len(named)) + tail
            yield Finding("exact_duplicates", dataset.ids[row], reason, self.score, row)


def _twin_sets(codes: Codes, dataset: Dataset) -> list[_Set]:
    """Every set of two samples or more, in order of its number."""
    import pandas as pd

    known = np.flatnonzero(codes >= 0)
    rows = known[np.bincount(codes[known])[codes[known]] > 1]
    if not rows.size:
        return []
    rows = rows[np.argsort(codes[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(codes[rows], prepend=-1))
    splits = np.zeros(len(dataset), np.int64) if dataset.split is None else pd.factorize(np.array(dataset.split))[0]
    conflicting, crossing = (_differ(values[rows], starts) for values in (dataset.given, splits))
    members = np.split(rows, starts[1:])
    return [_Set(*one) for one in zip(members, conflicting, crossing, strict=True)]


def _differ(values: Codes | Scores, starts: Codes) -> list[bool]:
    """For each run of `values` that begins at one of `starts`, whether it holds different ones."""
    return [bool(one) for one in np.minimum.reduceat(values, starts) != np.maximum.reduceat(values, starts)]


def _named(rows: Sequence[int], row: int, other: int | None) -> list[int]:
    """Up to three of `rows` but `row` itself, `other` first, which is labelled otherwise."""
    rest = [member for member in rows[: _NAMED + 2] if member not in {row, other}]
    return ([] if other is None else [other]) + rest[: _NAMED - (other is not None)]


def _same_as(dataset: Dataset, row: int, other: int | None, named: Sequence[int], unnamed: int) -> str:
    noun = _NOUNS[type(dataset.payload)]
    names = [*(dataset.ids[member] for member in named), *([f"{unnamed:,} more"] if unnamed else [])]
    if other is None:
        return f"same {noun} as {_listed(names)}"
    theirs, its = (_label(dataset, one) for one in (other, row))
    reason = f"same {noun} as {names[0]}, which is labelled '{theirs}' while this one is labelled '{its}'"
    return f"{reason}; also the same as {_listed(names[1:])}" if names[1:] else reason


def _label(dataset: Dataset, row: int) -> str:
    if dataset.targets is not None:
        return exact_number(float(dataset.targets[row]))
    return dataset.classes[int(dataset.labels[row])]


def _splits(rows: Sequence[int], dataset: Dataset) -> str:
    assert dataset.split is not None  # noqa: S101 - only a set within splits can cross them
    names = sorted({dataset.split[row] or "(none)" for row in rows})
    return f"; the copies stand in the splits {_listed(names)}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _summary(counts: dict[str, int], share: float, *, natural: bool) -> str:
    if not counts["sets"]:
        return "no two samples have equal content"
    sets = f"{counts['sets']:,} set{'s' * (counts['sets'] != 1)}"
    told = (
        f"{counts['rows']:,} samples ({share:.1%}) in {sets} of equal content, "
        f"{counts['conflicting_sets']:,} with different labels, {counts['cross_split_sets']:,} across splits"
    )
    return f"{told}; columns this coarse must give equal rows, so they are not reported one by one" if natural else told
