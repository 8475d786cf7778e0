"""Models: the one place where training happens; each answers a list of fit jobs. One file, one id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

from dataclinic.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dataclinic.arrays import Scores
    from dataclinic.dataset import Task
    from dataclinic.features import Features
    from dataclinic.fits import FitJob, FitResult, TargetJob
    from dataclinic.progress import Progress


@dataclass(frozen=True)
class Interval:
    """Numbers that a search may try, `low` … `high`, evenly in their logarithm where `log`; whole ones for two ints."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Choice:
    """Values that a search may try."""

    values: tuple[Any, ...]


SearchSpace: TypeAlias = "Mapping[str, Interval | Choice]"
"""What is worth tuning, by the name of the setting."""


class AnyModel(Protocol):
    """What models of both tasks say of themselves: frozen dataclasses whose fields are their settings."""

    summary: ClassVar[str]
    task: ClassVar[Task]
    encoder: ClassVar[str | None]
    """Id of the only encoder whose features the model can train on; None where any with vectors will do."""
    search_space: ClassVar[SearchSpace]

    @property
    def description(self) -> str:
        """What is fitted, with its settings and the libraries that do it, for the record of a run."""
        ...


class Model(AnyModel, Protocol):
    """Contract of a classifier."""

    honours: ClassVar[frozenset[str]]
    """Names of the fields of `Recipe` that it follows; it refuses jobs that ask for others."""

    def run(
        self, features: Features, jobs: Sequence[FitJob], *, classes: int, device: str, progress: Progress
    ) -> list[FitResult]:
        """One result per job, in order. A class without training rows gets probabilities near 0, never NaN.

        Raises:
            OptionError: a job asks for what this model cannot do, or the features are not what it trains on.
        """
        ...


class TargetModel(AnyModel, Protocol):
    """Contract of a regression model."""

    def run(self, features: Features, jobs: Sequence[TargetJob], *, device: str, progress: Progress) -> list[Scores]:
        """(score_rows,) predictions per job, in order; finite."""
        ...


def require_honoured(model: str, honours: frozenset[str], jobs: Iterable[FitJob]) -> None:
    """Refuse jobs whose recipe asks for what the model would silently leave out.

    Raises:
        OptionError: one does.
    """
    for job in jobs:
        if ignored := sorted(job.recipe.asked().keys() - honours):
            raise OptionError.recipe_not_honoured(model, ignored)
