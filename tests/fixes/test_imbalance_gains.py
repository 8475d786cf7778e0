"""Each way to balance classes does what it claims: rare classes are recognised more often on samples apart."""

from dataclasses import replace

import numpy as np
import pytest
from imbalanced_parts import CLASSES, decided, drawn, table

from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.fixes.borderline_smote import BorderlineSmote
from dataclinic.fixes.class_weights import ClassWeights
from dataclinic.fixes.decision_thresholds import DecisionThresholds
from dataclinic.fixes.edited_neighbours import EditedNeighbours
from dataclinic.fixes.effective_number_weights import EffectiveNumberWeights
from dataclinic.fixes.focal_loss import FocalLoss
from dataclinic.fixes.logit_adjustment import LogitAdjustment
from dataclinic.fixes.oversample import Oversample
from dataclinic.fixes.smote import Smote
from dataclinic.fixes.smote_enn import SmoteEnn
from dataclinic.fixes.smote_tomek import SmoteTomek
from dataclinic.fixes.undersample import Undersample
from dataclinic.models.linear_head import LinearHead
from dataclinic.models.mlp_head import MlpHead
from dataclinic.progress import silent
from dataclinic.testing.parts import vector_part
from dataclinic.treatments import Treatment

TRAINED, HELD_OUT = (600, 60, 20), 200
BALANCE = (
    ClassWeights(),
    EffectiveNumberWeights(),
    LogitAdjustment(),
    DecisionThresholds(),
    Oversample(),
    Undersample(),
    Smote(),
    BorderlineSmote(),
    SmoteEnn(),
    SmoteTomek(),
)


@pytest.fixture(scope="module")
def world():
    """A part with out-of-fold probabilities of `linear_head`, and samples apart, as many of each class."""
    vectors, labels = drawn(tuple(count + HELD_OUT for count in TRAINED))
    held = np.concatenate([np.flatnonzero(labels == code)[:HELD_OUT] for code in range(CLASSES)])
    rows = np.setdiff1d(np.arange(len(labels)), held)
    X, y = vectors[rows], labels[rows]
    fold = np.arange(len(y)) % 5
    probs = np.empty((len(y), CLASSES), np.float32)
    jobs = [FitJob(np.flatnonzero(fold != k), y[fold != k], np.flatnonzero(fold == k), 0) for k in range(5)]
    for job, fit in zip(jobs, run(LinearHead(), X, *jobs), strict=True):
        probs[job.score_rows] = fit.probs
    return vector_part(X, y, probs=probs), Embeddings(vectors[held]), labels[held]


def run(model, vectors, *jobs):
    return model.run(Embeddings(vectors), jobs, classes=CLASSES, device="cpu", progress=silent)


def untreated(part):
    return Treatment(part.rows, part.labels, "")


def recalls(decided, truth):
    return np.array([(decided == truth)[truth == code].mean() for code in range(CLASSES)])


@pytest.mark.parametrize("fix", BALANCE, ids=lambda fix: type(fix).__name__)
def test_balanced_accuracy_rises_by_the_rare_classes(world, fix):
    part, held_out, truth = world
    before = recalls(decided(part, untreated(part), held_out), truth)
    after = recalls(decided(part, fix.propose(part), held_out), truth)
    assert after.mean() > before.mean() + 0.08
    assert after[2] > before[2] + 0.2
    assert after[0] < before[0]


def test_editing_gives_rare_classes_room(world):
    part, held_out, truth = world
    before = recalls(decided(part, untreated(part), held_out), truth)
    after = recalls(decided(part, EditedNeighbours().propose(part), held_out), truth)
    assert (after[1:] > before[1:]).all()
    assert after[1:].mean() > before[1:].mean() + 0.03


@pytest.mark.parametrize("fix", [ClassWeights(), Smote(), SmoteEnn()], ids=lambda fix: type(fix).__name__)
def test_tables_with_categories_gain_too(fix):
    part = table((300, 60, 15))
    held_out = table((100, 100, 100))
    features = held_out.features
    before = recalls(decided(part, untreated(part), features), held_out.labels)
    after = recalls(decided(part, fix.propose(part), features), held_out.labels)
    assert after.mean() > before.mean() + 0.05


def test_focal_loss_makes_a_network_less_sure(world):
    part = replace(world[0], model="mlp_head", honours=MlpHead.honours)
    train, score = part.rows[part.rows % 5 > 0], part.rows[::5]
    job = FitJob(train, part.labels[train], score, 0)
    recipe = FocalLoss().propose(part).recipe
    plain, focal = run(MlpHead(epochs=10), part.features.matrix, job, replace(job, recipe=recipe))
    assert focal.probs.max(axis=1).mean() < plain.probs.max(axis=1).mean() - 0.02
    assert (focal.probs.argmax(axis=1) == part.labels[score]).mean() > 0.85
