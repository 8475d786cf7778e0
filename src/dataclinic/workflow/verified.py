"""What people say the labels are: those that were given as trusted, and those that a review decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.dataset import Table
from dataclinic.errors import OptionError
from dataclinic.rundir.decisions import DECISIONS, read_decisions
from dataclinic.steps.read_trusted import read_trusted
from dataclinic.steps.trust_decisions import trust_decisions

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Measurements
    from dataclinic.rundir import RunDir


@dataclass(frozen=True)
class Verified:
    """(samples,) class codes with -1, or numbers with NaN, where nobody looked.

    `chosen` is true where samples were looked at because they were suspect, so that they do not speak for the rest.
    """

    labels: Labels | Scores
    notes: tuple[str, ...]
    chosen: bool

    @property
    def count(self) -> int:
        known = self.labels >= 0 if self.labels.dtype.kind == "i" else ~np.isnan(self.labels)
        return int(known.sum())


def require_no_feature(dataset: Dataset, trusted: str | None) -> None:
    """Refuse trusted labels that models learned from.

    Raises:
        OptionError: `trusted` names a feature column.
    """
    if trusted is not None and isinstance(dataset.payload, Table) and trusted in dataset.payload.frame.columns:
        raise OptionError.trusted_was_feature(trusted)


def verified_labels(run: RunDir, dataset: Dataset, measurements: Measurements, trusted: str | None) -> Verified | None:
    """Trusted labels where they were given, else those of the run's decisions; None where there are neither.

    Raises:
        DataError: what was given as trusted cannot be read, or fits no sample.
        DecisionsError: the decisions cannot be read.
    """
    if trusted is not None:
        found = read_trusted(dataset, measurements, trusted)
        return Verified(found.labels, found.notes, chosen=False)
    decisions = read_decisions(run.path / DECISIONS)
    if not decisions:
        return None
    labels = trust_decisions(dataset, measurements, decisions)
    return Verified(labels, ("verified labels are those of the review, which looked at suspects first",), chosen=True)
