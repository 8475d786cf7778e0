"""Samples that show the same thing as another, though not bit by bit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.dataset import Images
from dataclinic.evidence import Need
from dataclinic.findings import Finding, Ran

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.arrays import Rows
    from dataclinic.evidence import Evidence
    from dataclinic.evidence import NearDuplicates as Sets


@dataclass(frozen=True)
class NearDuplicates:
    """Samples that show the same thing as another, though not bit by bit.

    What it finds:
        Pictures saved again, scaled, brightened, slightly cropped, mirrored or upside down; texts that differ in case,
        signs or one word of ten; rows of a table that differ in case, full stops, or numbers by less than 1 % of
        their column's spread. One finding for each sample but the one of its set that is worth keeping: those labelled
        otherwise come first, then those in another split. Sets of nothing but equal content are left to
        `exact_duplicates`.

    Why it matters:
        Crawled and merged data is full of them, and a digest sees none. A near copy in the test split is nearly as good
        as the answer itself, and within a split it counts one thing several times.

    How it decides:
        Candidates are pictures whose 64-bit perceptual hashes differ in at most 7 bits, in any of four views, texts of
        the same words, rows that differ in one number, and whatever has unusually near vectors. Content then decides:
        the gradients of two thumbnails must correlate by 0.95, 90 % of the words must be the same and in order, and no
        word with digits may differ, or no number may be further off than 1 %. All pairs of a set must be so alike:
        if A resembles B, and B resembles C, then C must resemble A as well. And a set must stand apart. Any other
        sample has to be three times as unlike (texts twice, rows ten times), so that handwritten ones and product
        photographs, which merely resemble each other, form no sets.
        Of each set one is worth keeping: the largest picture by pixels, then by bytes, or the longest text, but one
        outside the training split before all others, so that validation and test splits stay as they are.
        No fold of cross-validation parts a set.

    Known limits:
        Turns by a quarter, crops of more than 6 % a side, collages and other photographs of the same thing are not
        found. Nor are blank pictures, texts translated or retold, or one word changed in a text of fewer than ten. A
        "not" is a word like others, and so is what fills the only gap in a template. Crops and changed words are found
        among near neighbours alone, so better vectors find more. In tables whose columns are few or coarse, nearly
        equal rows are bound to occur, and there are none.

    Fixes:
        Keep the one named in the reason, or keep a set on one side of every split.

    References:
        C. Zauner, *Implementation and Benchmarking of Perceptual Image Hash Functions*, 2010. G. P. Penney et al., *A
        comparison of similarity measures*, IEEE Transactions on Medical Imaging 17(4), 1998. B. Barz and J. Denzler,
        *Do We Train on Test Data? Purging CIFAR of Near-Duplicates*, Journal of Imaging 6(6), 2020.
    """

    summary: ClassVar[str] = "samples that show the same thing as another, though not bit by bit"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.NEAR_DUPLICATES})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran:
        near = evidence.near_duplicates
        assert near is not None  # noqa: S101 - named in `needs`
        rows = np.flatnonzero(~near.kept & (near.likeness < 1.0))
        kept = _kept(near)[rows]
        found = [_finding(evidence, near, row, other) for row, other in zip(rows.tolist(), kept.tolist(), strict=True)]
        findings = sorted(found, key=lambda finding: (-finding.score, finding.subject))
        counts = _counts(near, rows)
        return Ran(tuple(findings), _summary(counts), counts)


def _kept(near: Sets) -> Rows:
    """(samples,) row of the kept sample of each one's set; meaningless for samples alone."""
    place = np.zeros(int(near.sets.max(initial=-1)) + 2, np.int64)
    place[near.sets[near.kept]] = np.flatnonzero(near.kept)
    return place[near.sets]


def _finding(evidence: Evidence, near: Sets, row: int, kept: int) -> Finding:
    dataset = evidence.dataset
    conflicting = bool(dataset.given[row] != dataset.given[kept])
    crossing = dataset.split is not None and dataset.split[row] != dataset.split[kept]
    reason = f"{near.how[row]}: nearly the same as {dataset.ids[kept]}, likeness {near.likeness[row]:.3f}"
    reason += _sizes(evidence, row, kept)
    if conflicting:
        reason += "; their labels differ"
    if crossing and dataset.split is not None:
        reason += f"; that one stands in the split {dataset.split[kept] or '(none)'}"
    score = float(near.likeness[row]) + 2 * conflicting + crossing
    return Finding("near_duplicates", dataset.ids[row], reason, score, row)


def _sizes(evidence: Evidence, row: int, kept: int) -> str:
    """Of two pictures that are not equally large."""
    values = {} if evidence.measurements is None else evidence.measurements.values
    if not isinstance(evidence.dataset.payload, Images) or "width_px" not in values:
        return ""
    its, theirs = (f"{values['width_px'][one]:.0f} x {values['height_px'][one]:.0f}" for one in (row, kept))
    return "" if its == theirs else f", which has {theirs} px where this one has {its}"


def _counts(near: Sets, rows: Rows) -> dict[str, int]:
    ways = Counter(near.how[row] for row in rows.tolist())
    return {"sets": len(np.unique(near.sets[rows])), "rows": len(rows), **dict(sorted(ways.items()))}


def _summary(counts: Mapping[str, int]) -> str:
    if not counts["rows"]:
        return "no two samples are nearly the same"
    one, sets = counts["rows"] == 1, counts["sets"]
    told = f"{counts['rows']:,} sample{' is' if one else 's are'} nearly the same as one that is worth keeping"
    ways = ", ".join(f"{way} {count:,}" for way, count in counts.items() if way not in {"sets", "rows"})
    return f"{told}, in {sets:,} set{'s' * (sets != 1)}: {ways}"
