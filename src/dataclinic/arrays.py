"""Array aliases that carry axes and dtype; what each axis means stands beside it."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = NDArray[np.int64]
"""(rows,) positions of samples in a dataset."""

Labels: TypeAlias = NDArray[np.int64]
"""(samples,) class codes, 0 … classes - 1."""

Codes: TypeAlias = NDArray[np.int64]
"""(samples,) group or fold numbers; -1 means none."""

Probs: TypeAlias = NDArray[np.float32]
"""(samples, classes) probabilities; a row sums to 1, or is NaN where no model scored the sample."""

Vectors: TypeAlias = NDArray[np.float32]
"""(samples, dims) feature vectors."""

Scores: TypeAlias = NDArray[np.float64]
"""(samples,) one number a sample; NaN where it does not apply."""

Mask: TypeAlias = NDArray[np.bool_]
"""(samples,) yes or no."""

SMALLEST_PROB = 1e-12
"""Probabilities below this are not told apart from zero; a loss ends at -log of it, 27.6 nats."""

Pixels: TypeAlias = NDArray[np.uint8]
"""(height, width, 3) RGB."""
