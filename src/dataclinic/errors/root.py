"""What all errors share: a message, a hint, and how names are put into them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class DataclinicError(Exception):
    """Base of all errors meant for the user; `hint` is what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def did_you_mean(value: str, known: Sequence[str]) -> str:
    """Hint naming the nearest known name, or all of them where none is near."""
    near = get_close_matches(value, known, n=1, cutoff=0.5)
    listed = ", ".join(known)
    return f"did you mean '{near[0]}'? (one of: {listed})" if near else f"one of: {listed}"


def first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def listed(names: Sequence[str], limit: int = 20) -> str:
    more = f" … and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
