"""One sample as a reviewer is shown it: itself, its labels, and samples of both classes that are like it."""

from __future__ import annotations

import json
from functools import cached_property, lru_cache
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any, Literal

import pyarrow.parquet as pq

from dataclinic.dataset import Images
from dataclinic.report.previews import THUMBNAIL
from dataclinic.report.reading import read_preview_entries
from dataclinic.report.telling import COLUMN, TellingColumns
from dataclinic.review.contents import MOST_CELLS, beside, content_of, preview_of
from dataclinic.review.examples import Examples
from dataclinic.review.pictures import encoded_picture
from dataclinic.review.shown import Near, Shown, Side
from dataclinic.review.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.report import neighbours
    from dataclinic.report.suspects import Suspect
    from dataclinic.report.telling import TellingValue
    from dataclinic.review.session import Session
    from dataclinic.review.shown import Content
    from dataclinic.rundir import RunDir

MEASURED = "measurements.parquet"

MOST_TELLING = 8
"""Cells of a row that are marked: where all stand out, none does."""

BESIDE_CELLS = 12
BESIDE_CHARACTERS = 1_500
"""Of a neighbour."""

AT_ONCE = 2
"""Pictures that are decoded side by side: one may take half a gigabyte."""

KEPT_PICTURES = 64
"""What was shown last, and what the page fetched ahead: some 20 MB."""


class Showing:
    """Shows samples of a run; the data is read when the first of them is asked for, or with `load` before."""

    def __init__(self, run: RunDir, session: Session) -> None:
        self._run, self._session = run, session
        self._source = Source(run)
        self._examples = Examples(session)
        self._decoders = BoundedSemaphore(AT_ONCE)
        self._kept_picture = lru_cache(KEPT_PICTURES)(self._encoded)
        self._lock = Lock()

    def load(self) -> None:
        """Read the data and what is needed to tell of it, unless that was done; threads wait for each other.

        Raises:
            RunError: a file of the run is broken.
        """
        with self._lock:
            dataset, _, _ = self._source.dataset, self._columns, self._unreadable
            if dataset is None:
                self._previews  # noqa: B018 - it is read by this

    def notice(self) -> str | None:
        """Why samples are shown from previews; None where they are not, or before the data was read."""
        return self._source.notice

    def shown(self, row: int) -> Shown:
        """The sample in `row`, after the verdicts so far.

        Raises:
            ReviewError: there is no such row.
            RunError: a file of the run is broken.
        """
        self.load()
        suspect = self._session.suspect(row)
        telling = self._telling(suspect)
        suggested = suspect.suggested_label
        wrong = suspect.probability
        return Shown(
            row=row,
            id=suspect.id,
            rank=suspect.rank,
            given=suspect.given_label,
            suggested=None if suggested == suspect.given_label else suggested,
            probability=wrong,
            given_probability=None if wrong is None else 1 - wrong,
            suggested_probability=suspect.suggested_probability,
            self_confidence=suspect.self_confidence,
            loss_nats=suspect.loss_nats,
            reason=suspect.reason,
            checks=suspect.checks,
            content=self._content(row, telling),
            sides=self._sides(suspect, telling),
            decision=self._session.decision_of(row),
        )

    def picture(self, row: int, longest_px: int) -> tuple[bytes, str] | None:
        """The picture of a sample as a JPEG or PNG of ours and its MIME type; None where there is none.

        Its longest side is at most `longest_px`; tiny pictures are enlarged in whole steps, without smoothing.

        Raises:
            ReviewError: there is no such row.
            RunError: a file of the run is broken.
        """
        self.load()
        self._session.suspect(row)  # refuses a row that there is not
        return self._kept_picture(row, longest_px)

    def _encoded(self, row: int, longest_px: int) -> tuple[bytes, str] | None:
        dataset = self._source.dataset
        if dataset is None:
            name = self._previews.get(str(row), {}).get("thumbnail", "")
            source = self._run.path / name if THUMBNAIL.fullmatch(name) else None
        else:
            source = dataset.payload.sources[row] if isinstance(dataset.payload, Images) else None
        with self._decoders:
            return encoded_picture(source, longest_px)

    def _content(self, row: int, telling: Sequence[TellingValue], most_cells: int = MOST_CELLS) -> Content:
        dataset = self._source.dataset
        if dataset is None:
            return preview_of(self._previews.get(str(row)), telling=telling, most_cells=most_cells)
        return content_of(dataset, row, unreadable=self._unreadable, telling=telling, most_cells=most_cells)

    def _sides(self, suspect: Suspect, telling: Sequence[TellingValue]) -> tuple[Side, ...]:
        if self._session.task == "regression":
            return ()
        near = self._examples.near(suspect)
        named: tuple[tuple[Literal["given", "suggested"], str | None, Sequence[neighbours.Near]], ...] = (
            ("given", suspect.given_label, near.given),
            ("suggested", suspect.suggested_label, near.suggested),
        )
        return tuple(
            Side(role, label, tuple(self._near(one, telling) for one in found))
            for role, label, found in named
            if found and label is not None and (role == "given" or label != suspect.given_label)
        )

    def _near(self, near: neighbours.Near, telling: Sequence[TellingValue]) -> Near:
        about = self._session.suspect(near.row)
        content = beside(self._content(near.row, telling, BESIDE_CELLS), BESIDE_CHARACTERS)
        return Near(near.row, about.id, about.given_label, near.distance, content)

    def _telling(self, suspect: Suspect) -> Sequence[TellingValue]:
        if self._columns is None or self._session.task == "regression":
            return ()
        return (self._columns.of(suspect) or ())[:MOST_TELLING]

    @cached_property
    def _previews(self) -> Mapping[str, Mapping[str, Any]]:
        return read_preview_entries(self._run)

    @cached_property
    def _columns(self) -> TellingColumns | None:
        """Of tables alone: of pictures, brightness and the like tell no class."""
        file = self._run.path / MEASURED
        if self._run.record["dataset"]["kind"] != "table" or not file.is_file():
            return None
        names = [name for name in pq.read_schema(file).names if name.startswith(COLUMN)]
        ranking = self._run.read_columns("ranking.parquet", ("row", "given_label"))
        return TellingColumns(self._run.read_columns(MEASURED, names), ranking)

    @cached_property
    def _unreadable(self) -> Mapping[int, str]:
        """By row why a picture cannot be read."""
        file = self._run.path / MEASURED
        kept = (pq.read_schema(file).metadata or {}).get(b"unreadable") if file.is_file() else None
        return {} if kept is None else {int(row): str(why) for row, why in json.loads(kept).items()}
