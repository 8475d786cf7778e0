"""The exact nearest neighbours of every sample by cosine distance, found block by block.

Every pair is compared: up to some 200,000 samples that is faster than a graph index of the same recall, and misses
none. A block of rows meets all others in one matrix product. The k-th largest maximum over slices of a row bounds its
k-th largest cosine from below, so that one pass of maxima and one comparison leave about k candidates a row, and no
row is sorted. Candidates are then measured anew as half the squared distance of unit vectors, which equals 1 - cosine
without its cancellation: copies are at distance 0.

On the CPU numpy multiplies: with small blocks it took half the time of torch (18 against 36 CPU-seconds for 40,000 ×
512). Elsewhere torch does, since it alone reaches the device; everything after the candidates is the same code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Mask, Rows, Vectors
    from dataclinic.progress import Progress

BLOCK_CELLS = 16_000_000
"""Cosines held at once: 64 MB, and a quarter of it again for the comparison."""

DEVICE_BLOCK_CELLS = 256_000_000

_SLICE = 32
"""Cosines of which one maximum is taken: more make the maxima cheaper to rank, fewer leave fewer candidates."""

_ROUNDING = 4e-6
"""Cosines of float32 unit vectors that are closer than this may be equal; candidates include them."""

_MEASURED_VALUES = 1_000_000
"""Numbers of candidates' vectors looked at together: they fit into a processor's cache."""


class Nearest(NamedTuple):
    """`rows` is (samples, k) int64, nearest first, -1 where there is none; `distances` float32, infinite there."""

    rows: NDArray[np.int64]
    distances: NDArray[np.float32]


def nearest_neighbours(vectors: Vectors, usable: Mask, k: int, *, device: str, progress: Progress) -> Nearest:
    """The k nearest other samples of each by cosine distance in [0, 2], equal distances by row number.

    Where more are equally near than there is room for, to the last digits of float32, some of them are taken: on the
    CPU the first rows. Samples that are not usable and vectors of zeros have no neighbours and are none. Cost is
    samples² × dims.

    Args:
        vectors: (samples, dims) of finite numbers.
        usable: (samples,) which take part.
        k: how many at most; where fewer others take part, the last columns are empty.
        device: torch device string, already resolved.
        progress: told how many samples are done.
    """
    rows = np.flatnonzero(usable & vectors.any(axis=1))
    found = Nearest(np.full((len(vectors), k), -1), np.full((len(vectors), k), np.inf, np.float32))
    wanted = min(k, len(rows) - 1)
    if wanted < 1:
        return found
    unit = unit_vectors(vectors[rows])
    search: _Search = _NumpySearch(unit, wanted) if device == "cpu" else _TorchSearch(unit, wanted, device)
    for start in range(0, len(rows), search.block):
        progress("find neighbours", start, len(rows))
        own, others = search.candidates(start, min(start + search.block, len(rows)))
        places, distances = _nearest_candidates(unit, own, others, start, wanted)
        block = rows[start : start + len(places)]
        found.rows[block, :wanted] = rows[places]
        found.distances[block, :wanted] = distances
    progress("find neighbours", len(rows), len(rows))
    return found


def cosine_distances(queries: Vectors, vectors: Vectors) -> NDArray[np.float32]:
    """(queries, samples) cosine distance in [0, 2]; infinite where a vector is of zeros.

    Args:
        queries: (queries, dims), a few.
        vectors: (samples, dims).
    """
    distances = 1 - np.clip(unit_vectors(queries) @ unit_vectors(vectors).T, -1, 1)
    distances[~queries.any(axis=1)] = np.inf
    distances[:, ~vectors.any(axis=1)] = np.inf
    return np.asarray(distances, np.float32)


def unit_vectors(vectors: Vectors) -> Vectors:
    """(samples, dims) of length 1, in the same directions; zeros stay zeros."""
    # Of the largest entry first: squares of tiny or huge numbers leave float32.
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = np.divide(vectors, largest, out=np.zeros(vectors.shape, np.float32), where=largest > 0)
    lengths = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, None]
    return np.asarray(np.divide(scaled, lengths, out=scaled, where=lengths > 0), np.float32)


class _Search(Protocol):
    """Finds candidates for the nearest neighbours of a block of rows."""

    @property
    def block(self) -> int:
        """Rows at a time."""
        ...

    def candidates(self, start: int, stop: int) -> tuple[Rows, Rows]:
        """Rows start … stop - 1, ascending, each with all rows that may be among its nearest, ascending for each."""
        ...


class _NumpySearch:
    def __init__(self, unit: Vectors, wanted: int) -> None:
        samples, dims = unit.shape
        self._unit, self._wanted = unit, wanted
        # Slices of at least `wanted` maxima; the last one is filled up with zero vectors that never win.
        self._slices = _SLICE if samples >= 4 * _SLICE * wanted else 1
        self._width = -(-samples // self._slices)
        self._columns = np.zeros((self._slices * self._width, dims), np.float32)
        self._columns[:samples] = unit
        self.block = max(1, min(512, BLOCK_CELLS // len(self._columns)))

    def candidates(self, start: int, stop: int) -> tuple[Rows, Rows]:
        cosines = self._unit[start:stop] @ self._columns.T
        cosines[:, len(self._unit) :] = -np.inf
        cosines[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        maxima = cosines.reshape(stop - start, self._slices, self._width).max(axis=1)
        bounds = np.partition(maxima, self._width - self._wanted, axis=1)[:, self._width - self._wanted, None]
        own, others = np.divmod(np.flatnonzero(cosines >= bounds - _ROUNDING), len(self._columns))
        unsure = cosines[own, others] <= bounds[own, 0] + _ROUNDING
        kept = ~unsure | (_count_within(own, unsure) < 2 * self._wanted)
        return own[kept] + start, others[kept]


def _count_within(own: Rows, marked: Mask) -> Rows:
    """(candidates,) how many marked ones of the same row stand before; `own` ascends."""
    before: Rows = np.cumsum(marked) - marked
    return np.asarray(before - before[np.searchsorted(own, own)])


class _TorchSearch:
    def __init__(self, unit: Vectors, wanted: int, device: str) -> None:
        import torch

        self._torch = torch
        self._unit = torch.from_numpy(unit).to(device)
        self._kept = min(len(unit) - 1, wanted + 8)  # a few more, of which the exact distances choose
        self.block = max(1, DEVICE_BLOCK_CELLS // len(unit))

    def candidates(self, start: int, stop: int) -> tuple[Rows, Rows]:
        cosines = self._unit[start:stop] @ self._unit.T
        places = self._torch.arange(stop - start, device=cosines.device)
        cosines[places, places + start] = -self._torch.inf
        others = cosines.topk(self._kept, dim=1).indices.sort(dim=1).values.cpu().numpy()
        return np.repeat(np.arange(start, stop), self._kept), others.reshape(-1)


def _nearest_candidates(
    unit: Vectors, own: Rows, others: Rows, start: int, wanted: int
) -> tuple[Rows, NDArray[np.float32]]:
    """(block, wanted) nearest candidates and their distances."""
    distances = _exact_distances(unit, own, others)
    order = np.lexsort((others, distances, own))
    first = np.searchsorted(own, np.arange(start, int(own[-1]) + 1))
    chosen = order[first[:, None] + np.arange(wanted)]
    return others[chosen], distances[chosen]


def _exact_distances(unit: Vectors, own: Rows, others: Rows) -> NDArray[np.float32]:
    distances = np.empty(len(own), np.float32)
    step = max(1, _MEASURED_VALUES // unit.shape[1])
    for start in range(0, len(own), step):
        apart = unit[own[start : start + step]]
        apart -= unit[others[start : start + step]]
        distances[start : start + step] = np.einsum("ij,ij->i", apart, apart) / 2
    return distances
