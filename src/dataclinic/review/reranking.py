"""The queue ranked anew, with the verdicts so far as truth."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.edits import IS_WRONG
from dataclinic.methods.verdict_calibration import Candidates, verdict_calibration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataclinic.arrays import Scores
    from dataclinic.edits import Decision
    from dataclinic.report.estimate import LabelErrors
    from dataclinic.review.queue import Queue
    from dataclinic.review.ranked import Ranked

USUAL_THRESHOLD = 0.5
"""Probability of being wrong above which a sample is a suspect, where the run does not say."""


class Reranking:
    """`probability` of being wrong, (samples,) by row, as the latest ranking of the queue has it."""

    def __init__(self, ranked: Ranked, judgement: LabelErrors | None) -> None:
        self._ranked = ranked
        self._threshold = judgement.threshold if judgement else USUAL_THRESHOLD
        self.probability: Scores = ranked.probability

    def rerank(self, queue: Queue, verdicts: Iterable[tuple[int, Decision]]) -> bool:
        """Put the queue in the order of the probabilities after these verdicts; whether that was possible.

        Suspects are then the samples whose probability passes the threshold of the run. Where there are no
        probabilities, as in regression, the order stays.
        """
        told = [(row, IS_WRONG[decision.verdict]) for row, decision in verdicts if decision.verdict in IS_WRONG]
        if not told or np.isnan(self._ranked.probability).all():
            self.probability = self._ranked.probability
            queue.order, queue.suspects = self._ranked.order, self._ranked.flagged
            return False
        rows, wrong = np.array([row for row, _ in told], np.int64), np.array([is_wrong for _, is_wrong in told], bool)
        self.probability = verdict_calibration(self._candidates, rows, wrong)
        queue.order = np.lexsort((self._ranked.place, -self.probability))
        queue.suspects = self.probability > self._threshold
        return True

    @cached_property
    def _candidates(self) -> Candidates:
        ranked = self._ranked
        signals = np.column_stack([ranked.signals, ranked.suspicion])
        return Candidates.of(ranked.probability, signals, ranked.given, ranked.suggested)
