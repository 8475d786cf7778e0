"""decisions.jsonl: one verdict of a person a line, in the order they were given; lines are only ever added."""

from __future__ import annotations

import errno
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from dataclinic.edits import DecidedAs, Decision, Origin
from dataclinic.errors import DecisionsError
from dataclinic.rundir.directory import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

DECISIONS = "decisions.jsonl"

UNDO = "undo"
"""Verdict of a line that withdraws an earlier one."""

VERDICTS: tuple[DecidedAs, ...] = get_args(DecidedAs)
ORIGINS: tuple[Origin, ...] = get_args(Origin)

TAIL_BYTES = 4096
"""Read at once while the end of the last whole line is looked for."""


def read_decisions(file: Path) -> tuple[Decision, ...]:
    """Decisions in the order they were given, without withdrawn ones; none where there is no file.

    An undo withdraws the latest verdict on its sample that still stands: that of the same person, or else anybody's.
    A last line that is cut off, as a crash leaves it, is passed over.

    Raises:
        DecisionsError: the file cannot be read, or another line is no decision.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise DecisionsError.unreadable(file, error) from error
    entries: list[Decision | _Undo] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entries.append(_entry(line))
        except (ValueError, LookupError, TypeError) as error:
            if number == len(lines):
                break
            raise DecisionsError.broken_line(file, number, error) from error
    return _without_withdrawn(entries)


def standing_decisions(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The last decision on each sample, in the order of those last ones."""
    last: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        last.pop((decision.id, decision.content), None)
        last[decision.id, decision.content] = decision
    return tuple(last.values())


def now() -> datetime:
    return datetime.now(UTC)


class DecisionLog:
    """Adds lines to a file of decisions, each on disk before the call returns.

    A line is written whole in one call, so a crash leaves at most an unfinished last line; the next one that is added
    cuts it off. Programs that add to one file at the same time wait for each other. The file is opened anew for every
    line: it may be replaced in between.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._known = self._state()

    def read(self) -> tuple[Decision, ...]:
        """As `read_decisions`.

        Raises:
            DecisionsError: the file cannot be read, or a line is no decision.
        """
        self._known = self._state()
        return read_decisions(self.file)

    def changed(self) -> bool:
        """Whether somebody else added to the file, or replaced it, since it was read here."""
        return self._state() != self._known

    def append(self, decision: Decision) -> None:
        """Add a verdict.

        Raises:
            DecisionsError: it cannot be written; the file is then as it was.
        """
        self._add(asdict(decision))

    def withdraw(self, decision: Decision, time: str, reviewer: str) -> None:
        """Add an undo of the latest verdict on that decision's sample.

        Raises:
            DecisionsError: it cannot be written; the file is then as it was.
        """
        entry = {"id": decision.id, "verdict": UNDO, "content": decision.content, "time": time, "reviewer": reviewer}
        self._add(entry)

    def replace(self, decisions: Iterable[Decision]) -> None:
        """Put a file of just these decisions in the place of the one that was read, whole or not at all.

        A review that is going on takes it up with its next answer.

        Raises:
            DecisionsError: it cannot be written, or somebody added to it after it was read.
        """
        try:
            new = not self.file.exists()
            with _locked(self.file):
                if not new and self.changed():
                    raise DecisionsError.changed_meanwhile(self.file)
                with replacing(self.file) as temporary, temporary.open("wb") as handle:
                    handle.write(b"".join(_line(asdict(decision)) for decision in decisions))
                    handle.flush()
                    os.fsync(handle.fileno())
                self._known = self._state()
            _sync_folder(self.file.parent)
        except OSError as error:
            raise DecisionsError.not_written(self.file, error) from error

    def _state(self) -> tuple[int, int]:
        try:
            found = self.file.stat()
        except OSError:
            return 0, 0
        return found.st_ino, found.st_size

    def _add(self, entry: Mapping[str, Any]) -> None:
        try:
            new = not self.file.exists()
            with _locked(self.file) as handle:
                alone = new or not self.changed()
                _append_line(handle, _line(entry))
                # Where somebody else was quicker, their line is still to be read.
                self._known = self._state() if alone else self._known
            if new:
                _sync_folder(self.file.parent)
        except OSError as error:
            raise DecisionsError.not_written(self.file, error) from error


@dataclass(frozen=True)
class _Undo:
    """Withdraws the latest verdict of a person on a sample."""

    id: str
    content: str
    reviewer: str = ""


def _without_withdrawn(entries: Iterable[Decision | _Undo]) -> tuple[Decision, ...]:
    kept: dict[int, Decision] = {}
    places: dict[tuple[str, str], list[int]] = {}
    for place, entry in enumerate(entries):
        of_sample = places.setdefault((entry.id, entry.content), [])
        if isinstance(entry, Decision):
            kept[place] = entry
            of_sample.append(place)
        elif of_sample:
            del kept[of_sample.pop(_withdrawn(entry, [kept[at] for at in of_sample]))]
    return tuple(kept.values())


def _withdrawn(undo: _Undo, standing: Sequence[Decision]) -> int:
    """Position of the latest verdict of the same person; of anybody's where no such one stands."""
    own = (one.reviewer == undo.reviewer and one.origin != "import" for one in reversed(standing))
    return len(standing) - 1 - next((back for back, is_own in enumerate(own) if is_own), 0)


def _entry(line: bytes) -> Decision | _Undo:
    entry = _parsed(line)
    content = str(entry.get("content") or "")
    return (
        _Undo(entry["id"], content, str(entry.get("reviewer") or ""))
        if entry["verdict"] == UNDO
        else _decision(entry, content)
    )


def _parsed(line: bytes) -> dict[str, Any]:
    entry = json.loads(line.decode("utf-8", "surrogateescape"))
    if not isinstance(entry, dict) or not isinstance(entry["id"], str):
        raise TypeError("it is no object with an id")
    return entry


def _decision(entry: Mapping[str, Any], content: str) -> Decision:
    """The verdict of a line; what older lines lack is empty."""
    verdict, label, origin = entry["verdict"], entry.get("label"), entry.get("origin", ORIGINS[0])
    if verdict not in VERDICTS or origin not in ORIGINS or not (label is None or isinstance(label, str)):
        raise ValueError("its verdict, label or origin is none")
    if verdict == "relabel" and label is None:
        raise ValueError("it relabels without a label")
    given, time, reviewer = (str(entry.get(name) or "") for name in ("given", "time", "reviewer"))
    return Decision(entry["id"], verdict, label, content, given, time, reviewer, origin)


def _line(entry: Mapping[str, Any]) -> bytes:
    try:
        return f"{json.dumps(entry, ensure_ascii=False)}\n".encode()
    except UnicodeEncodeError:  # bytes of a file name that are no text
        return f"{json.dumps(entry)}\n".encode()


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    """The file, open to read and add to, nobody else writing; created where it is not there."""
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        try:
            _lock(handle)
            if _is_still(file, handle):
                yield handle
                return
        finally:
            os.close(handle)  # lets go of the lock


def _lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: there one line is still one write
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in {errno.ENOLCK, errno.ENOTSUP}:  # some network file systems know no locks
            raise


def _is_still(file: Path, handle: int) -> bool:
    """Whether nobody replaced the file while its lock was waited for."""
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except FileNotFoundError:
        return False


def _append_line(handle: int, line: bytes) -> None:
    start, ending = _whole_end(handle)
    os.ftruncate(handle, start)
    whole = False
    try:
        whole = os.write(handle, ending + line) == len(ending + line)
        os.fsync(handle)
    except OSError:
        whole = False
        raise
    finally:
        if not whole:
            os.ftruncate(handle, start)
    if not whole:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _whole_end(handle: int) -> tuple[int, bytes]:
    """Where the last whole line ends, and what has to stand before the next one."""
    size = os.lseek(handle, 0, os.SEEK_END)
    tail, start = b"", size
    while start > 0 and b"\n" not in tail:
        step = min(TAIL_BYTES, start)
        start -= step
        os.lseek(handle, start, os.SEEK_SET)
        tail = os.read(handle, step) + tail
    last = tail.rpartition(b"\n")[2]
    if not last:
        return size, b""
    try:
        _parsed(last)
    except (ValueError, LookupError, TypeError):
        return size - len(last), b""
    return size, b"\n"


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file survive a power cut too."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
