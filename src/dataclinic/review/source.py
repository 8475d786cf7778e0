"""The data of a run, loaded once more as it was audited, or why it cannot be shown any more."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from dataclinic.errors import DataclinicError
from dataclinic.settings import Settings
from dataclinic.workflow import data_fingerprint, load_source

if TYPE_CHECKING:
    from dataclinic.dataset import Dataset
    from dataclinic.rundir import RunDir

INSTEAD = "what the audit kept of it is shown instead"


class Source:
    """Loads the data when it is first asked for."""

    def __init__(self, run: RunDir) -> None:
        self._run = run
        self.notice: str | None = None
        """Why there is no data; None while it was not loaded yet."""

    @cached_property
    def dataset(self) -> Dataset | None:
        """The data as it was audited; None where it is gone or another by now."""
        record = self._run.record
        path = Path(record.get("source", ""))
        try:
            if not path.exists():
                self.notice = f"the data is not at {path} any more: {INSTEAD}"
                return None
            dataset = load_source(path, Settings.model_validate(record["settings"]))
            if data_fingerprint(dataset) == record["dataset"].get("fingerprint"):
                return dataset
            self.notice = f"the data at {path} changed since the audit: {INSTEAD}"
        except DataclinicError as error:
            self.notice = f"the data at {path} cannot be read ({error.message}): {INSTEAD}"
        except (OSError, ValidationError):  # a path that is none, settings of another version
            self.notice = f"the data at {path} cannot be loaded as it was audited: {INSTEAD}"
        return None
