"""Search the settings of one model, so that a gain from cleaning is not just that of a badly tuned baseline.

Sampling by tree-structured Parzen estimators (Bergstra, Bardenet, Bengio & Kégl, *Algorithms for Hyper-Parameter
Optimization*, NeurIPS 2011) and pruning by Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar, JMLR 18, 2018),
both as Optuna has them. What Hyperband shares out is folds: some trials (with three to eight folds two in five) run
on all of them, the others go on after one, three, nine … folds only where they are in the best third so far.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from math import prod
from typing import TYPE_CHECKING, Any, cast

from dataclinic.errors import DataError, OptionError
from dataclinic.methods.fold_gain import fold_gain
from dataclinic.methods.inner_folds import ClassFolds, Held, TargetFolds, over_samples
from dataclinic.methods.setting_grid import even_steps, readable, setting_grid
from dataclinic.models import Choice, Interval
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.search import Trial, Tuning, best_of
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import optuna
    from optuna.distributions import BaseDistribution

    from dataclinic.arrays import Codes, Mask
    from dataclinic.dataset import Dataset
    from dataclinic.features import Features
    from dataclinic.methods.trial_studies import TrialStudies
    from dataclinic.models import AnyModel, Model, SearchSpace, TargetModel
    from dataclinic.progress import Progress
    from dataclinic.search import Journal, Search


def tune_model(  # noqa: PLR0913 - what out-of-fold prediction takes, and the search
    dataset: Dataset,
    features: Features,
    model_id: str,
    settings: Mapping[str, Any],
    *,
    groups: Codes,
    usable: Mask,
    search: Search,
    journal: Journal | None,
    device: str,
    progress: Progress,
) -> Tuning:
    """Every trial of a bounded search over what the model's `search_space` names, the model as given first.

    A trial's score is the mean out-of-fold loss of what was given: log loss in nats of the labels, the mean absolute
    error of the targets. Folds are drawn once from a random stream of their own, stratified, groups kept whole, rolling
    forward where samples have a time; every trial sees the same folds and seeds. With a journal an earlier search of
    the same inputs goes on where it stopped, and one of other inputs is replaced; a trial that was interrupted is drawn
    again.

    Args:
        dataset: gives labels or targets, classes and times.
        features: of all samples.
        model_id: of a model for the task of `dataset`.
        settings: of that model; what is given here is kept as it is, and the rest of its search space is searched.
        groups: (samples,) group codes; a group is never on both sides of a split.
        usable: (samples,) false for samples to leave out of training and scoring.
        search: how far to search.
        journal: where finished trials are kept; None keeps them in memory.
        device: torch device string.
        progress: told how many trials have ended.

    Raises:
        OptionError: Optuna is not installed, or the model has nothing to tune.
        DataError: there are too few different times for the folds, or no fold can be judged.
        RunError: the journal is broken.
    """
    if find_spec("optuna") is None:
        raise OptionError.not_installed("tuning", "optuna", "tune")
    from dataclinic.methods.trial_studies import TrialStudies, quiet

    space = _open_space(model_id, settings)
    folds = _folds(dataset, Held(groups, usable, dataset.times, search.folds, seed_for(search.seed, "tune", "folds")))
    with quiet():
        inputs = _inputs(journal, model_id, settings, space, search)
        studies = TrialStudies.open(journal.file if journal else None, inputs, len(folds.jobs))
        judge = _Judge(dataset, features, folds, model_id, settings, device)
        trials = _Hunt(judge, studies, space, search).run(progress)
    gain, error = fold_gain(trials[0].fold_losses, best_of(trials).fold_losses, folds.rows)
    return Tuning(model_id, folds.measure, search, dict(settings), folds.rows, tuple(trials), gain, error)


def _open_space(model_id: str, settings: Mapping[str, Any]) -> SearchSpace:
    """What is left to search."""
    space = MODELS.find(model_id).search_space
    if left := {name: values for name, values in space.items() if name not in settings}:
        return left
    tunable = [name for name in MODELS.ids() if MODELS.find(name).search_space]
    raise OptionError.nothing_to_tune(model_id, sorted(space), tunable)


def _folds(dataset: Dataset, held: Held) -> ClassFolds | TargetFolds:
    drawn = (
        ClassFolds.draw(dataset.labels, held) if dataset.targets is None else TargetFolds.draw(dataset.targets, held)
    )
    if not drawn.jobs:
        raise DataError.nothing_judged()
    return drawn


def _inputs(
    journal: Journal | None, model_id: str, settings: Mapping[str, Any], space: SearchSpace, search: Search
) -> str:
    """Equal for searches that go on with each other: a later one may ask for more trials, or seconds."""
    # A grid is laid out for the number of trials, and whether all choices are tried depends on it.
    planned = search.sampler == "grid" or all(isinstance(dimension, Choice) for dimension in space.values())
    trials = search.trials if planned else None
    asked = (journal and journal.study, model_id, sorted(settings.items()), space, search.sampler, search.folds)
    return hashlib.blake2b(repr((asked, search.seed, trials)).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class _Judge:
    """Scores settings on the inner folds."""

    dataset: Dataset
    features: Features
    folds: ClassFolds | TargetFolds
    model_id: str
    given: Mapping[str, Any]
    device: str

    def make(self, settings: Mapping[str, Any]) -> AnyModel:
        return MODELS.make(self.model_id, {**self.given, **settings})

    def losses(self, model: AnyModel, first: int, last: int) -> list[tuple[float, ...]]:
        """Loss, and accuracy in a classification, of the folds `first` … `last` - 1, trained in one call."""
        folds, features, device, places = self.folds, self.features, self.device, range(first, last)
        if isinstance(folds, TargetFolds):
            targets = folds.jobs[first:last]
            numbers = cast("TargetModel", model).run(features, targets, device=device, progress=silent)
            return [(folds.loss(place, number),) for place, number in zip(places, numbers, strict=True)]
        jobs, classes = folds.jobs[first:last], len(self.dataset.classes)
        fits = cast("Model", model).run(features, jobs, classes=classes, device=device, progress=silent)
        return [folds.loss(place, fit.probs) for place, fit in zip(places, fits, strict=True)]


@dataclass(frozen=True)
class _Hunt:
    """Trial after trial: the model as given, then what a grid or a sampler comes up with."""

    judge: _Judge
    studies: TrialStudies
    space: SearchSpace
    search: Search

    def run(self, progress: Progress) -> list[Trial]:
        planned = self._planned()
        most = self.search.trials if planned is None else min(self.search.trials, 1 + len(planned))
        while self._goes_on(trials := self.studies.ended(), most):
            progress(f"tune {self.judge.model_id}", len(trials), most)
            if not trials:
                self._try(self.studies.default, self.studies.default.ask(), {})
            elif planned is not None:
                self._try(self.studies.searched, self.studies.searched.ask(), planned[len(trials) - 1])
            else:
                trial = self._draw(len(trials))
                values = {name: _value(self.space[name], drawn) for name, drawn in trial.params.items()}
                self._try(self.studies.searched, trial, values)
        progress(f"tune {self.judge.model_id}", most, most)
        return trials

    def _goes_on(self, trials: Sequence[Trial], most: int) -> bool:
        spent, limit = sum(trial.seconds for trial in trials), self.search.seconds
        return not trials or (len(trials) < most and (limit is None or spent < limit))

    def _planned(self) -> list[dict[str, Any]] | None:
        """Settings in their order: a grid, or all there are where they are few; None: drawn one by one."""
        choices = {name: dimension.values for name, dimension in self.space.items() if isinstance(dimension, Choice)}
        intervals = {name: dimension for name, dimension in self.space.items() if isinstance(dimension, Interval)}
        most = self.search.trials - 1
        few = not intervals and prod(map(len, choices.values())) <= most
        if self.search.sampler != "grid" and not few:
            return None
        steps = {name: partial(even_steps, span.low, span.high, log=span.log) for name, span in intervals.items()}
        return setting_grid(choices, steps, most, rng_for(self.search.seed, "tune", "grid"))

    def _draw(self, number: int) -> optuna.Trial:
        """Each trial has a random stream of its own, so that a search that was resumed draws as one that was not."""
        from dataclinic.methods.trial_studies import make_sampler

        sampler = make_sampler(self.search.sampler, self.search.trials, seed_for(self.search.seed, "tune", number))
        return self.studies.draw({name: _distribution(values) for name, values in self.space.items()}, sampler)

    def _try(self, study: optuna.Study, trial: optuna.Trial, settings: dict[str, Any]) -> None:
        """Score `settings` from rung to rung, until they are pruned; the first trial of a study never is."""
        from dataclinic.methods.trial_studies import rungs, tell

        rows, model = self.judge.folds.rows, self.judge.make(settings)
        scores: list[tuple[float, ...]] = []
        pruned = False
        for last in rungs(len(rows)):
            scores += self.judge.losses(model, len(scores), last)
            trial.report(over_samples([score[0] for score in scores], rows), last)
            pruned = last < len(rows) and trial.should_prune()
            if pruned:
                break
        losses, *rest = (tuple(values) for values in zip(*scores, strict=True))
        accuracies: tuple[float, ...] = rest[0] if rest else ()
        # Its number and seconds are known when it has ended.
        scored = Trial(
            number=0,
            settings=settings,
            fold_losses=losses,
            loss=over_samples(losses, rows),
            seconds=0.0,
            fold_accuracies=accuracies,
            accuracy=over_samples(accuracies, rows) if accuracies else None,
            pruned=pruned,
        )
        tell(study, trial, scored)


def _distribution(dimension: Interval | Choice) -> BaseDistribution:
    """Optuna's name for a dimension; of a choice it draws the place, since it knows numbers and text only."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(dimension, Choice):
        return CategoricalDistribution(tuple(range(len(dimension.values))))
    low, high = dimension.low, dimension.high
    if isinstance(low, int) and isinstance(high, int):
        return IntDistribution(low, high, log=dimension.log)
    return FloatDistribution(low, high, log=dimension.log)


def _value(dimension: Interval | Choice, drawn: Any) -> Any:
    """The setting that a draw from `_distribution` stands for."""
    if isinstance(dimension, Choice):
        return dimension.values[drawn]
    return readable(drawn, dimension.low, dimension.high)
