"""What is known of each given label: how probably it is wrong, what it should be, and from which signals."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.arrays import Labels, Mask, Rows, Scores


@dataclass(frozen=True)
class Estimate:
    """A number that was estimated, and the range within which it plausibly lies."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class DetectionPower:
    """How well errors that were planted into copies of the labels are found on this very data.

    `planted` is how many there were; `found` the share of them that is flagged.
    """

    planted: int
    found: float


@dataclass(frozen=True)
class Judgement:
    """Every given label's verdict; arrays are (samples,), NaN and False where no model judged the sample.

    `suspicion` ranks: higher is more suspect. `probability` is that of the given label being wrong, and
    `flagged` where it passes `threshold`. `suggested` is the class that is likeliest if the given one is wrong,
    `suggested_probability` the probability that it is the true one. `signals` are the single scores that were
    fused, by name, higher = more suspect. `errors` estimates how many of the judged labels are wrong.
    """

    suspicion: Scores
    probability: Scores
    flagged: Mask
    suggested: Labels
    suggested_probability: Scores
    signals: Mapping[str, Scores]
    errors: Estimate
    threshold: float = 0.5
    known: bool = True
    """False where models know too little of the labels to contradict any, and `errors` could be any number."""
    power: DetectionPower | None = None
    notes: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """By signal how much it counts in the suspicion; they sum to 1."""

    def placed(self, rows: Rows, samples: int, codes: Labels) -> Judgement:
        """The same verdicts where their samples stand among all, of whom the others were not judged.

        Args:
            rows: (judged,) positions of these samples.
            samples: how many there are in all.
            codes: (classes,) code of each class that these verdicts number from 0.
        """

        def all_of(values: Scores) -> Scores:
            whole = np.full(samples, np.nan)
            whole[rows] = values
            return whole

        flagged, suggested = np.zeros(samples, bool), np.zeros(samples, np.int64)
        flagged[rows], suggested[rows] = self.flagged, codes[self.suggested]
        return replace(
            self,
            suspicion=all_of(self.suspicion),
            probability=all_of(self.probability),
            flagged=flagged,
            suggested=suggested,
            suggested_probability=all_of(self.suggested_probability),
            signals={name: all_of(values) for name, values in self.signals.items()},
        )

    def take(self, rows: Rows) -> Judgement:
        """Of the samples at `rows`, in that order; the estimate of errors is that of those rows."""
        probability = self.probability[rows]
        whole = np.nansum(self.probability)
        share = np.nansum(probability) / whole if whole > 0 else 0.0
        errors = Estimate(self.errors.value * share, self.errors.low * share, self.errors.high * share)
        return replace(
            self,
            suspicion=self.suspicion[rows],
            probability=probability,
            flagged=self.flagged[rows],
            suggested=self.suggested[rows],
            suggested_probability=self.suggested_probability[rows],
            signals={name: values[rows] for name, values in self.signals.items()},
            errors=errors,
        )
