"""Verdicts from all evidence there is, on the samples that models judged."""

from dataclasses import replace

import numpy as np
import pytest

from dataclinic.evidence import Evidence, NearDuplicates, Neighbours
from dataclinic.fits import TrainingDynamics
from dataclinic.judgement import Estimate
from dataclinic.methods.nearest_neighbours import nearest_neighbours
from dataclinic.predictions import OutOfFold
from dataclinic.progress import silent
from dataclinic.steps.judge_labels import judge_labels
from dataclinic.steps.plant_errors import plant_errors
from dataclinic.testing.planted import confident_probs, gaussian_classes, switch_labels, table_dataset

SAMPLES, CLASSES = 400, 4


def predictions(said, *, seed=0, repeats=1, judged=None):
    judged = np.ones(len(said), bool) if judged is None else judged
    stacked = np.stack([confident_probs(said, classes=CLASSES, sure=0.85, seed=seed + r) for r in range(repeats)])
    folds = np.tile(np.where(judged, np.arange(len(said)) % 5, -1), (repeats, 1))
    return OutOfFold(np.where(judged[:, None], stacked, np.float32(np.nan)), folds, judged, temperature=1.0)


def dynamics_of(margin):
    nothing = np.full(len(margin), np.nan)
    return TrainingDynamics(margin, nothing, nothing, nothing, nothing, nothing)


@pytest.fixture(scope="module")
def case():
    """Evidence on labels and models that are wrong about a tenth each, the true labels, and which are wrong."""
    vectors, true = gaussian_classes(SAMPLES, CLASSES)
    labels, wrong = switch_labels(true, 0.1, classes=CLASSES)
    said, _ = switch_labels(true, 0.1, classes=CLASSES, seed=1)
    near = nearest_neighbours(vectors, np.ones(SAMPLES, bool), 10, device="cpu", progress=silent)
    sets = np.where(true % 2, np.arange(SAMPLES) // 16 * CLASSES + true, -1)
    evidence = Evidence(
        table_dataset(vectors, labels, [f"class {code}" for code in range(CLASSES)]),
        np.arange(SAMPLES),
        out_of_fold=predictions(said, repeats=2),
        dynamics=dynamics_of(np.where(wrong, -2.0, 2.0)),
        neighbours=Neighbours(near.rows, near.distances),
        near_duplicates=NearDuplicates(sets, np.zeros(SAMPLES, bool), np.full(SAMPLES, np.nan), ("",) * SAMPLES),
    )
    return evidence, true, wrong


def copies_of(evidence, true, number=4):
    made = []
    for seed, copy in enumerate(plant_errors(evidence.dataset, evidence.out_of_fold, copies=number, seed=0)):
        said, _ = switch_labels(true, 0.1, classes=CLASSES, seed=seed + 2)
        learned = dynamics_of(np.where(copy.labels != true, -2.0, 2.0))
        made.append((copy.labels, copy.planted, predictions(said, seed=seed + 5), learned))
    return made


def require_sound(verdicts, evidence):
    judged = evidence.out_of_fold.judged
    for values in (
        verdicts.suspicion,
        verdicts.probability,
        verdicts.suggested_probability,
        *verdicts.signals.values(),
    ):
        assert values.shape == judged.shape
        np.testing.assert_array_equal(np.isfinite(values), judged)
    assert not verdicts.flagged[~judged].any()
    labels, probability = evidence.dataset.labels[judged], verdicts.probability[judged]
    assert (verdicts.suggested[judged] != labels).all()
    assert set(verdicts.suggested[judged]) <= set(labels)
    np.testing.assert_array_equal(verdicts.flagged[judged], probability > verdicts.threshold)
    np.testing.assert_array_equal(verdicts.suspicion[judged] > 0, probability > 0.5)
    assert (np.diff(probability[np.argsort(verdicts.suspicion[judged], kind="stable")]) >= 0).all()
    assert verdicts.errors.value == pytest.approx(probability.sum())
    assert verdicts.errors.low <= verdicts.errors.value <= verdicts.errors.high


def test_all_evidence_speaks(case):
    evidence, true, wrong = case
    verdicts = judge_labels(evidence, copies_of(evidence, true))
    require_sound(verdicts, evidence)
    assert {"area_under_margin", "disagreement", "twins", "neighbour_margin", "class_distance", "noise_odds"} <= set(
        verdicts.signals
    )
    assert verdicts.weights["area_under_margin"] > 0.05
    assert verdicts.power.planted > 40
    assert verdicts.power.found > 0.7
    assert wrong[verdicts.flagged].mean() > 0.85
    assert verdicts.flagged[wrong].mean() > 0.7
    assert (verdicts.suggested == true)[wrong & verdicts.flagged].mean() > 0.9


def test_predictions_alone_will_do(case):
    evidence, _, wrong = case
    bare = Evidence(evidence.dataset, evidence.groups, out_of_fold=evidence.out_of_fold.take(np.arange(SAMPLES)))
    bare = replace(bare, out_of_fold=replace(bare.out_of_fold, repeat_probs=bare.out_of_fold.repeat_probs[:1]))
    verdicts = judge_labels(bare)
    require_sound(verdicts, bare)
    assert not {"area_under_margin", "disagreement", "twins", "neighbour_margin"} & set(verdicts.signals)
    assert verdicts.power is None
    assert verdicts.flagged[wrong].mean() > 0.5


@pytest.mark.parametrize("threshold", [0.1, 0.9])
def test_the_threshold_flags_and_changes_nothing_else(case, threshold):
    evidence, _, _ = case
    verdicts, usual = judge_labels(evidence, threshold=threshold), judge_labels(evidence)
    require_sound(verdicts, evidence)
    np.testing.assert_array_equal(verdicts.probability, usual.probability)
    assert (verdicts.flagged.sum() < usual.flagged.sum()) == (threshold > 0.5)


def test_the_same_every_time_and_nothing_is_changed(case):
    evidence, true, _ = case
    copies = copies_of(evidence, true, 2)
    for array in (evidence.dataset.labels, evidence.out_of_fold.repeat_probs, evidence.neighbours.rows, *copies[0][:2]):
        array.setflags(write=False)
    one, same = (judge_labels(evidence, copies, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.suspicion, same.suspicion)
    assert one.weights == same.weights
    assert judge_labels(evidence, copies, seed=4).weights != one.weights


def test_samples_that_no_model_judged_have_no_verdict_and_no_say(case):
    evidence, true, _ = case
    judged = np.arange(SAMPLES) % 5 != 0
    said, _ = switch_labels(true, 0.1, classes=CLASSES, seed=1)
    part = replace(evidence, out_of_fold=predictions(said, judged=judged))
    verdicts = judge_labels(part)
    require_sound(verdicts, part)
    rows = np.flatnonzero(judged)
    alone = replace(
        part.take(rows),
        dynamics=dynamics_of(part.dynamics.area_under_margin[rows]),
        near_duplicates=NearDuplicates(
            part.near_duplicates.sets[rows], np.zeros(len(rows), bool), np.full(len(rows), np.nan), ("",) * len(rows)
        ),
    )
    np.testing.assert_array_equal(judge_labels(alone).suspicion, verdicts.suspicion[rows])


def test_a_class_that_no_judged_sample_bears_is_never_suggested(case):
    evidence, _, _ = case
    labels = evidence.dataset.labels % 2 * 2 + 1  # 1 and 3 of 0 … 3
    labels[:3] = 0
    judged = np.arange(SAMPLES) >= 3
    part = replace(
        evidence,
        dataset=replace(evidence.dataset, labels=labels),
        out_of_fold=replace(predictions(labels, judged=judged)),
    )
    verdicts = judge_labels(part)
    require_sound(verdicts, part)
    assert set(verdicts.suggested[judged]) == {1, 3}


def test_a_sample_that_the_models_of_a_copy_left_out_is_no_planted_error_there(case):
    evidence, true, _ = case
    (labels, planted, predicted, learned), *others = copies_of(evidence, true)
    kept = np.ones(SAMPLES, bool)
    kept[np.flatnonzero(planted)[:3]] = False
    probs = np.where(kept[:, None], predicted.repeat_probs, np.float32(np.nan))
    less = (labels, planted, replace(predicted, repeat_probs=probs, judged=kept), learned)
    whole = judge_labels(evidence, [(labels, planted, predicted, learned), *others])
    verdicts = judge_labels(evidence, [less, *others])
    require_sound(verdicts, evidence)
    assert whole.power.planted - 3 <= verdicts.power.planted < whole.power.planted


def test_training_that_watched_some_samples_alone_says_nothing_of_the_others(case):
    evidence, true, _ = case
    margin = evidence.dynamics.area_under_margin.copy()
    margin[::2] = np.nan
    verdicts = judge_labels(replace(evidence, dynamics=dynamics_of(margin)), copies_of(evidence, true))
    require_sound(verdicts, evidence)
    assert (verdicts.signals["area_under_margin"][::2] == -2).all()  # that of the middle one
    unwatched = judge_labels(replace(evidence, dynamics=dynamics_of(np.full(SAMPLES, np.nan))))
    assert "area_under_margin" not in unwatched.signals


def test_repeats_that_did_not_score_have_no_say_in_disagreement(case):
    evidence, _, _ = case
    probs = evidence.out_of_fold.repeat_probs.copy()
    probs[1, ::2] = np.nan
    part = replace(evidence, out_of_fold=replace(evidence.out_of_fold, repeat_probs=probs))
    verdicts = judge_labels(part)
    require_sound(verdicts, part)
    first = probs[0].argmax(axis=1) != evidence.dataset.labels
    np.testing.assert_array_equal(verdicts.signals["disagreement"][::2], first[::2])


def test_groups_and_copies_speak_as_they_should(case):
    evidence, _, _ = case
    alone = replace(evidence, groups=np.zeros(SAMPLES, np.int64))
    assert np.ptp(judge_labels(alone).signals["class_distance"]) == 0
    sets = evidence.near_duplicates.sets
    verdicts = judge_labels(evidence)
    assert not verdicts.signals["twins"][sets < 0].any()
    odd = np.flatnonzero((sets >= 0) & (verdicts.signals["twins"] == 1))
    for row in odd:
        others = (sets == sets[row]) & (np.arange(SAMPLES) != row)
        assert (evidence.dataset.labels[others] != evidence.dataset.labels[row]).all()
    assert len(odd)


@pytest.mark.parametrize("labels", [np.zeros(SAMPLES, np.int64), np.arange(SAMPLES) % CLASSES])
def test_fewer_than_two_judged_classes_cannot_be_doubted(case, labels):
    evidence, _, _ = case
    judged = labels == 0
    part = replace(
        evidence, dataset=replace(evidence.dataset, labels=labels), out_of_fold=predictions(labels, judged=judged)
    )
    verdicts = judge_labels(part)
    assert np.isnan(verdicts.probability).all()
    assert np.isnan(verdicts.suspicion).all()
    assert not verdicts.flagged.any()
    assert verdicts.errors == Estimate(0.0, 0.0, 0.0)
    assert "fewer than two classes" in verdicts.notes[0]
    assert judge_labels(part, threshold=0.9).threshold == 0.9
