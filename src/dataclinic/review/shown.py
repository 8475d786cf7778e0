"""What a reviewer is shown of one sample, page and terminal alike; every text is as it stands in the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dataclinic.edits import Decision


@dataclass(frozen=True)
class Cell:
    """A cell of a table row; `telling` where it looks more like the suggested class than like the given one.

    The medians are those of its column in either class, as text; None where it is no telling one.
    """

    column: str
    value: str
    telling: bool = False
    given_median: str | None = None
    suggested_median: str | None = None


@dataclass(frozen=True)
class Content:
    """The sample itself: a picture (`picture` says that there is one), a text, or cells, telling ones first.

    `missing` says why there is none of them. A text may be cut: `cut` of its characters are not shown. `columns` is
    how many cells the row has in all.
    """

    picture: bool = False
    text: str | None = None
    cut: int = 0
    cells: tuple[Cell, ...] = ()
    columns: int = 0
    missing: str | None = None


@dataclass(frozen=True)
class Near:
    """A neighbour of the sample, at a cosine `distance` in [0, 2]."""

    row: int
    id: str
    label: str
    distance: float
    content: Content


@dataclass(frozen=True)
class Side:
    """The nearest samples of the given or of the suggested class."""

    role: Literal["given", "suggested"]
    label: str
    samples: tuple[Near, ...]


@dataclass(frozen=True)
class Shown:
    """One sample in front of a reviewer.

    `suggested` is None where nothing but the given label is likely. `probability` is that of the given label being
    wrong, after the verdicts so far; the others are those of being the true label. In regression `given` and
    `suggested` (what models predict) are numbers as text, and there are no probabilities.
    """

    row: int
    id: str
    rank: int
    given: str
    suggested: str | None
    probability: float | None
    given_probability: float | None
    suggested_probability: float | None
    self_confidence: float | None
    loss_nats: float | None
    reason: str
    checks: tuple[str, ...]
    content: Content
    sides: tuple[Side, ...]
    decision: Decision | None
