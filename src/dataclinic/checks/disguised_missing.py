"""Values that stand for "missing" without saying so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from dataclinic.dataset import Images, Texts
from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.methods.column_values import levels_of, numbers_of
from dataclinic.methods.missing_codes import disguised_words, first_day, sentinels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Evidence, Need


@dataclass(frozen=True)
class DisguisedMissing:
    """Values that stand for "missing" without saying so.

    What it finds:
        Columns, and texts, in which "?", "N/A", "unknown", "not given" and the like stand among words, −999 or 9999 and
        the like, 0 or −1 among numbers that cannot be that, and 1900-01-01, 1970-01-01 or another first day of a
        calendar among dates.

    Why it matters:
        A model takes 9999 for a number and "?" for a category: means, scales and distances are off, and nothing is
        filled in where it should be. A date of 1900 makes a person 120 years old.

    How it decides:
        Text is compared, without regard to case and outer spaces, with a short list of words that hardly mean
        anything else; "NA" does not count among other two-letter codes, where it is Namibia, and "none" and "-" do not
        count at all. A number must be one that people are known to use, occur at least three times and stand at the
        end of its column. Numbers of nines, at least two if negative, three if positive, count if they are the only
        negative ones, or lie beyond Tukey's outer fence (3 IQR) of the other values and twice as far from their median
        as any of them on that side. −1 counts there too, and as the only negative one among at least twenty
        different whole numbers if it is the most frequent. First days of calendars (dates are days since 1970-01-01)
        are asked to lie apart from the other dates by half of what these spread to that side. 0 must be the lesser
        half, the only number that is not positive, and lie out four times as far as any other.

    Known limits:
        A 0 where other numbers come anywhere near it (a blood pressure, a body mass index), means and medians filled
        in, and other codes (88, "other") cannot be told from real values, and are not accused. "unknown" may be a
        category of its own. What is empty, and words that were read as missing already ("NA", "N/A", "nan", "null"),
        are told by `missing_values`.

    Fixes:
        Declare such values as missing when the table is read; then fill them in (`impute_missing`), or mark them.

    References:
        R. K. Pearson, *The problem of disguised missing data*, SIGKDD Explorations 8(1), 2006. A. Qahtan et al.,
        *FAHES: a robust disguised missing values detector*, KDD 2018.
    """

    summary: ClassVar[str] = "values that stand for missing without saying so"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        dataset = evidence.dataset
        if isinstance(dataset.payload, Images):
            return DidNotApply("the samples are pictures; there are no columns")
        if not len(dataset):
            return DidNotApply("there are no samples")
        columns = _columns(dataset)
        disguises = {name: found for name, column in columns.items() if (found := _disguises(column))}
        findings = [_finding(name, found, len(dataset)) for name, found in disguises.items()]
        findings.sort(key=lambda finding: (-finding.score, finding.subject))
        cells = sum(sum(found.values()) for found in disguises.values())
        verb = "stands" if cells == 1 else "stand"
        where = f"{len(disguises):,} of {len(columns):,} column{'s' * (len(columns) != 1)}"
        summary = (
            f"{cells:,} cell{'s' * (cells != 1)} in {where} {verb} for a missing value"
            if cells
            else ("no value stands for a missing one")
        )
        return Ran(tuple(findings), summary, {"columns": {name: dict(found) for name, found in disguises.items()}})


def _columns(dataset: Dataset) -> dict[str, pd.Series]:
    payload = dataset.payload
    if isinstance(payload, Texts):
        cells = pd.Series([text if text.strip() else None for text in payload.texts], dtype="str")
        return {dataset.roles.text or "text": cells}
    assert not isinstance(payload, Images)  # noqa: S101 - they have no columns
    return {str(name): payload.frame.iloc[:, place] for place, name in enumerate(payload.frame.columns)}


def _disguises(column: pd.Series) -> Mapping[str, int]:
    """How many cells say what stands for "missing", by its text."""
    values = numbers_of(column)
    if values is None:
        levels = levels_of(column)
        found = set(disguised_words(column))
        return {
            name: int(count) for name, count in zip(levels.names, levels.counts, strict=True) if name in found and count
        }
    known = values[~np.isnan(values)]
    if not known.size or not ((known > known.min()) & (known < known.max())).any():
        return {}  # one or two numbers are marks, of which −1 or 0 may be one
    return Counter({_told(value): int((values == value).sum()) for value in sentinels(pd.Series(values))})


def _told(value: float) -> str:
    day = first_day(value)
    return f"{value:g}" if day is None else f"{value:g} ({day})"


def _finding(name: str, disguises: Mapping[str, int], samples: int) -> Finding:
    cells = sum(disguises.values())
    words = ", ".join(f"{count:,} {'says' if count == 1 else 'say'} '{value}'" for value, count in disguises.items())
    told = (
        f"{cells:,} of {samples:,} cells ({told_share(cells / samples)}) stand{'s' * (cells == 1)} for a missing value"
    )
    return Finding("disguised_missing", name, f"{told}: {words}", cells / samples)
