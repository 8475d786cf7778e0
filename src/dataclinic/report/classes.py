"""Classes as the models see them: size, recall and balance of each, and which are taken for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels


@dataclass(frozen=True)
class ClassRow:
    """One class: samples given it, their share, the share of them that models also put there (None: none was judged).

    `weight` is the balanced class weight, samples / (classes x count): each class then weighs the same in training.
    """

    label: str
    count: int
    share: float
    recall: float | None
    flagged: int
    weight: float | None


@dataclass(frozen=True)
class Confusion:
    """Codes of the given and of the predicted label, one each a judged sample; no (classes, classes) table is kept."""

    labels: tuple[str, ...]
    given: Labels
    predicted: Labels


@dataclass(frozen=True)
class ConfusedPair:
    """`count` samples given one label that the models predict as another; `share` of the judged samples given it."""

    given: str
    predicted: str
    count: int
    share: float


def confusion_of(ranking: pd.DataFrame, classes: Sequence[str]) -> Confusion:
    """Given against predicted label: the models predict the suggested label where the given one has a margin below 0.

    A ranking without margins has suspicions that are above 0 there.
    """
    margins = ranking["margin"] if "margin" in ranking.columns else -ranking["suspicion"]
    against = -margins.to_numpy(dtype=np.float64, na_value=np.nan)
    given = class_codes(ranking["given_label"], classes)
    suggested = class_codes(ranking["suggested_label"], classes)
    judged = ~np.isnan(against) & (given >= 0)
    predicted = np.where((against > 0) & (suggested >= 0), suggested, given)
    return Confusion(tuple(classes), given[judged], predicted[judged])


def confusion_counts(confusion: Confusion) -> NDArray[np.int64]:
    """(given, predicted) samples, in the order of the labels; for few classes, since it is their number squared."""
    size = len(confusion.labels)
    counts = np.bincount(confusion.given * size + confusion.predicted, minlength=size**2)
    return counts.reshape(size, size).astype(np.int64)


def confused_pairs(confusion: Confusion, limit: int) -> tuple[ConfusedPair, ...]:
    """The `limit` most frequent confusions, most frequent first."""
    size = len(confusion.labels)
    judged = np.bincount(confusion.given, minlength=size)
    wrong = confusion.given != confusion.predicted
    places, counts = np.unique(confusion.given[wrong] * size + confusion.predicted[wrong], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:limit]
    return tuple(
        ConfusedPair(
            given=confusion.labels[places[at] // size],
            predicted=confusion.labels[places[at] % size],
            count=int(counts[at]),
            share=float(counts[at] / judged[places[at] // size]),
        )
        for at in order
    )


def class_table(ranking: pd.DataFrame, confusion: Confusion) -> tuple[ClassRow, ...]:
    """One row a class, largest first, none where there are no classes; `ranking` holds every sample."""
    size = len(confusion.labels)
    codes = class_codes(ranking["given_label"], confusion.labels)
    counts = np.bincount(codes[codes >= 0], minlength=size)
    flagged = np.bincount(codes[ranking["flagged"].to_numpy(dtype=bool) & (codes >= 0)], minlength=size)
    judged = np.bincount(confusion.given, minlength=size)
    hits = np.bincount(confusion.given[confusion.given == confusion.predicted], minlength=size)
    return tuple(
        ClassRow(
            label=confusion.labels[code],
            count=int(counts[code]),
            share=float(counts[code] / max(len(codes), 1)),
            recall=float(hits[code] / judged[code]) if judged[code] else None,
            flagged=int(flagged[code]),
            weight=float(len(codes) / (size * counts[code])) if counts[code] else None,
        )
        for code in np.argsort(-counts, kind="stable")
    )


def class_codes(labels: pd.Series, classes: Sequence[str]) -> Labels:
    """(samples,) class codes; -1 where there is no label, and everywhere in regression."""
    import pandas as pd

    if not classes:
        return np.full(len(labels), -1, np.int64)
    found, names = pd.factorize(labels)
    codes: Labels = np.append(pd.Index(classes, dtype=object).get_indexer(names.astype(object)), -1)[found]
    return codes
