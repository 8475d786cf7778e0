"""Optuna's studies of one search: sampled and pruned there, kept in memory or in a file, read back as trials.

The model as given is a study of its own. Its settings need not lie in the space that is searched, so the sampler
cannot learn from it, and the pruner must not stop it.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import optuna
from optuna.pruners import HyperbandPruner
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import TrialState

from dataclinic.errors import RunError
from dataclinic.search import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

REDUCTION = 3
"""Hyperband's η: one trial in so many goes on at a rung, and each rung has so many times the folds of the last."""

STARTUP_SHARE = 5
"""One trial in so many is drawn at random before the Parzen estimators take over: they learn from trials."""

ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class TrialStudies:
    """The model as given, and what is searched."""

    default: optuna.Study
    searched: optuna.Study

    @classmethod
    def open(cls, file: Path | None, inputs: str, folds: int) -> TrialStudies:
        """The studies in `file` where it holds those of the same inputs, else new ones in their place.

        What an interrupted search left unfinished is marked as failed. The names of the studies are always the same,
        since Hyperband decides by name and number which trials it may prune.

        Raises:
            RunError: the file is broken.
        """
        storage = InMemoryStorage() if file is None else _storage(file)
        pruner = HyperbandPruner(min_resource=1, max_resource=folds, reduction_factor=REDUCTION)
        return cls(*(_study(storage, name, inputs, pruner) for name in ("default", "searched")))

    def ended(self) -> list[Trial]:
        """Trials that ended, in that order; the model as given is the first, and alone until it has ended."""
        kept = [
            trial for study in (self.default, self.searched) for trial in study.get_trials(deepcopy=False, states=ENDED)
        ]
        return [_trial(number, trial) for number, trial in enumerate(kept)]

    def draw(self, distributions: Mapping[str, BaseDistribution], sampler: BaseSampler) -> optuna.Trial:
        """A new trial with a value for each of `distributions`."""
        self.searched.sampler = sampler
        return self.searched.ask(dict(distributions))


def make_sampler(name: str, trials: int, seed: int) -> BaseSampler:
    """Optuna's sampler for "tpe" or "random", in a search of so many trials."""
    if name == "random":
        return optuna.samplers.RandomSampler(seed)
    return optuna.samplers.TPESampler(n_startup_trials=max(3, trials // STARTUP_SHARE), constant_liar=False, seed=seed)


def rungs(folds: int) -> list[int]:
    """Folds that are done when the pruner is asked, and all of them at last: 1, 3, 9 … folds."""
    return [done for power in range(folds) if (done := REDUCTION**power) < folds] + [folds]


def tell(study: optuna.Study, trial: optuna.Trial, scored: Trial) -> None:
    """End a trial, and keep what `ended` gives back of it."""
    for name in ("settings", "fold_losses", "fold_accuracies", "loss", "accuracy"):
        trial.set_user_attr(name, getattr(scored, name))
    study.tell(trial, None if scored.pruned else scored.loss, state=TrialState.PRUNED if scored.pruned else None)


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna says nothing inside; what was set outside is set again afterwards."""
    logger = logging.getLogger("optuna")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _study(storage: InMemoryStorage | JournalStorage, name: str, inputs: str, pruner: HyperbandPruner) -> optuna.Study:
    study = optuna.create_study(storage=storage, study_name=name, pruner=pruner, load_if_exists=True)
    if study.user_attrs.get("inputs", inputs) != inputs:
        optuna.delete_study(study_name=name, storage=storage)
        study = optuna.create_study(storage=storage, study_name=name, pruner=pruner)
    study.set_user_attr("inputs", inputs)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    return study


def _storage(file: Path) -> JournalStorage:
    _drop_unfinished_line(file)
    # The lock of Optuna's own choice is a symbolic link, which not every file system has.
    backend = JournalFileBackend(str(file), JournalFileOpenLock(str(file)))
    try:
        return JournalStorage(backend)
    except (ValueError, LookupError, AssertionError) as error:
        # Optuna asserts that it knows every operation in the file.
        raise RunError.broken_file(file, error) from error


def _drop_unfinished_line(file: Path) -> None:
    """Cut off what a process that was killed left half written; the next line would be glued to it."""
    content = file.read_bytes() if file.exists() else b""
    if content and not content.endswith(b"\n"):
        file.write_bytes(content[: content.rfind(b"\n") + 1])


def _trial(number: int, trial: optuna.trial.FrozenTrial) -> Trial:
    kept = trial.user_attrs
    duration = trial.duration
    return Trial(
        number=number,
        settings=dict(kept["settings"]),
        fold_losses=tuple(kept["fold_losses"]),
        loss=kept["loss"],
        seconds=duration.total_seconds() if duration else 0.0,
        fold_accuracies=tuple(kept["fold_accuracies"]),
        accuracy=kept["accuracy"],
        pruned=trial.state == TrialState.PRUNED,
    )
