"""Numeric columns of a table made into others, row by row, by what training rows taught: column maps.

Power transformation: I.-K. Yeo and R. A. Johnson, "A new family of power transformations to improve normality or
symmetry", Biometrika 87(4), 2000, eq. 2.1. Products of columns are scikit-learn's `PolynomialFeatures`.

In all of them NaN is an empty cell. What is scaled ends at ±FURTHEST, so that one absurd cell of a scored row stays
finite in float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats
from sklearn.preprocessing import PolynomialFeatures

from dataclinic.methods.column_features import FURTHEST, ColumnFeatures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Mask
    from dataclinic.features import Features

NOT_A_TABLE = "only for tables with numeric columns"


def numeric_table(features: Features) -> ColumnFeatures | None:
    """The table that a model trains on; None where it trains on something else, or no column is numeric."""
    return features if isinstance(features, ColumnFeatures) and features.number_names else None


@dataclass(frozen=True)
class ScaledColumns:
    """Each column less its centre, divided by its scale, which is not 0. NaN stays."""

    names: tuple[str, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(samples, columns)."""
        return _ended((numbers - np.array(self.centres)) / np.array(self.scales))


@dataclass(frozen=True)
class LoggedColumns:
    """The columns at `places` become log(1 + x), their negative numbers 0; the rest stay, and so does NaN."""

    names: tuple[str, ...]
    places: tuple[int, ...]

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(samples, columns)."""
        logged = numbers.copy()
        logged[:, self.places] = np.log1p(np.maximum(numbers[:, self.places], 0))
        return logged


@dataclass(frozen=True)
class PoweredColumns:
    """The columns at `places` are raised by Yeo & Johnson's λ and then scaled; the rest stay, and so does NaN.

    `exponents`, `centres` and `scales` belong to `places`.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    exponents: tuple[float, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(samples, columns)."""
        powered = numbers.copy()
        for place, exponent, centre, scale in zip(self.places, self.exponents, self.centres, self.scales, strict=True):
            powered[:, place] = _ended((yeo_johnson(numbers[:, place], exponent) - centre) / scale)
        return powered


def yeo_johnson(numbers: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Yeo & Johnson's ψ(λ, x) of any finite numbers; ± infinity where it is beyond float64, NaN stays."""
    with np.errstate(over="ignore"):
        return np.asarray(stats.yeojohnson(numbers, exponent), np.float64)


@dataclass(frozen=True)
class SelectedColumns:
    """The columns at `places` alone, in that order. NaN stays."""

    columns: tuple[str, ...]
    places: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns[place] for place in self.places)

    @property
    def told(self) -> str:
        """Such as "keep 3 of 12 numeric columns"."""
        return f"keep {len(self.places):,} of {len(self.columns):,} numeric columns"

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(samples, names)."""
        return numbers[:, self.places]


def selected(columns: Sequence[str], kept: Mask) -> SelectedColumns:
    """The columns that `kept` (columns,) is true for."""
    return SelectedColumns(tuple(columns), tuple(np.flatnonzero(kept).tolist()))


@dataclass(frozen=True)
class MultipliedColumns:
    """All columns as they are, then products of those at `places` up to `degree` factors.

    Where `distinct`, no column is multiplied by itself. Factors are scaled first (`centres` and `scales`, which belong
    to `places`), so that a product is not one column over again. An empty cell counts as its column's centre there;
    in its own column it stays NaN.
    """

    columns: tuple[str, ...]
    places: tuple[int, ...]
    centres: tuple[float, ...]
    scales: tuple[float, ...]
    degree: int
    distinct: bool

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.columns, *map(self._name, self._expansion().powers_[len(self.places) :]))

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(samples, names)."""
        scaled = (numbers[:, self.places] - np.array(self.centres)) / np.array(self.scales)
        factors = np.nan_to_num(_ended(scaled), nan=0.0)
        products = self._expansion().transform(factors)[:, len(self.places) :]
        return np.concatenate([numbers, products], axis=1)

    def _expansion(self) -> PolynomialFeatures:
        """What it computes is in its settings; it is fitted to nothing but the number of columns."""
        expansion = PolynomialFeatures(self.degree, interaction_only=self.distinct, include_bias=False)
        return expansion.fit(np.zeros((1, len(self.places))))

    def _name(self, powers: NDArray[np.int64]) -> str:
        """Such as "age × income" or "age^2"."""
        factors = [(self.columns[place], power) for place, power in zip(self.places, powers, strict=True) if power]
        return " × ".join(name if power == 1 else f"{name}^{power}" for name, power in factors)


def _ended(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.clip(scaled, -FURTHEST, FURTHEST), np.float64)
