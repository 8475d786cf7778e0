"""Feature columns that number or name the samples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.frames.table_columns import table_columns
from dataclinic.methods.column_values import levels_of, numbers_of
from dataclinic.methods.number_text import exact_number
from dataclinic.methods.sample_names import machine_made, numbers_samples

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.arrays import Scores
    from dataclinic.evidence import Evidence, Need

_MOMENT_WORDS = frozenset({"time", "timestamp", "datetime", "date", "created", "saved", "updated", "modified", "ts"})
_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

_MOMENTS = ((7_305.0, 47_482.0), (6.3e8, 4.2e9), (6.3e11, 4.2e12))
"""1990 to 2100 in days, seconds and milliseconds since 1970-01-01; born or founded is mostly told in whole days."""

_FEW_PER_NAME = 20
"""Samples a name on average above which machine-made texts name a group rather than a sample."""


@dataclass(frozen=True)
class IdentifierColumn:
    """Feature columns that number or name the samples.

    What it finds:
        Running numbers, row numbers and samples of them; texts of which nearly every sample has its own (names, codes),
        UUIDs, hashes and file names; and moments, to the second or finer, at which each sample was saved.

    Why it matters:
        Such a column says which sample it is, not what it is like. A model can only memorise it, or find in it the
        order in which the data were collected: where one class was recorded after another, the number tells the label.

    How it decides:
        Whole numbers are identifiers where at least 99 % of them differ although the range that they lie in is so
        narrow that as many measured ones would have repeated at least 20 times (the birthday problem). So a sample of
        running numbers is found, and incomes that all differ are not. Texts are where `distinct` of the known ones
        differ and they are mostly not prose, or where nine of ten have the form of a UUID, a hash or a file name
        and fewer than 20 samples share one. Numbers with decimals differ by nature; they are only asked about where the
        column's type or name says that they are moments, with a time of day. Tables with fewer than `min_samples` rows
        are left alone.

    Known limits:
        Numbers of many digits (accounts, telephones) all differ, as large amounts do, and are not told from them. A
        year or a day of which each row has its own is a running number too, and may be meant. A name of which each has
        two samples or more is a group; give it as one. Columns that were already left out when the table was read, as
        nearly every value differs or by their names, are not there any more to be found.

    Fixes:
        Name the column as the id (`--id`), or as the group or time if that is what it is; leave it out of the features.

    References:
        Kuhn & Johnson, *Feature Engineering and Selection*, 2019, section 6.1. W. Feller, *An Introduction to
        Probability Theory and Its Applications* I, 1950, section II.3 (the birthday problem).

    Attributes:
        distinct: share of different values from which texts name the samples.
        min_samples: rows below which all values may differ by chance.
    """

    distinct: Annotated[float, Field(gt=0.5, le=1, strict=True, allow_inf_nan=False)] = 0.98
    min_samples: Annotated[int, Field(ge=2, strict=True)] = 50

    summary: ClassVar[str] = "feature columns that number or name the samples"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        frame = table_columns(evidence.dataset)
        if isinstance(frame, str):
            return DidNotApply(frame)
        if len(frame) < self.min_samples:
            return DidNotApply(f"{len(frame):,} samples are too few: in small tables all values may differ by chance")
        columns = [(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
        verdicts = {name: self._judge(name, column) for name, column in columns}
        found = [
            Finding("identifier_column", name, verdict.reason, verdict.share)
            for name, verdict in verdicts.items()
            if verdict.reason
        ]
        found.sort(key=lambda finding: (-finding.score, finding.subject))
        details = {name: {"distinct": verdict.distinct, "share": verdict.share} for name, verdict in verdicts.items()}
        return Ran(tuple(found), _summary(len(found), len(columns)), {"columns": details})

    def _judge(self, name: str, column: pd.Series) -> _Verdict:
        values = numbers_of(column)
        if values is None:
            return self._judge_texts(column)
        known = np.unique(values[~np.isnan(values)])
        total = int((~np.isnan(values)).sum())
        share = len(known) / max(total, 1)
        if total < self.min_samples:
            return _Verdict(len(known), share)
        if numbers_samples(values):
            low, high = exact_number(float(known[0])), exact_number(float(known[-1]))
            told = f"its {len(known):,} different whole numbers lie between {low} and {high} and hardly ever repeat"
            return _Verdict(len(known), share, f"numbers the samples: {told}, as measured ones would")
        if share >= self.distinct and _are_moments(name, column, known):
            return _Verdict(len(known), share, f"nearly every sample has a moment of its own ({told_share(share)})")
        return _Verdict(len(known), share)

    def _judge_texts(self, column: pd.Series) -> _Verdict:
        levels = levels_of(column)
        names, total = levels.names, int((levels.codes >= 0).sum())
        share = len(names) / max(total, 1)
        if total < self.min_samples or len(names) < self.min_samples:
            return _Verdict(len(names), share)
        form = machine_made(names)
        if form and total < _FEW_PER_NAME * len(names):
            told = f"holds {form}: {len(names):,} different ones in {total:,} samples, for example '{names[0]}'"
            return _Verdict(len(names), share, told)
        if share >= self.distinct and not _is_prose(names):
            told = f"names the samples: {told_share(share)} of its texts differ, for example '{names[0]}'"
            return _Verdict(len(names), share, told)
        return _Verdict(len(names), share)


@dataclass(frozen=True)
class _Verdict:
    """Different values of a column, their share of the known ones, and why it is an identifier, "" if it is none."""

    distinct: int
    share: float
    reason: str = ""


def _are_moments(name: str, column: pd.Series, known: Scores) -> bool:
    """Whether numbers are points in time finer than a day, by the column's type or, with their range, its name."""
    from pandas.api.types import is_datetime64_any_dtype

    low, high = float(known[0]), float(known[-1])
    units = [start for start, end in _MOMENTS if start <= low and high <= end]
    by_name = bool({word.casefold() for word in _WORD.findall(_CAMEL.sub("_", name))} & _MOMENT_WORDS) and bool(units)
    days = is_datetime64_any_dtype(column.dtype) or (bool(units) and units[0] == _MOMENTS[0][0])
    fine = bool((known % 1 != 0).mean() > 0.5) if days else True
    return fine and (by_name or is_datetime64_any_dtype(column.dtype))


def _is_prose(names: tuple[str, ...]) -> bool:
    """Whether texts have four words and more: sentences, which differ by nature."""
    return float(np.mean([len(name.split()) for name in names])) >= 4


def _summary(found: int, columns: int) -> str:
    if not found:
        return f"none of {columns:,} columns numbers or names the samples"
    return f"{found:,} of {columns:,} columns number{'s' * (found == 1)} or name{'s' * (found == 1)} the samples"
