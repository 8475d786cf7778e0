"""Which samples are both bad in themselves and unlike the rest of their data set.

A limit alone would flag every picture of a night camera, and a fence alone some of any data set, however good. So a
sample must pass both an absolute limit and Tukey's fence (J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley,
1977) of its own data set. Fences are those of the logarithms, since what is measured here (light, contrast, steepness,
length) is told by ratios: half as much light is one stop, wherever one starts. We add two conditions. It must lie
clearly below the median, as a fence stands close where all are alike. And where more than a few pass all this they are
a second population, such as the night part of a street camera, and none is flagged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.tukey_fences import tukey_fences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Mask, Rows, Scores

_CLEARLY = 2**-0.5
"""Half a stop below the median: where all are much alike, the fence is so near that ordinary ones lie beyond it."""

FEWEST_TO_COMPARE = 10
"""Quartiles of fewer values say little about the rest."""


@dataclass(frozen=True)
class Unlike:
    """`rows` passed limit and fence; `halvings` says of each how often the median must be halved to get to its value.

    `bound` is the strictest of limit, fence and a clear distance from the median; `typical` the median of the
    `judged` samples whose value is known. `crowd` counts those beyond both where they are too many to be called
    unlike the rest: then `rows` is empty.
    """

    rows: Rows
    halvings: Scores
    bound: float
    typical: float
    judged: int
    crowd: int

    @property
    def details(self) -> dict[str, float]:
        return {"bound": self.bound, "median": self.typical, "judged": self.judged, "crowd": self.crowd}

    def worst_first(self, ids: Sequence[str]) -> list[tuple[int, float]]:
        """Rows with their halvings; equals in the order of their ids, so that the order of samples does not tell."""
        pairs = zip(self.rows.tolist(), self.halvings.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], ids[pair[0]]))

    def told(self, fault: str) -> str:
        """One sentence on how many samples have the fault: "3 of 1,000 pictures are dark"."""
        found = self.crowd or len(self.rows)
        told = f"{found:,} of {self.judged:,} pictures {'is' if found == 1 else 'are'} {fault}"
        return f"{told}: too many to be unlike the rest, so they are not reported one by one" if self.crowd else told


def unlike_the_rest(
    values: Scores, limit: float, *, factor: float, most_share: float, ordinary: Mask | None = None
) -> Unlike | None:
    """Samples below `limit`, the lower fence and 0.71 of the median; None where fewer than ten values are known.

    `values` are above 0, NaN where unknown; the fence lies `factor` interquartile ranges of their logarithms below the
    first quartile. More than `most_share` of the known ones are a crowd. Samples that are `ordinary` for another reason
    have their part in the fence, but are not judged. For what is too large, give the reciprocals.
    """
    known = ~np.isnan(values)
    judged = int(known.sum())
    if judged < FEWEST_TO_COMPARE:
        return None
    typical = float(np.median(values[known]))
    fence = float(np.exp(tukey_fences(np.log(values), factor).low))
    bound = min(limit, fence, _CLEARLY * typical)
    beyond = values < bound if ordinary is None else (values < bound) & ~ordinary
    crowd = int(beyond.sum()) if beyond.sum() > most_share * judged else 0
    rows = np.flatnonzero(beyond & (crowd == 0))
    return Unlike(rows, np.log2(typical / values[rows]), bound, typical, judged, crowd)


def unlike_on_either_side(
    values: Scores, ratio: float, *, factor: float, most_share: float, ordinary: Mask
) -> tuple[Unlike, Unlike] | None:
    """Samples whose value is `ratio` times smaller, and such whose is `ratio` times larger, than the median.

    They are beyond the fence on that side too. What is larger comes back as reciprocals. None as above.
    """
    typical = float(np.median(values[~np.isnan(values)])) if (~np.isnan(values)).any() else np.nan
    below = unlike_the_rest(values, typical / ratio, factor=factor, most_share=most_share, ordinary=ordinary)
    above = unlike_the_rest(1 / values, 1 / typical / ratio, factor=factor, most_share=most_share, ordinary=ordinary)
    return None if below is None or above is None else (below, above)
