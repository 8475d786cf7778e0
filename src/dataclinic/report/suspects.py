"""Suspects: the flagged rows of the ranking, as nouns for the page and as a spreadsheet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyarrow as pa

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
FORMULA = r"^[=+\-@\t\r\n]"
"""Text that begins with one of them."""

SIGNAL = "signal_"
"""Prefix of the columns of ranking.parquet that hold a single score."""

PLAIN_NUMBER = r"^[+-]?\d+(\.\d+)?\z"


@dataclass(frozen=True)
class Suspect:
    """A sample whose given label is doubted; `rank` 1 is the most suspect, `row` its position in the dataset.

    `suspicion` orders the samples, `loss_nats` is in nats. `probability` (of the given label being wrong),
    `self_confidence` (what the models give the given label) and `suggested_probability` are in [0, 1], `spread` is the
    standard deviation of self-confidence over repeats, and `signals` are the single scores behind the suspicion.
    Numbers are None where no model judged the sample, `probability` also where it was not calibrated.
    """

    rank: int
    row: int
    id: str
    given_label: str
    suggested_label: str | None
    suggested_probability: float | None
    suspicion: float | None
    loss_nats: float | None
    self_confidence: float | None
    spread: float | None
    checks: tuple[str, ...]
    reason: str
    probability: float | None = None
    signals: Mapping[str, float] = field(default_factory=dict)


def read_suspects(ranking: pd.DataFrame, limit: int) -> tuple[Suspect, ...]:
    """The first `limit` flagged samples, most suspect first."""
    places = np.flatnonzero(ranking["flagged"].to_numpy(bool))
    first = places[np.argsort(ranking["rank"].to_numpy()[places], kind="stable")[:limit]]
    return tuple(suspect_of(entry) for entry in ranking.iloc[first].to_dict("records"))


def suspects_csv(ranking: pd.DataFrame) -> str:
    """Flagged rows of the ranking as CSV text, in rank order.

    Ids and labels come from the data and may be hostile: a spreadsheet runs cells that start with = + - @ or a control
    character as formulas. Such text gets a single quote before it, unless it is a plain number such as -1.
    """
    import pyarrow as pa
    from pyarrow import csv

    flagged = pa.Table.from_pandas(ranking[ranking["flagged"]].sort_values("rank", kind="stable"), preserve_index=False)
    for place, (name, kind) in enumerate(zip(flagged.column_names, flagged.schema.types, strict=True)):
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            flagged = flagged.set_column(place, name, _without_formulas(flagged[name]))
    written = BytesIO()
    # It encloses all text in quotes: a lone carriage return would otherwise begin a new row.
    csv.write_csv(flagged, written, csv.WriteOptions(quoting_style="needed"))
    return written.getvalue().decode("utf-8")


def finite(value: Any) -> float | None:
    """The number, or None where there is none: null, NaN and infinities have no place in JSON."""
    if value is None:
        return None
    # pandas' missing value refuses to become a float.
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return number if math.isfinite(number) else None


def suspect_of(entry: dict[str, Any]) -> Suspect:
    """The sample that a line of the ranking is about."""
    suggested = entry["suggested_label"]
    return Suspect(
        rank=int(entry["rank"]),
        row=int(entry["row"]),
        id=str(entry["id"]),
        given_label=str(entry["given_label"]),
        suggested_label=suggested if isinstance(suggested, str) else None,
        suggested_probability=finite(entry["suggested_probability"]),
        suspicion=finite(entry["suspicion"]),
        loss_nats=finite(entry["loss_nats"]),
        self_confidence=finite(entry["self_confidence"]),
        spread=finite(entry["spread"]),
        checks=tuple(name.strip() for name in _text(entry["checks"]).split(",") if name.strip()),
        reason=_text(entry["reason"]),
        probability=finite(entry.get("probability")),
        signals=_signals(entry),
    )


def _signals(entry: dict[str, Any]) -> dict[str, float]:
    values = {name.removeprefix(SIGNAL): finite(entry[name]) for name in entry if name.startswith(SIGNAL)}
    return {name: value for name, value in values.items() if value is not None}


def _text(cell: Any) -> str:
    """The text; "" where the cell is missing, which pandas gives as a number."""
    return cell if isinstance(cell, str) else ""


def _without_formulas(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    from pyarrow import compute

    starts = compute.match_substring_regex(texts, FORMULA)
    formula = compute.and_not(starts, compute.match_substring_regex(texts, PLAIN_NUMBER))
    quote, nothing = (pa.scalar(text, texts.type) for text in ("'", ""))
    return compute.if_else(formula, compute.binary_join_element_wise(quote, texts, nothing), texts)
