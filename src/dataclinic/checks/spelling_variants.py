"""Classes and categories that are spelt in several ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.dataset import Table
from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.methods.column_values import levels_of, numbers_of
from dataclinic.methods.name_variants import name_variants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Codes
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Evidence, Need
    from dataclinic.methods.name_variants import Variant

_NAMED = 3
"""Variants that the reason of a column names; the details hold all."""

_MOST_LEVELS = 20_000
"""A column with more different texts holds no categories."""


@dataclass(frozen=True)
class SpellingVariants:
    """Classes and categories that are spelt in several ways.

    What it finds:
        Class names, and categories in a table's columns, that are the same as a more frequent one but for upper and
        lower case, spaces, punctuation or accents ("T-shirt", "T shirt"), and those that differ from one at least 20
        times as frequent by a plural or by one letter of a word ("Portland", "Portalnd"). One finding for every such
        class, before one for every such column.

    Why it matters:
        To a model "Shirt" and "shirt" are two classes that nothing tells apart: both get half of the samples, and every
        score is limited by the toss between them. A category spelt in three ways is known by a third of its rows.

    How it decides:
        Names are compared by their letters and digits: lower case, without accents, without separators beside a letter.
        Signs between digits (1.5, 15), and a plus or minus at the end (A+, A-), count. Slips are asked for in words of
        six letters and more, with the same first letter; a plural in words of four. Words with digits, Roman numerals
        and words shorter than that are never called slips, nor are names without two letters called variants.

    Known limits:
        One letter can make another word (sulfate, sulfite), and case another unit (Mb, MB); such pairs are named where
        they are as rare beside each other as slips are. A name that starts with the slip, holds two, or says the same
        in other words (NY, New York) is not seen. Spaces around names are already taken away when a table is read.

    Fixes:
        Write the names in one way at the source. Merge such classes before anything else is measured.

    References:
        OpenRefine, *Clustering in depth* (key collision and nearest neighbour methods). F. J. Damerau, *A technique for
        computer detection and correction of spelling errors*, Communications of the ACM 7(3), 1964.
    """

    summary: ClassVar[str] = "classes and categories that are spelt in several ways"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        dataset = evidence.dataset
        lists = [one for one in _lists(dataset) if len(one.names) <= _MOST_LEVELS]
        if not lists:
            return DidNotApply("there are no classes and no columns of categories")
        variants = [(one, name_variants(one.names, one.counts.tolist())) for one in lists]
        found = [(one, pairs) for one, pairs in variants if pairs]
        findings = [finding for one, pairs in found for finding in one.findings(pairs, len(dataset))]
        findings.sort(key=lambda finding: (-finding.score, finding.subject))
        classes = {name: told for one, pairs in found if one.column is None for name, told in one.told(pairs).items()}
        columns = {one.column: one.told(pairs) for one, pairs in found if one.column is not None}
        summary = _summary(len(classes), len(columns))
        return Ran(tuple(findings), summary, {"classes": classes, "columns": columns})


@dataclass(frozen=True)
class _Names:
    """The names of the classes (`column` None) or of a column's categories, and how many samples each has."""

    column: str | None
    names: tuple[str, ...]
    counts: Codes

    def findings(self, pairs: Sequence[Variant], samples: int) -> list[Finding]:
        if self.column is None:
            return [
                Finding(
                    "spelling_variants", self.names[pair.name], self._class_reason(pair), 1 + self._share(pair, samples)
                )
                for pair in pairs
            ]
        share = sum(self._share(pair, samples) for pair in pairs)
        shown = "; ".join(self._pair(pair) for pair in pairs[:_NAMED])
        more = f"; {len(pairs) - _NAMED:,} more" if len(pairs) > _NAMED else ""
        return [Finding("spelling_variants", self.column, f"{told_share(share)} of the samples: {shown}{more}", share)]

    def told(self, pairs: Sequence[Variant]) -> dict[str, dict[str, str | int]]:
        return {
            self.names[pair.name]: {"of": self.names[pair.of], "by": pair.how, "samples": int(self.counts[pair.name])}
            for pair in pairs
        }

    def _share(self, pair: Variant, samples: int) -> float:
        return float(self.counts[pair.name]) / samples

    def _class_reason(self, pair: Variant) -> str:
        own, other = (int(self.counts[code]) for code in (pair.name, pair.of))
        samples = f"{own:,} sample{'s' * (own != 1)}"
        return f"class '{self.names[pair.name]}' ({samples}) is '{self.names[pair.of]}' ({other:,}) but for {pair.how}"

    def _pair(self, pair: Variant) -> str:
        own, other = (f"'{self.names[code]}' ({int(self.counts[code]):,})" for code in (pair.name, pair.of))
        return f"{own} is {other} but for {pair.how}"


def _lists(dataset: Dataset) -> list[_Names]:
    lists = []
    if dataset.classes:
        lists.append(_Names(None, dataset.classes, np.bincount(dataset.labels, minlength=len(dataset.classes))))
    if isinstance(dataset.payload, Table):
        frame = dataset.payload.frame
        for place, name in enumerate(frame.columns):
            if numbers_of(frame.iloc[:, place]) is None:
                levels = levels_of(frame.iloc[:, place])
                lists.append(_Names(str(name), levels.names, levels.counts))
    return lists


def _summary(classes: int, columns: int) -> str:
    if not classes and not columns:
        return "no class and no category is spelt in several ways"
    told = f"{classes:,} class{'es' * (classes != 1)} and categories of {columns:,} column{'s' * (columns != 1)}"
    return f"{told} are spelt as variants of a more frequent name"
