"""Values for the empty numeric cells of a table, from the other cells of the same row, learned from training rows.

K nearest rows: O. Troyanskaya et al., "Missing value estimation methods for DNA microarrays", Bioinformatics 17(6),
2001. Chained regressions: S. van Buuren and K. Groothuis-Oudshoorn, "mice: Multivariate Imputation by Chained Equations
in R", Journal of Statistical Software 45(3), 2011, with one imputation and Bayesian ridge regressions. Both are
scikit-learn's. Columns are scaled to mean 0 and variance 1 for them, so that a unit of measurement has no say.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - without it the next line fails
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from threadpoolctl import threadpool_limits

from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Mask, Rows, Scores

Strategy: TypeAlias = Literal["median", "knn", "iterative"]

MOST_ROWS = 2000
"""Training rows, drawn by the seed, that values are learned from: the cost of `knn` grows with them."""

NEIGHBOURS = 10
ROUNDS = 5
"""Of chained regressions; after a few rounds they change little."""

FURTHEST = 10.0
"""Standard deviations from the mean at which regressions stop to extrapolate."""


@dataclass(frozen=True)
class ImputedCells:
    """Fills empty cells, and tells in a 0/1 column of its own which they were: a `ColumnMap`.

    `means` and `deviations` scale the columns; `lacking` are the places of the columns in which a training row had an
    empty cell. A column without any training value stays empty.
    """

    columns: tuple[str, ...]
    strategy: Strategy
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    lacking: tuple[int, ...]
    seed: int
    imputer: Any = field(repr=False, compare=False)
    """Of scikit-learn, fitted; what the other fields say and the training rows determine it."""

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.columns, *(f"{self.columns[place]} is empty" for place in self.lacking))

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(samples, columns and one for each of `lacking`): empty cells filled, 1 where they were."""
        empty = np.isnan(numbers)
        filled = numbers.copy()
        known = np.flatnonzero(~np.isnan(self.means))
        rows = np.flatnonzero(empty[:, known].any(axis=1))
        if len(rows):
            cells = np.ix_(rows, known)
            filled[cells] = np.where(empty[cells], self._said(numbers[cells], known), numbers[cells])
        return np.concatenate([filled, empty[:, list(self.lacking)]], axis=1, dtype=np.float64)

    def _said(self, numbers: NDArray[np.float64], known: Rows) -> NDArray[np.float64]:
        """What the imputer says of every cell of these rows and columns that have training values."""
        means, deviations = np.array(self.means)[known], np.array(self.deviations)[known]
        scaled = (numbers - means) / deviations
        # IterativeImputer fills a batch without any number in another way: a row of means keeps it from being one.
        batch = np.concatenate([scaled, np.zeros((1, len(known)))])
        with threadpool_limits(1):
            values = self.imputer.transform(batch)[:-1]
        return np.asarray(np.clip(values, -FURTHEST, FURTHEST) * deviations + means)


def learned_imputation(
    numbers: NDArray[np.float64], names: Sequence[str], strategy: Strategy, seed: int
) -> ImputedCells:
    """What fills empty cells as the (samples, names) training rows would; NaN is an empty cell, none is infinite.

    Cost of fitting is that of 2,000 rows, drawn by `seed`; columns × columns for "iterative".
    """
    empty = np.isnan(numbers)
    known = np.asarray(~empty.all(axis=0))
    means, deviations = (np.full(len(known), np.nan) for _ in range(2))
    means[known] = np.nanmean(numbers[:, known], axis=0)
    deviations[known] = _deviations(numbers[:, known])
    imputer = _IMPUTERS[strategy](seed)
    if known.any():
        scaled = (_drawn(numbers, known, seed)[:, known] - means[known]) / deviations[known]
        with warnings.catch_warnings(), threadpool_limits(1):
            # A few rounds need not converge to be better than a median.
            warnings.simplefilter("ignore", ConvergenceWarning)
            imputer.fit(scaled)
    lacking = tuple(np.flatnonzero(empty.any(axis=0)).tolist())
    return ImputedCells(
        tuple(names), strategy, tuple(means.tolist()), tuple(deviations.tolist()), lacking, seed, imputer
    )


def _deviations(numbers: NDArray[np.float64]) -> Scores:
    """Standard deviation of each column; 1 where all values are equal."""
    deviations = np.nanstd(numbers, axis=0)
    return np.where(deviations > 1e-12 * np.nanmax(np.abs(numbers), axis=0), deviations, 1.0)


def _drawn(numbers: NDArray[np.float64], known: Mask, seed: int) -> NDArray[np.float64]:
    """At most MOST_ROWS rows at random, and besides one with a value for each column that else would have none."""
    if len(numbers) <= MOST_ROWS:
        return numbers
    rows = rng_for(seed, "imputation").choice(len(numbers), size=MOST_ROWS, replace=False)
    without = known & np.isnan(numbers[rows]).all(axis=0)
    more = [int(np.flatnonzero(~np.isnan(numbers[:, place]))[0]) for place in np.flatnonzero(without)]
    return numbers[[*rows.tolist(), *more]]


def _median(seed: int) -> SimpleImputer:  # noqa: ARG001 - nothing is drawn
    return SimpleImputer(strategy="median")


def _knn(seed: int) -> KNNImputer:  # noqa: ARG001 - nothing is drawn
    return KNNImputer(n_neighbors=NEIGHBOURS, weights="distance")


def _iterative(seed: int) -> IterativeImputer:
    return IterativeImputer(
        max_iter=ROUNDS, initial_strategy="median", skip_complete=True, random_state=seed_for(seed, "imputation")
    )


_IMPUTERS = {"median": _median, "knn": _knn, "iterative": _iterative}
