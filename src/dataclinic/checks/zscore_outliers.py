"""Values many standard deviations from the middle of their column, by the robust z-score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.log_scale import on_symmetric_scale
from dataclinic.methods.robust_z import robust_z_scores, z_scores
from dataclinic.methods.worst_per_row import WorstCells, worst_per_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Rows, Scores
    from dataclinic.evidence import Evidence

_FEWEST = 10
"""A median of fewer values says little about the rest."""

_MOST_AROUND_A_SPIKE = 0.01
"""Where more than half of the values are equal (no debt, no messages) the rest is usually the interesting part."""

_FARTHEST = 1e9
"""Cap of a distance, so that an infinite value has a score that can be written down."""


@dataclass(frozen=True)
class ZscoreOutliers:
    """Values many standard deviations from the middle of their column, by the robust z-score.

    What it finds:
        Samples with a value whose robust z-score, 0.6745 × (value − median) / MAD, is more than `threshold` from 0.
        MAD is the median absolute deviation. The plain z-score, by mean and standard deviation, stands beside it in
        the reason. For images the columns are what was measured: width, height, aspect ratio, brightness, contrast,
        saturation, sharpness and entropy; for texts characters, words, the longest run without a space, lines, links
        and the shares of signs and digits, of repeated characters and of capitals. One finding a sample, which names
        its most extreme column.

    Why it matters:
        Such values are often slips of the decimal point, wrong units, sensor glitches or placeholders like 9999, and a
        few of them can move a mean, a scaler or a linear model far. Some are real: look before you drop.

    How it decides:
        Column by column, without the label. The robust score alone decides: mean and standard deviation are moved by
        the very outliers they are to find, so that one sensor reading of 700,000 hides one of 5,000. Missing values
        take no part; an infinite value is always out. A column without negative values that is skewed to the right,
        with an octile skewness above 0.2 that logarithms lessen, is judged on its logarithms; zeros in it are left
        alone. Not judged: columns with fewer than ten values and with at most two different ones. Where more than half
        of the values are equal, so that MAD is 0, the mean absolute deviation takes its place, and the values count
        as outliers only if they are at most 1 % of the column. In any column, more than `most_share` beyond the
        threshold are its tail or a second population: it is named in the details, and brings no findings.

        On clean normal columns the default threshold of 3.5 flags 0.05 % of the values.

    Known limits:
        One column at a time: a weight of 40 kg at a height of 1.90 m is not seen. A value that is wrong but not far
        stays unseen. Heavy tails, such as daily returns, bring findings although nothing is wrong; `iqr_outliers` with
        its default factor, which is about 4.7 standard deviations, brings fewer. In a heavily skewed column only
        errors by large factors stand out.

    Fixes:
        Correct the value at its source, or blank it; drop the row if it is a fault of measurement. Look at it in the
        report first.

    References:
        B. Iglewicz and D. C. Hoaglin, *How to Detect and Handle Outliers*, ASQC Quality Press, 1993. D. V. Hinkley,
        *On power transformations to symmetry*, Biometrika 62, 1975 (octile skewness).

    Attributes:
        threshold: absolute robust z-score beyond which a value is out.
        most_share: share of a column's values beyond it above which they are not called outliers.
    """

    threshold: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 3.5
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "values many standard deviations from the middle of their column (robust z-score)"
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
        worst = worst_per_row([column.rows for column in judged], [np.abs(column.robust) for column in judged])
        findings = _findings(evidence, judged, worst)
        told = f"{len(findings):,} of {len(evidence.dataset):,} samples {'has' if len(findings) == 1 else 'have'}"
        summary = f"{told} a robust z beyond ±{self.threshold:g}"
        return Ran(
            findings, summary + _crowds(judged), {"columns": {name: _detail(verdicts[name]) for name in verdicts}}
        )

    def _judge(self, name: str, values: Scores) -> _Column | str:
        """What lies beyond the threshold in one column, or why that cannot be said."""
        known = values[~np.isnan(values)]
        if len(known) < _FEWEST:
            return f"fewer than {_FEWEST} values"
        if ((known == known.min()) | (known == known.max())).all():
            return "at most two different values"
        scaled, logarithmic = on_symmetric_scale(values)
        robust = robust_z_scores(scaled)
        rows = np.flatnonzero(np.abs(robust) > self.threshold)
        spiked = 2 * np.count_nonzero(robust == 0) > np.count_nonzero(~np.isnan(robust))
        crowd = len(rows) > (_MOST_AROUND_A_SPIKE if spiked else self.most_share) * len(known)
        reported = rows[:0] if crowd else rows
        plain = z_scores(scaled)
        return _Column(
            name,
            values,
            logarithmic=logarithmic,
            median=float(np.median(known)),
            low_high=(int((robust[rows] < 0).sum()), int((robust[rows] > 0).sum())),
            beyond_plain=int((np.abs(plain) > 3).sum()),
            crowd=crowd,
            rows=reported,
            robust=np.clip(robust[reported], -_FARTHEST, _FARTHEST),
            plain=plain,
        )


@dataclass(frozen=True)
class _Column:
    """How one column was judged: the `rows` beyond the threshold and their `robust` scores, in that order.

    `plain` holds the plain z-score of every sample, and `beyond_plain` counts those beyond ±3.
    """

    name: str
    values: Scores
    logarithmic: bool
    median: float
    low_high: tuple[int, int]
    beyond_plain: int
    crowd: bool
    rows: Rows
    robust: Scores
    plain: Scores


def _detail(column: _Column | str) -> dict[str, Any]:
    if isinstance(column, str):
        return {"skipped": column}
    return {
        "median": column.median,
        "log_scale": column.logarithmic,
        "n_low": column.low_high[0],
        "n_high": column.low_high[1],
        "n_beyond_plain_3": column.beyond_plain,
        "too_many_to_report": column.crowd,
    }


def _findings(evidence: Evidence, judged: Sequence[_Column], worst: WorstCells) -> tuple[Finding, ...]:
    ids = evidence.dataset.ids
    return tuple(
        Finding("zscore_outliers", ids[row], _reason(judged[column], row, distance, count), distance, row)
        for row, column, distance, count in zip(*(part.tolist() for part in worst), strict=True)
    )


def _reason(column: _Column, row: int, distance: float, count: int) -> str:
    value = float(column.values[row])
    robust = distance if value > column.median else -distance
    scale = ", on a log scale" if column.logarithmic else ""
    others = "" if count == 1 else f"; {count - 1} other column{'s' * (count > 2)} out too"
    return (
        f"{column.name} is {_told(value)}: robust z {_told(robust)}{scale} "
        f"(median {_told(column.median)}; plain z {_told(float(column.plain[row]))}){others}"
    )


def _crowds(judged: Sequence[_Column]) -> str:
    names = [column.name for column in judged if column.crowd]
    return f"; too many beyond it to call them outliers in: {', '.join(names)}" if names else ""


def _told(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e12 else f"{value:.4g}"
