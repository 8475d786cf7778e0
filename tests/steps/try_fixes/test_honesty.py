"""What trials say where the answer is known beforehand; `benchmarks/quality/trials.py` does the same at length."""

import time

import numpy as np
import pytest

from dataclinic.evidence import Measurements
from dataclinic.features import Embeddings
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.progress import silent
from dataclinic.registry import FIXES, MODELS
from dataclinic.seeding import rng_for
from dataclinic.steps.run_checks import DATA_FAULTS, run_checks
from dataclinic.steps.try_fixes import Bench, Learner, World, try_fixes
from dataclinic.steps.weigh_gains import weigh_gains
from dataclinic.testing.planted import gaussian_classes, switch_labels, table_dataset
from dataclinic.treatments import Treatment
from dataclinic.trials import TrialPlan


def examine(evidence, listens):
    return run_checks(evidence, only=listens, skip=(), settings={}, clock=time.perf_counter, progress=silent)


def world_of(vectors, given):
    measurements = Measurements({}, tuple(map(str, range(len(given)))))
    everyone = np.ones(len(given), bool)
    return World(
        table_dataset(vectors[:, :1], given), Embeddings(vectors), np.arange(len(given)), everyone, measurements
    )


def screened():
    names = [name for name in FIXES.ids() if FIXES.find(name).screened]
    return {name: FIXES.make(name) for name in names if "classification" in FIXES.find(name).tasks}


def gains_of(world, fixes, *, model="ridge_head", metric="accuracy", seed=0):
    bench = Bench(Learner(model, MODELS.make(model), "cpu"), examine, DATA_FAULTS)
    tried = try_fixes(bench, world, fixes, TrialPlan(seed=seed, metric=metric), silent)
    return {arm: gain.metrics[metric] for arm, gain in weigh_gains(tried.scores, metric, tried.controls).items()}


def test_on_clean_data_nothing_helps():
    helped = 0
    for seed in range(8):
        vectors, labels = gaussian_classes(160, 3, dims=6, apart=2.0, seed=seed)
        gains = gains_of(world_of(vectors, labels), screened(), seed=seed)
        assert len(gains) >= 3
        helped += any(gain.verdict == "helps" for gain in gains.values())
    assert helped <= 1


def test_lopsided_flips_make_dropping_or_relabelling_help():
    vectors, labels = gaussian_classes(900, 4, dims=16, apart=3.5)
    switched, _ = switch_labels(labels, 0.3, classes=4)
    given = np.where(switched == labels, labels, (labels + 1) % 4)
    gains = gains_of(world_of(vectors, given), screened())
    best = max(gains, key=lambda arm: gains[arm].gain)
    assert best in {"drop_label_errors", "relabel_suspects"}
    assert gains[best].verdict == "helps"
    assert gains[best].interval[0] > 0


def test_imbalance_makes_weights_help_the_balanced_accuracy():
    vectors, labels = gaussian_classes(1500, 3, dims=6, apart=1.5)
    rows = np.sort(np.concatenate([np.flatnonzero(labels == code)[:size] for code, size in enumerate((500, 80, 30))]))
    gains = gains_of(world_of(vectors[rows], labels[rows]), screened(), metric="balanced_accuracy")
    assert gains["class_weights"].verdict == "helps"
    assert gains["class_weights"].interval[0] > 0


def test_unit_slips_make_clipping_help_a_linear_model():
    vectors, labels = gaussian_classes(400, 3, dims=4, apart=2.5)
    slipped = np.where(rng_for(0, "slip").random(vectors.shape) < 0.03, 1000 * vectors, vectors)
    dataset = table_dataset(slipped, labels)
    world = World(dataset, ColumnFeatures.of(dataset.payload.frame), np.arange(400), np.ones(400, bool))
    fixes = {name: FIXES.make(name) for name in ("clip_iqr_outliers", "drop_label_errors")}
    gains = gains_of(world, fixes, model="linear_head")
    assert gains["clip_iqr_outliers"].verdict == "helps"
    assert gains["clip_iqr_outliers"].gain > gains["drop_label_errors"].gain


class RelabelAtRandom:
    """The control of relabelling: as many wrong labels as suspects, for tests alone."""

    tasks = frozenset({"classification"})
    listens = frozenset()

    @staticmethod
    def propose(part):
        rng = rng_for(part.seed, "wrong")
        rows = rng.choice(len(part), len(part) // 3, replace=False)
        labels = part.labels.copy()
        labels[rows] = (labels[rows] + 1) % len(part.classes)
        return Treatment(part.rows, labels, f"relabel {len(rows)} wrongly")


@pytest.mark.parametrize("model", ["ridge_head", "linear_head"])
def test_relabelling_at_random_wrongly_hurts(model):
    vectors, labels = gaussian_classes(400, 3, dims=8, apart=2.0)
    gains = gains_of(world_of(vectors, labels), {"wrong": RelabelAtRandom()}, model=model)
    assert gains["wrong"].verdict == "hurts"
    assert gains["wrong"].interval[1] < 0
