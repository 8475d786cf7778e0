"""Suspects: the flagged rows of the ranking, as nouns for the page and as a spreadsheet."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
SIGNAL = "signal_"
"""Prefix of the columns of ranking.parquet that hold a single score."""

PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


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
    flagged = ranking[ranking["flagged"]].sort_values("rank", kind="stable").head(limit)
    return tuple(_suspect(entry) for entry in flagged.to_dict("records"))


def suspects_csv(ranking: pd.DataFrame) -> str:
    """Flagged rows of the ranking as CSV text, in rank order.

    Ids and labels come from the data and may be hostile: a spreadsheet runs cells that start with = + - @ or a control
    character as formulas. Such text gets a single quote before it, unless it is a plain number such as -1.
    """
    flagged = ranking[ranking["flagged"]].sort_values("rank", kind="stable")
    texts = flagged.select_dtypes(["object", "str"]).columns
    safe = flagged.assign(**{name: flagged[name].map(_without_formula) for name in texts})
    # Quotes around all text: a lone carriage return would otherwise begin a new row.
    return str(safe.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC))


def finite(value: Any) -> float | None:
    """The number, or None where there is none: null, NaN and infinities have no place in JSON."""
    if value is None:
        return None
    # pandas' missing value refuses to become a float.
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return number if math.isfinite(number) else None


def _suspect(entry: dict[str, Any]) -> Suspect:
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


def _without_formula(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(STARTS_FORMULA) and not PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
