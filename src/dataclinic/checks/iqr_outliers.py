"""Values far outside the bulk of their column, by Tukey's fences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.log_scale import on_symmetric_scale
from dataclinic.methods.tukey_fences import Fences, tukey_fences
from dataclinic.methods.worst_per_row import WorstCells, worst_per_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Rows, Scores
    from dataclinic.evidence import Evidence

_FEWEST = 10
"""Quartiles of fewer values say little about the rest."""

_FARTHEST = 1e9
"""Cap of a distance, so that an infinite value has a score that can be written down."""


@dataclass(frozen=True)
class IqrOutliers:
    """Values far outside the bulk of their column, by Tukey's fences.

    What it finds:
        Samples with a value more than `factor` interquartile ranges below the first or above the third quartile of
        its column. For images the columns are what was measured: width, height, aspect ratio, brightness, contrast,
        saturation, sharpness and entropy; for texts characters, words, the longest run without a space, lines, links
        and the shares of signs and digits, of repeated characters and of capitals. One finding a sample, which names
        its most extreme column.

    Why it matters:
        Such values are often slips of the decimal point, wrong units, sensor glitches or placeholders like 9999, and a
        few of them can move a mean, a scaler or a linear model far. Some are real: look before you drop.

    How it decides:
        Column by column, without the label. The quartiles ignore missing and infinite values; an infinite value is
        always out. A column without negative values that is skewed to the right, with an octile skewness above 0.2
        that logarithms lessen, is judged on its logarithms, where "ten times as much" is one step; zeros in it are left
        alone. Not judged: columns with fewer than ten values, with at most two different ones, and those whose
        quartiles coincide. If more than `most_share` of a column's values lie outside, they are its tail or a second
        population rather than outliers: it is named in the details, and brings no findings.

        The default factor is 3 ("far out") since 1.5 cuts 0.7 % of the values off a clean normal column and 3.5 % off
        one with Student's t (5 degrees of freedom), which in a table of twenty columns accuses 12 to 50 % of the rows;
        with 3 it is less than 0.01 % and 0.4 % of the values. Of values ten times too large, planted in normal columns,
        both find all; in log-normal columns with σ = 1, where such values are ordinary, 1.5 finds a third and 3 none.

    Known limits:
        One column at a time: a weight of 40 kg at a height of 1.90 m is not seen. A value that is wrong but not far
        stays unseen, as does what makes up more than a quarter of the column. Heavy tails, such as daily returns, bring
        findings although nothing is wrong. In a heavily skewed column only errors by large factors stand out.

    Fixes:
        Correct the value at its source, or blank it; drop the row if it is a fault of measurement. Look at it in the
        report first.

    References:
        J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977. D. V. Hinkley, *On power transformations to
        symmetry*, Biometrika 62, 1975 (octile skewness).

    Attributes:
        factor: interquartile ranges beyond the quartiles where a value starts to be out.
        most_share: share of a column's values outside above which they are not called outliers.
    """

    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 3.0
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "values far outside the bulk of their column (interquartile range)"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        values = evidence.measurements.plain_values
        if not values:
            return DidNotApply("there is no numeric column")
        verdicts = {name: self._judge(name, values[name]) for name in values}
        judged = [column for column in verdicts.values() if isinstance(column, _Column)]
        if not judged:
            name, why = next(iter(verdicts.items()))
            return DidNotApply(f"no numeric column can be judged ({name}: {why})")
        worst = worst_per_row([column.rows for column in judged], [column.distances for column in judged])
        findings = self._findings(evidence, judged, worst)
        verb = "has" if len(findings) == 1 else "have"
        summary = f"{len(findings):,} of {len(evidence.dataset):,} samples {verb} a value outside the fences"
        return Ran(
            findings, summary + _crowds(judged), {"columns": {name: _detail(verdicts[name]) for name in verdicts}}
        )

    def _judge(self, name: str, values: Scores) -> _Column | str:
        """What lies outside in one column, or why that cannot be said."""
        known = values[~np.isnan(values)]
        if len(known) < _FEWEST:
            return f"fewer than {_FEWEST} values"
        if ((known == known.min()) | (known == known.max())).all():
            return "at most two different values"
        scaled, logarithmic = on_symmetric_scale(values)
        fences = tukey_fences(scaled, self.factor)
        if not fences.q3 > fences.q1:
            return "its quartiles coincide: half of its values or more are equal"
        below, above = scaled < fences.low, scaled > fences.high
        rows = np.flatnonzero(below | above)
        with np.errstate(over="ignore"):  # the largest numbers there are, used as placeholders
            beyond = np.where(above, scaled - fences.q3, fences.q1 - scaled)[rows] / (fences.q3 - fences.q1)
        crowd = len(rows) > self.most_share * len(known)
        return _Column(
            name,
            values,
            fences=_exponentials(fences) if logarithmic else fences,
            logarithmic=logarithmic,
            low_high=(int(below.sum()), int(above.sum())),
            crowd=crowd,
            rows=rows[:0] if crowd else rows,
            distances=np.minimum(beyond[:0] if crowd else beyond, _FARTHEST),
        )

    def _findings(self, evidence: Evidence, judged: Sequence[_Column], worst: WorstCells) -> tuple[Finding, ...]:
        ids = evidence.dataset.ids
        return tuple(
            Finding("iqr_outliers", ids[row], self._reason(judged[column], row, count), distance, row)
            for row, column, distance, count in zip(*(part.tolist() for part in worst), strict=True)
        )

    def _reason(self, column: _Column, row: int, count: int) -> str:
        value, fences = float(column.values[row]), column.fences
        above = value > fences.high
        side, fence = ("above the upper", fences.high) if above else ("below the lower", fences.low)
        quartile, sign = (f"Q3 {_told(fences.q3)}", "+×") if above else (f"Q1 {_told(fences.q1)}", "−÷")
        if column.logarithmic:
            step = f"{sign[1]} {_told(fences.q3 / fences.q1)} to the power {self.factor:g}, as on a log scale"
        else:
            step = f"{sign[0]} {self.factor:g} × IQR {_told(fences.q3 - fences.q1)}"
        others = "" if count == 1 else f"; {count - 1} other column{'s' * (count > 2)} out too"
        return f"{column.name} is {_told(value)}: {side} fence {_told(fence)} ({quartile} {step}){others}"


@dataclass(frozen=True)
class _Column:
    """How one column was judged: its fences on its own scale, and the `rows` beyond them with their distances.

    Distances are from the quartile, in interquartile ranges. `low_high` counts the values beyond either fence.
    """

    name: str
    values: Scores
    fences: Fences
    logarithmic: bool
    low_high: tuple[int, int]
    crowd: bool
    rows: Rows
    distances: Scores


def _exponentials(fences: Fences) -> Fences:
    with np.errstate(over="ignore"):  # beyond the largest number there is nothing to flag
        return Fences(*np.minimum(np.exp(fences), np.finfo(np.float64).max).tolist())


def _detail(column: _Column | str) -> dict[str, Any]:
    if isinstance(column, str):
        return {"skipped": column}
    return {
        "low": column.fences.low,
        "high": column.fences.high,
        "log_scale": column.logarithmic,
        "n_low": column.low_high[0],
        "n_high": column.low_high[1],
        "too_many_to_report": column.crowd,
    }


def _crowds(judged: Sequence[_Column]) -> str:
    names = [column.name for column in judged if column.crowd]
    return f"; too many outside to call them outliers in: {', '.join(names)}" if names else ""


def _told(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e12 else f"{value:.4g}"
