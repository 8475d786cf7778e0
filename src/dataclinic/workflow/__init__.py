"""The straight line, top to bottom: load, measure, group, encode, predict out of fold, check, rank, report."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dataclinic import __version__
from dataclinic.device import resolve_device
from dataclinic.errors import DataError, ExportError
from dataclinic.progress import Progress, silent
from dataclinic.report.html import write_report
from dataclinic.rundir import RunDir
from dataclinic.rundir.event_files import ready_event_folder
from dataclinic.search import Search
from dataclinic.settings import Settings
from dataclinic.workflow.line import Line, data_fingerprint, load_source
from dataclinic.workflow.trying import Trying, fixes_to_try
from dataclinic.workflow.verified import require_no_feature, verified_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["audit", "data_fingerprint", "load_source", "try_fixes", "tune"]

ARMS = "every fix and fold; name some: dataclinic try RUN --fix ID"

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
        ProbsError: probabilities of the user's own model cannot be read, or do not fit the data.
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
        evidence = line.judge(prepared, tensorboard)
        if names := fixes_to_try(settings.trials, prepared, settings.trial_model):
            verified = verified_labels(run, prepared.dataset, prepared.measurements, settings.trusted)
            Trying(line, prepared, evidence, verified).run(names)
        elif settings.trials != ("none",):
            run.update(
                notes=[*run.record["notes"], f"no fix was tried: it would train {settings.model[0]} anew for {ARMS}"]
            )
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


def try_fixes(
    run: RunDir,
    fixes: Sequence[str],
    settings: Settings | None = None,
    *,
    command: Sequence[str] = (),
    progress: Progress = silent,
) -> RunDir:
    """Measure what further fixes are worth on a run whose audit is done; trials.json and the report speak of them too.

    Arms that the run has tried with the same model, folds and data stay, and the verdicts are corrected for all of
    them.

    Args:
        run: from `audit`, or `RunDir.open_finished`.
        fixes: ids, or one of "default" and "all".
        settings: as the run's, but for what trials are made with; None means the run's own.
        command: how it was called, for the record.
        progress: told how far it is.

    Raises:
        DataError: the source is gone, or trusted labels cannot be read.
        ExportError: the source changed since the audit.
        RunError: the run is broken or cannot be written.
        OptionError: no such fix, or a setting does not fit.
    """
    record = run.record
    audited = Settings.model_validate(record["settings"])
    source, settings = Path(record["source"]), settings or audited
    if not source.exists():
        raise DataError.path_missing(source)
    # The data is loaded as it was audited: what is trusted now must not have been a feature then.
    loading = settings.model_copy(update={"trusted": audited.trusted})
    line = Line(source, loading, run, resolve_device(settings.device), progress)
    prepared = line.prepare()
    require_no_feature(prepared.dataset, settings.trusted)
    if data_fingerprint(prepared.dataset) != record["dataset"]["fingerprint"]:
        raise ExportError.source_changed(source)
    if settings.tune:
        prepared = line.tuned(prepared, Search(seed=settings.seed))
    names = fixes_to_try(fixes, prepared, "asked for")
    verified = verified_labels(run, prepared.dataset, prepared.measurements, settings.trusted)
    evidence, _ = line.evidence(prepared)
    Trying(line, prepared, evidence, verified).run(names, keep=True)
    run.update(settings=loading.as_json(), tried=[*record.get("tried", []), list(command)])
    write_report(run)
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
