"""One run's folder: created, opened, recorded into, and marked done, interrupted or failed."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dataclinic.errors import DataclinicError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

T = TypeVar("T")

SCHEMA = 1
"""Raised when a file name, a column or a meaning inside the run directory changes."""

DEFAULT_PARENT = "dataclinic-runs"

RESULTS = (
    "ranking.parquet",
    "findings.parquet",
    "checks.json",
    "duplicates.parquet",
    "previews.json",
    "judgement.json",
    "neighbours.json",
    "map.parquet",
    "map.json",
    "report.html",
    "report.json",
    "report.md",
    "suspects.csv",
    "class_weights.json",
    "trials.json",
    "treatment.toml",
    "training_plan.parquet",
    "synthetic.parquet",
    "treated_columns.parquet",
    "treatment_class_weights.json",
)
"""What a run says in the end. An audit that starts removes those of an earlier one: they do not speak for it."""

TUNED = "tuned.toml"
SEARCHED = ("tuning.journal", "tuning.json", TUNED)
"""What a search over settings left; it stays where a run goes on, since the run may have been given its tuned.toml."""

UNLOADABLE = (OSError, ValueError, LookupError, EOFError)
"""What broken or missing files of a finished step raise; the step is then done again."""


@dataclass(frozen=True)
class RunDir:
    """Folder of one run; all reading and writing of its files goes through here."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> RunDir:
        """The run at `path`.

        Raises:
            RunError: there is none, or another version of dataclinic wrote it in a form this one cannot read.
        """
        if not path.is_dir():
            raise RunError.missing(path)
        if not is_run_dir(path):
            raise RunError.not_a_run(path)
        run = cls(path)
        schema = run.record.get("schema")
        if schema != SCHEMA:
            raise RunError.other_schema(path, schema, SCHEMA)
        return run

    @classmethod
    def start(cls, path: Path | None, source: Path, *, resume: bool = False, fresh: bool = False) -> RunDir:
        """A folder ready for an audit of `source`: `path`, or the next free name under `dataclinic-runs/`.

        With `resume` an earlier run there is picked up (without `path`: the newest of the same source, or a new one).
        With `fresh` an earlier run there is overwritten.

        Raises:
            RunError: the folder holds something else or a run without `resume` or `fresh`, or cannot be written.
        """
        folder = path or (_newest_of(source) if resume else None) or _next_free(source)
        _require_usable(folder, source, resume=resume, fresh=fresh)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            run = cls(folder)
            kept = run.record.get("steps") if resume and is_run_dir(folder) else None
            for name in RESULTS if resume else (*RESULTS, *SEARCHED):
                (folder / name).unlink(missing_ok=True)
            steps = kept if isinstance(kept, dict) else {}
            run.write_json("run.json", {"schema": SCHEMA, "source": str(source.resolve()), "steps": steps})
        except OSError as error:
            raise RunError.not_writable(folder, error) from error
        return run

    @classmethod
    def open_finished(cls, path: Path) -> RunDir:
        """The run at `path`, whose audit came to its end.

        Raises:
            RunError: there is none, it cannot be read, its audit did not finish, or it only tuned a model.
        """
        run = cls.open(path)
        if run.record.get("status") != "done":
            raise RunError.unfinished(path)
        if (path / TUNED).is_file() and not any((path / name).exists() for name in RESULTS):
            raise RunError.only_tuned(path, str(run.record.get("source")), TUNED)
        return run

    @property
    def record(self) -> dict[str, Any]:
        """Content of run.json."""
        content: dict[str, Any] = self.read_json("run.json")
        return content

    def update(self, **changes: Any) -> None:
        """Replace top-level entries of run.json."""
        self.write_json("run.json", {**self.record, **changes})

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Mark the run `running`, then `done`, `interrupted` (Ctrl-C) or `failed`; what was raised goes on."""
        self.update(status="running", started=_now())
        ended = {"status": "failed"}
        try:
            yield
            ended = {"status": "done"}
        except KeyboardInterrupt:
            ended = {"status": "interrupted"}
            raise
        except DataclinicError as error:
            ended = {"status": "failed", "failure": error.message}
            raise
        finally:
            self.update(**ended, finished=_now())

    def finish(self) -> None:
        """Mark the run `done`: all numbers are there."""
        self.update(status="done", finished=_now())

    def remember(
        self,
        step: str,
        key: str,
        compute: Callable[[], T],
        save: Callable[[Path, T], None],
        load: Callable[[Path], T | None],
    ) -> T:
        """What `compute` gives, or what an earlier run of the same step with the same key saved.

        `load` gives None where `save` kept nothing; then it is computed again, and so it is where what was saved is
        broken.
        """
        if self.record["steps"].get(step, {}).get("key") == key:
            try:
                saved = load(self.path)
            except UNLOADABLE as error:
                self.log(f"{step}: what was saved cannot be read ({error})")
                saved = None
            if saved is not None:
                self.log(f"{step}: reused")
                return saved
        started = self.clock()
        value = compute()
        save(self.path, value)
        seconds = round(self.clock() - started, 3)
        self.update(steps={**self.record["steps"], step: {"key": key, "seconds": seconds}})
        self.log(f"{step}: {seconds:.1f} s")
        return value

    def log(self, line: str) -> None:
        """Append one line with the time to log.txt."""
        with (self.path / "log.txt").open("a", encoding="utf-8") as log:
            log.write(f"{_now()} {line}\n")

    @staticmethod
    def clock() -> float:
        """Seconds since some fixed moment."""
        return time.perf_counter()

    def read_json(self, name: str) -> Any:
        """Content of the JSON file `name`.

        Raises:
            RunError: it is not there or broken.
        """
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8", errors="surrogateescape"))
        except (OSError, ValueError) as error:
            raise RunError.broken_file(self.path / name, error) from error

    def write_json(self, name: str, content: Any) -> None:
        self.write_text(name, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")

    def write_text(self, name: str, text: str) -> None:
        with replacing(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8", errors="surrogateescape")

    def read_table(self, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
        """Content of the parquet file `name`, which must have `columns` and may have more.

        Raises:
            RunError: it is not there, broken, or lacks a column.
        """
        import pandas as pd

        try:
            table = pd.read_parquet(self.path / name)
        except (OSError, ValueError) as error:
            raise RunError.broken_file(self.path / name, error) from error
        missing = [column for column in columns if column not in table]
        if missing:
            raise RunError.broken_file(self.path / name, ValueError(f"it has no column {', '.join(missing)}"))
        return table

    def read_columns(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        """Those of `columns` that the parquet file `name` has, without reading the others.

        Raises:
            RunError: it is not there or broken.
        """
        import pandas as pd
        import pyarrow.parquet as pq

        file = self.path / name
        try:
            present = set(pq.read_schema(file).names)
            return pd.read_parquet(file, columns=[column for column in columns if column in present])
        except (OSError, ValueError) as error:
            raise RunError.broken_file(file, error) from error

    def write_table(self, name: str, frame: pd.DataFrame) -> None:
        with replacing(self.path / name) as temporary:
            frame.to_parquet(temporary, index=False)


def _require_usable(folder: Path, source: Path, *, resume: bool, fresh: bool) -> None:
    """Raise RunError where `folder` is no place for a run of `source`."""
    if source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
        raise RunError.inside_data(folder, source)
    if not is_run_dir(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise RunError.occupied(folder)
        return
    if fresh:
        return
    if not resume:
        raise RunError.exists(folder)
    found = RunDir.open(folder).record.get("source")
    if found != str(source.resolve()):
        raise RunError.other_source(folder, str(found), source)


def is_run_dir(path: Path) -> bool:
    """Whether `path` holds a run of any schema version."""
    try:
        content = json.loads((path / "run.json").read_text(encoding="utf-8", errors="surrogateescape"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "schema" in content


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well."""
    temporary = path.with_name(f".{path.name}.partial")
    try:
        yield temporary
        os.replace(temporary, path)  # noqa: PTH105 - atomic on one file system
    finally:
        temporary.unlink(missing_ok=True)


def _newest_of(source: Path) -> Path | None:
    runs = [
        folder
        for folder in sorted(_parent_of(source).glob("*"))
        if is_run_dir(folder) and RunDir(folder).record.get("source") == str(source.resolve())
    ]
    return max(runs, key=lambda folder: (folder / "run.json").stat().st_mtime, default=None)


def _next_free(source: Path) -> Path:
    parent, name = _parent_of(source), source.resolve().stem or "run"
    number = 1
    while (parent / f"{name}-{number:03}").exists():
        number += 1
    return parent / f"{name}-{number:03}"


def _parent_of(source: Path) -> Path:
    """`dataclinic-runs` here, or beside the source where "here" is inside it: originals are never written to."""
    here, data = Path.cwd(), source.resolve()
    inside = data.is_dir() and here.is_relative_to(data)
    return (data.parent if inside else Path()) / DEFAULT_PARENT


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
