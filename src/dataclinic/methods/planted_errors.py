"""Labels that are known to be wrong, because they were switched: half uniformly, half along what is confused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Mask, Rows

    Floats = NDArray[np.float64]


def switched_labels(labels: Labels, clean: Floats, rng: np.random.Generator) -> Labels:
    """(samples,) another class for every sample: for half of them any other, for half by what it could be taken for.

    Args:
        labels: (samples,) codes as given.
        clean: (samples, classes) probability of each class; two classes or more.
        rng: draws.
    """
    samples, classes = clean.shape
    anything = (labels + rng.integers(1, classes, samples)) % classes
    others = clean + 1e-9
    others[np.arange(samples), labels] = 0
    reached = np.cumsum(others, axis=1)
    confused = (reached < rng.random((samples, 1)) * reached[:, -1:]).sum(axis=1)
    # rounding must not lead past the last class, or back to the given one
    confused = np.where((confused >= classes) | (confused == labels), anything, confused)
    return np.asarray(np.where(rng.random(samples) < 0.5, anything, confused), np.int64)


def plant(labels: Labels, clean: Floats, rows: Rows, rng: np.random.Generator) -> tuple[Labels, Mask]:
    """A copy of `labels` with those at `rows` switched, and which: (samples,) each."""
    given = labels.copy()
    given[rows] = switched_labels(labels[rows], clean[rows], rng)
    return given, np.asarray(given != labels)
