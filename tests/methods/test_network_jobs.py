from dataclasses import replace

import numpy as np
import pytest
from toy_pictures import CLASSES, LABELS, LEVELS, PIXELS, convolutional, job

from dataclinic.methods import network_jobs
from dataclinic.methods.learning_rate_range import find_learning_rate
from dataclinic.methods.network_jobs import NetworkTraining
from dataclinic.methods.network_training import TrainingPlan

PLAN = TrainingPlan(epochs=2, batch_size=32, learning_rate=0.03, patience=None)
JOBS = [job(), job(seed=1), job((LABELS + 1) % CLASSES, seed=2)]


def training(plan=PLAN):
    return NetworkTraining(convolutional, plan, CLASSES, **LEVELS)


def answers(plan=PLAN, jobs=JOBS, told=lambda *_: None):
    return [result.probs for result in training(plan).all(PIXELS, jobs, device="cpu", progress=told)]


def test_several_devices_give_what_one_gives(monkeypatch):
    alone = answers()
    monkeypatch.setattr(network_jobs, "devices_of", lambda device: [device, device])
    np.testing.assert_array_equal(answers(), alone)


def test_the_rate_is_found_once_and_then_the_same_for_all():
    plan = replace(PLAN, learning_rate=None)
    rate = find_learning_rate(convolutional, PIXELS, JOBS[0], plan, device="cpu", **LEVELS)
    np.testing.assert_array_equal(answers(plan), answers(replace(PLAN, learning_rate=rate)))


@pytest.mark.parametrize("rows", [[], [0, 3]])
def test_a_first_job_with_nothing_to_tell_apart_is_passed_over(rows):
    plan = replace(PLAN, learning_rate=None)
    first = job(train=rows)
    np.testing.assert_array_equal(answers(plan, [first, JOBS[1]])[1], answers(plan, [JOBS[1]])[0])
    assert answers(plan, [first])[0].shape == (60, CLASSES)


def test_progress_counts_the_epochs_of_all_jobs():
    told = []
    answers(told=lambda *step: told.append(step))
    assert told[0] == (0, 6)
    assert told[-1] == (6, 6)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_no_jobs_are_fine():
    assert answers(jobs=[]) == []
