"""Pairs of classes of which one is often labelled as the other, but hardly ever the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field
from scipy.stats import binom

from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.methods.holm import holm
from dataclinic.methods.label_exchange import Exchange, label_exchange

if TYPE_CHECKING:
    from dataclinic.arrays import Mask, Rows, Scores
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class ConfusedClasses:
    """Pairs of classes of which one is often labelled as the other, but hardly ever the other way round.

    What it finds:
        Errors with a direction: samples of "wolf" that are labelled "husky" far more often than huskies are labelled
        "wolf". One finding a pair, about the classes, not about single samples.

    Why it matters:
        Errors at random cost a model little beside errors that all point the same way: those it learns as a rule. A
        direction also has a cause that can be mended at its source: a guideline that misses a case, a default in the
        labelling tool, an annotator who does not know a class, a renamed or merged class.

    How it decides:
        From each label's calibrated probability of being wrong and the class suggested instead. The flagged labels of
        both directions of a pair are compared: if errors had no direction, those of a pair would fall on either side as
        the true sizes of the two classes do, so their number on one side is binomial. p-values of all pairs with
        `fewest` or more flagged labels are adjusted by Holm's method. A pair is reported below `significance` if one
        direction besides has at least `fewest` flagged labels and is `times` as frequent, as a share of its true class,
        as the other one.

    Known limits:
        Errors that go both ways are no finding here, whatever their number (see overlapping-classes). It is as good
        as the probabilities: where models themselves prefer one class of a pair, as they do with few samples of the
        other, part of the direction is theirs.

    Fixes:
        Look at some of the samples named, find the cause, and relabel all of that kind; or merge the classes.

    References:
        Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 2021 (the joint
        of true and given labels). Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
        of Statistics 1979.

    Attributes:
        significance: the chance of any false pair on data whose errors have no direction stays below it.
        times: how much more frequent the one direction is at least.
        fewest: flagged labels that the frequent direction has at least.
    """

    significance: Annotated[float, Field(gt=0, lt=1, strict=True)] = 0.01
    times: Annotated[float, Field(ge=1, le=1e6, strict=True, allow_inf_nan=False)] = 3.0
    fewest: Annotated[int, Field(ge=1, strict=True)] = 5

    summary: ClassVar[str] = "pairs of classes that are confused in one direction"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.JUDGEMENT})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.judgement is not None  # noqa: S101 - named in `needs`
        dataset, judged = evidence.dataset, evidence.judgement
        classes = dataset.classes
        if len(classes) < 2:
            return DidNotApply("there is only one class")
        found = label_exchange(dataset.labels, judged.suggested, judged.probability, judged.flagged, len(classes))
        p = _one_sided(found, self.fewest)
        rate, back = _rates(found)
        told = (p < self.significance) & (found.flagged >= self.fewest) & (rate >= self.times * back)
        findings = [
            Finding(
                "confused_classes",
                f"{classes[found.true[cell]]} given as {classes[found.given[cell]]}",
                self._reason(found, int(cell), float(p[cell]), classes),
                # sums of the same numbers in another order differ in their last digits
                round(float(found.expected[cell]), 6),
            )
            for cell in _most_serious_first(found, told, classes)
        ]
        which = "1 pair of classes is" if len(findings) == 1 else f"{len(findings):,} pairs of classes are"
        pairs = [{"true": subject.subject, "expected": round(subject.score, 3)} for subject in findings]
        return Ran(tuple(findings), f"{which} confused in one direction", {"pairs": pairs})

    def _reason(self, found: Exchange, cell: int, p: float, classes: tuple[str, ...]) -> str:
        true, given = classes[found.true[cell]], classes[found.given[cell]]
        back = found.reverse()[0][cell]
        rate, back_rate = (float(rates[cell]) for rates in _rates(found))
        return (
            f"about {found.expected[cell]:.0f} samples of '{true}' are labelled '{given}' ({told_share(rate)} of them) "
            f"but only about {back:.0f} the other way round ({told_share(back_rate)} of '{given}'); adjusted p {p:.2g}"
        )


def _one_sided(found: Exchange, fewest: int) -> Scores:
    """(cells,) adjusted p-values of a direction being more frequent than by the sizes of its classes."""
    total = found.flagged + found.reverse()[1]
    sizes = np.maximum(found.true_sizes, 1e-9)
    share = sizes[found.true] / (sizes[found.true] + sizes[found.given])
    tested = total >= fewest
    # both directions of a pair are looked at, also where one has no cell
    p = np.minimum(2 * binom.sf(found.flagged[tested] - 1, total[tested], share[tested]), 1.0)
    adjusted = np.ones(len(total))
    adjusted[tested] = holm(p)
    return adjusted


def _rates(found: Exchange) -> tuple[Scores, Scores]:
    """(cells,) shares of the true class that carry the other label, in this direction and in the other one."""
    sizes = np.maximum(found.true_sizes, 1e-9)
    return found.expected / sizes[found.true], found.reverse()[0] / sizes[found.given]


def _most_serious_first(found: Exchange, told: Mask, classes: tuple[str, ...]) -> Rows:
    rows = np.flatnonzero(told)
    key = [(-found.expected[cell], classes[found.true[cell]], classes[found.given[cell]]) for cell in rows]
    return rows[sorted(range(len(rows)), key=key.__getitem__)]
