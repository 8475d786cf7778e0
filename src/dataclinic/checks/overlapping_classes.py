"""Pairs of classes that models cannot tell apart, far beyond the other pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.methods.pair_overlap import PairOverlap, pair_overlap
from dataclinic.methods.tukey_fences import tukey_fences

if TYPE_CHECKING:
    from dataclinic.arrays import Mask, Scores
    from dataclinic.evidence import Evidence

_TIMES = 2.0
"""A pair overlaps at least so many times as much as three quarters of the pairs: fences of few pairs are narrow."""

_FEW_PAIRS = 10
"""Up to so many pairs each is compared with the others alone: it would move its own fence too far."""


@dataclass(frozen=True)
class OverlappingClasses:
    """Pairs of classes that models cannot tell apart, far beyond the other pairs.

    What it finds:
        Two classes whose samples held-out models often take for each other, in both directions, although the labels are
        not probably wrong: synonyms ("sofa" and "couch"), a class inside another one, or classes whose difference the
        samples do not show. One finding a pair.

    Why it matters:
        No relabelling of single samples mends this, and no model gets beyond it. People who label such data disagree
        as well, so labels of these classes cost time and say little.

    How it decides:
        Of the samples given each class, the share that out-of-fold models predict as the other one; each sample counts
        as much as its label is probably right, so that exchanged labels do not look like an overlap. A pair's overlap
        is the smaller of its two shares. It is reported where the lower end of its 95 % interval is at least
        `least_share` and it lies above the upper Tukey fence, Q3 + factor × (Q3 - Q1), and twice Q3 of all pairs;
        where there are few pairs, of the other ones.

    Known limits:
        With two classes there is no other pair to compare with, and with a model that tells hardly any class apart no
        pair stands out. It says what these models and features cannot tell apart; people may.

    Fixes:
        Merge the classes, write down what tells them apart and label them again, or record what shows the difference.

    References:
        Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 2021, and
        `cleanlab.dataset.find_overlapping_classes`. Tukey, "Exploratory Data Analysis", 1977.

    Attributes:
        least_share: share of either class that is at least taken for the other one.
        factor: interquartile ranges above the third quartile of all pairs.
    """

    least_share: Annotated[float, Field(gt=0, le=1, strict=True)] = 0.1
    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 3.0

    summary: ClassVar[str] = "pairs of classes that models cannot tell apart"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.JUDGEMENT, Need.OUT_OF_FOLD})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.judgement is not None  # noqa: S101 - named in `needs`
        assert evidence.out_of_fold is not None  # noqa: S101 - named in `needs`
        dataset = evidence.dataset
        classes = dataset.classes
        if len(classes) < 3:
            return DidNotApply(f"there are {len(classes)} classes, so no other pair to compare with")
        wrong = evidence.judgement.probability
        rows = np.flatnonzero(evidence.out_of_fold.judged & ~np.isnan(wrong))
        predicted = evidence.out_of_fold.mean_probs[rows].argmax(axis=1)
        found = pair_overlap(dataset.labels[rows], predicted, 1 - wrong[rows], len(classes))
        told = np.flatnonzero((found.least >= self.least_share) & self._beyond_others(found, len(classes)))
        findings = sorted(
            (self._finding(found, int(pair), classes) for pair in told),
            key=lambda finding: (-finding.score, finding.subject),
        )
        which = "1 pair of classes overlaps" if len(findings) == 1 else f"{len(findings):,} pairs of classes overlap"
        pairs = [{"pair": finding.subject, "overlap": round(finding.score, 4)} for finding in findings]
        return Ran(tuple(findings), which, {"pairs": pairs})

    def _beyond_others(self, found: PairOverlap, classes: int) -> Mask:
        """(pairs,) whether a pair lies above the fence; pairs that are never confused both ways overlap by 0."""
        pairs = classes * (classes - 1) // 2
        overlap = found.overlap
        if pairs > _FEW_PAIRS:
            return np.asarray(overlap > self._fence(overlap, pairs))
        fences = [self._fence(np.delete(overlap, at), pairs - 1) for at in range(len(overlap))]
        return np.asarray(overlap > np.array(fences))

    def _fence(self, overlap: Scores, pairs: int) -> float:
        # with three quarters of zeros both quartiles are 0, and the zeros of thousands of classes need no memory
        if 4 * len(overlap) < pairs:
            return 0.0
        fences = tukey_fences(np.concatenate([overlap, np.zeros(pairs - len(overlap))]), self.factor)
        return max(fences.high, _TIMES * fences.q3)

    def _finding(self, found: PairOverlap, pair: int, classes: tuple[str, ...]) -> Finding:
        first, second = classes[found.first[pair]], classes[found.second[pair]]
        forth, back = found.rates[pair]
        reason = (
            f"models take {told_share(forth)} of '{first}' for '{second}' and {told_share(back)} of '{second}' for "
            f"'{first}', labels that are probably wrong left out"
        )
        return Finding("overlapping_classes", f"{first} and {second}", reason, float(found.overlap[pair]))
