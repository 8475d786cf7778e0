"""Encoders: from a payload to features that models train on; none of them ever sees a label. One file, one id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from dataclinic.dataset import Payload
    from dataclinic.evidence import Features
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
    """"table" or "images": what it can encode."""

    def encode(self, payload: Payload, *, device: str, seed: int, progress: Progress) -> Encoded:
        """Features of every sample of `payload`; every sample is readable.

        Raises:
            WeightsError: the encoder needs weights that cannot be had or do not fit.
        """
        ...
