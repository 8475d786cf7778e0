"""What models train on: columns of a table, embeddings of a frozen encoder, or pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Mask, Rows, Vectors


@dataclass(frozen=True)
class Columns:
    """Raw table columns for models that split on them: (samples, columns) float32, NaN = missing.

    Where `categorical` is true the values are category numbers 0, 1, … without order.
    """

    values: Vectors
    names: tuple[str, ...]
    categorical: Mask


class Features(Protocol):
    """What models train on. Anything learned from data (scales, vocabularies) is learned from `train_rows` alone."""

    def __len__(self) -> int: ...

    @property
    def frozen(self) -> bool:
        """True where `vectors` is the same for all training rows."""
        ...

    def take(self, rows: Rows) -> Features:
        """A copy of the samples at `rows`, in that order: nothing of the others can be reached from it."""
        ...

    def joined(self, *others: Features) -> Features:
        """These samples, then those of `others` in turn, which are of the same kind and dimensions."""
        ...

    def vectors(self, train_rows: Rows) -> Vectors:
        """(samples, dims) float32 of every sample, prepared on the training rows; no NaN."""
        ...

    def columns(self, train_rows: Rows) -> Columns:
        """Every sample for tree models, prepared on the training rows."""
        ...


@dataclass(frozen=True)
class Embeddings:
    """Vectors of a frozen encoder: nothing is learned from rows, so every fold sees the same."""

    matrix: Vectors
    frozen: bool = True

    def __len__(self) -> int:
        return len(self.matrix)

    def take(self, rows: Rows) -> Embeddings:
        return Embeddings(self.matrix[rows])

    def joined(self, *others: Features) -> Embeddings:
        return Embeddings(np.concatenate([self.matrix, *(cast("Embeddings", other).matrix for other in others)]))

    def vectors(self, train_rows: Rows) -> Vectors:  # noqa: ARG002 - part of Features
        return self.matrix

    def columns(self, train_rows: Rows) -> Columns:  # noqa: ARG002 - part of Features
        dims = self.matrix.shape[1]
        return Columns(self.matrix, tuple(f"dim_{dim}" for dim in range(dims)), np.zeros(dims, bool))


@dataclass(frozen=True)
class Pictures:
    """Pictures decoded to one size for networks that train on them: (samples, px, px, 3) uint8 RGB.

    Models that take vectors get the flattened pixels, scaled to -1 … 1.
    """

    pixels: NDArray[np.uint8]
    frozen: bool = True

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, rows: Rows) -> Pictures:
        return Pictures(self.pixels[rows])

    def joined(self, *others: Features) -> Pictures:
        return Pictures(np.concatenate([self.pixels, *(cast("Pictures", other).pixels for other in others)]))

    def vectors(self, train_rows: Rows) -> Vectors:
        return self.columns(train_rows).values

    def columns(self, train_rows: Rows) -> Columns:  # noqa: ARG002 - part of Features
        flat = self.pixels.reshape(len(self.pixels), -1)
        values = flat.astype(np.float32) / 127.5 - 1
        return Columns(values, tuple(f"pixel_{place}" for place in range(flat.shape[1])), np.zeros(flat.shape[1], bool))
