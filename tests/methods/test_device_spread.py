import os
import time
from multiprocessing import active_children

import numpy as np
import pytest
from torch.multiprocessing import ProcessRaisedException

from dataclinic.errors import OptionError
from dataclinic.fits import FitJob, FitResult
from dataclinic.methods.device_spread import devices_of, train_on_devices

PIXELS = np.arange(6 * 2 * 2 * 3, dtype=np.uint8).reshape(6, 2, 2, 3)
JOBS = [FitJob(np.arange(2), np.array([0, 1]), np.array([row]), seed=row) for row in range(4)]


def pixel_sum(pixels, job, device, told):
    """Stands for a training: the sum of the scored picture, and which process found it."""
    told(1, 2)
    time.sleep(0.2)
    told(2, 2)
    return FitResult(np.array([[pixels[job.score_rows].sum(), os.getpid()]], np.float32))


def refused(pixels, job, device, told):
    raise OptionError.training_diverged(0.5)


def broken(pixels, job, device, told):
    raise ZeroDivisionError


def test_answers_stand_in_the_order_of_the_jobs_whoever_gave_them():
    told = []
    results = train_on_devices(pixel_sum, PIXELS, JOBS, ["cpu", "cpu"], lambda *step: told.append(step))
    alone = train_on_devices(pixel_sum, PIXELS, JOBS, ["cpu"], lambda *_: None)
    assert [result.probs[0, 0] for result in results] == [result.probs[0, 0] for result in alone]
    processes = {result.probs[0, 1] for result in results}
    assert len(processes) <= 2
    assert os.getpid() not in processes
    assert told[-1] == (8, 8)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert not active_children()


def test_an_error_for_the_user_is_told_with_its_hint():
    with pytest.raises(OptionError, match="training diverged") as caught:
        train_on_devices(refused, PIXELS, JOBS, ["cpu", "cpu"], lambda *_: None)
    assert "learning_rate" in caught.value.hint
    assert not active_children()


def test_a_bug_in_a_process_looks_like_one():
    with pytest.raises(ProcessRaisedException, match="ZeroDivisionError"):
        train_on_devices(broken, PIXELS, JOBS, ["cpu", "cpu"], lambda *_: None)
    assert not active_children()


def test_an_interrupt_leaves_no_process():
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_on_devices(pixel_sum, PIXELS, JOBS, ["cpu", "cpu"], interrupt)
    assert not active_children()


def test_only_cuda_without_a_number_means_every_device(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 3)
    assert devices_of("cuda") == ["cuda:0", "cuda:1", "cuda:2"]
    assert devices_of("cuda:1") == ["cuda:1"]
    assert devices_of("cpu") == ["cpu"]
