"""Which samples are held out together, and which may train the model that judges them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.grouped_folds import grouped_folds
from dataclinic.methods.rolling_folds import rolling_folds
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Mask, Rows, Scores

LEFT_OUT = -1
"""In place of a fold number: neither trained on nor judged."""

ONLY_TRAINED_ON = -2
"""In place of a fold number: of the first period, before which there is nothing to learn from."""


def draw_folds(
    strata: Labels, groups: Codes, usable: Mask, *, folds: int, repeats: int, seed: int, times: Scores | None = None
) -> NDArray[np.int64]:
    """(repeats, samples) fold numbers, `LEFT_OUT` or `ONLY_TRAINED_ON`.

    Without times, groups keep whole and every fold gets its share of each stratum (`grouped_folds`). With times the
    folds are periods (`rolling_folds`): a group may lie in several, so `training_rows` keeps it off one side.

    Args:
        strata: (samples,) codes, to be spread evenly over the folds: classes, or quantiles of a target.
        groups: (samples,) group codes.
        usable: (samples,) false for samples to leave out.
        folds: at least 2.
        repeats: how often to draw.
        seed: decides all draws.
        times: (samples,) when each sample was taken.

    Raises:
        DataError: there are too few different times for the folds.
    """
    drawn = np.full((repeats, len(strata)), LEFT_OUT, np.int64)
    for repeat in range(repeats):
        rng = rng_for(seed, "folds", repeat)
        if times is None:
            drawn[repeat, usable] = grouped_folds(strata[usable], groups[usable], folds, rng)
        else:
            periods = rolling_folds(times[usable], folds, rng)
            drawn[repeat, usable] = np.where(periods < 0, ONLY_TRAINED_ON, periods)
    return drawn


def training_rows(fold_of: Codes, fold: int, groups: Codes, times: Scores | None = None) -> Rows:
    """Rows that may train the model which judges `fold`, ascending; none where the fold is empty.

    They are of other folds and of groups without a member in `fold`; with times also strictly earlier than every
    sample of `fold`.

    Args:
        fold_of: (samples,) one row of what `draw_folds` gives.
        fold: its number.
        groups: (samples,) group codes; -1 is no group.
        times: (samples,) as given to `draw_folds`.
    """
    held_out = fold_of == fold
    if not held_out.any():
        return np.empty(0, np.int64)
    free = (fold_of != LEFT_OUT) & ~held_out & ~(np.isin(groups, groups[held_out]) & (groups >= 0))
    if times is not None:
        free &= times < times[held_out].min()
    return np.flatnonzero(free)
