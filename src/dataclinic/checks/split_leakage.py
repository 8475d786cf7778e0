"""Held-out samples that show the same thing as a sample of another split."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.methods.split_names import is_training_split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.evidence import Evidence, NearDuplicates


@dataclass(frozen=True)
class SplitLeakage:
    """Held-out samples that show the same thing as a sample of another split.

    What it finds:
        Samples of a test or validation split with an exact or near duplicate in another split; those with one in the
        training split come first. Where no split is called train, each sample with a copy elsewhere.

    Why it matters:
        A model that has learned a sample by heart gets its copy right. The score then tells of memory, not of what the
        model does with anything new, and the model that memorises best wins.

    How it decides:
        By the sets of `near_duplicates`, equal content included. Splits are those of the data set's split column or
        folders; those whose name begins with "train" and samples without one are learned from.

    Known limits:
        Only copies: other pictures of the same patient, or later rows of the same customer, leak as well, and a group
        column tells of those. Tables so coarse that equal rows are bound to occur have no sets.

    Fixes:
        Drop the copies from the training split: test and validation splits then stay comparable with earlier scores.

    References:
        B. Barz and J. Denzler, *Do We Train on Test Data? Purging CIFAR of Near-Duplicates*, Journal of Imaging 6(6),
        2020. S. Kapoor and A. Narayanan, *Leakage and the Reproducibility Crisis in Machine-Learning-Based Science*,
        Patterns 4(9), 2023.
    """

    summary: ClassVar[str] = "held-out samples that show the same thing as a sample of another split"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.NEAR_DUPLICATES})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        near, split = evidence.near_duplicates, evidence.dataset.split
        assert near is not None  # noqa: S101 - named in `needs`
        if split is None:
            return DidNotApply("the samples have no splits")
        if len(set(split)) < 2:
            return DidNotApply(f"all samples are in the split {split[0] or '(none)'}")
        trained_on = {name for name in split if is_training_split(name)}
        found = [
            _finding(evidence, near, row, others, trained_on)
            for row, others in _crossing(near, split)
            if split[row] not in trained_on
        ]
        findings = tuple(sorted(found, key=lambda finding: (-finding.score, finding.subject)))
        samples = Counter(name for name in split if name not in trained_on)
        affected = Counter(split[finding.row] for finding in findings if finding.row is not None)
        details: dict[str, Any] = {
            "rows": len(findings),
            "by_split": {name: affected[name] for name in sorted(samples)},
            "share_by_split": {name: affected[name] / samples[name] for name in sorted(samples)},
        }
        return Ran(findings, _summary(affected, samples), details)


def _crossing(near: NearDuplicates, split: Sequence[str]) -> Iterator[tuple[int, list[int]]]:
    """Each sample with a copy in another split, and all such copies."""
    rows = np.flatnonzero(near.sets >= 0)
    rows = rows[np.argsort(near.sets[rows], kind="stable")]
    for members in np.split(rows, np.flatnonzero(np.diff(near.sets[rows])) + 1):
        if len({split[row] for row in members}) < 2:
            continue
        for row in members.tolist():
            yield row, [other for other in members.tolist() if split[other] != split[row]]


def _finding(
    evidence: Evidence, near: NearDuplicates, row: int, others: Sequence[int], trained_on: set[str]
) -> Finding:
    dataset = evidence.dataset
    assert dataset.split is not None  # noqa: S101 - `run` asked
    split = dataset.split
    learned = any(split[other] in trained_on for other in others)
    # One that is learned from first, then the one most surely alike.
    other = min(others, key=lambda one: (split[one] not in trained_on, -near.likeness[one], dataset.ids[one]))
    likeness = float(min(near.likeness[row], near.likeness[other]))
    changed = row if near.likeness[row] <= near.likeness[other] else other
    alike = "same content as" if likeness == 1.0 else f"nearly the same ({near.how[changed]}, {likeness:.3f}) as"
    reason = f"in the split {split[row]}, {alike} {dataset.ids[other]} in the split {split[other] or '(none)'}"
    if len(others) > 1:
        reason += f", and as {len(others) - 1:,} more in other splits"
    return Finding("split_leakage", dataset.ids[row], reason, likeness + learned, row)


def _summary(affected: Counter[str], samples: Counter[str]) -> str:
    if not affected:
        return "no sample has a copy in another split"
    told = [
        f"{affected[name]:,} of {samples[name]:,} samples in {name} ({told_share(affected[name] / samples[name])})"
        for name in sorted(affected)
    ]
    return f"{', '.join(told)} {'has' if sum(affected.values()) == 1 else 'have'} a copy in another split"
