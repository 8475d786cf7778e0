"""How many errors are left among samples that nobody has looked at yet, with a plausible range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.judgement import Estimate

if TYPE_CHECKING:
    from dataclinic.arrays import Scores

DEVIATIONS = 1.96
"""Of a normal distribution, to either side of a 95 % interval."""


def errors_left(undecided: Scores, before: Estimate, found: int) -> Estimate:
    """The sum of the probabilities of being wrong, and a range about it.

    The range lies about that sum as that of before lies about its own value, in proportion, but is never narrower than
    chance (the variance of independent draws). The errors that were found cut it: no more are left than the range had
    in all, less those. How sure the verdicts make the level of the probabilities narrows nothing: verdicts on suspects
    say little of the others, and a range that was narrowed so held the true number much less often.

    Args:
        undecided: (undecided,) probabilities after the verdicts so far.
        before: number of errors among all samples, as it was estimated without verdicts.
        found: errors among the samples with a verdict.
    """
    value = float(undecided.sum())
    chance = DEVIATIONS * float(np.sqrt((undecided * (1 - undecided)).sum()))
    scale = value / before.value if before.value > 0 else 1.0
    low = max(0.0, value - max(chance, scale * (before.value - before.low)), min(value, before.low - found))
    high = min(value + max(chance, scale * (before.high - before.value)), max(value, before.high - found))
    return Estimate(value, low, min(high, float(len(undecided))))
