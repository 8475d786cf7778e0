"""From a dataset's payload to the features that models train on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.errors import DataError, OptionError, WeightsError
from dataclinic.evidence import Embeddings
from dataclinic.registry import ENCODERS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from dataclinic.arrays import Mask
    from dataclinic.dataset import Dataset, Payload
    from dataclinic.encoders import Encoded
    from dataclinic.progress import Progress

AUTO = "auto"
"""Stands for the first choice of `FIRST_CHOICE`, or the one that needs no weights where none can be had."""

FIRST_CHOICE = {"table": "raw_columns", "images": "timm_image"}
WITHOUT_WEIGHTS = "kmeans_patches"


def encode(
    dataset: Dataset,
    unreadable: Collection[int],
    encoder: str,
    options: Mapping[str, Mapping[str, Any]],
    *,
    device: str,
    seed: int,
    progress: Progress,
) -> tuple[str, Encoded]:
    """Id of the encoder that was used, and its features of every sample; unreadable rows are zeros.

    Only "auto" falls back, and only where the user named no weights either: what was asked for is used or refused.

    Args:
        dataset: its payload is encoded; labels are not looked at.
        unreadable: rows whose picture cannot be decoded.
        encoder: id, or "auto".
        options: settings of encoders by id, e.g. {"timm_image": {"weights": path}}.
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
    payload = dataset.payload if readable.all() else dataset.payload.take(np.flatnonzero(readable))
    first = first_choice(payload) if encoder == AUTO else encoder.replace("-", "_")

    def run(name: str) -> Encoded:
        return _encode_with(name, options, payload, device=device, seed=seed, progress=progress)

    try:
        used, encoded = first, run(first)
    except WeightsError as error:
        if encoder != AUTO or options.get(first, {}).get("weights") is not None:
            raise
        used, encoded = WITHOUT_WEIGHTS, _with_notice(run(WITHOUT_WEIGHTS), error)
    return used, encoded if readable.all() else _scattered(encoded, readable)


def first_choice(payload: Payload) -> str:
    """Id of the encoder that "auto" tries first."""
    return FIRST_CHOICE[_kind(payload)]


def _kind(payload: Payload) -> str:
    """What `Encoder.payload` calls it: "table" or "images"."""
    return type(payload).__name__.lower()


def _encode_with(
    name: str,
    options: Mapping[str, Mapping[str, Any]],
    payload: Payload,
    *,
    device: str,
    seed: int,
    progress: Progress,
) -> Encoded:
    encoder = ENCODERS.make(name, options.get(name))
    if encoder.payload != _kind(payload):
        raise OptionError.encoder_for_other_data(name, _kind(payload))
    return encoder.encode(payload, device=device, seed=seed, progress=progress)


def _with_notice(encoded: Encoded, error: WeightsError) -> Encoded:
    notice = (
        f"no pretrained weights could be had ({error.message}); used {WITHOUT_WEIGHTS} instead: "
        "expect weaker evidence. Give --weights FILE for better."
    )
    return replace(encoded, notes=(notice, *encoded.notes))


def _scattered(encoded: Encoded, readable: Mask) -> Encoded:
    """Vectors back at the rows they belong to; encoders whose samples can be unreadable learn nothing from rows."""
    known = encoded.features.vectors(np.arange(len(encoded.features)))
    matrix = np.zeros((len(readable), known.shape[1]), np.float32)
    matrix[readable] = known
    return replace(encoded, features=Embeddings(matrix))
