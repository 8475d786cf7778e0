"""Classes on the page: a row each, their balance, and which are taken for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.report.balance import Balance, balance_of
from dataclinic.report.classes import ClassRow, ConfusedPair, class_table, confused_pairs, confusion_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.report.material import Material

MOST_PAIRS = 20
MOST_HEAT_CLASSES = 25


@dataclass(frozen=True)
class HeatRow:
    """A given class against every other one: (samples, share of the row) a cell."""

    label: str
    cells: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class ClassSection:
    """`heat` is given for few classes, `pairs` for many: given against predicted labels.

    `true_heat` and `true_pairs` are of given labels against the classes that samples probably belong to; empty where
    that was not estimated.
    """

    rows: tuple[ClassRow, ...]
    imbalance: float | None
    balance: Balance
    heat: tuple[HeatRow, ...]
    pairs: tuple[ConfusedPair, ...]
    true_heat: tuple[HeatRow, ...]
    true_pairs: tuple[ConfusedPair, ...]


def class_section(material: Material) -> ClassSection:
    """The section of a classification; of a regression it is empty."""
    confusion, truth = material.confusion, material.truth
    rows = class_table(material.ranking, confusion)
    few = len(confusion.labels) <= MOST_HEAT_CLASSES
    return ClassSection(
        rows=rows,
        imbalance=rows[0].count / rows[-1].count if rows and rows[-1].count else None,
        balance=balance_of([row.label for row in rows], [row.count for row in rows], truth),
        heat=_heat(confusion.labels, confusion_counts(confusion)) if few else (),
        pairs=() if few else confused_pairs(confusion, MOST_PAIRS),
        true_heat=_heat(confusion.labels, truth.table()) if few and truth else (),
        true_pairs=truth.pairs(MOST_PAIRS) if truth and not few else (),
    )


def _heat(labels: tuple[str, ...], counts: NDArray[np.int64] | NDArray[np.float64]) -> tuple[HeatRow, ...]:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    whole = np.rint(counts).astype(np.int64)
    return tuple(
        HeatRow(label, tuple(zip(whole[code].tolist(), shares[code].tolist(), strict=True)))
        for code, label in enumerate(labels)
    )
