"""Numeric columns with a long tail that a change of scale would take away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field
from sklearn.preprocessing import PowerTransformer
from threadpoolctl import threadpool_limits

from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.frames.table_columns import table_columns
from dataclinic.methods.column_maps import yeo_johnson
from dataclinic.methods.column_skewness import FEWEST, column_skewness
from dataclinic.methods.column_values import numbers_of
from dataclinic.methods.log_scale import octile_skewness
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from dataclinic.arrays import Scores
    from dataclinic.evidence import Evidence, Need

_BODY_SKEWED = 0.2
"""Octile skewness of a log-normal distribution with σ = 0.35: below, a few far values make the tail, not the column."""

_MOST_EQUAL = 0.5
"""Share of the cells with one value above which no change of scale makes the column symmetric."""

_MOST_ROWS = 2000
"""Rows that a power is looked for on: its standard error is then below 0.05."""


@dataclass(frozen=True)
class SkewedColumn:
    """Numeric columns with a long tail that a change of scale would take away.

    What it finds:
        Columns whose skewness is above `least_skew` to either side, and at least halved by a logarithm or a power. Each
        finding names the transformation, the skewness after it, and the fix that measures what it brings.

    Why it matters:
        Of incomes, durations or populations a few large values decide the slope of a linear model, the scale of a
        standardised column and every distance between samples, while the bulk looks alike. Trees do not mind.

    How it decides:
        By the third standardised moment of the known values, where the octile skewness, which looks at the three
        quarters in the middle, agrees (above 0.2), and half of the moment is left without the farthest value: a
        normal column with a few slips is left to the outlier checks, and marks with zeros for the absent are no tail.
        log(1 + x) is named where no number is negative and it halves the skewness; else Yeo & Johnson's power, found by
        maximum likelihood on at most 2,000 values, if that does. Columns with fewer than ten values or with at most two
        different ones are not judged.

    Known limits:
        Skewed is not wrong, and a straight line may need the amount itself. A column of which more than half is one
        value cannot be made symmetric and is not named. The shape within classes is not asked: of two classes far
        apart, one small, the column is skewed though neither is.

    Fixes:
        `log_transform` and `power_transform` measure what it brings on your data; robust or tree models need neither.

    References:
        Tukey, *Exploratory Data Analysis*, 1977, chapter 3. Hinkley, "On power transformations to symmetry", Biometrika
        62, 1975. Yeo & Johnson, "A new family of power transformations", Biometrika 87, 2000.

    Attributes:
        least_skew: third standardised moment above which a column is skewed; an exponential distribution has 2.
    """

    least_skew: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 2.0

    summary: ClassVar[str] = "numeric columns with a long tail that a change of scale would take away"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        dataset = evidence.dataset
        frame = table_columns(dataset)
        if isinstance(frame, str):
            return DidNotApply(frame)
        numbers = {str(name): numbers_of(frame.iloc[:, place]) for place, name in enumerate(frame.columns)}
        before = {name: float(column_skewness(v[:, None])[0]) for name, v in numbers.items() if v is not None}
        judged = {name: skewness for name, skewness in before.items() if not np.isnan(skewness)}
        if not judged:
            return DidNotApply(f"no numeric column has {FEWEST} values and more than two different ones")
        order = np.argsort(np.array(dataset.ids))
        remedies = {}
        for name, skewness in judged.items():
            values = numbers[name]
            if values is not None and abs(skewness) > self.least_skew:
                remedies[name] = _remedy(values[order], skewness)
        findings = [
            Finding("skewed_column", name, remedy.told(judged[name]), abs(judged[name]))
            for name, remedy in remedies.items()
            if remedy is not None
        ]
        findings.sort(key=lambda finding: (-finding.score, finding.subject))
        verb = "has" if len(findings) == 1 else "have"
        summary = f"{len(findings):,} of {len(judged):,} columns {verb} a long tail that a change of scale takes away"
        return Ran(tuple(findings), summary, {"columns": _details(judged, remedies)})


@dataclass(frozen=True)
class _Remedy:
    """A change of scale in words, the fix that makes it, and the skewness that it leaves."""

    what: str
    fix: str
    after: float

    def told(self, before: float) -> str:
        side = "right" if before > 0 else "left"
        return f"skewed to the {side}, {before:.1f}; {self.what} brings it to {self.after:.1f} (fix: {self.fix})"


def _remedy(values: Scores, before: float) -> _Remedy | None:
    """The simplest change of scale that halves the skewness, where the body of the column is skewed that way."""
    known = values[~np.isnan(values)]
    if not _body_is_skewed(known, before):
        return None
    if before > 0 and known.min() >= 0:
        after = float(column_skewness(np.log1p(known)[:, None])[0])
        if abs(after) <= before / 2:
            return _Remedy("log(1 + x)", "log_transform", after)
    after = _powered(known)
    return _Remedy("Yeo and Johnson's power", "power_transform", after) if abs(after) <= abs(before) / 2 else None


def _body_is_skewed(known: Scores, before: float) -> bool:
    """Whether the skewness is not that of the farthest value alone, which may be a slip, or zeros beside amounts."""
    _, counts = np.unique(known, return_counts=True)
    if counts.max() > _MOST_EQUAL * len(known) or octile_skewness(known) * np.sign(before) < _BODY_SKEWED:
        return False
    rest = known[known != (known.max() if before > 0 else known.min())]
    return bool(column_skewness(rest[:, None])[0] * np.sign(before) >= abs(before) / 2)


def _powered(known: Scores) -> float:
    """The skewness after Yeo and Johnson's likeliest power; NaN where that leaves no difference."""
    some = known[rng_for(0, "skewed_column").permutation(len(known))[:_MOST_ROWS]]
    with threadpool_limits(1):
        power = float(PowerTransformer(method="yeo-johnson", standardize=False).fit(some[:, None]).lambdas_[0])
    raised = yeo_johnson(known, power)
    return float(column_skewness(raised[:, None])[0]) if np.isfinite(raised).all() else np.nan


def _details(judged: dict[str, float], remedies: dict[str, _Remedy | None]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, skewness in judged.items():
        remedy = remedies.get(name)
        told[name] = {
            "skewness": skewness,
            "fix": remedy.fix if remedy else None,
            "after": remedy.after if remedy else None,
        }
    return told
