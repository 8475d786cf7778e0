"""Models: the one place where training happens; each answers a list of fit jobs. One file, one id."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.evidence import Features
    from dataclinic.fits import FitJob, FitResult
    from dataclinic.progress import Progress


class Model(Protocol):
    """Contract of a model: a frozen dataclass whose fields are its settings."""

    summary: ClassVar[str]

    @property
    def description(self) -> str:
        """What is fitted, with its settings and the libraries that do it, for the record of a run."""
        ...

    def run(
        self, features: Features, jobs: Sequence[FitJob], *, classes: int, device: str, progress: Progress
    ) -> list[FitResult]:
        """One result per job, in order. A class without training rows gets probabilities near 0, never NaN."""
        ...
