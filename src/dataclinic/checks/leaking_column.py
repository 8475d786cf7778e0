"""Columns that predict the label alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.frames.table_columns import table_columns
from dataclinic.methods.column_values import levels_of, numbers_of
from dataclinic.methods.one_column_prediction import (
    bins_of,
    explained_by_bins,
    explained_together,
    recall_together,
    vote_recalls,
)
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dataclinic.arrays import Codes, Labels, Mask, Rows, Scores
    from dataclinic.evidence import Evidence, Need

_FEWEST = 30
"""Samples and, of a class, `_FEWEST_OF_CLASS`: of fewer, chance makes a column look perfect."""
_FEWEST_OF_CLASS = 10

_MOST_ROWS = 10_000
"""Samples that single columns are judged on, every class equally: the standard error is then below 0.2 %."""
_MOST_TOGETHER = 3_000
"""Samples that the other columns together are judged on, which is only done where a column is suspected."""

_FEWEST_OTHERS = 3
"""Columns that a suspected one is compared with; that it beats one or two says nothing of leaks."""

_MISSING_TELLS = 0.98
"""Share of a class that is missing, and of the missing that are of the class."""


@dataclass(frozen=True)
class LeakingColumn:
    """Columns that predict the label alone.

    What it finds:
        Columns from which the label, or the number in a regression, can be read nearly without error, although all
        other columns together cannot tell it; columns whose values are the classes under other names; and columns that
        are missing exactly where the label is one certain class.

    Why it matters:
        Such a column is mostly written down after the label, or from it: the refund of a cancelled order, the code of
        the diagnosis, a copy of the target. A model that has it scores perfectly, and fails where it is not known yet.
        All other columns, and all other checks, say little while it is there.

    How it decides:
        A column is cut into at most 256 bins or its levels, missing cells being one. Each bin votes for a class, every
        class weighing the same, and each sample is judged without its own vote and those of its group. The balanced
        accuracy is put on a scale from chance (0) to perfect (1), its skill; in a regression the skill is the share of
        the variance of ranks that the means of the bins explain. A column with a skill of `near_perfect` is suspected,
        and accused if the columns that are not suspected, together in extremely randomised trees, fall short of it by
        `gap` and make three times its errors: where the problem is just easy, no column is accused. One level for each
        class, and one class for each level, needs no comparison. At least 30 samples, 10 of a class, and 3 columns to
        compare with are asked for.

    Known limits:
        A column may predict the label honestly: feathers tell birds. Whether it is known before the label is a question
        for people. What leaks through two columns together (price and price with tax, for their difference) is not
        seen, nor a leak with more than a few per cent of errors, nor one into labels that are often wrong themselves.
        In an easy problem only a copy of the label stands out.

    Fixes:
        Ask when the column is filled in. Leave it out of the features if that is after the label, or from it.

    References:
        S. Kaufman, S. Rosset, C. Perlich & O. Stitelman, *Leakage in Data Mining: Formulation, Detection, and
        Avoidance*, ACM Transactions on Knowledge Discovery from Data 6(4), 2012. R. C. Holte, *Very Simple
        Classification Rules Perform Well on Most Commonly Used Datasets*, Machine Learning 11, 1993.

    Attributes:
        near_perfect: skill, in [0, 1] from chance to perfect, from which a column is suspected.
        gap: skill by which all other columns together must fall short.
    """

    near_perfect: Annotated[float, Field(gt=0, le=1, strict=True, allow_inf_nan=False)] = 0.97
    gap: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.03

    summary: ClassVar[str] = "columns that predict the label alone"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        frame = table_columns(evidence.dataset)
        if isinstance(frame, str):
            return DidNotApply(frame)
        part = _part(evidence)
        if isinstance(part, str):
            return DidNotApply(part)
        columns = [_column(str(name), frame.iloc[part.rows, place], part) for place, name in enumerate(frame.columns)]
        suspected = [column for column in columns if column.skill >= self.near_perfect]
        rest = [column for column in columns if column.skill < self.near_perfect]
        together = part.skill_together(rest) if suspected and len(rest) >= _FEWEST_OTHERS else None
        accused = [column for column in suspected if column.copies or self._stands_out(column, together)]
        missing = [column for column in columns if column.missing_class is not None and column not in accused]
        findings = (
            *(_finding(column, rest, together, part) for column in sorted(accused, key=lambda one: -one.skill)),
            *(_missing_finding(column, part) for column in missing),
        )
        details = {"chance": part.chance, "skill_of_others_together": together, "columns": _told(columns, part)}
        return Ran(findings, _summary(findings, columns), details)

    def _stands_out(self, column: _Column, together: float | None) -> bool:
        if together is None:
            return False
        return together <= column.skill - self.gap and 1 - together >= 3 * (1 - column.skill)


@dataclass(frozen=True)
class _Part:
    """The samples that are judged, in an order that does not depend on that of the data set.

    `labels` are their classes, numbered without those that are too rare; in a regression `classes` is empty, `labels`
    are all 0, and `ranks` those of the given numbers in [0, 1].
    """

    rows: Rows
    labels: Labels
    groups: Codes
    classes: tuple[str, ...]
    ranks: Scores

    @property
    def chance(self) -> float:
        return 1 / len(self.classes) if self.classes else 0.0

    def skill(self, bins: Codes) -> float:
        if not self.classes:
            return explained_by_bins(bins, self.ranks, self.groups)
        return self.above_chance(float(vote_recalls(bins, self.labels, self.groups).mean()))

    def skill_together(self, columns: Sequence[_Column]) -> float:
        some = np.sort(rng_for(0, "leaking_column", "together").permutation(len(self.rows))[:_MOST_TOGETHER])
        values = np.column_stack([column.bins[some] for column in columns]).astype(np.float64)
        if not self.classes:
            return explained_together(values, self.ranks[some], self.groups[some])
        return self.above_chance(
            recall_together(values, np.unique(self.labels[some], return_inverse=True)[1], self.groups[some])
        )

    def above_chance(self, accuracy: float) -> float:
        return (accuracy - self.chance) / (1 - self.chance)

    def accuracy(self, skill: float) -> float:
        return self.chance + skill * (1 - self.chance)


@dataclass(frozen=True)
class _Column:
    """One column in bins (0 = missing), with its skill; `copies` where its values are the classes under other names.

    `missing_class` is the code of the class at which it is missing, and at no other.
    """

    name: str
    bins: Codes
    skill: float
    copies: bool
    missing_class: int | None


def _part(evidence: Evidence) -> _Part | str:
    """The samples to look at, or why there are too few."""
    dataset = evidence.dataset
    order = np.argsort(np.array(dataset.ids))
    order = order[rng_for(0, "leaking_column").permutation(len(order))]
    rows = order[_balanced(dataset.labels[order])] if dataset.targets is None else order[:_MOST_ROWS]
    groups = _renumbered(evidence.groups[rows])
    if len(rows) < _FEWEST or groups.max() + 1 < _FEWEST_OF_CLASS:
        return f"fewer than {_FEWEST} samples, or {_FEWEST_OF_CLASS} groups of them, say too little about a column"
    if dataset.targets is not None:
        return _Part(rows, dataset.labels[rows], groups, (), _ranks(dataset.targets[rows]))
    codes, labels = np.unique(dataset.labels[rows], return_inverse=True)
    if len(codes) < 2:
        return f"fewer than two classes have {_FEWEST_OF_CLASS} samples"
    return _Part(rows, labels, groups, tuple(dataset.classes[code] for code in codes), np.zeros(0))


def _balanced(labels: Labels) -> Mask:
    """(samples,) the first so many of every class, none of a class that is too rare."""
    sizes = np.bincount(labels)
    kept = sizes >= _FEWEST_OF_CLASS
    quota = max(_MOST_ROWS // max(int(kept.sum()), 1), 5 * _FEWEST_OF_CLASS)
    order = np.argsort(labels, kind="stable")
    place = np.empty(len(labels), np.int64)
    place[order] = np.arange(len(labels)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return (place < quota) & kept[labels]


def _renumbered(groups: Codes) -> Codes:
    """Groups numbered as they appear, so that their numbers do not depend on the order of the data set."""
    import pandas as pd

    return np.asarray(pd.factorize(groups)[0], np.int64)


def _ranks(values: Scores) -> Scores:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), np.float64) / len(values)


def _column(name: str, cells: pd.Series, part: _Part) -> _Column:
    values = numbers_of(cells)
    bins = levels_of(cells).codes + 1 if values is None else bins_of(values)
    return _Column(name, bins, part.skill(bins), _copies(bins, part), _missing_class(bins == 0, part))


def _copies(bins: Codes, part: _Part) -> bool:
    """Whether there are as many values as classes, and each goes with a class of its own."""
    if not part.classes:
        return False
    present = np.unique(bins)
    pairs = np.unique(np.searchsorted(present, bins) * len(part.classes) + part.labels)
    return len(present) == len(pairs) == len(part.classes)


def _missing_class(missing: Mask, part: _Part) -> int | None:
    if not part.classes or missing.sum() < _FEWEST_OF_CLASS:
        return None
    labels = part.labels
    counts = np.bincount(labels[missing], minlength=len(part.classes))
    code = int(counts.argmax())
    told = counts[code] / missing.sum() >= _MISSING_TELLS and counts[code] / (labels == code).sum() >= _MISSING_TELLS
    return code if told else None


def _finding(column: _Column, rest: Sequence[_Column], together: float | None, part: _Part) -> Finding:
    if part.classes:
        own = f"predicts the label alone with a balanced accuracy of {told_share(part.accuracy(column.skill))}"
        own += f" (chance {part.chance:.1%})"
    else:
        own = f"explains {told_share(column.skill)} of the variance of the ranks of the given number alone"
    if column.copies:
        own += ": each of its values stands for one class, and each class for one value"
    return Finding("leaking_column", column.name, own + _compared(rest, together, part), column.skill)


def _compared(rest: Sequence[_Column], together: float | None, part: _Part) -> str:
    if together is None or not rest:
        return ""
    best = max(rest, key=lambda one: one.skill)
    return (
        f"; the next best column, '{best.name}', reaches {max(part.accuracy(best.skill), 0):.1%}, "
        f"and all others together {max(part.accuracy(together), 0):.1%}"
    )


def _missing_finding(column: _Column, part: _Part) -> Finding:
    code = column.missing_class
    assert code is not None  # noqa: S101 - these columns were chosen by it
    missing, own = column.bins == 0, part.labels == code
    inside, outside = float(missing[own].mean()), float(missing[~own].mean())
    reason = (
        f"is missing where the label is '{part.classes[code]}' ({told_share(inside)} of its samples) "
        f"and hardly elsewhere ({told_share(outside)}): the gap tells the label"
    )
    return Finding(
        "leaking_column", column.name, reason, min(float(missing[own].mean()), 1 - float(missing[~own].mean()))
    )


def _told(columns: Sequence[_Column], part: _Part) -> dict[str, Any]:
    key = "balanced_accuracy" if part.classes else "explained"
    return {column.name: {key: part.accuracy(column.skill), "skill": column.skill} for column in columns}


def _summary(findings: Sequence[Finding], columns: Sequence[_Column]) -> str:
    if findings:
        return f"{len(findings):,} of {len(columns):,} columns tell{'s' * (len(findings) == 1)} the label alone"
    best = max(columns, key=lambda one: one.skill)
    return f"no column tells the label alone; the strongest, '{best.name}', has a skill of {max(best.skill, 0):.1%}"
