"""How far along a step is: a callable that the caller owns, since the library never prints."""

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""progress(step, done, total): `step` in plain words ("encode images"), `done` of `total` units finished."""


def silent(step: str, done: int, total: int) -> None:
    """Report to nobody."""
