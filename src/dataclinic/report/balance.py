"""Class balance: samples of each class by the labels as given, and by what they probably are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.report.classes import ConfusedPair, class_codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.arrays import Labels, Scores

MOST_BARS = 30
"""Classes in the plot; of more the largest half and the smallest."""

LEAST_MOVED = 0.5
"""Expected wrong labels below which a pair of classes is not named."""


@dataclass(frozen=True)
class TrueLabels:
    """What the given labels probably are, from each sample's probability of being wrong and its suggested class.

    `given` and `suggested` are class codes, `wrong` the probability that the given label is wrong, and `likeliest`
    that the suggested one is right; of judged samples alone. `unjudged` counts the others by their given class.
    """

    labels: tuple[str, ...]
    given: Labels
    suggested: Labels
    wrong: Scores
    likeliest: Scores
    unjudged: Scores

    @classmethod
    def of(cls, ranking: pd.DataFrame, classes: Sequence[str]) -> TrueLabels | None:
        """From a ranking; None where it holds no probabilities."""
        if "probability" not in ranking.columns or not classes:
            return None
        wrong = ranking["probability"].to_numpy(np.float64, na_value=np.nan)
        given = class_codes(ranking["given_label"], classes)
        judged = ~np.isnan(wrong) & (given >= 0)
        if not judged.any():
            return None
        suggested = class_codes(ranking["suggested_label"], classes)[judged]
        likeliest = ranking["suggested_probability"].to_numpy(np.float64, na_value=0.0)[judged]
        known = (suggested >= 0) & (suggested != given[judged])
        unjudged = np.bincount(given[~judged & (given >= 0)], minlength=len(classes)).astype(np.float64)
        capped = np.where(known, np.clip(likeliest, 0, wrong[judged]), 0.0)
        return cls(tuple(classes), given[judged], suggested, wrong[judged], capped, unjudged)

    def counts(self) -> Scores:
        """(classes,) expected samples that truly belong to each; they sum to all samples.

        What is left of a probability beyond the suggested class goes to the other classes by their size.
        """
        size = len(self.labels)
        given = np.bincount(self.given, minlength=size).astype(np.float64)
        stay = np.bincount(self.given, weights=1 - self.wrong, minlength=size)
        known = self.suggested >= 0
        come = np.bincount(self.suggested[known], weights=self.likeliest[known], minlength=size)
        rest = np.bincount(self.given, weights=self.wrong - self.likeliest, minlength=size)
        others = np.maximum(given.sum() - given, 1)
        spread = given * ((rest / others).sum() - rest / others)
        total = stay + come + spread
        return np.asarray(self.unjudged + total * (given.sum() / max(total.sum(), 1)))

    def table(self) -> Scores:
        """(given, suggested) expected samples, those whose label is right on the diagonal; for few classes."""
        size = len(self.labels)
        counts = np.zeros((size, size))
        known = self.suggested >= 0
        np.add.at(counts, (self.given[known], self.suggested[known]), self.likeliest[known])
        np.add.at(counts, (self.given, self.given), 1 - self.wrong)
        return counts

    def pairs(self, limit: int) -> tuple[ConfusedPair, ...]:
        """The `limit` pairs with most expected wrong labels; `predicted` is the suggested class."""
        size = len(self.labels)
        known = self.suggested >= 0
        places, which = np.unique(self.given[known] * size + self.suggested[known], return_inverse=True)
        moved = np.bincount(which, weights=self.likeliest[known], minlength=len(places))
        judged = np.bincount(self.given, minlength=size)
        order = [at for at in np.argsort(-moved, kind="stable")[:limit].tolist() if moved[at] >= LEAST_MOVED]
        return tuple(
            ConfusedPair(
                given=self.labels[places[at] // size],
                predicted=self.labels[places[at] % size],
                count=round(moved[at]),
                share=float(moved[at] / judged[places[at] // size]),
            )
            for at in order
        )


@dataclass(frozen=True)
class BalanceBar:
    """A class: samples given it, and how many probably belong to it, None where that was not estimated.

    The shares are of the longest bar.
    """

    label: str
    given: int
    truly: float | None
    given_share: float
    truly_share: float | None


@dataclass(frozen=True)
class Balance:
    """The bars of the classes, largest first, `left_out` of them missing between the `head` largest and the others.

    `truly` are the expected samples of each class, of all of them; empty where that was not `estimated`.
    """

    bars: tuple[BalanceBar, ...]
    head: int
    left_out: int
    estimated: bool
    truly: Mapping[str, float]


def balance_of(labels: Sequence[str], counts: Sequence[int], truth: TrueLabels | None) -> Balance:
    """The plot for classes that have `counts` samples, largest first."""
    expected = dict(zip(truth.labels, truth.counts().tolist(), strict=True)) if truth else {}
    all_bars = list(zip(labels, counts, strict=True))
    left_out = max(len(all_bars) - MOST_BARS, 0)
    head = MOST_BARS // 2 if left_out else len(all_bars)
    shown = [*all_bars[:head], *all_bars[head + left_out :]]
    longest = max([1.0, *(float(count) for _, count in shown), *(expected.get(label, 0.0) for label, _ in shown)])
    return Balance(
        bars=tuple(
            BalanceBar(
                label=label,
                given=count,
                truly=expected.get(label),
                given_share=count / longest,
                truly_share=expected[label] / longest if label in expected else None,
            )
            for label, count in shown
        ),
        head=head,
        left_out=left_out,
        estimated=truth is not None,
        truly=expected,
    )
