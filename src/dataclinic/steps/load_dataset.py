"""From a path to a dataset."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from dataclinic.errors import DataError
from dataclinic.registry import FORMATS

if TYPE_CHECKING:
    from dataclinic.dataset import ColumnRoles, Dataset, Task

_COUNTED_FILES = 10_000
"""Enough to say what a folder holds."""


def load_dataset(source: Path, roles: ColumnRoles, task: Task = "classification") -> Dataset:
    """Labelled samples at `source`, read by the first format (in order of ids) that recognises it.

    Raises:
        DataError: there is nothing, no format recognises it, it may not be read, or its content cannot be audited.
    """
    source = source.absolute()
    try:
        if not source.exists():
            raise DataError.path_missing(source)
        for name in FORMATS.ids():
            reader = FORMATS.make(name)
            if reader.recognises(source):
                return reader.read(source, roles, task)
        raise DataError.not_a_dataset(source, _what_is_there(source))
    except OSError as error:
        raise DataError.not_readable(source, error) from error


def _what_is_there(source: Path) -> str:
    if not source.is_dir():
        return f"a {source.suffix} file" if source.suffix else "a file without a suffix"
    kinds: Counter[str] = Counter()
    for _, _, names in os.walk(source):
        kinds.update(Path(name).suffix.lower() for name in names if not name.startswith("."))
        if kinds.total() > _COUNTED_FILES:
            break
    if not kinds:
        return "an empty folder"
    most = kinds.most_common(5)
    return "a folder of " + ", ".join(
        f"{n} {kind} files" if kind else f"{n} files without a suffix" for kind, n in most
    )
