"""Fixes: each proposes one treatment of training data, whose gain is then measured. One file, one id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from dataclinic.findings import accused_rows
from dataclinic.methods.label_quality import best_other, log_margin, self_confidence

if TYPE_CHECKING:
    from collections.abc import Collection

    from dataclinic.arrays import Labels, Mask, Rows, Scores
    from dataclinic.dataset import Task
    from dataclinic.evidence import Evidence
    from dataclinic.features import Features
    from dataclinic.findings import CheckRecord, DidNotApply
    from dataclinic.treatments import Treatment

UNKNOWN = -1
"""In place of a verified label where nobody has looked."""


@dataclass(frozen=True)
class TrainingPart:
    """All that a fix may look at: training rows alone, with what models that never saw each say of it.

    Every array is of these n rows, in one order: `evidence.dataset` has no others, and row 0 is the first of them.
    `features` are what the model trains on. `records` are of the checks that the fix names in `listens`.
    `trusted` (n,) holds class codes that people verified, UNKNOWN where nobody looked (in regression numbers, NaN where
    nobody did); None where there are none.
    `honours` are the fields of `Recipe` that the model follows, `model` is its id. `seed` is for the fix to draw by.
    """

    evidence: Evidence
    features: Features
    records: tuple[CheckRecord, ...]
    model: str
    honours: frozenset[str]
    seed: int
    trusted: Labels | Scores | None = None

    def __len__(self) -> int:
        return len(self.evidence.dataset)

    def heard(self, listens: Collection[str]) -> TrainingPart:
        """The same with the records of these checks alone."""
        return replace(self, records=tuple(record for record in self.records if record.check in listens))

    @property
    def rows(self) -> Rows:
        """(n,) every row once: 0 … n - 1."""
        return np.arange(len(self))

    @property
    def labels(self) -> Labels:
        """(n,) class codes as given."""
        return self.evidence.dataset.labels

    @property
    def given(self) -> Labels | Scores:
        """(n,) class codes as given, or the numbers of a regression."""
        return self.evidence.dataset.given

    @property
    def classes(self) -> tuple[str, ...]:
        return self.evidence.dataset.classes

    @cached_property
    def class_counts(self) -> Labels:
        """(classes,) rows of each class."""
        return np.bincount(self.labels, minlength=len(self.classes))

    @cached_property
    def suspicion(self) -> Scores:
        """(n,) negative log-margin of the out-of-fold probabilities in nats, NaN where a row was not judged.

        Only in classification.
        """
        out_of_fold = self.evidence.out_of_fold
        assert out_of_fold is not None  # noqa: S101 - a classification has them
        probs = np.where(out_of_fold.judged[:, None], out_of_fold.probs, 0).astype(np.float32)
        return np.where(out_of_fold.judged, -log_margin(probs, self.labels), np.nan)

    @cached_property
    def suspects(self) -> Mask:
        """(n,) rows whose label is probably wrong.

        By the verdicts where there are some; else those that some check of `records` accuses, in classification also
        by the models' preference.
        """
        if self.evidence.judgement is not None:
            return self.evidence.judgement.flagged
        accused = accused_rows(self.records, len(self))
        if self.evidence.out_of_fold is None:
            return accused
        return np.asarray(accused & (self.suspicion > 0))

    @cached_property
    def suggested(self) -> Labels:
        """(n,) likeliest class other than the given one; only in classification."""
        if self.evidence.judgement is not None:
            return self.evidence.judgement.suggested
        out_of_fold = self.evidence.out_of_fold
        assert out_of_fold is not None  # noqa: S101 - a classification has them
        return best_other(np.nan_to_num(out_of_fold.probs), self.labels)

    @cached_property
    def self_confidence(self) -> Scores:
        """(n,) out-of-fold probability of the given label, NaN where a row was not judged; only in classification."""
        out_of_fold = self.evidence.out_of_fold
        assert out_of_fold is not None  # noqa: S101 - a classification has them
        return np.where(out_of_fold.judged, self_confidence(out_of_fold.probs, self.labels), np.nan)


class Fix(Protocol):
    """Contract of a fix: a frozen dataclass whose fields are its settings; its docstring is its docs page."""

    summary: ClassVar[str]
    tasks: ClassVar[frozenset[Task]]
    screened: ClassVar[bool]
    """Whether it is tried when the user names no fixes."""
    listens: ClassVar[frozenset[str]]
    """Ids of the checks whose records it looks at."""

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        """What to train on instead of `part`, from `part` alone and the same for the same part.

        Nothing of `part` is changed. Where there is nothing to do, or the model or data do not allow it, the reason.

        Raises:
            CheckError: the fix cannot finish on this data.
        """
        ...
