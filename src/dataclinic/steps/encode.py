"""From a dataset's payload to the features that models train on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dataclinic.encoders import Encoded
from dataclinic.errors import DataError, OptionError, WeightsError
from dataclinic.features import Embeddings, Pictures
from dataclinic.registry import ENCODERS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dataclinic.arrays import Mask, Rows, Vectors
    from dataclinic.dataset import Dataset, Payload
    from dataclinic.encoders import Encoder
    from dataclinic.features import Features
    from dataclinic.progress import Progress

AUTO = "auto"
"""Stands for the first choice of `FIRST_CHOICE`, or the one that needs no weights where none can be had."""

FIRST_CHOICE = {"table": "raw_columns", "images": "timm_image", "texts": "tfidf"}
WITHOUT_WEIGHTS = "kmeans_patches"

CPU_SHARD = 10_000
"""Samples that are encoded, then kept, before the next: about a minute, which an interrupt can lose."""

ACCELERATOR_SHARD = 200_000
"""The same elsewhere; worker processes start anew for each."""


class VectorCache(Protocol):
    """Vectors of earlier runs, by the identity of an encoder and the digest of a sample."""

    def find(self, identity: str, digests: Sequence[str]) -> tuple[Rows, Vectors, str]:
        """Rows of `digests` whose vectors are kept, those vectors, and the encoder's description; "" is never kept."""
        ...

    def keep(self, identity: str, description: str, digests: Sequence[str], vectors: Vectors) -> None:
        """Add the vector of each digest."""
        ...


def encode(  # noqa: PLR0913 - seven of them by name
    dataset: Dataset,
    unreadable: Collection[int],
    encoder: str,
    options: Mapping[str, Mapping[str, Any]],
    *,
    digests: Sequence[str] = (),
    cache: VectorCache | None = None,
    device: str,
    seed: int,
    progress: Progress,
) -> tuple[str, Encoded]:
    """Id of the encoder that was used, and its features of every sample; unreadable rows are zeros.

    Only "auto" falls back, and only where the user named no weights either: what was asked for is used or refused.
    Where a vector depends on nothing but its sample, equal samples are encoded once, and those of the cache not at
    all; a note says how many.

    Args:
        dataset: its payload is encoded; labels are not looked at.
        unreadable: rows whose picture cannot be decoded.
        encoder: id, or "auto".
        options: settings of encoders by id, e.g. {"timm_image": {"weights": path}}.
        digests: one a sample, equal for equal content, "" for none; empty where they are not known.
        cache: vectors of earlier runs; None for none.
        device: torch device string, already resolved.
        seed: of encoders that learn from the pictures.
        progress: told how many samples are encoded.

    Raises:
        OptionError: no such encoder or setting, or the encoder is for another kind of data.
        WeightsError: weights that were asked for cannot be had or do not fit.
        DataError: not one sample can be read.
    """
    readable = np.ones(len(dataset), bool)
    readable[sorted(unreadable)] = False
    if not readable.any():
        raise DataError.nothing_readable(dataset.source)
    rows = np.flatnonzero(readable)
    payload = dataset.payload if readable.all() else dataset.payload.take(rows)
    known = [digests[row] for row in rows.tolist()] if digests else [""] * len(rows)
    first = first_choice(payload) if encoder == AUTO else encoder.replace("-", "_")

    def run(name: str) -> Encoded:
        made = ENCODERS.make(name, options.get(name))
        if made.payload != _kind(payload):
            raise OptionError.encoder_for_other_data(name, _kind(payload))
        return _Encoding(made, payload, known, cache or _NothingKept(), device, seed, progress).run()

    try:
        used, encoded = first, run(first)
    except WeightsError as error:
        if encoder != AUTO or options.get(first, {}).get("weights") is not None:
            raise
        used, encoded = WITHOUT_WEIGHTS, _with_notice(run(WITHOUT_WEIGHTS), error)
    return used, encoded if readable.all() else replace(encoded, features=_scattered(encoded.features, readable))


def first_choice(payload: Payload) -> str:
    """Id of the encoder that "auto" tries first."""
    return FIRST_CHOICE[_kind(payload)]


def _kind(payload: Payload) -> str:
    """What `Encoder.payload` calls it: "table", "images" or "texts"."""
    return type(payload).__name__.lower()


class _NothingKept:
    """In place of a cache."""

    def find(self, identity: str, digests: Sequence[str]) -> tuple[Rows, Vectors, str]:  # noqa: ARG002 - a VectorCache
        return np.empty(0, np.int64), np.empty((0, 0), np.float32), ""

    def keep(self, identity: str, description: str, digests: Sequence[str], vectors: Vectors) -> None:
        """Not at all."""


@dataclass(frozen=True)
class _Encoding:
    """One encoder at work on readable samples, with a digest of each."""

    encoder: Encoder
    payload: Payload
    digests: Sequence[str]
    cache: VectorCache
    device: str
    seed: int
    progress: Progress

    def run(self) -> Encoded:
        identity = self.encoder.identity(device=self.device)
        if identity is None or not any(self.digests):
            return self.encoder.encode(self.payload, device=self.device, seed=self.seed, progress=self.progress)
        firsts, sample_of = _distinct(self.digests)
        digests = [self.digests[row] for row in firsts]
        kept, vectors, description = self.cache.find(identity, digests)
        missing = np.setdiff1d(np.arange(len(firsts)), kept)
        fresh = self._fresh(identity, firsts[missing])
        blocks = [(kept, vectors)] if len(kept) else []
        if fresh:
            blocks.append((missing, np.concatenate([_vectors(part) for part in fresh])))
        matrix = np.empty((len(firsts), blocks[0][1].shape[1]), np.float32)
        for places, block in blocks:
            matrix[places] = block
        reused = int(np.isin(sample_of, kept).sum())
        notes = [f"{reused:,} of {len(sample_of):,} embeddings reused from the cache"] if reused else []
        notes += dict.fromkeys(note for part in fresh for note in part.notes)
        whole = matrix if len(firsts) == len(sample_of) else matrix[sample_of]
        return Encoded(Embeddings(whole), fresh[0].description if fresh else description, tuple(notes))

    def _fresh(self, identity: str, rows: Rows) -> list[Encoded]:
        """The samples at `rows`, part by part; each part is kept before the next begins."""
        shard = CPU_SHARD if self.device == "cpu" else ACCELERATOR_SHARD
        parts = []
        for start in range(0, len(rows), shard):

            def shifted(step: str, done: int, _: int, start: int = start) -> None:
                self.progress(step, start + done, len(rows))

            own = rows[start : start + shard]
            part = self.encoder.encode(self.payload.take(own), device=self.device, seed=self.seed, progress=shifted)
            known = [place for place, row in enumerate(own) if self.digests[row]]
            self.cache.keep(
                identity, part.description, [self.digests[own[place]] for place in known], _vectors(part)[known]
            )
            parts.append(part)
        return parts


def _distinct(digests: Sequence[str]) -> tuple[Rows, Rows]:
    """First row of each content, and which of them every row is; rows without a digest equal none."""
    place_of: dict[str | int, int] = {}
    firsts: list[int] = []
    sample_of: list[int] = []
    for row, digest in enumerate(digests):
        place = place_of.setdefault(digest or row, len(firsts))
        if place == len(firsts):
            firsts.append(row)
        sample_of.append(place)
    return np.array(firsts, np.int64), np.array(sample_of, np.int64)


def _vectors(encoded: Encoded) -> Vectors:
    return encoded.features.vectors(np.arange(len(encoded.features)))


def _with_notice(encoded: Encoded, error: WeightsError) -> Encoded:
    notice = (
        f"no pretrained weights could be had ({error.message}); used {WITHOUT_WEIGHTS} instead: "
        "expect weaker evidence. Give --weights FILE for better."
    )
    return replace(encoded, notes=(notice, *encoded.notes))


def _scattered(features: Features, readable: Mask) -> Features:
    """Features back at the rows they belong to; encoders whose samples can be unreadable learn nothing from rows."""
    known = features.pixels if isinstance(features, Pictures) else features.vectors(np.arange(len(features)))
    whole = np.zeros((len(readable), *known.shape[1:]), known.dtype)
    whole[readable] = known
    return Pictures(whole) if isinstance(features, Pictures) else Embeddings(whole)
