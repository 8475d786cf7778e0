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

Origin: TypeAlias = Literal["queue", "audit", "import"]
"""How a person came to a sample: it was suspect, it was drawn at random, or another tool showed it."""


@dataclass(frozen=True)
class Decision:
    """A person's verdict on the sample `id`, whose content has the digest `content` ("" where it has none).

    `label` is the class (or number, as text) that a relabelled sample belongs to; a kept one is right as it was given,
    which was `given`. `time` is ISO 8601 in UTC, `reviewer` the name of who decided; "" where they are not known.
    """

    id: str
    verdict: DecidedAs
    label: str | None = None
    content: str = ""
    given: str = ""
    time: str = ""
    reviewer: str = ""
    origin: Origin = "queue"
