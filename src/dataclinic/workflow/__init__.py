"""The straight line, top to bottom: load, measure, group, encode, predict out of fold, check, rank, report."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dataclinic import __version__
from dataclinic.device import resolve_device
from dataclinic.errors import DataError
from dataclinic.progress import Progress, silent
from dataclinic.report.html import write_report
from dataclinic.rundir import RunDir
from dataclinic.rundir.event_files import ready_event_folder
from dataclinic.search import Search
from dataclinic.settings import Settings
from dataclinic.workflow.line import Line, data_fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["audit", "data_fingerprint", "tune"]

PACKAGES = ("cleanlab", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "timm", "torch", "torchvision")


def audit(
    source: Path | str,
    settings: Settings | None = None,
    run: RunDir | None = None,
    *,
    command: Sequence[str] = (),
    tensorboard: Path | None = None,
    progress: Progress = silent,
) -> RunDir:
    """Audit `source` and give back the run directory: report.html and ranking.parquet are in it.

    Args:
        source: folder or file of labelled data; it is only read.
        settings: what decides the numbers; None means the defaults.
        run: from `RunDir.start`; steps that it holds with equal inputs are reused. None means the next free folder
            under `dataclinic-runs/`.
        command: how the audit was called, for the record.
        tensorboard: folder for event files of the training, where models train in epochs; None means none.
        progress: told how far each step is.

    Raises:
        DataError: the source does not exist or cannot be audited.
        RunError: the run directory cannot be written.
        OptionError: a setting does not fit the data or this machine.
        WeightsError: encoder weights that were asked for cannot be had.
    """
    source, settings = Path(source), settings or Settings()
    run = _open(source, run)
    with run.recording():
        _record_start(run, settings, command)
        line = Line(source, settings, run, resolve_device(settings.device), progress)
        if tensorboard is not None:
            ready_event_folder(tensorboard)
        prepared = line.prepare()
        if settings.tune:
            prepared = line.tuned(prepared, Search(seed=settings.seed))
        line.judge(prepared, tensorboard)
        # The report says how the run ended, so the run ends before it; an interrupt in it still says "interrupted".
        run.finish()
        progress("write report", 0, 1)
        write_report(run)
        progress("write report", 1, 1)
    return run


def tune(
    source: Path | str,
    settings: Settings | None = None,
    search: Search | None = None,
    run: RunDir | None = None,
    *,
    command: Sequence[str] = (),
    progress: Progress = silent,
) -> RunDir:
    """Search settings of one model by inner cross-validation; tuning.json and tuned.toml are in the run directory.

    Args:
        source: folder or file of labelled data; it is only read.
        settings: of the data, encoder and model; what they set of the model stays as it is.
        search: how to search, and how long; None means the defaults.
        run: as for `audit`; trials that it holds of the same search are kept.
        command: how the search was called, for the record.
        progress: told how far each step is.

    Raises:
        DataError: as `audit`.
        RunError: as `audit`.
        OptionError: as `audit`; or several models are given, or one with nothing to tune, or Optuna is not installed.
        WeightsError: as `audit`.
    """
    source, settings = Path(source), settings or Settings()
    run = _open(source, run)
    with run.recording():
        _record_start(run, settings, command)
        line = Line(source, settings, run, resolve_device(settings.device), progress)
        line.tune(line.prepare(), search or Search(seed=settings.seed))
    return run


def _open(source: Path, run: RunDir | None) -> RunDir:
    if not source.exists():
        raise DataError.path_missing(source)
    return run or RunDir.start(None, source)


def _record_start(run: RunDir, settings: Settings, command: Sequence[str]) -> None:
    run.update(
        command=list(command),
        settings=settings.as_json(),
        seed=settings.seed,
        dataclinic=__version__,
        versions={"python": sys.version.split()[0], **{name: version(name) for name in PACKAGES}},
    )
