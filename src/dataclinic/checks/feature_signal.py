"""How much each column alone tells about the label."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.frames.table_columns import table_columns
from dataclinic.methods.column_signal import (
    association,
    common_levels,
    false_discovery_adjusted,
    signal_bins,
    signal_to_noise,
)
from dataclinic.methods.column_values import levels_of, numbers_of
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dataclinic.arrays import Labels, Rows
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Evidence, Need
    from dataclinic.methods.column_signal import Association

_FEWEST = 30
"""Samples of which a table of five bins says anything."""

_MOST_ROWS = 20_000
"""Samples that are looked at; an effect of 0.1 % is seen in as many."""

_SIGNIFICANT = 0.05
"""Share of false ones that is allowed among the columns said to carry signal."""


_NO_SIGN = 0.2
"""p-value above which a column shows no sign of a signal; between, it may carry a weak one."""


@dataclass(frozen=True)
class FeatureSignal:
    """How much each column alone tells about the label.

    What it finds:
        For every column its signal-to-noise ratio (variance between the classes over variance within), the strength of
        its association with the label, and whether that is more than chance. A finding is a column that carries no
        signal worth the name, although there are samples enough to have seen it. This is information, not a fault.

    Why it matters:
        Columns without signal cost time, make neighbours and distances blind, and give a model room to learn
        accidents. The strongest ones say what a model lives on.

    How it decides:
        Numbers are cut into five bins of equally many samples, missing cells being one more, categories and classes
        into their 19 most frequent and the rest; in a regression the number is cut in the same way. Pearson's
        X² of the table is tested, with Benjamini and Hochberg's adjustment over the columns, and X² / n is the effect
        w². Columns with an adjusted p-value of at most 0.05 carry signal. A column is named where p is above 0.2, and
        the upper end of the 95 % interval of w² lies below `least_effect`: not to have seen a signal in few samples is
        no finding. That takes some 1,200 samples with two classes, and counts as large as Cochran asks for. Of more
        columns than `most_findings` the weakest are named. At most 20,000 samples are looked at.

    Known limits:
        One column at a time: two columns may tell together what neither tells alone (their difference, an
        interaction). Five bins do not see what a finer pattern tells. Samples that depend on each other (groups) make
        chance look like signal, so that fewer columns are named.

    Fixes:
        `chi2_selection`, `drop_unimportant` and `recursive_elimination` measure what leaving columns out brings.

    References:
        J. Cohen, *Statistical Power Analysis for the Behavioral Sciences*, 2nd edition, 1988, chapter 7. Y. Benjamini &
        Y. Hochberg, *Controlling the False Discovery Rate*, JRSS B 57, 1995.

    Attributes:
        least_effect: w² below which an effect is not worth the name; Cohen calls 0.01 small.
        most_findings: columns named at most.
    """

    least_effect: Annotated[float, Field(gt=0, le=1, strict=True, allow_inf_nan=False)] = 0.01
    most_findings: Annotated[int, Field(ge=0, strict=True)] = 10

    summary: ClassVar[str] = "how much each column alone tells about the label, and which tell nothing"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        dataset = evidence.dataset
        frame = table_columns(dataset)
        if isinstance(frame, str):
            return DidNotApply(frame)
        if len(frame) < _FEWEST:
            return DidNotApply(f"fewer than {_FEWEST} samples say nothing about a column's signal")
        rows = _rows(dataset)
        classes = _classes(dataset, rows)
        columns = [_look(str(name), frame.iloc[rows, place], classes) for place, name in enumerate(frame.columns)]
        adjusted = false_discovery_adjusted([column.association.p_value for column in columns]).tolist()
        silent = [column for column in columns if self._is_silent(column.association)]
        silent.sort(key=lambda column: (column.association.largest_effect, column.name))
        findings = tuple(_finding(column, len(rows)) for column in silent[: self.most_findings])
        with_signal = sum(p <= _SIGNIFICANT for p in adjusted)
        details = {column.name: column.told(p) for column, p in zip(columns, adjusted, strict=True)}
        return Ran(findings, _summary(columns, with_signal, len(silent)), {"samples": len(rows), "columns": details})

    def _is_silent(self, found: Association) -> bool:
        return found.sound and found.p_value > _NO_SIGN and found.largest_effect < self.least_effect


@dataclass(frozen=True)
class _Column:
    """What one column tells; `snr` is None for categories."""

    name: str
    association: Association
    snr: float | None

    def told(self, adjusted: float) -> dict[str, Any]:
        return {
            "signal_to_noise": None if self.snr is None or not math.isfinite(self.snr) else self.snr,
            "chi2": self.association.chi2,
            "degrees_of_freedom": self.association.freedom,
            "p_value": self.association.p_value,
            "p_adjusted": adjusted,
            "effect": self.association.effect,
            "largest_effect": self.association.largest_effect,
        }


def _rows(dataset: Dataset) -> Rows:
    order = np.argsort(np.array(dataset.ids))
    return np.asarray(order[rng_for(0, "feature_signal").permutation(len(order))[:_MOST_ROWS]], np.int64)


def _classes(dataset: Dataset, rows: Rows) -> Labels:
    return signal_bins(dataset.targets[rows]) if dataset.targets is not None else common_levels(dataset.labels[rows])


def _look(name: str, cells: pd.Series, classes: Labels) -> _Column:
    values = numbers_of(cells)
    if values is None:
        return _Column(name, association(common_levels(levels_of(cells).codes), classes), None)
    return _Column(name, association(signal_bins(values), classes), signal_to_noise(values, classes))


def _finding(column: _Column, samples: int) -> Finding:
    found = column.association
    reason = (
        f"carries no measurable signal about the label: in {samples:,} samples p = {found.p_value:.2g}, and with 95 % "
        f"confidence its effect w² is below {max(found.largest_effect, 1 / samples):.1g}"
    )
    return Finding("feature_signal", column.name, reason, found.p_value)


def _summary(columns: Sequence[_Column], with_signal: int, silent: int) -> str:
    strongest = max(columns, key=lambda column: (column.association.effect, column.name))
    told = f"{with_signal:,} of {len(columns):,} columns carry a measurable signal about the label"
    if with_signal:
        told += f", '{strongest.name}' the strongest (w² = {strongest.association.effect:.2f})"
    return f"{told}; {silent:,} certainly carr{'ies' if silent == 1 else 'y'} next to none" if silent else told
