"""Samples that show the same thing and carry different labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.evidence import Need
from dataclinic.findings import Finding, Ran
from dataclinic.methods.number_text import exact_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Mask, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Evidence, NearDuplicates

TURNS_AND_CHANGES = ("mirrored", "upside down", "turned by half", "words changed", "numbers changed")
"""Ways of being alike in which the label may rightly differ: a 6 turned by half is a 9."""

CLEARLY_LIKELIER = 2.0
"""Times that a model must find one label likelier than another to settle between equally many."""


@dataclass(frozen=True)
class ConflictingLabels:
    """Samples that show the same thing and carry different labels.

    What it finds:
        Sets of exact and near duplicates whose given labels differ; in regression, whose numbers are far apart. Each
        finding names another sample of the set and its label. Exact copies come first, and among them those whose label
        fewest of the set share.

    Why it matters:
        One thing cannot be two classes: at least one of the labels is wrong, whatever any model says. It is the only
        proof of a label error that needs no model, and no model can learn both labels.

    How it decides:
        Sets are those of `near_duplicates`, equal content included, but of samples at least `likeness` alike to the one
        that is worth keeping. Where more than half of a set carry one label, the others are accused. Otherwise all are,
        unless a model that never saw the set finds one of the most common labels at least twice as likely as each other
        one: then it stands. Mirrored, turned and slightly changed samples may rightly carry another label, as a 6
        turned by half is a 9. So a way of being alike counts only where more than half of the pairs that are alike in
        this way agree in their labels; sets put aside for it are counted in the summary.
        In regression numbers conflict that differ by more than `spread` of the inter-quartile range of all targets. In
        sets of three or more, those are accused that are so far from the median, otherwise both.

    Known limits:
        Of two samples that contradict each other, with no model to ask, both are accused, and one of them may be right.
        Copies that all carry the same wrong label do not contradict each other. Tables so coarse that equal rows are
        bound to occur have no sets, though their labels differ.

    Fixes:
        Look at the set, and give all its samples one label, or drop them where nobody can tell.

    References:
        C. G. Northcutt, A. Athalye and J. Mueller, *Pervasive Label Errors in Test Sets Destabilize Machine Learning
        Benchmarks*, NeurIPS 2021 Datasets and Benchmarks.

    Attributes:
        likeness: to the sample worth keeping, from which a label must be the same.
        spread: share of the targets' inter-quartile range by which numbers of a regression may differ.
    """

    likeness: Annotated[float, Field(gt=0, le=1, strict=True)] = 0.95
    spread: Annotated[float, Field(ge=0, le=1e6, strict=True, allow_inf_nan=False)] = 0.25

    summary: ClassVar[str] = "samples that show the same thing and carry different labels"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.NEAR_DUPLICATES})
    accuses_label: ClassVar[bool] = True

    def run(self, evidence: Evidence) -> Ran:
        near = evidence.near_duplicates
        assert near is not None  # noqa: S101 - named in `needs`
        dataset = evidence.dataset
        widest = self._widest(dataset)
        alike = (near.sets >= 0) & (near.likeness >= self.likeness)
        counted = alike & _comparable(near, dataset, alike, widest)
        conflicting = [rows for rows in _sets(near, counted) if _differ(dataset, rows, widest)]
        aside = sum(_differ(dataset, rows, widest) for rows in _sets(near, alike)) - len(conflicting)
        found = [one for rows in conflicting for one in _findings(evidence, near, rows, widest)]
        findings = tuple(sorted(found, key=lambda finding: (-finding.score, finding.subject)))
        counts = {"sets": len(conflicting), "rows": sum(map(len, conflicting)), "put_aside": max(aside, 0)}
        return Ran(findings, _summary(counts, len(findings)), counts)

    def _widest(self, dataset: Dataset) -> float:
        """Difference up to which two labels are the same."""
        if dataset.targets is None:
            return 0.0
        low, high = np.nanquantile(dataset.targets, [0.25, 0.75])
        return float(self.spread * (high - low or np.nanstd(dataset.targets)))


def _comparable(near: NearDuplicates, dataset: Dataset, alike: Mask, widest: float) -> Mask:
    """(samples,) whether samples that are alike in this way have the same label as a rule."""
    kept = {int(near.sets[row]): row for row in np.flatnonzero(near.kept).tolist()}
    agreeing: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for row in np.flatnonzero(alike & ~near.kept).tolist():
        pairs[near.how[row]] += 1
        agreeing[near.how[row]] += not _differ(dataset, [row, kept[int(near.sets[row])]], widest)
    untold = {way for way in TURNS_AND_CHANGES if 2 * agreeing[way] <= pairs[way]}
    same = near.kept | (near.likeness == 1.0)
    return np.asarray(same | np.array([way not in untold for way in near.how], bool))


def _sets(near: NearDuplicates, counted: Mask) -> Iterator[list[int]]:
    """Rows of each set that count, in order of appearance."""
    rows = np.flatnonzero(counted)
    rows = rows[np.argsort(near.sets[rows], kind="stable")]
    for one in np.split(rows, np.flatnonzero(np.diff(near.sets[rows])) + 1):
        if len(one) > 1:
            yield one.tolist()


def _differ(dataset: Dataset, rows: Sequence[int], widest: float) -> bool:
    given = dataset.given[rows]
    return bool(given.max() - given.min() > widest)


def _findings(evidence: Evidence, near: NearDuplicates, rows: list[int], widest: float) -> Iterator[Finding]:
    dataset = evidence.dataset
    targets = dataset.targets
    accused = _minority(evidence, rows) if targets is None else _far(targets, rows, widest)
    tail = _carried(dataset, rows)
    for row in accused:
        others = [one for one in rows if _differ(dataset, [row, one], widest)]
        # The one worth keeping first: how alike the two are is known of it.
        other = min(others, key=lambda one: (one in accused, not near.kept[one], dataset.ids[one]))
        theirs, its = (_label(dataset, one) for one in (other, row))
        reason = (
            f"{_same(near, row, other)} {dataset.ids[other]}, which is labelled '{theirs}' while this one is '{its}'"
        )
        exact = _likeness(near, row, other) == 1.0
        yield Finding("conflicting_labels", dataset.ids[row], reason + tail, exact + len(others) / len(rows), row)


def _minority(evidence: Evidence, rows: list[int]) -> list[int]:
    """Those without the label that more than half have, or that a model settles on; all where there is none."""
    labels = evidence.dataset.labels[rows]
    classes, counts = np.unique(labels, return_counts=True)
    common = classes[counts == counts.max()]
    if 2 * counts.max() <= len(rows):
        common = _settled(evidence, rows, common)
    return [row for row, label in zip(rows, labels, strict=True) if len(common) != 1 or label != common[0]]


def _settled(evidence: Evidence, rows: list[int], classes: np.ndarray) -> np.ndarray:
    """The one of `classes` that models which never saw these samples find clearly likelier; all where none is."""
    if evidence.out_of_fold is None or len(classes) == 1:
        return classes[:0]
    probs = evidence.out_of_fold.repeat_probs[:, rows][:, :, classes].reshape(-1, len(classes))
    probs = probs[~np.isnan(probs).any(axis=1)]
    if not len(probs):
        return classes
    second, first = np.sort(probs.mean(axis=0))[-2:]
    return classes[[probs.mean(axis=0).argmax()]] if first >= CLEARLY_LIKELIER * second else classes


def _far(targets: Scores, rows: list[int], widest: float) -> list[int]:
    given = targets[rows]
    far = np.abs(given - np.median(given)) > widest
    return [row for row, is_far in zip(rows, far, strict=True) if is_far] if len(rows) > 2 and far.any() else rows


def _likeness(near: NearDuplicates, row: int, other: int) -> float:
    return float(min(near.likeness[row], near.likeness[other]))


def _same(near: NearDuplicates, row: int, other: int) -> str:
    """What the two have in common, as far as both are compared with the one that is kept."""
    if _likeness(near, row, other) == 1.0:
        return "same content as"
    changed = row if near.likeness[row] <= near.likeness[other] else other
    return f"nearly the same ({near.how[changed]}, likeness {near.likeness[changed]:.3f}) as"


def _carried(dataset: Dataset, rows: Sequence[int]) -> str:
    """Which label most of a larger set carry."""
    if len(rows) == 2:
        return ""
    if dataset.targets is not None:
        return f"; the median of these {len(rows):,} is {exact_number(float(np.median(dataset.targets[list(rows)])))}"
    (label, count), *_ = Counter(_label(dataset, row) for row in rows).most_common()
    return f"; {count:,} of these {len(rows):,} are labelled '{label}'"


def _label(dataset: Dataset, row: int) -> str:
    if dataset.targets is not None:
        return exact_number(float(dataset.targets[row]))
    return dataset.classes[int(dataset.labels[row])]


def _summary(counts: dict[str, int], accused: int) -> str:
    aside = counts["put_aside"]
    tail = (
        f"; {aside:,} more {'is' if aside == 1 else 'are'} alike in a way in which labels mostly differ"
        if aside
        else ""
    )
    if not counts["sets"]:
        return "no copies contradict each other" + tail
    sets = f"{counts['sets']:,} set{'s' * (counts['sets'] != 1)}"
    return f"{sets} of copies with different labels, {counts['rows']:,} samples, {accused:,} of them accused{tail}"
