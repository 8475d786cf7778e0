"""Encoders: from a payload to features that models train on; none of them ever sees a label. One file, one id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from dataclinic.dataset import Payload
    from dataclinic.features import Features
    from dataclinic.progress import Progress


@dataclass(frozen=True)
class Encoded:
    """Features of every sample. `description` names what was used ("timm mobilenetv3_small_100, 224 px")."""

    features: Features
    description: str
    notes: tuple[str, ...] = ()


class Encoder(Protocol):
    """Contract of an encoder: a frozen dataclass whose fields are its settings."""

    summary: ClassVar[str]
    payload: ClassVar[str]
    """"table", "images" or "texts": what it can encode."""

    def identity(self, *, device: str) -> str | None:
        """What a sample's vector depends on beside the sample itself, weights and settings included.

        Equal identities and equal samples mean equal vectors, so that they can be kept and used again. None where a
        vector depends on the other samples too, or where nothing is gained by keeping it.

        Raises:
            WeightsError: as `encode`.
        """
        ...

    def encode(self, payload: Payload, *, device: str, seed: int, progress: Progress) -> Encoded:
        """Features of every sample of `payload`; every sample is readable.

        Raises:
            WeightsError: the encoder needs weights that cannot be had or do not fit.
        """
        ...
