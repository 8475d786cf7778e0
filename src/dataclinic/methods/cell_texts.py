"""Cells of a table as text, the way a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MISSING = ""


def cell_texts(column: pd.Series, most: int) -> list[str]:
    """(cells,) each as at most `most` characters, an ellipsis at the end of longer ones; "" where it is missing."""
    return [MISSING if missing else cell_text(cell, most) for cell, missing in zip(column, column.isna(), strict=True)]


def cell_text(cell: Any, most: int) -> str:
    text = _number(cell) if isinstance(cell, float) else str(cell)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _number(value: float) -> str:
    """Six digits, but never 1.23457e+06 for the whole number 1234567."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
