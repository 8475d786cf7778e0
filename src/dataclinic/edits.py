"""Edits: what to change about samples on the way out; originals stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


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

DecidedAs: TypeAlias = Literal["relabel", "keep", "drop", "ambiguous"]


@dataclass(frozen=True)
class Decision:
    """A person's verdict on the sample `id`, whose content has the digest `content` ("" where it has none).

    `label` is the class that a relabelled sample belongs to; a kept one is right as it was given.
    """

    id: str
    verdict: DecidedAs
    label: str | None = None
    content: str = ""
