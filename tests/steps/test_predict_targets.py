"""Every sample is judged by models that saw neither it nor its group nor anything later."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dataclinic.dataset import Dataset, Table
from dataclinic.errors import DataError
from dataclinic.features import Embeddings
from dataclinic.fits import FoldPlan
from dataclinic.progress import silent
from dataclinic.seeding import rng_for
from dataclinic.steps.predict_targets import predict_targets

SAMPLES = 60
TARGETS = rng_for(0, "targets").normal(size=SAMPLES) ** 3


@dataclass
class Spy:
    """Says the number of training rows, and remembers its jobs."""

    jobs: list = field(default_factory=list)
    offset: float = 0.0

    def run(self, features, jobs, *, device, progress):
        self.jobs += jobs
        return [np.full(len(job.score_rows), len(job.train_rows) + self.offset) for job in jobs]


def predicted(*models, times=None, groups=None, usable=None, plan=None):
    dataset = Dataset(
        source=Path("made"),
        format="made",
        payload=Table(pd.DataFrame({"x": np.arange(SAMPLES)})),
        ids=tuple(map(str, range(SAMPLES))),
        labels=np.zeros(SAMPLES, np.int64),
        classes=(),
        source_rows=np.arange(SAMPLES),
        targets=TARGETS,
        times=times,
    )
    return predict_targets(
        dataset,
        Embeddings(np.zeros((SAMPLES, 1), np.float32)),
        models,
        groups=np.arange(SAMPLES) if groups is None else groups,
        usable=np.ones(SAMPLES, bool) if usable is None else usable,
        plan=plan or FoldPlan(5, 2, 0),
        device="cpu",
        progress=silent,
    )


def test_each_repeat_judges_each_sample_once_without_it_or_its_group():
    groups, spy = np.arange(SAMPLES) // 3, Spy()
    found = predicted(spy, groups=groups)
    assert found.repeat_predictions.shape == found.folds.shape == (2, SAMPLES)
    assert found.judged.all()
    scored = np.concatenate([job.score_rows for job in spy.jobs])
    assert (np.bincount(scored, minlength=SAMPLES) == 2).all()
    for job in spy.jobs:
        assert not set(groups[job.train_rows]) & set(groups[job.score_rows])
        np.testing.assert_array_equal(job.targets, TARGETS[job.train_rows])
    assert len({job.seed for job in spy.jobs}) == 10


def test_folds_share_out_small_and_large_targets():
    largest = np.argsort(TARGETS)[-6:]
    for fold_of in predicted(Spy()).folds:
        assert np.bincount(fold_of[largest], minlength=5).min() >= 1


def test_with_times_only_the_past_judges_and_the_first_period_is_not_judged():
    times, spy = rng_for(1, "times").permutation(SAMPLES).astype(float), Spy()
    found = predicted(spy, times=times)
    for job in spy.jobs:
        assert times[job.train_rows].max() < times[job.score_rows].min()
    first = times < 5
    assert not found.judged[first].any()
    assert found.judged[times > 20].all()
    assert np.isnan(found.predictions[first]).all()


def test_too_few_times_are_refused():
    with pytest.raises(DataError, match="2 different times"):
        predicted(Spy(), times=np.arange(SAMPLES) % 2.0)


def test_unusable_samples_take_no_part():
    usable, spy = np.arange(SAMPLES) % 4 > 0, Spy()
    found = predicted(spy, usable=usable)
    np.testing.assert_array_equal(found.judged, usable)
    assert (found.folds[:, ~usable] == -1).all()
    for job in spy.jobs:
        assert usable[job.train_rows].all()


def test_several_models_share_folds_and_each_adds_repeats():
    first, second = Spy(), Spy(offset=100.0)
    found = predicted(first, second)
    assert found.repeat_predictions.shape == (4, SAMPLES)
    np.testing.assert_array_equal(found.folds[:2], found.folds[2:])
    np.testing.assert_array_equal(found.repeat_predictions[2:], found.repeat_predictions[:2] + 100)
    np.testing.assert_allclose(found.predictions, found.repeat_predictions.mean(axis=0))
