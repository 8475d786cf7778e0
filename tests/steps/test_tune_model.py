import logging
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from dataclinic.errors import DataError, OptionError
from dataclinic.features import Embeddings
from dataclinic.fits import FitResult, FoldPlan
from dataclinic.methods.label_quality import mean_loss_nats
from dataclinic.models import Choice, Interval
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.search import Journal, Search
from dataclinic.seeding import rng_for, seed_for
from dataclinic.steps import tune_model as step
from dataclinic.steps.predict_out_of_fold import predict_out_of_fold
from dataclinic.steps.tune_model import tune_model
from dataclinic.testing.planted import gaussian_classes, switch_labels, table_dataset

VECTORS, LABELS = gaussian_classes(90, 3)
BEST = 0.3


@dataclass
class Valley:
    """A classifier that is best at rate = BEST, and worse on later folds whatever its settings."""

    rate: float = 0.9
    kind: str = "plain"
    runs: list = field(default_factory=list)
    stop_after: int = 10**9

    def run(self, features, jobs, *, classes, device, progress):
        results = []
        for job in jobs:
            if len(self.runs) >= self.stop_after:
                raise KeyboardInterrupt
            self.runs.append((self.rate, self.kind, job))
            right = 0.9 - (self.rate - BEST) ** 2 - 0.1 * (self.kind == "poor")
            probs = np.full((len(job.score_rows), classes), (1 - right) / (classes - 1), np.float32)
            probs[np.arange(len(probs)), LABELS[job.score_rows]] = right
            results.append(FitResult(probs))
        return results


class Noise(Valley):
    """Settings change nothing but the luck."""

    def run(self, features, jobs, *, classes, device, progress):
        results = []
        for job in jobs:
            right = 0.7 + 0.1 * rng_for(job.seed, str(self.rate)).uniform(-1, 1)
            probs = np.full((len(job.score_rows), classes), (1 - right) / (classes - 1), np.float32)
            probs[np.arange(len(probs)), LABELS[job.score_rows]] = right
            results.append(FitResult(probs))
        return results


class Middle:
    """A regression that always says the median, moved by `shift`."""

    def __init__(self, shift):
        self.shift = shift

    def run(self, features, jobs, *, device, progress):
        return [np.full(len(job.score_rows), np.median(job.targets) + self.shift) for job in jobs]


@dataclass
class OneModel:
    """In place of the registry: every model it makes writes into the same `runs`."""

    model: type = Valley
    search_space: dict = field(default_factory=lambda: {"rate": Interval(0.0, 1.0)})
    runs: list = field(default_factory=list)
    stop_after: int = 10**9

    def find(self, name):
        return self

    def ids(self):
        return ("valley",)

    def make(self, name, settings=None):
        if self.model is Middle:
            return Middle(**{"shift": 1.0, **settings})
        return self.model(**settings, runs=self.runs, stop_after=self.stop_after)


@pytest.fixture
def models(monkeypatch):
    registry = OneModel()
    monkeypatch.setattr(step, "MODELS", registry)
    return registry


def tune(search, journal=None, settings=None, dataset=None, model="valley", groups=None, usable=None):
    return tune_model(
        dataset or table_dataset(VECTORS, LABELS),
        Embeddings(VECTORS),
        model,
        settings or {},
        groups=np.arange(90) if groups is None else groups,
        usable=np.ones(90, bool) if usable is None else usable,
        search=search,
        journal=journal,
        device="cpu",
        progress=silent,
    )


def without_seconds(tuning):
    return [replace(trial, seconds=0.0) for trial in tuning.trials]


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_every_sampler_comes_near_the_best_settings(models, sampler):
    tuning = tune(Search(sampler, trials=15))
    assert len(tuning.trials) == 15
    assert tuning.chosen.settings["rate"] == pytest.approx(BEST, abs=0.1)
    assert tuning.best.loss == min(trial.loss for trial in tuning.trials if not trial.pruned)
    assert tuning.gain == pytest.approx(tuning.default.loss - tuning.best.loss)


def test_the_parzen_estimators_search_closer_to_the_best_than_chance(models):
    def distance(sampler, seed):
        trials = tune(Search(sampler, trials=30, seed=seed)).trials[15:]
        return np.median([abs(trial.settings["rate"] - BEST) for trial in trials])

    assert np.mean([distance("tpe", seed) for seed in range(3)]) < 0.5 * np.mean(
        [distance("random", seed) for seed in range(3)]
    )


def test_the_first_trial_is_the_model_as_given_on_all_folds(models):
    models.search_space = {"rate": Interval(0.0, 0.1)}
    default = tune(Search(trials=4)).default
    assert default.settings == {}
    assert len(default.fold_losses) == 3
    assert default.loss == pytest.approx(-np.log(0.9 - 0.36), rel=1e-5)
    assert default.accuracy == 1.0
    assert [rate for rate, _, _ in models.runs[:3]] == [0.9] * 3


def test_the_default_stays_where_no_settings_are_better(models):
    tuning = tune(Search(trials=8), settings={"kind": "plain"})
    assert tuning.chosen.settings
    models.search_space = {"kind": Choice(("poor", "poor"))}
    tuning = tune(Search(trials=3))
    assert tuning.best is tuning.chosen is tuning.default


def test_luck_is_seldom_taken_for_a_gain(models):
    models.model = Noise
    chosen = [tune(Search("random", trials=4, folds=5, seed=seed)).chosen.number for seed in range(12)]
    assert chosen.count(0) >= 6


def test_the_default_scores_as_in_an_out_of_fold_prediction():
    given, _ = switch_labels(LABELS, 0.1, classes=3)
    dataset, search = table_dataset(VECTORS, given), Search(trials=2, seed=4)
    tuning = tune(search, dataset=dataset, model="linear_head")
    plan = FoldPlan(3, 1, seed_for(seed_for(4, "tune", "folds"), "inner folds"))
    predicted = predict_out_of_fold(
        dataset,
        Embeddings(VECTORS),
        {"linear_head": MODELS.make("linear_head")},
        groups=np.arange(90),
        usable=np.ones(90, bool),
        plan=plan,
        device="cpu",
        progress=silent,
    ).out_of_fold
    assert tuning.default.loss == pytest.approx(mean_loss_nats(predicted.repeat_probs, given).mean(), rel=1e-4)
    assert tuning.default.accuracy == pytest.approx((predicted.mean_probs.argmax(axis=1) == given).mean())


def test_all_trials_share_their_folds_and_seeds(models):
    tune(Search("random", trials=6))
    seen = {(job.train_rows.tobytes(), job.score_rows.tobytes(), job.seed) for _, _, job in models.runs}
    assert len(seen) == 3


def test_a_pruned_trial_skips_its_remaining_folds(models):
    tuning = tune(Search("random", trials=30))
    pruned = [trial for trial in tuning.trials if trial.pruned]
    assert pruned
    assert {len(trial.fold_losses) for trial in pruned} == {1}
    assert all(len(trial.fold_losses) == 3 for trial in tuning.trials if not trial.pruned)
    assert len(models.runs) == sum(len(trial.fold_losses) for trial in tuning.trials)
    kept = [trial.loss for trial in tuning.trials if not trial.pruned]
    assert np.median([trial.loss for trial in pruned]) > np.median(kept)


def test_groups_and_unusable_samples_are_respected(models):
    groups, usable = np.arange(90) // 3, np.arange(90) >= 6
    tune(Search(trials=2), groups=groups, usable=usable)
    for _, _, job in models.runs:
        assert not np.intersect1d(groups[job.train_rows], groups[job.score_rows]).size
        assert min(job.train_rows.min(), job.score_rows.min()) >= 6


def test_times_make_the_folds_roll(models):
    times = rng_for(0, "times").permutation(90).astype(np.float64)
    tune(Search(trials=2), dataset=replace(table_dataset(VECTORS, LABELS), times=times))
    for _, _, job in models.runs:
        assert times[job.train_rows].max() < times[job.score_rows].min()


def test_equal_inputs_give_equal_trials_wherever_they_are_kept(models, tmp_path):
    one, same, other = (tune(Search(trials=8, seed=seed)) for seed in (0, 0, 1))
    assert without_seconds(one) == without_seconds(same) != without_seconds(other)
    assert without_seconds(one) == without_seconds(tune(Search(trials=8), Journal(tmp_path / "journal", "data")))


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_an_interrupted_search_goes_on_to_the_same_number_of_trials(models, tmp_path, sampler):
    search, journal = Search(sampler, trials=10), Journal(tmp_path / "journal", "data")
    models.stop_after = 8
    with pytest.raises(KeyboardInterrupt):
        tune(search, journal)
    models.stop_after = 10**9
    before = len(models.runs)
    resumed = tune(search, journal)
    assert len(resumed.trials) == 10
    assert len(models.runs) - before < 3 * 9
    whole = tune(search)
    assert without_seconds(resumed)[:2] == without_seconds(whole)[:2]
    if sampler != "tpe":
        settings = [[trial.settings for trial in tuning.trials] for tuning in (resumed, whole)]
        assert settings[0] == settings[1]


def test_a_finished_search_is_read_back_and_a_longer_one_goes_on(models, tmp_path):
    journal = Journal(tmp_path / "journal", "data")
    short = tune(Search(trials=5), journal)
    runs = len(models.runs)
    assert tune(Search(trials=5), journal) == short
    assert len(models.runs) == runs
    longer = tune(Search(trials=7), journal)
    assert len(longer.trials) == 7
    assert longer.trials[:5] == short.trials


@pytest.mark.parametrize(
    ("study", "search", "settings"),
    [("other data", {}, {}), ("data", {"seed": 1}, {}), ("data", {"folds": 4}, {}), ("data", {}, {"kind": "poor"})],
)
def test_other_inputs_start_anew(models, tmp_path, study, search, settings):
    file = tmp_path / "journal"
    tune(Search(trials=3), Journal(file, "data"))
    models.runs.clear()
    tune(Search(**{"trials": 3, **search}), Journal(file, study), settings)
    assert len(models.runs) >= 3


def test_no_trial_begins_when_the_time_is_up(models):
    assert len(tune(Search(trials=9, seconds=0.0)).trials) == 1


def test_few_choices_are_all_tried_once(models):
    models.search_space = {"kind": Choice(("plain", "poor")), "rate": Choice((0.1, 0.3))}
    tuning = tune(Search("tpe", trials=20))
    assert len(tuning.trials) == 5
    assert tuning.chosen.settings == {"kind": "plain", "rate": 0.3}


@pytest.mark.parametrize("sampler", ["tpe", "grid"])
def test_what_is_written_down_is_what_was_tried(models, sampler):
    models.search_space = {"rate": Interval(0.0001, 1.0, log=True)}
    tuning = tune(Search(sampler, trials=6))
    tried = {rate for rate, _, _ in models.runs}
    assert tried == {trial.settings.get("rate", 0.9) for trial in tuning.trials}
    assert all(rate == float(f"{rate:.4g}") for rate in tried)


def test_whole_numbers_and_choices_of_any_kind_reach_the_model(models):
    models.search_space = {"rate": Interval(0, 9), "kind": Choice(("plain", "poor"))}
    trials = tune(Search("random", trials=6)).trials[1:]
    assert all(isinstance(trial.settings["rate"], int) for trial in trials)
    assert {trial.settings["kind"] for trial in trials} == {"plain", "poor"}


def test_a_setting_that_was_given_is_not_searched(models):
    models.search_space = {"rate": Interval(0.0, 1.0), "kind": Choice(("plain", "poor"))}
    tuning = tune(Search(trials=4), settings={"kind": "poor"})
    assert {kind for _, kind, _ in models.runs} == {"poor"}
    assert all("kind" not in trial.settings for trial in tuning.trials)
    assert tuning.given == {"kind": "poor"}


def test_a_regression_is_scored_by_its_mean_absolute_error(models):
    targets = rng_for(0, "targets").normal(size=90)
    models.model, models.search_space = Middle, {"shift": Interval(-0.5, 0.5)}
    dataset = replace(table_dataset(VECTORS, np.zeros(90, np.int64)), targets=targets, classes=())
    tuning = tune(Search(trials=12), dataset=dataset)
    assert tuning.measure == "mean absolute error"
    assert tuning.default.accuracy is None
    assert tuning.default.loss == pytest.approx(np.abs(targets - np.median(targets) - 1.0).mean(), abs=0.1)
    assert abs(tuning.chosen.settings["shift"]) < 0.3


def test_nothing_is_said_and_no_setting_of_the_log_is_left_changed(models, capfd):
    before = logging.getLogger("optuna").level
    tune(Search(trials=3))
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("optuna").level == before


def test_progress_counts_trials(models):
    told = []
    tune_model(
        table_dataset(VECTORS, LABELS),
        Embeddings(VECTORS),
        "valley",
        {},
        groups=np.arange(90),
        usable=np.ones(90, bool),
        search=Search(trials=3),
        journal=None,
        device="cpu",
        progress=lambda *given: told.append(given),
    )
    assert told == [("tune valley", done, 3) for done in range(4)]


def test_what_cannot_be_tuned_is_an_error_that_says_what_can(models, monkeypatch):
    with pytest.raises(OptionError, match=r"given already \(rate\)"):
        tune(Search(), settings={"rate": 0.1})
    with pytest.raises(DataError):
        tune(Search(), dataset=table_dataset(VECTORS, np.arange(90)))
    models.search_space = {}
    with pytest.raises(OptionError, match="nothing to tune"):
        tune(Search())
    monkeypatch.setattr(step, "find_spec", lambda _: None)
    with pytest.raises(OptionError, match="optuna") as caught:
        tune(Search())
    assert "dataclinic[tune]" in caught.value.hint
