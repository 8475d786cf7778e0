"""Edits: what to change about samples on the way out, and who says so; originals stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

EditSource: TypeAlias = Literal["decision", "suggestion", "treatment"]
"""Who says so: a person, the ranking, or the treatment that trials recommend."""


@dataclass(frozen=True)
class Relabel:
    """Give the sample at `row` the label `to`: a class, or a number as text. `who` and `when` are "" where unknown."""

    row: int
    id: str
    given: str
    to: str
    why: str
    source: EditSource = "suggestion"
    who: str = ""
    when: str = ""


@dataclass(frozen=True)
class Drop:
    """Leave the sample at `row` out. `who` and `when` are "" where unknown."""

    row: int
    id: str
    given: str
    why: str
    source: EditSource = "suggestion"
    who: str = ""
    when: str = ""


Edit: TypeAlias = Relabel | Drop

DecidedAs: TypeAlias = Literal["relabel", "keep", "drop", "ambiguous"]

IS_WRONG: Mapping[DecidedAs, bool] = MappingProxyType({"relabel": True, "drop": True, "keep": False})
"""What a verdict says of the given label; an ambiguous one says nothing."""

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


@dataclass(frozen=True)
class Verdict:
    """What one person said of a sample in another tool, before it is known which sample that is.

    `label` None means that they could not tell, or that `verdict` says it all.
    """

    id: str
    content: str = ""
    label: str | None = None
    verdict: DecidedAs | None = None
    time: str = ""
    reviewer: str = ""
