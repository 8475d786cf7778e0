"""Edits: what to change about samples on the way out; originals stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Relabel:
    """Give the sample at `row` the label `to`."""

    row: int
    id: str
    given: str
    to: str
    why: str


@dataclass(frozen=True)
class Drop:
    """Leave the sample at `row` out."""

    row: int
    id: str
    given: str
    why: str


Edit: TypeAlias = Relabel | Drop
