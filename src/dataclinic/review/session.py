"""A review: which sample is next, verdicts that are on disk before anything goes on, and what they say."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import islice
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.edits import Decision
from dataclinic.errors import ReviewError
from dataclinic.methods.number_text import exact_number
from dataclinic.report.estimate import read_label_errors
from dataclinic.report.reading import read_record
from dataclinic.report.suspects import suspect_of
from dataclinic.review.queue import Filters, Place, Queue, audit_rows
from dataclinic.review.ranked import UNKNOWN, read_ranked
from dataclinic.review.reranking import Reranking
from dataclinic.review.telling_standing import Verdicts, standing
from dataclinic.rundir.decisions import DECISIONS, VERDICTS, DecisionLog, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dataclinic.edits import DecidedAs
    from dataclinic.report.suspects import Suspect
    from dataclinic.review.standing import Standing
    from dataclinic.rundir import RunDir

__all__ = ["Filters", "Recorded", "Session"]

SUSPECTS = Filters()

RERANK_EVERY = 25
"""Verdicts after which the queue is ranked anew."""


@dataclass(frozen=True)
class Recorded:
    """A verdict that is on disk, and whether the queue was ranked anew after it."""

    decision: Decision
    reranked: bool


@dataclass(frozen=True)
class Given:
    """A decision that stands on the sample in `row`, -1 where the run has no such sample."""

    row: int
    decision: Decision


class Session:
    """A review of one run by one person; threads may share it.

    What other programs add to the decisions of the run is taken up before the next answer.
    """

    def __init__(
        self, run: RunDir, *, reviewer: str = "", audit_sample: int = 0, clock: Callable[[], datetime] = now
    ) -> None:
        """The review of a finished run, going on where its decisions end.

        Args:
            run: its folder.
            reviewer: name that verdicts are signed with.
            audit_sample: samples to draw at random from all and mix in.
            clock: says what time it is, with its zone.

        Raises:
            RunError: the run did not finish, or a file of it is broken.
            DecisionsError: its decisions cannot be read.
        """
        record = read_record(run)
        self.run, self.reviewer = run, reviewer
        self.task: str = record["dataset"].get("task", "classification")
        self.classes: tuple[str, ...] = tuple(record["dataset"]["classes"]) if self.task == "classification" else ()
        self._ranked = read_ranked(run, self.classes)
        self.checks = self._ranked.checks
        self.total = len(self._ranked)
        self._clock = clock
        self._judgement = read_label_errors(run)
        self._permuted = audit_rows(self._ranked, int(record.get("seed") or 0))
        self._audit_size = min(audit_sample, len(self._permuted))
        self._queue = Queue(self._ranked, self.classes, self._permuted[: self._audit_size])
        self._log = DecisionLog(run.path / DECISIONS)
        self._lock = RLock()
        self._shown_for_audit: set[int] = set()
        self._skips = 0
        self._reranking = Reranking(self._ranked, self._judgement)
        self._given: list[Given] = []
        self._standing: dict[int, Decision] = {}
        self._read()

    def next(self, filters: Filters = SUSPECTS) -> int | None:
        """Row of the first sample of the queue that has no verdict; None where none is left.

        Raises:
            ReviewError: the filters name a class or a check that is not there.
        """
        with self._lock:
            places = self._places(filters, 1)
            if not places:
                return None
            self._remember(places[0])
            return places[0].row

    def upcoming(self, filters: Filters, count: int) -> tuple[int, ...]:
        """Rows of the first `count` samples of the queue; `next` is the first of them."""
        with self._lock:
            return tuple(place.row for place in self._places(filters, count))

    def left(self, filters: Filters = SUSPECTS) -> int:
        """How many samples of the queue have no verdict."""
        with self._lock:
            self._check(filters)
            return self._queue.left(filters)

    def decide(self, row: int, verdict: DecidedAs, label: str | None = None) -> Recorded:
        """Record a verdict; it is on disk when this returns.

        A sample that is relabelled as what it already is, is kept. Of several verdicts on a sample the last one counts.

        Raises:
            ReviewError: there is no such row, verdict or class.
            DecisionsError: it could not be written, and is not recorded.
        """
        with self._lock:
            self._catch_up()
            decision = self._decision(row, verdict, label)
            self._log.append(decision)
            self._given.append(Given(row, decision))
            self._stand(row, decision)
            due = len(self._standing) % RERANK_EVERY == 0
            return Recorded(decision, due and self._rerank(len(self._standing)))

    def skip(self, row: int) -> None:
        """Put a sample off to the end of the queue.

        Raises:
            ReviewError: there is no such row.
        """
        with self._lock:
            self._check_row(row)
            self._queue.skip(row)
            self._skips += 1

    def undo(self) -> Given | None:
        """Withdraw this reviewer's latest verdict, and give it; None where there is none."""
        with self._lock:
            self._catch_up()
            own = (place for place in reversed(range(len(self._given))) if self._is_own(self._given[place]))
            place = next(own, None)
            if place is None:
                return None
            given = self._given[place]
            self._log.withdraw(given.decision, self._time(), self.reviewer)
            del self._given[place]
            earlier = next((one.decision for one in reversed(self._given) if one.row == given.row), None)
            self._stand(given.row, earlier)
            return given

    def suspect(self, row: int) -> Suspect:
        """The sample, with its probability of being wrong and the suggested label after the verdicts so far.

        Raises:
            ReviewError: there is no such row.
        """
        with self._lock:
            self._check_row(row)
            told, ranked = suspect_of(self._ranked.entry(row)), self._ranked
            probability = float(self._reranking.probability[row])
            if math.isnan(probability):
                return told
            told = replace(told, probability=probability)
            code = int(ranked.suggested[row])
            doubted = told.suggested_label not in {None, told.given_label}
            if code == UNKNOWN or not (doubted or self._queue.suspects[row]):
                return replace(told, suggested_probability=None if doubted else 1 - probability)
            share = float(ranked.suggested_share[row])
            return replace(
                told,
                suggested_label=self.classes[code],
                suggested_probability=None if math.isnan(share) else probability * share,
            )

    def decision_of(self, row: int) -> Decision | None:
        """The verdict on a sample that stands."""
        with self._lock:
            return self._standing.get(row)

    def standing(self) -> Standing:
        """What the verdicts so far say."""
        with self._lock:
            self._catch_up()
            return standing(
                Verdicts(tuple(self._standing.items()), self._ranked, self._permuted),
                self._queue,
                self._reranking,
                self._judgement,
                audit_size=self._audit_size,
                reranked=self._reranked,
            )

    def _places(self, filters: Filters, count: int) -> tuple[Place, ...]:
        self._check(filters)
        self._catch_up()
        return self._queue.places(filters, count, len(self._standing) + self._skips)

    def _remember(self, place: Place) -> None:
        if place.audit:
            self._shown_for_audit.add(place.row)

    def _decision(self, row: int, verdict: DecidedAs, label: str | None) -> Decision:
        self._check_row(row)
        if verdict not in VERDICTS:
            raise ReviewError.unknown_verdict(verdict, VERDICTS)
        entry = self._ranked.entry(row)
        given = str(entry["given_label"])
        named = self._label(label) if verdict == "relabel" else None
        return Decision(
            str(entry["id"]),
            "keep" if named == given else verdict,
            None if named == given else named,
            self._ranked.digest(row),
            given,
            self._time(),
            self.reviewer,
            "audit" if row in self._shown_for_audit else "queue",
        )

    def _label(self, label: str | None) -> str:
        if label is None:
            raise ReviewError.no_label()
        if self.task == "classification":
            if label not in self.classes:
                raise ReviewError.unknown_class(label, self.classes)
            return label
        try:
            number = float(label)
        except ValueError as error:
            raise ReviewError.not_a_number(label) from error
        if not math.isfinite(number):
            raise ReviewError.not_a_number(label)
        return exact_number(number)

    def _check(self, filters: Filters) -> None:
        if filters.label is not None and filters.label not in self.classes:
            raise ReviewError.unknown_class(filters.label, self.classes)
        if filters.check is not None and filters.check not in self.checks:
            raise ReviewError.unknown_check(filters.check, self.checks)

    def _check_row(self, row: int) -> None:
        if isinstance(row, bool) or not isinstance(row, int) or not 0 <= row < self.total:
            raise ReviewError.unknown_row(row, self.total)

    def _time(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")

    def _is_own(self, given: Given) -> bool:
        return given.row >= 0 and given.decision.reviewer == self.reviewer and given.decision.origin != "import"

    def _stand(self, row: int, decision: Decision | None) -> None:
        self._standing.pop(row, None)
        if decision is not None:
            self._standing[row] = decision
        self._queue.undecided[row] = decision is None

    def _catch_up(self) -> None:
        """Read the decisions again where somebody else added to them."""
        if self._log.changed():
            self._read()

    def _read(self) -> None:
        decisions = self._log.read()
        rows = self._ranked.rows_of(decisions).tolist()
        self._given = [Given(row, decision) for row, decision in zip(rows, decisions, strict=True)]
        self._standing = {}
        self._queue.undecided = np.ones(self.total, bool)
        for given in self._given:
            if given.row >= 0:
                self._stand(given.row, given.decision)
        # As it was after the last full batch: whoever comes back finds the queue in the order in which it was left.
        self._rerank(len(self._standing) // RERANK_EVERY * RERANK_EVERY)

    def _rerank(self, count: int) -> bool:
        """Rank the queue anew by the first `count` verdicts; whether it was."""
        done = self._reranking.rerank(self._queue, islice(self._standing.items(), count))
        self._reranked = count // RERANK_EVERY if done else 0
        return done
