"""Parts of the data in which wrong labels gather: an annotator, a source, a stretch of time, a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from pydantic import Field

from dataclinic.dataset import Images, Table
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.methods.holm import holm
from dataclinic.methods.sample_slices import Cut, cluster_cut, order_cuts, value_cut
from dataclinic.methods.stratified_excess import stratified_excess

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Mask, Scores
    from dataclinic.evidence import Evidence
    from dataclinic.judgement import Judgement

_MOST_LEVELS = 30
"""Values of a column, or folders, that are looked at: the most frequent ones."""

_MOST_COLUMNS = 100
"""Of a table: each brings comparisons, and every one of them makes all others harder to tell from chance."""

_DEEPEST = 6
"""Folders in a path that are looked at."""

_MOST_CLUSTERS = 20
_SAMPLES_A_CLUSTER = 50


@dataclass(frozen=True)
class ErrorSlices:
    """Parts of the data in which wrong labels gather: an annotator, a source, a stretch of time, a cluster.

    What it finds:
        Slices with several times the wrong labels of the rest. Looked at are the values of category columns of a table,
        the user's own groups, splits, folders of picture files, their sizes and colour modes, stretches of the source's
        order and of the time column (halves down to sixteenths), classes, and clusters of alike samples.

    Why it matters:
        Errors that gather have a cause: one annotator, one site, one bad week, one import. Mending it there is cheaper
        than reviewing labels one by one, and keeps it from happening again.

    How it decides:
        Flagged labels inside a slice are counted against those outside. Classes differ in how often they are wrong, and
        slices in their classes, so that the comparison is made within classes: exactly, by the sum of hypergeometric
        numbers that an even spread would give, and with Mantel and Haenszel's pooled odds ratio. A slice may follow the
        given labels (a folder a class) or the true ones (a cluster), and is only reported if it stands out within both:
        the larger p-value and the smaller odds ratio count. A class itself is compared with the other classes, by given
        and by likely true labels. p-values are adjusted over all slices by Holm's method. A slice is reported below
        `significance` if it also holds at least `fewest` flagged labels and has at least `odds` as odds ratio. Of
        stretches of one order that overlap the clearest is told, and no slice whose flagged labels lie mostly in
        clearer ones.

    Known limits:
        Samples that belong together, such as frames of one video, are flagged together, and count here as if each were
        on its own. Not looked at: slices of fewer than `smallest` samples, and ranges of numeric columns. Where models
        find errors less well, fewer are counted.

    Fixes:
        Look at the slice: who labelled it, with which tool and guideline? Label it again, or leave it out.

    References:
        Mantel & Haenszel, "Statistical Aspects of the Analysis of Data from Retrospective Studies of Disease", JNCI
        1959. Chung et al., "Slice Finder: Automated Data Slicing for Model Validation", ICDE 2019. Holm, "A Simple
        Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 1979.

    Attributes:
        significance: the chance of any false slice on data with evenly spread errors stays below it.
        odds: how many times the odds of being flagged are at least those of the rest.
        fewest: flagged labels in a slice at least.
        smallest: samples in a slice at least.
    """

    significance: Annotated[float, Field(gt=0, lt=1, strict=True)] = 0.01
    odds: Annotated[float, Field(ge=1, le=1e6, strict=True, allow_inf_nan=False)] = 2.0
    fewest: Annotated[int, Field(ge=1, strict=True)] = 5
    smallest: Annotated[int, Field(ge=2, strict=True)] = 20

    summary: ClassVar[str] = "parts of the data in which wrong labels gather"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.JUDGEMENT})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.judgement is not None  # noqa: S101 - named in `needs`
        judged = ~np.isnan(evidence.judgement.probability)
        slices = self._slices(evidence, judged)
        if not slices:
            return DidNotApply(f"no part of the data has at least {self.smallest} judged samples")
        compared = _compare(evidence, judged, slices)
        clear = (compared.p < self.significance) & (compared.odds >= self.odds) & (compared.flagged >= self.fewest)
        told = _apart(slices, compared, np.flatnonzero(clear), evidence.judgement.flagged)
        findings = tuple(self._finding(slices[place], compared, place, evidence.judgement) for place in told)
        many = "in 1 part" if len(findings) == 1 else f"in {len(findings):,} parts"
        summary = f"of {len(slices):,} parts of the data, wrong labels gather {many if findings else 'in none'}"
        return Ran(
            findings,
            summary,
            {"slices": len(slices), "found": [_detail(slices[place], compared, place) for place in told]},
        )

    def _slices(self, evidence: Evidence, judged: Mask) -> list[_Slice]:
        slices = []
        for cut in self._cuts(evidence, judged):
            counts = np.bincount(cut.codes[judged & (cut.codes >= 0)], minlength=len(cut.names))
            large = np.flatnonzero((counts >= self.smallest) & (counts <= judged.sum() - self.smallest))
            slices += [_Slice(cut, int(code)) for code in large]
        return slices

    def _cuts(self, evidence: Evidence, judged: Mask) -> Iterator[Cut]:
        dataset = evidence.dataset
        if len(dataset.classes) > 1:
            yield Cut(_CLASS, dataset.labels, tuple(f"class '{name}'" for name in dataset.classes))
        for kind, codes, levels in _values(evidence):
            cut = value_cut(kind, codes, levels, fewest=self.smallest, most=_MOST_LEVELS)
            if cut is not None:
                yield cut
        yield from order_cuts("source order", dataset.source_rows.astype(np.float64), fewest=self.smallest)
        if dataset.times is not None:
            yield from order_cuts("time", dataset.times, fewest=self.smallest)
        clusters = min(_MOST_CLUSTERS, int(judged.sum()) // _SAMPLES_A_CLUSTER)
        if evidence.vectors is not None and clusters > 1:
            # by id, so that the order of the samples changes nothing
            order = np.array(sorted(np.flatnonzero(judged).tolist(), key=dataset.ids.__getitem__), np.int64)
            yield cluster_cut(evidence.vectors, clusters, order=order, names=dataset.ids, seed=0)

    def _finding(self, one: _Slice, compared: _Compared, place: int, judgement: Judgement) -> Finding:
        inside = one.inside & ~np.isnan(judgement.probability)
        mean, outside = (
            float(judgement.probability[part & ~np.isnan(judgement.probability)].mean())
            for part in (inside, ~one.inside)
        )
        others = "other classes" if one.cut.kind == _CLASS else "the same classes elsewhere"
        reason = (
            f"{compared.flagged[place]:,} of {inside.sum():,} labels are flagged (mean probability of being wrong "
            f"{told_share(mean)}, elsewhere {told_share(outside)}): {compared.odds[place]:.3g} times the odds of "
            f"{others}, adjusted p {compared.p[place]:.2g}"
        )
        return Finding("error_slices", one.name, reason, float(compared.flagged[place] - compared.expected[place]))


@dataclass(frozen=True)
class _Slice:
    cut: Cut
    code: int

    @property
    def name(self) -> str:
        return self.cut.names[self.code]

    @property
    def inside(self) -> Mask:
        return np.asarray(self.cut.codes == self.code)


class _Compared(NamedTuple):
    """Of every slice, (slices,) each: p-value, odds ratio, flagged labels, and how many an even spread has."""

    p: Scores
    odds: Scores
    flagged: NDArray[np.int64]
    expected: Scores


_CLASS = "\0class"
"""Kind of the slices that are classes: no column has such a name."""

Values: TypeAlias = "tuple[str, Codes, Sequence[str]]"
"""What samples can be cut by: what it is, the place of each sample's value in the levels, and the levels."""


def _values(evidence: Evidence) -> Iterator[Values]:
    dataset = evidence.dataset
    if dataset.groups is not None:
        codes, first = np.unique(dataset.groups, return_index=True)
        levels = ["" if code < 0 else dataset.ids[row] for code, row in zip(codes, first, strict=True)]
        yield f"{dataset.roles.group or 'group'} of sample", np.searchsorted(codes, dataset.groups), levels
    if dataset.split is not None:
        yield _texts("split", dataset.split)
    if isinstance(dataset.payload, Table):
        yield from _columns(dataset.payload.frame)
    if isinstance(dataset.payload, Images):
        yield from _folders(dataset.ids)
        yield from _pictures(evidence)


def _texts(kind: str, values: Sequence[str]) -> Values:
    codes, levels = pd.factorize(np.array(values, dtype=object))
    return kind, codes.astype(np.int64), [str(level) for level in levels]


def _columns(frame: pd.DataFrame) -> Iterator[Values]:
    """Columns with few different values, whole numbers and truths among them."""
    brought = 0
    for name in frame.columns:
        codes, levels = pd.factorize(frame[name], use_na_sentinel=False)
        if 2 <= len(levels) <= _MOST_LEVELS and brought < _MOST_COLUMNS:
            brought += 1
            told = ["missing" if pd.isna(level) else str(level) for level in levels]
            yield str(name), codes.astype(np.int64), told


def _folders(ids: Sequence[str]) -> Iterator[Values]:
    """Every level of the folders that ids name."""
    parts = [name.split("/")[:-1] for name in ids]
    for depth in range(min(max(map(len, parts), default=0), _DEEPEST)):
        yield _texts("folder", ["/".join(path[: depth + 1]) if len(path) > depth else "" for path in parts])
        if depth:
            yield _texts("folder named", [path[depth] if len(path) > depth else "" for path in parts])


def _pictures(evidence: Evidence) -> Iterator[Values]:
    measured = evidence.measurements
    if measured is None:
        return
    if measured.modes:
        yield _texts("colour mode", measured.modes)
    width, height = (measured.values.get(name) for name in ("width_px", "height_px"))
    if width is not None and height is not None:
        sides = zip(width.tolist(), height.tolist(), np.isfinite(width + height).tolist(), strict=True)
        yield _texts("picture size", [f"{w:.0f} × {h:.0f} px" if known else "" for w, h, known in sides])


def _compare(evidence: Evidence, judged: Mask, slices: Sequence[_Slice]) -> _Compared:
    """Within given and within likely true classes: the less surprising of the two counts."""
    assert evidence.judgement is not None  # noqa: S101 - named in `needs`
    labels, flagged = evidence.dataset.labels, evidence.judgement.flagged & judged
    likely = np.where(flagged, evidence.judgement.suggested, labels)
    by_cut: dict[int, _Compared] = {}
    for cut in {id(one.cut): one.cut for one in slices}.values():
        of_given, of_likely = (_compare_cut(cut, strata, judged, flagged) for strata in (labels, likely))
        by_cut[id(cut)] = _Compared(
            np.maximum(of_given.p, of_likely.p),
            np.minimum(of_given.odds, of_likely.odds),
            of_given.flagged,
            np.maximum(of_given.expected, of_likely.expected),
        )
    parts = [_Compared(*(values[one.code] for values in by_cut[id(one.cut)])) for one in slices]
    found = _Compared(*(np.array(values) for values in zip(*parts, strict=True)))
    return found._replace(p=holm(found.p))


def _compare_cut(cut: Cut, strata: Labels, judged: Mask, flagged: Mask) -> _Compared:
    """Every slice of a cut against the rest; a class is told apart by `strata`, in a single stratum."""
    codes = cut.codes
    if cut.kind == _CLASS:
        codes, strata = strata, np.zeros_like(strata)
    parts, size = len(cut.names), int(strata.max()) + 1
    place = codes * size + strata
    known = judged & (codes >= 0)
    inside, marked_inside = (
        np.bincount(place[rows], minlength=parts * size).reshape(parts, size) for rows in (known, known & flagged)
    )
    whole, marked = (np.bincount(strata[rows], minlength=size) for rows in (judged, flagged))
    found = stratified_excess(inside, marked_inside, whole, marked)
    even = (inside * (marked / np.maximum(whole, 1))).sum(axis=1)
    return _Compared(found.p, found.odds_ratio, marked_inside.sum(axis=1), even)


_EXPLAINED = 0.5
"""A slice is not told where more than this share of its flagged labels lies in clearer ones."""


def _apart(slices: Sequence[_Slice], compared: _Compared, clear: NDArray[np.int64], flagged: Mask) -> list[int]:
    """The clearest slices, without what they explain; by excess, largest first."""
    order = sorted(clear.tolist(), key=lambda place: (compared.p[place], -compared.odds[place], slices[place].name))
    told: list[int] = []
    explained = np.zeros_like(flagged)
    for place in order:
        inside = slices[place].inside
        alike = (slices[other] for other in told if slices[other].cut.kind == slices[place].cut.kind)
        if any((inside & other.inside).any() for other in alike):
            continue
        if (inside & flagged & explained).sum() <= _EXPLAINED * (inside & flagged).sum():
            told.append(place)
            explained |= inside
    return sorted(told, key=lambda place: (compared.expected[place] - compared.flagged[place], slices[place].name))


def _detail(one: _Slice, compared: _Compared, place: int) -> dict[str, Any]:
    return {
        "slice": one.name,
        "flagged": int(compared.flagged[place]),
        "expected": round(float(compared.expected[place]), 2),
        "odds_ratio": round(float(min(compared.odds[place], 1e9)), 3),
        "p_adjusted": float(compared.p[place]),
    }
