"""The ranking of a run as arrays by row: what a review goes by, a million samples without an object each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataclinic.errors import RunError
from dataclinic.report.reading import RANKING
from dataclinic.report.suspects import SIGNAL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Mask, Rows, Scores
    from dataclinic.edits import Decision
    from dataclinic.rundir import RunDir

    Floats = NDArray[np.float64]

FILE = "ranking.parquet"
MEASURED = "measurements.parquet"
JUDGED = "judgement.parquet"

UNKNOWN = -1
"""Code of what is no class: numbers have none."""


@dataclass(frozen=True)
class Ranked:
    """Arrays are (samples,) by row, but `order`, the rows, most suspect first, and `place`, where each stands in it.

    `given` and `suggested` are codes of the classes, `signals` (samples, signals) the scores behind the suspicion,
    `named` (samples, checks) which of `checks` name the sample. `table` is the ranking itself, in its own order.
    """

    table: pa.Table
    content: pa.ChunkedArray | None
    order: Rows
    place: Rows
    flagged: Mask
    suspicion: Scores
    probability: Scores
    given: Labels
    suggested: Labels
    suggested_share: Scores
    signals: Floats
    checks: tuple[str, ...]
    named: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.order)

    @property
    def judged(self) -> Mask:
        return ~np.isnan(self.suspicion)

    def entry(self, row: int) -> dict[str, Any]:
        """The line of the ranking that is about the sample in `row`."""
        found: dict[str, Any] = self.table.slice(int(self.place[row]), 1).to_pylist()[0]
        return found

    def digest(self, row: int) -> str:
        """The digest of the sample's content; "" where there is none."""
        return "" if self.content is None else self.content[row].as_py() or ""

    def rows_of(self, decisions: Sequence[Decision]) -> Rows:
        """(decisions,) the row that each is about, -1 for none.

        It is that of the same id; where its content is another one now, a row with the content that was decided on.
        """
        places = _positions([decision.id for decision in decisions], self.table["id"])
        rows = np.where(places < 0, UNKNOWN, self.order[np.maximum(places, 0)])
        if self.content is None or not decisions:
            return rows
        digests = [decision.content for decision in decisions]
        by_content = _positions(digests, self.content)
        here = self.content.take(pa.array(np.maximum(rows, 0))).to_pylist()
        elsewhere = [
            bool(digest) and (row < 0 or (bool(now) and now != digest))
            for row, digest, now in zip(rows.tolist(), digests, here, strict=True)
        ]
        return np.where(elsewhere, by_content, rows)


def read_ranked(run: RunDir, classes: tuple[str, ...]) -> Ranked:
    """The ranking of a finished run.

    Raises:
        RunError: ranking.parquet is missing or broken.
    """
    table = _read(run.path / FILE)
    lacking = [name for name in RANKING if name not in table.column_names]
    if lacking:
        raise RunError.broken_file(run.path / FILE, ValueError(f"it lacks the column {lacking[0]}"))
    order = table["row"].to_numpy().astype(np.int64)
    if not np.array_equal(np.sort(order), np.arange(len(order))):
        raise RunError.broken_file(run.path / FILE, ValueError("its rows are not those of the samples, each once"))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    checks, named = _named(table["checks"])
    signals = [name for name in table.column_names if name.startswith(SIGNAL)]
    probability = _numbers(table, "probability")[place]
    suggested, share = _suggested(run, table, classes, place)
    return Ranked(
        table=table,
        content=_content(run.path / MEASURED, len(order)),
        order=order,
        place=place,
        flagged=table["flagged"].to_numpy().astype(bool)[place],
        suspicion=_numbers(table, "suspicion")[place],
        probability=probability,
        given=_codes(table["given_label"], classes)[place],
        suggested=suggested,
        suggested_share=share,
        signals=np.column_stack([_numbers(table, name) for name in signals])[place]
        if signals
        else np.empty((len(order), 0)),
        checks=checks,
        named=named[place],
    )


def _read(file: Path, columns: Sequence[str] | None = None) -> pa.Table:
    try:
        return pq.read_table(file, columns=columns)
    except (OSError, ValueError) as error:
        raise RunError.broken_file(file, error) from error


def _numbers(table: pa.Table, name: str) -> Floats:
    """A column as float64, NaN where it is null or not there."""
    if name not in table.column_names or pa.types.is_null(table[name].type):
        return np.full(len(table), np.nan)
    return np.asarray(pc.fill_null(table[name].cast(pa.float64()), np.nan).to_numpy())


def _positions(texts: Sequence[str], column: pa.ChunkedArray) -> Rows:
    """(texts,) the first position of each in the column, -1 where it is not there."""
    # A text that is not Unicode (bytes of a file name) is in no parquet file.
    wanted = pa.array([text if _is_unicode(text) else None for text in texts], pa.string())
    return _places(wanted, column.cast(pa.string()))


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any(0xD800 <= ord(character) < 0xE000 for character in text)


def _codes(column: pa.ChunkedArray, classes: tuple[str, ...]) -> Labels:
    """(samples,) code of each class, UNKNOWN for what is none."""
    return _places(column.cast(pa.string()), pa.array(classes, pa.string()))


def _places(wanted: pa.Array, values: pa.Array) -> Rows:
    found = pc.fill_null(pc.index_in(wanted, value_set=values, skip_nulls=True), UNKNOWN)
    return np.asarray(found, np.int64)


def _named(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Ids of the checks that name some sample, and (samples, checks) which; most samples share few combinations."""
    coded = pc.fill_null(column.cast(pa.string()), "").dictionary_encode().combine_chunks()
    combinations = [{name.strip() for name in text.split(",") if name.strip()} for text in coded.dictionary.to_pylist()]
    checks = tuple(sorted(set().union(*combinations)))
    of_each = np.array([[check in names for check in checks] for names in combinations], bool)
    return checks, of_each.reshape(len(combinations), len(checks))[coded.indices.to_numpy()]


def _suggested(run: RunDir, table: pa.Table, classes: tuple[str, ...], place: Rows) -> tuple[Labels, Floats]:
    """The class that is likeliest if the given one is wrong, and its share among the others.

    The ranking names it where the label is doubted; of the other samples judgement.parquet has it, where it is there.
    """
    if (run.path / JUDGED).is_file() and classes:
        kept = _read(run.path / JUDGED)
        if {"suggested", "suggested_probability", "probability"} <= set(kept.column_names) and len(kept) == len(table):
            wrong = np.maximum(_numbers(kept, "probability"), 1e-12)
            return np.asarray(kept["suggested"].to_numpy(), np.int64), np.clip(
                _numbers(kept, "suggested_probability") / wrong, 0, 1
            )
    wrong = np.maximum(_numbers(table, "probability"), 1e-12)
    suggested = _codes(table["suggested_label"], classes)
    elsewhere = suggested != _codes(table["given_label"], classes)
    share = np.clip(_numbers(table, "suggested_probability") / wrong, 0, 1)
    return np.where(elsewhere, suggested, UNKNOWN)[place], np.where(elsewhere, share, np.nan)[place]


def _content(file: Path, samples: int) -> pa.ChunkedArray | None:
    """Digests by row; None where none were kept."""
    if not file.is_file():
        return None
    if "content" not in pq.read_schema(file).names:
        return None
    column = _read(file, ["content"])["content"]
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return column if is_text and len(column) == samples else None
