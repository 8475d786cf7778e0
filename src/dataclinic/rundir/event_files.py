"""Event files of the training, for TensorBoard: one folder a fit, one curve a column."""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from dataclinic.errors import OptionError, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    from tensorboard.compat.proto.event_pb2 import Event

CURVES = ("loss_nats", "accuracy", "learning_rate", "inner_loss_nats", "inner_accuracy", "score_accuracy")

SUFFIX = ".dataclinic"
"""Ends the names of our event files, so that those of an earlier audit are replaced and nobody else's are."""


def write_event_files(folder: Path, history: pd.DataFrame) -> int:
    """Write `folder`/model/repeat-0/fold-0 and so on; gives how many fits there were, 0 for an empty history.

    What an earlier call wrote for the same models is replaced: two trainings in one folder would be drawn as one.

    Args:
        folder: made where it is missing.
        history: one row an epoch of a fit: model, repeat, fold, epoch and `CURVES`, NaN where there is no value.

    Raises:
        OptionError: TensorBoard is not installed.
        RunError: the folder cannot be written.
    """
    ready_event_folder(folder)
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    for model in history["model"].unique():
        for old in (folder / str(model)).rglob(f"*{SUFFIX}"):
            old.unlink()
    fits = 0
    for (model, repeat, fold), epochs in history.groupby(["model", "repeat", "fold"], sort=False):
        # The classes of which PyTorch's SummaryWriter is made; it would bring torch along.
        writer = EventFileWriter(str(folder / str(model) / f"repeat-{repeat}" / f"fold-{fold}"), filename_suffix=SUFFIX)
        for event in _events(epochs):
            writer.add_event(event)
        writer.close()
        fits += 1
    return fits


def ready_event_folder(folder: Path) -> None:
    """Make `folder`, before hours of training whose curves could then not be written.

    Raises:
        OptionError: TensorBoard is not installed.
        RunError: the folder cannot be made.
    """
    if find_spec("tensorboard") is None:
        raise OptionError.not_installed("--tensorboard", "tensorboard", "tensorboard")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError.no_event_folder(folder, error) from error


def _events(epochs: pd.DataFrame) -> Iterator[Event]:
    """One event an epoch, with the curves that have a value there."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    written = time.time()
    values = epochs.sort_values("epoch")
    for place, epoch in enumerate(values["epoch"]):
        row = values.iloc[place]
        curves = [Summary.Value(tag=name, simple_value=float(row[name])) for name in CURVES if row[name] == row[name]]
        yield Event(wall_time=written, step=int(epoch), summary=Summary(value=curves))
