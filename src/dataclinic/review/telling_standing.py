"""What the verdicts so far say: how right the suspects are, how many errors are left, and whether to go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.edits import IS_WRONG
from dataclinic.judgement import Estimate
from dataclinic.methods.errors_left import errors_left
from dataclinic.methods.exact_interval import exact_interval
from dataclinic.review.standing import Share, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataclinic.arrays import Rows, Scores
    from dataclinic.edits import Decision
    from dataclinic.report.estimate import LabelErrors
    from dataclinic.review.queue import Queue
    from dataclinic.review.ranked import Ranked
    from dataclinic.review.reranking import Reranking
    from dataclinic.review.standing import Advice

AHEAD = 25
"""Samples whose errors are foretold: as many as are reviewed before the queue is ranked anew."""

WORTH_A_LOOK = 0.1
"""Share of errors below which going on is not advised: nine looks of ten would then change nothing."""

PACE_OVER = 100
"""Latest verdicts whose median time is told: people grow quicker, and tired."""

BREAK_SECONDS = 300.0
"""Between two verdicts; whoever took longer was away."""


@dataclass(frozen=True)
class Verdicts:
    """The decisions that stand, by row, in order; `permuted` are all judged rows in the order of the random sample."""

    decisions: tuple[tuple[int, Decision], ...]
    ranked: Ranked
    permuted: Rows


def standing(
    verdicts: Verdicts,
    queue: Queue,
    reranking: Reranking,
    judgement: LabelErrors | None,
    *,
    audit_size: int,
    reranked: int,
) -> Standing:
    """Where the review stands, with the queue and the estimate of the run."""
    counts = dict.fromkeys(("relabel", "keep", "drop", "ambiguous"), 0)
    for _, decision in verdicts.decisions:
        counts[decision.verdict] += 1
    ahead = queue.ahead(AHEAD)
    foretold = _foretold(verdicts, reranking.probability, ahead)
    left, audit = queue.suspects_left(), audit_share(verdicts, audit_size)
    return Standing(
        relabelled=counts["relabel"],
        kept=counts["keep"],
        dropped=counts["drop"],
        ambiguous=counts["ambiguous"],
        suspects_left=left,
        precision=_precision(verdicts),
        audit=audit,
        audit_size=audit_size,
        errors_left=_errors_left(verdicts, queue, reranking.probability, judgement, audit),
        next_count=len(ahead),
        next_errors=foretold,
        pace_seconds=pace_seconds(decision for _, decision in verdicts.decisions),
        reranked=reranked,
        advice=_advice(left, foretold, len(ahead)),
    )


def audit_share(verdicts: Verdicts, size: int) -> Share | None:
    """The share of wrong labels among all, from the random sample; None until a sample of it was asked about.

    What counts is the longest run of the random order, from its start, of which every sample has a verdict, wherever
    that came from. To count just the decided ones among the sample would be wrong: the suspects among them are
    decided early, through the queue, and most of those are errors, while the others wait for their turn. In that run
    suspects and others stand as they fall. It ends before the first sample without a verdict, as inverse sampling wants
    it (J. B. S. Haldane: On a method of estimating frequencies. Biometrika 33 (1945) 222-225: the last draw is not
    counted), so that where a reviewer happens to be favours neither. Ambiguous samples are left out of both counts.
    """
    given = dict(verdicts.decisions)
    run: list[Decision] = []
    for row in verdicts.permuted[:size].tolist():
        if row not in given:
            break
        run.append(given[row])
    if len(run) < size and not any(decision.origin == "audit" for decision in run):
        return None
    return _share(run)


def pace_seconds(decisions: Iterable[Decision]) -> float | None:
    """Median seconds between the latest verdicts of a person, breaks left out; None where there are not two."""
    times: dict[str, list[float]] = {}
    for decision in decisions:
        if decision.time and decision.origin != "import":
            times.setdefault(decision.reviewer, []).append(_seconds(decision.time))
    steps = [
        later - earlier
        for of_one in times.values()
        for earlier, later in pairwise(of_one[-PACE_OVER - 1 :])
        if 0 <= later - earlier <= BREAK_SECONDS
    ]
    return median(steps) if steps else None


def _seconds(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:  # another program wrote it
        return -np.inf


def _precision(verdicts: Verdicts) -> Share | None:
    """Of what the run flagged and the queue brought up; the random sample would count the unlikely ones double."""
    flagged = verdicts.ranked.flagged
    return _share(decision for row, decision in verdicts.decisions if flagged[row] and decision.origin == "queue")


def _share(decisions: Iterable[Decision]) -> Share | None:
    told = [IS_WRONG[decision.verdict] for decision in decisions if decision.verdict in IS_WRONG]
    if not told:
        return None
    low, high = exact_interval(sum(told), len(told))
    return Share(sum(told) / len(told), low, high, len(told))


def _errors_left(
    verdicts: Verdicts, queue: Queue, after: Scores, judgement: LabelErrors | None, audit: Share | None
) -> Estimate | None:
    """That of the probabilities (`methods/errors_left.py`), cut by what the random sample leaves.

    Where the two contradict each other, the sample that was drawn at random is right.
    """
    ranked = verdicts.ranked
    undecided = after[queue.undecided & ranked.judged]
    if judgement is None or not judgement.known or np.isnan(undecided).any():
        return None
    run, found = judgement.errors, _errors_found(verdicts)
    told = errors_left(undecided, Estimate(run.value, run.low, run.high), found)
    if audit is None:
        return told
    judged = int(np.count_nonzero(ranked.judged))
    fewest, most = max(0.0, audit.low * judged - found), max(0.0, audit.high * judged - found)
    agree = fewest <= told.high and told.low <= most
    low, high = (max(told.low, fewest), min(told.high, most)) if agree else (fewest, most)
    return Estimate(min(max(told.value, low), high), low, high)


def _errors_found(verdicts: Verdicts) -> int:
    judged = verdicts.ranked.judged
    return sum(IS_WRONG.get(decision.verdict, False) and bool(judged[row]) for row, decision in verdicts.decisions)


def _foretold(verdicts: Verdicts, after: Scores, ahead: Rows) -> float | None:
    """Errors among the next samples; where there are no probabilities as many as among the latest verdicts."""
    if not len(ahead):
        return None
    probability = after[ahead]
    if not np.isnan(probability).all():
        return float(np.nansum(probability))
    return _share_lately(verdicts.decisions, len(ahead))


def _share_lately(decisions: Sequence[tuple[int, Decision]], count: int) -> float | None:
    lately = [decision.verdict for _, decision in decisions if decision.origin == "queue"][-AHEAD:]
    told = [IS_WRONG[verdict] for verdict in lately if verdict in IS_WRONG]
    return count * sum(told) / len(told) if len(lately) == AHEAD and told else None


def _advice(left: int, foretold: float | None, count: int) -> Advice:
    if not left:
        return "done"
    return "stop" if foretold is not None and foretold < WORTH_A_LOOK * count else "go on"
