"""Find near duplicates: samples that show the same thing, of which one is worth keeping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.dataset import Dataset, Images, Table, Texts
from dataclinic.evidence import NearDuplicates
from dataclinic.methods import picture_copies, row_copies, text_copies
from dataclinic.methods.content_twins import content_sets, twins_are_natural
from dataclinic.methods.split_names import is_training_split
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Rows, Vectors
    from dataclinic.dataset import Payload
    from dataclinic.evidence import Measurements, Neighbours
    from dataclinic.methods.alike_sets import AlikeSets

NEAREST = 5
"""Of each sample's neighbours, those that may be copies; all of them tell whether a copy stands apart."""

WIDEST_COSINE_DISTANCE = 0.5
"""Beyond it nothing is compared, however far apart the samples of a data set lie."""

CLOSEST_SHARE = 0.001
"""Of pairs drawn at random: a candidate must be closer than all the others are. In a small data set copies themselves
are a larger share, up to one pair a sample."""

NEARLY = 0.9999
"""Most that samples of different content can be alike."""

_DRAWN = 20_000
"""Random pairs that the distance is calibrated with."""

_SAME_CONTENT = {Table: "same cells", Images: "same pixels", Texts: "same text"}


def find_near_duplicates(
    dataset: Dataset, measurements: Measurements, neighbours: Neighbours | None, vectors: Vectors | None
) -> NearDuplicates:
    """Sets of samples of equal content, and of content so nearly equal that it must be the same thing.

    Equal digests come first. Then candidates are compared by content itself: pictures whose perceptual hashes are close
    in any view (`methods/picture_copies.py`), texts with the same words (`methods/text_copies.py`), rows that differ in
    a single number (`methods/row_copies.py`), and all near neighbours whose vectors are closer than 99.9 % of random
    pairs; vectors alone make no duplicate. All pairs within a set are alike, and the set stands apart from everything
    around it. In a table in which equal rows are bound to occur (`twins_are_natural`), every sample is alone.

    The one to keep is the largest picture by pixels, then by bytes, as each saving loses some (sharpness would take the
    edges of JPEG blocks for detail), or the longest text. But a sample outside the training split goes before all
    others: dropping the copies then leaves validation and test splits as they were, and what was learned by heart
    leaves the training split. Ties go by id.

    Args:
        dataset: its payload is compared; labels are not looked at.
        measurements: content digests, perceptual hashes and sizes.
        neighbours: nearest neighbours by `vectors`; None where there are none.
        vectors: (samples, dims); None where there are none.
    """
    content = content_sets(measurements.content) if measurements.content else np.full(len(dataset), -1)
    if isinstance(dataset.payload, Table) and twins_are_natural(content, dataset.payload.frame):
        return _Sets(dataset, np.full(len(dataset), -1), None).near_duplicates(measurements)
    distinct = _Distinct.of(content)
    candidates = distinct.candidates(neighbours, vectors)
    around = distinct.around(neighbours)
    alike = _alike(dataset.payload.take(distinct.rows), measurements.take(distinct.rows), candidates, around)
    return _Sets(dataset, content, alike).near_duplicates(measurements)


@dataclass(frozen=True)
class _Distinct:
    """One sample of each content: `rows` are their places, `number` is (samples,) which of them has the same, or -1."""

    rows: Rows
    number: Codes

    @classmethod
    def of(cls, content: Codes) -> _Distinct:
        known = np.flatnonzero(content >= 0)
        _, first = np.unique(content[known], return_index=True)
        return cls(known[first], content)

    def around(self, neighbours: Neighbours | None) -> NDArray[np.int64]:
        """(distinct, k) numbers of the neighbours of each, -1 where there is none."""
        if neighbours is None:
            return np.empty((len(self.rows), 0), np.int64)
        return np.append(self.number, -1)[neighbours.rows[self.rows]]

    def candidates(self, neighbours: Neighbours | None, vectors: Vectors | None) -> NDArray[np.int64]:
        """(pairs, 2) numbers of near neighbours that are closer than nearly all random pairs."""
        if neighbours is None or vectors is None or len(self.rows) < 2:
            return np.empty((0, 2), np.int64)
        widest = min(WIDEST_COSINE_DISTANCE, _usual_distance(vectors[self.rows]))
        theirs = self.around(neighbours)[:, :NEAREST]
        near = (theirs >= 0) & (neighbours.distances[self.rows, :NEAREST] <= widest)
        own = np.broadcast_to(np.arange(len(self.rows))[:, None], theirs.shape)
        return np.column_stack([own[near], theirs[near]])


def _usual_distance(vectors: Vectors) -> float:
    """Cosine distance that `CLOSEST_SHARE` of random pairs stay below; those without a direction do not count."""
    rng = rng_for(0, "near duplicates")
    one, step = rng.integers(len(vectors), size=_DRAWN), rng.integers(1, len(vectors), size=_DRAWN)
    other = (one + step) % len(vectors)
    lengths = np.linalg.norm(vectors, axis=1)
    products = lengths[one] * lengths[other]
    real = products > 0
    if not real.any():
        return 0.0
    cosines = np.concatenate(
        [
            np.einsum("pd,pd->p", vectors[one[part]], vectors[other[part]])
            for part in np.array_split(np.arange(_DRAWN), 20)
        ]
    )
    share = min(1.0, max(CLOSEST_SHARE, 2 / len(vectors)))
    return float(np.quantile(1 - cosines[real] / products[real], share))


def _alike(
    payload: Payload, measurements: Measurements, candidates: NDArray[np.int64], around: NDArray[np.int64]
) -> AlikeSets:
    """Sets of samples of different content, by what kind of data they are."""
    if isinstance(payload, Images):
        hashes = measurements.hashes
        assert hashes is not None  # noqa: S101 - pictures are measured with their hashes
        return picture_copies.picture_copies(payload.sources, hashes, candidates, around)
    if isinstance(payload, Texts):
        return text_copies.text_copies(payload.texts, candidates, around)
    return row_copies.row_copies(payload.frame, candidates, around)


_WAYS = {Table: row_copies.WAYS, Images: picture_copies.WAYS, Texts: text_copies.WAYS}


class _Sets:
    """Samples of one content, and contents that are alike, put together."""

    def __init__(self, dataset: Dataset, content: Codes, alike: AlikeSets | None) -> None:
        self._dataset = dataset
        self._content = content
        self._set_of = np.arange(content.max(initial=-1) + 1)
        self._pairs: dict[tuple[int, int], tuple[float, str]] = {}
        if alike is None:
            return
        linked = alike.sets >= 0
        self._set_of[linked] = len(self._set_of) + alike.sets[linked]
        ways = _WAYS[type(dataset.payload)]
        pairs = zip(alike.first.tolist(), alike.second.tolist(), strict=True)
        likeness = zip(alike.likeness.values.tolist(), alike.likeness.ways.tolist(), strict=True)
        for (one, other), (value, way) in zip(pairs, likeness, strict=True):
            self._pairs[one, other] = self._pairs[other, one] = min(value, NEARLY), ways[way]

    def near_duplicates(self, measurements: Measurements) -> NearDuplicates:
        samples = len(self._dataset)
        sets = np.full(samples, -1, np.int64)
        kept = np.zeros(samples, bool)
        likeness = np.full(samples, np.nan)
        how = [""] * samples
        for number, members in enumerate(self._members()):
            best = min(members, key=_worth(self._dataset, measurements))
            sets[members] = number
            kept[best] = True
            for row in members:
                likeness[row], how[row] = self._pair(best, row)
            others = [row for row in members if row != best]
            how[best] = how[max(others, key=lambda row: float(likeness[row]))]
        return NearDuplicates(sets, kept, likeness, tuple(how))

    def _members(self) -> list[list[int]]:
        """Rows of each set of two or more, in order of appearance."""
        found: dict[int, list[int]] = {}
        for row in np.flatnonzero(self._content >= 0).tolist():
            found.setdefault(int(self._set_of[self._content[row]]), []).append(row)
        return [rows for rows in found.values() if len(rows) > 1]

    def _pair(self, one: int, other: int) -> tuple[float, str]:
        mine, theirs = int(self._content[one]), int(self._content[other])
        if mine == theirs:
            return 1.0, _SAME_CONTENT[type(self._dataset.payload)]
        return self._pairs[mine, theirs]


def _worth(dataset: Dataset, measurements: Measurements) -> Callable[[int], tuple[bool, float, int, str]]:
    """Key by which rows sort, the one most worth keeping first."""
    values = measurements.values
    payload = dataset.payload

    def worth(row: int) -> tuple[bool, float, int, str]:
        trained_on = dataset.split is not None and is_training_split(dataset.split[row])
        size, length = 0.0, 0
        if isinstance(payload, Images):
            size = float(values["width_px"][row] * values["height_px"][row])
            length = _bytes(payload.sources[row])
        elif isinstance(payload, Texts):
            length = len(payload.texts[row])
        return trained_on, -size, -length, dataset.ids[row]

    return worth


def _bytes(source: Path | bytes | None) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        return 0 if source is None else source.stat().st_size
    except OSError:  # the file has gone since it was measured: nothing is known of it
        return 0
