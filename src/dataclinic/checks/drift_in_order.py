"""Samples that resemble those next to them in the file, or in time, more than chance allows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.order_drift import order_drift
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Mask, Rows, Scores, Vectors
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Evidence
    from dataclinic.methods.order_drift import OrderDrift

_FEWEST = 50
"""Arrangements of fewer samples say little."""

_MOST = 20_000
_RUN = 50
"""Of more samples, runs of `_RUN` neighbours are tested that are spread evenly over the order."""

_LIKE_TARGETS = 8
"""In regression samples change places within so many of about the same target: in ten times as many it still rises."""

_SORTED_BY_CLASS = frozenset({"image_folder"})
"""Formats in which the order of files is that of their labels, by construction."""

_NAMED_SHIFT = 0.2
"""Standard deviations by which a measured quantity differs at least where it is named as an explanation."""

_TESTS = 2
"""Samples and labels: each gets half of `alpha`."""


@dataclass(frozen=True)
class DriftInOrder:
    """Samples whose place in the file, or in time, says something about them: data that is not i.i.d.

    What it finds:
        Two kinds of dependence on order. Samples that stand near one another resemble one another more than others of
        their class do: frames of one film, a camera or site that changed half-way, a table sorted by a feature. And
        labels that cluster: an annotator who grew tired, days on which only one class was collected. Each is one
        finding about the whole, which names the stretch that deviates most.

    Why it matters:
        Neighbours in time that stand in different folds give each other away, and scores are too good. Where the data
        drifts, a model that was tested on shuffled samples meets another distribution tomorrow.

    How it decides:
        By a permutation test (`methods/order_drift.py`) in the order of the time column, or of the file where there is
        none. Vectors change places within their class alone (in regression: among samples of about the same target), so
        that a file sorted by label is no drift, and all of it within splits, which stand one after the other. Of
        duplicates, and of each group of the user's, only the first sample takes part, since they are known to be alike.
        Labels are tested where order is time or the rows of a table; a file that holds class after class is told in the
        summary instead. Each of the two tests has half of `alpha`. Of 1,200 simulated tables without drift 0.7 %
        brought a finding.

    Known limits:
        It tells that order matters, not why. In large data the shift that is proved may be small: it is named in
        standard deviations. Vectors are compared along their ten main directions, so drift in what hardly varies is
        missed. A test split that differs from the training split is not reported. Of more than 20,000 samples a part is
        tested, in runs of 50 neighbours.

    Fixes:
        Name the column that explains it with --group, or --time so that models are judged by later samples alone.
        Look at the stretch: a batch with a fault of its own can be corrected or dropped as one.

    References:
        J. Cummings, E. Snorrason and J. Mueller, *Detecting Dataset Drift and Non-IID Sampling via k-Nearest
        Neighbors*, 2023 (the same question). M. Dwass, *Modified Randomization Tests for Nonparametric Hypotheses*,
        1957. J. Besag and P. Clifford, *Sequential Monte Carlo p-values*, 1991.

    Attributes:
        alpha: how often data without any drift may bring a finding.
    """

    alpha: Annotated[float, Field(ge=0.001, le=0.2, strict=True, allow_inf_nan=False)] = 0.01

    summary: ClassVar[str] = "samples or labels that cluster in file order or in time (data that is not i.i.d.)"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.VECTORS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        rows = _ordered(evidence)
        if len(rows) < _FEWEST:
            return DidNotApply(f"fewer than {_FEWEST} samples that are no copies, nor of the same group")
        rows = _runs(rows)
        tests = [_of_samples(evidence, rows), *_of_labels(evidence, rows)]
        drifts = {test.name: (test, self._drift(test)) for test in tests}
        findings = [
            Finding("drift_in_order", f"order of {name}", test.reason(drift), drift.statistic)
            for name, (test, drift) in drifts.items()
            if drift.p_value <= self.alpha / _TESTS
        ]
        findings.sort(key=lambda finding: -finding.score)
        p_values = ", ".join(f"{name} p = {drift.p_value:.2g}" for name, (_, drift) in drifts.items())
        untested = "" if "labels" in drifts else "; labels not tested, since the data is sorted by them"
        verdict = "samples depend on their order" if findings else "no sign that samples depend on their order"
        summary = f"{verdict} ({p_values}{untested})"
        details = {name: _detail(evidence.dataset, test, drift) for name, (test, drift) in drifts.items()}
        return Ran(tuple(findings), summary, details)

    def _drift(self, test: _Test) -> OrderDrift:
        permutations = ceil(_TESTS / self.alpha) - 1
        rng = rng_for(0, "drift in order", test.name)
        return order_drift(test.values, test.strata, permutations=permutations, rng=rng)


@dataclass(frozen=True)
class _Test:
    """What may drift: `values` and `strata` of `rows`, in their order."""

    name: str
    evidence: Evidence
    rows: Rows
    values: Vectors
    strata: Labels

    def reason(self, drift: OrderDrift) -> str:
        dataset = self.evidence.dataset
        first, last = (dataset.ids[self.rows[place]] for place in (drift.start, drift.stop - 1))
        order = "file order" if dataset.times is None else "order of time"
        inside = np.zeros(len(self.rows), bool)
        inside[drift.start : drift.stop] = True
        what = self._labels_there(inside) if self.name == "labels" else self._samples_there(inside, drift)
        within = " within classes" if self.name == "samples" and dataset.targets is None else ""
        return (
            f"from {first} to {last} in {order} ({drift.stop - drift.start:,} tested samples) {what}; "
            f"p = {drift.p_value:.2g} by {drift.permutations:,} shuffles{within}"
        )

    def _samples_there(self, inside: Mask, drift: OrderDrift) -> str:
        differ = f"samples differ from the others by {drift.shift:.2g} standard deviations"
        measured = self.evidence.measurements
        quantities = {} if measured is None else {name: values[self.rows] for name, values in measured.values.items()}
        shifts = {name: _shift(values, inside, self.strata) for name, values in quantities.items()}
        shifts = {name: shift for name, shift in shifts.items() if abs(shift) > _NAMED_SHIFT}
        if not shifts:
            return differ
        name = max(shifts, key=lambda one: abs(shifts[one]))
        there, elsewhere = (float(np.nanmean(quantities[name][part])) for part in (inside, ~inside))
        return f"{differ}: the mean {name} is {there:.4g} there and {elsewhere:.4g} elsewhere"

    def _labels_there(self, inside: Mask) -> str:
        dataset = self.evidence.dataset
        if dataset.targets is not None:
            there, elsewhere = (float(dataset.targets[self.rows[part]].mean()) for part in (inside, ~inside))
            return f"the mean target is {there:.4g}, against {elsewhere:.4g} elsewhere"
        classes = len(dataset.classes)
        there, elsewhere = (
            np.bincount(dataset.labels[self.rows[part]], minlength=classes) / part.sum() for part in (inside, ~inside)
        )
        code = int(np.abs(there - elsewhere).argmax())
        return f"'{dataset.classes[code]}' makes up {there[code]:.1%}, against {elsewhere[code]:.1%} elsewhere"


def _ordered(evidence: Evidence) -> Rows:
    """Rows in order, the first of each group, without those that have no vector or time."""
    assert evidence.vectors is not None  # noqa: S101 - named in `needs`
    dataset = evidence.dataset
    # Where times are equal, chance decides: else the file's order would be tested as well.
    chance = rng_for(0, "drift in order", "ties").random(len(dataset))
    order: Rows = np.argsort(dataset.source_rows, kind="stable")
    if dataset.times is not None:
        order = order[np.lexsort((chance, dataset.times[order]))]
        order = order[np.isfinite(dataset.times[order])]
    order = order[evidence.vectors[order].any(axis=1)]
    firsts: Rows = np.unique(evidence.groups[order], return_index=True)[1]
    return order[np.sort(firsts)]


def _runs(rows: Rows) -> Rows:
    if len(rows) <= _MOST:
        return rows
    starts = np.linspace(0, len(rows) - _RUN, _MOST // _RUN).astype(np.int64)
    places: Rows = (starts[:, None] + np.arange(_RUN)).reshape(-1)
    return rows[places]


def _of_samples(evidence: Evidence, rows: Rows) -> _Test:
    assert evidence.vectors is not None  # noqa: S101 - named in `needs`
    dataset = evidence.dataset
    alike = dataset.labels[rows] if dataset.targets is None else _ranks(dataset.targets[rows]) // _LIKE_TARGETS
    strata = alike * len(rows) + _splits(dataset, rows)
    return _Test("samples", evidence, rows, evidence.vectors[rows], strata)


def _of_labels(evidence: Evidence, rows: Rows) -> list[_Test]:
    """The test of the labels, unless their order is one of construction."""
    dataset = evidence.dataset
    if dataset.times is None and (dataset.format in _SORTED_BY_CLASS or _is_sorted(dataset, rows)):
        return []
    given = dataset.given[rows]
    if dataset.targets is None:
        values = np.eye(len(dataset.classes), dtype=np.float32)[given]
    else:
        values = _ranks(dataset.targets[rows]).astype(np.float32)[:, None]
    return [_Test("labels", evidence, rows, values, _splits(dataset, rows))]


def _splits(dataset: Dataset, rows: Rows) -> Labels:
    """(rows,) number of the split: splits stand one after the other by construction, and may differ."""
    names = ("",) * len(dataset) if dataset.split is None else dataset.split
    codes: Labels = np.unique(np.array(names)[rows], return_inverse=True)[1]
    return codes


def _is_sorted(dataset: Dataset, rows: Rows) -> bool:
    """Whether the file holds class after class, perhaps anew in each split; or targets that only rise, or only fall."""
    steps = np.diff(dataset.given[rows])
    if dataset.targets is not None:
        return bool((steps >= 0).all() or (steps <= 0).all())
    splits = 1 if dataset.split is None else len(set(dataset.split))
    return bool(np.count_nonzero(steps) < splits * len(np.unique(dataset.labels[rows])))


def _ranks(targets: Scores) -> Labels:
    """(samples,) 0 for the smallest, equal ones by place."""
    ranks: Labels = np.argsort(np.argsort(targets, kind="stable"), kind="stable")
    return ranks


def _shift(values: Scores, inside: Mask, strata: Labels) -> float:
    """By how many standard deviations a quantity is larger inside, after the stratum's mean is taken out of each."""
    known = np.isfinite(values)
    if not (known & inside).any() or not (known & ~inside).any():
        return 0.0
    strata = np.unique(strata, return_inverse=True)[1][known]
    rest = values[known] - (np.bincount(strata, values[known]) / np.maximum(np.bincount(strata), 1))[strata]
    spread = float(rest.std())
    if not 0 < spread < np.inf:
        return 0.0
    return float(rest[inside[known]].mean() - rest[~inside[known]].mean()) / spread


def _detail(dataset: Dataset, test: _Test, drift: OrderDrift) -> dict[str, Any]:
    return {
        "p_value": drift.p_value,
        "permutations": drift.permutations,
        "samples": len(test.rows),
        "first": dataset.ids[test.rows[drift.start]],
        "last": dataset.ids[test.rows[drift.stop - 1]],
        "shift": drift.shift,
    }
