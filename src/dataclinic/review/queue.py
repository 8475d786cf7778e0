"""The queue of a review: suspects in their order, a random sample mixed in, skipped ones once more at the end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Mask, Rows
    from dataclinic.review.ranked import Ranked

AUDIT_EVERY = 5
"""Every fifth place is one of the random sample until that is used up."""


@dataclass(frozen=True)
class Filters:
    """Which samples are asked about: those of a class, given or suggested, and those that a check names.

    `beyond` goes on down the ranking, to samples that are not suspects.
    """

    label: str | None = None
    check: str | None = None
    beyond: bool = False


@dataclass(frozen=True)
class Place:
    """A place of the queue: the sample in `row`, and whether it stands there as one of the random sample."""

    row: int
    audit: bool = False


class Queue:
    """Which sample is next; `order`, `suspects`, `undecided` and `skipped` are as the verdicts so far leave them.

    `order` are all rows, most suspect first; `suspects` and `undecided` are (samples,) by row. `skipped` says, by row,
    when a sample was put off: the one with the highest number last, those with 0 never.
    """

    def __init__(self, ranked: Ranked, classes: Sequence[str], audit: Rows) -> None:
        self._ranked = ranked
        self._codes = {name: code for code, name in enumerate(classes)}
        self.audit = audit
        self.order = ranked.order
        self.suspects: Mask = ranked.flagged
        self.undecided: Mask = np.ones(len(ranked), bool)
        self.skipped = np.zeros(len(ranked), np.int64)

    def places(self, filters: Filters, count: int, shown: int) -> tuple[Place, ...]:
        """The first `count` places, after `shown` others."""
        return tuple(islice(self._mixed(filters, count, shown), count))

    def left(self, filters: Filters) -> int:
        """How many samples are still to be asked about."""
        matching = self._matching(filters) & self.undecided
        asked = matching.copy() if filters.beyond else matching & self.suspects
        asked[self.audit] |= matching[self.audit]
        return int(np.count_nonzero(asked))

    def skip(self, row: int) -> None:
        self.skipped[row] = self.skipped.max() + 1

    def suspects_left(self) -> int:
        return int(np.count_nonzero(self.suspects & self.undecided))

    def ahead(self, count: int) -> Rows:
        """The next suspects, or where none is left the samples beyond."""
        open_ones = self.undecided & self.suspects
        return self._first(open_ones if open_ones.any() else self.undecided, count)

    def _mixed(self, filters: Filters, count: int, shown: int) -> Iterator[Place]:
        matching = self._matching(filters) & self.undecided
        asked = matching if filters.beyond else matching & self.suspects
        fresh = self.skipped == 0
        drawn = self.audit[(matching & fresh)[self.audit]]
        queue = iter(self._first(asked & fresh, count + len(drawn)).tolist())
        audit, seen = iter(drawn.tolist()), set[int]()
        for number in range(shown + 1, shown + count + 1):
            first, other = (audit, queue) if number % AUDIT_EVERY == 0 else (queue, audit)
            row, source = _unseen(first, seen), first
            if row is None:
                row, source = _unseen(other, seen), other
            if row is None:
                break
            seen.add(row)
            yield Place(row, source is audit)
        yield from self._put_off(matching, asked)

    def _put_off(self, matching: Mask, asked: Mask) -> Iterator[Place]:
        """Skipped samples, the one that was skipped first before the others."""
        drawn = np.zeros(len(asked), bool)
        drawn[self.audit] = True
        rows = np.flatnonzero((asked | (matching & drawn)) & (self.skipped > 0))
        for row in rows[np.argsort(self.skipped[rows], kind="stable")].tolist():
            yield Place(row, bool(drawn[row] and not asked[row]))

    def _first(self, wanted: Mask, count: int) -> Rows:
        return self.order[wanted[self.order]][:count]

    def _matching(self, filters: Filters) -> Mask:
        ranked = self._ranked
        matching = np.ones(len(ranked), bool)
        if filters.label is not None:
            code = self._codes[filters.label]
            matching &= (ranked.given == code) | (ranked.suggested == code)
        if filters.check is not None:
            matching &= ranked.named[:, ranked.checks.index(filters.check)]
        return matching


def audit_rows(ranked: Ranked, seed: int) -> Rows:
    """All judged rows in a random order: the first of them are a random sample of any size."""
    return rng_for(seed, "audit sample").permutation(np.flatnonzero(ranked.judged))


def _unseen(rows: Iterator[int], seen: set[int]) -> int | None:
    return next((row for row in rows if row not in seen), None)
