"""Train on one copy of samples with equal content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.dataset import Table
from dataclinic.findings import DidNotApply
from dataclinic.methods.content_twins import content_sets, twins_are_natural
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Rows
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class DropDuplicates:
    """Train on one copy of each sample, and on none where copies contradict each other.

    What it changes:
        Of training samples with exactly the same content (the same pixels, the same cells, the same words) one stays:
        the first. Where their labels differ, it is the first with the label that more than half of them have; without
        such a majority none of them stays, since nothing but the label could tell which is right. In regression the
        one stays whose number is nearest to their median. Tables whose columns are so few or coarse that equal rows
        must occur are left alone, as the check `exact_duplicates` leaves them.

    When it helps:
        Copies that came about by chance, in merging or crawling: they count several times, and where their labels
        contradict each other, the model learns a coin toss. Training also takes less time.

    When it harms:
        Where the number of copies is information: a common complaint is common, and a model that sees it once
        underrates it. Classes that consist of many copies shrink most. With few copies there is nothing to gain.

    How its gain is measured:
        Copies are counted inside the training part of every outer fold; copies never stand on both sides of a fold.
        Scored rows keep theirs. Beside it runs an arm that drops as many samples at random.

    References:
        K. Lee et al., "Deduplicating Training Data Makes Language Models Better", ACL 2022. B. Barz and J. Denzler, "Do
        We Train on Test Data? Purging CIFAR of Near-Duplicates", Journal of Imaging 6(6), 2020.
    """

    summary: ClassVar[str] = "train on one copy of samples with equal content"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        measurements, payload = part.evidence.measurements, part.evidence.dataset.payload
        if measurements is None or not any(measurements.content):
            return DidNotApply("no sample has content to compare")
        sets = content_sets(measurements.content)
        twins = _twins(sets)
        if not twins:
            return DidNotApply("no two samples have equal content")
        if isinstance(payload, Table) and twins_are_natural(sets, payload.frame):
            return DidNotApply("columns this coarse must give equal rows: they are no copies")
        if part.evidence.targets is not None:
            return _merged(part, twins)
        return _settled(part, twins)


def _twins(sets: Labels) -> list[Rows]:
    """Rows of each set of two samples or more, in order; `sets` numbers them, -1 for a sample without content."""
    known = np.flatnonzero(sets >= 0)
    rows = known[np.bincount(sets[known])[sets[known]] > 1]
    rows = rows[np.argsort(sets[rows], kind="stable")]
    return np.split(rows, np.flatnonzero(np.diff(sets[rows])) + 1) if len(rows) else []


def _settled(part: TrainingPart, twins: list[Rows]) -> Treatment | DidNotApply:
    kept = np.ones(len(part), bool)
    contradicting = 0
    for rows in twins:
        kept[rows] = False
        counts = np.bincount(part.labels[rows])
        label = int(counts.argmax())
        contradicting += int(counts[label] < len(rows))
        if 2 * counts[label] > len(rows):
            kept[rows[part.labels[rows] == label][0]] = True
    if not kept.any():
        return DidNotApply("every sample has a copy with another label")
    sets = f"{contradicting:,} set{'s' * (contradicting != 1)} with different labels"
    told = f"drop {(~kept).sum():,} of {len(part):,} samples as copies, {sets}"
    return Treatment(part.rows[kept], part.labels[kept], told)


def _merged(part: TrainingPart, twins: list[Rows]) -> Treatment:
    kept = np.ones(len(part), bool)
    for rows in twins:
        targets = part.given[rows]
        kept[rows] = False
        kept[rows[np.abs(targets - np.median(targets)).argmin()]] = True
    return Treatment(part.rows[kept], part.given[kept], f"drop {(~kept).sum():,} of {len(part):,} samples as copies")
