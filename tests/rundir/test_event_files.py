import subprocess
import sys

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from dataclinic.errors import OptionError, RunError
from dataclinic.fits import Epoch, FitHistory
from dataclinic.rundir import event_files
from dataclinic.rundir.artifacts import history_frame
from dataclinic.rundir.event_files import ready_event_folder, write_event_files

HISTORY = history_frame(
    (
        FitHistory("mlp_head", 0, 0, (Epoch(0.1, 1.5, 0.25), Epoch(0.05, 1.0, 0.5))),
        FitHistory("mlp_head", 0, 1, (Epoch(0.1, 1.25, 0.75, 2.0, 0.125),)),
        FitHistory("tiny_cnn", 1, 0, (Epoch(0.2, 0.5, 1.0),)),
    )
)


def curves(folder):
    """{tag: [(step, value), …]} as TensorBoard reads it."""
    found = EventAccumulator(str(folder)).Reload()
    return {tag: [(at.step, at.value) for at in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_every_fit_has_a_folder_with_a_curve_a_column(tmp_path):
    assert write_event_files(tmp_path, HISTORY) == 3
    assert curves(tmp_path / "mlp_head" / "repeat-0" / "fold-0") == {
        "loss_nats": [(1, 1.5), (2, 1.0)],
        "accuracy": [(1, 0.25), (2, 0.5)],
        "learning_rate": [(1, pytest.approx(0.1)), (2, pytest.approx(0.05))],
    }
    assert curves(tmp_path / "mlp_head" / "repeat-0" / "fold-1")["inner_loss_nats"] == [(1, 2.0)]
    assert curves(tmp_path / "mlp_head" / "repeat-0" / "fold-1")["inner_accuracy"] == [(1, 0.125)]
    assert curves(tmp_path / "tiny_cnn" / "repeat-1" / "fold-0")["loss_nats"] == [(1, 0.5)]


def test_epochs_are_written_in_their_order(tmp_path):
    write_event_files(tmp_path, HISTORY.iloc[::-1])
    assert [step for step, _ in curves(tmp_path / "mlp_head" / "repeat-0" / "fold-0")["loss_nats"]] == [1, 2]


def test_a_second_training_takes_the_place_of_the_first_and_leaves_other_files_alone(tmp_path):
    write_event_files(tmp_path, HISTORY)
    other = tmp_path / "mlp_head" / "events.out.tfevents.1.elsewhere"
    other.write_bytes(b"")
    write_event_files(tmp_path, HISTORY[HISTORY["fold"] == 0])
    assert len(curves(tmp_path / "mlp_head" / "repeat-0" / "fold-0")["loss_nats"]) == 2
    assert not list((tmp_path / "mlp_head" / "repeat-0" / "fold-1").iterdir())
    assert other.exists()


def test_an_empty_history_has_no_fits(tmp_path):
    assert write_event_files(tmp_path / "events", history_frame(())) == 0
    assert not list((tmp_path / "events").iterdir())


def test_values_that_are_not_finite_do_not_stop_the_others(tmp_path):
    history = history_frame((FitHistory("mlp_head", 0, 0, (Epoch(0.1, float("inf"), 0.5),)),))
    write_event_files(tmp_path, history)
    assert curves(tmp_path / "mlp_head" / "repeat-0" / "fold-0")["loss_nats"] == [(1, np.inf)]


def test_a_missing_tensorboard_is_an_error_that_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(event_files, "find_spec", lambda _: None)
    with pytest.raises(OptionError, match="tensorboard") as caught:
        ready_event_folder(tmp_path)
    assert "dataclinic[tensorboard]" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="file"):
        ready_event_folder(tmp_path / "file" / "events")


def test_writing_brings_no_torch_along(tmp_path):
    code = (
        "import sys, pandas as pd; from pathlib import Path; from dataclinic.rundir.event_files import *;"
        "row = dict(model='m', repeat=0, fold=0, epoch=1, **dict.fromkeys(CURVES, 1.0));"
        f"print(write_event_files(Path({str(tmp_path)!r}), pd.DataFrame([row])), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("1 False\n", "")
