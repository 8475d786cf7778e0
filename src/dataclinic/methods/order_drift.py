"""Whether samples that stand near one another in an order resemble one another more than chance allows, and where.

A permutation test: were the samples drawn independently, then every arrangement of them (within strata, where the
strata themselves are ordered) would be as likely as the one at hand. The statistic looks at stretches of every length
at once. For lengths of 4, 8, 16, … up to half of the samples it adds up the squared sums of the stretches' values,
which grow when neighbours deviate alike: short stretches show bursts, such as frames of one film, long ones drift.
Each length is standardised by arrangements drawn for that alone, and the largest is the statistic. Monte Carlo
p-values count the arrangement at hand (M. Dwass, "Modified Randomization Tests for Nonparametric Hypotheses", Annals of
Mathematical Statistics 28, 1957), so their level is exact; drawing stops early once the p-value cannot be small
(J. Besag and P. Clifford, "Sequential Monte Carlo p-values", Biometrika 78, 1991). Sums over dyadic stretches follow
the scan of E. Arias-Castro, D. Donoho and X. Huo, "Near-Optimal Detection of Geometric Objects by Fast Multiscale
Methods", IEEE Transactions on Information Theory 51, 2005.

cleanlab's `non_iid` compares the places of nearest neighbours with those of random pairs instead; it knows no strata,
so samples that are sorted by class always look dependent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.random import Generator
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Rows, Scores, Vectors

COMPONENTS = 10
"""Directions of largest variance that are looked at, each with the same weight."""

SHORTEST = 4
"""Samples of the shortest stretch: two may be alike because one is a copy."""

_DIRECTION_ROWS = 600
"""Samples that the directions are taken of."""

_PILOTS = 40
"""Arrangements that standardise each length; they take no part in the p-value."""

_EXCEEDANCES = 10
"""Drawing stops when so many arrangements reached the statistic: the p-value is above .02 then."""

_WIDEST = 3.0
"""Standardised values are cut here, so that no single sample makes a stretch."""


class OrderDrift(NamedTuple):
    """`p_value` of independence; `statistic` in standard deviations of a chance arrangement.

    `start` and `stop` bound the stretch that deviates most, and `shift` says by how many standard deviations its mean
    differs from the mean of the others of its strata, along the direction in which it does.
    """

    p_value: float
    statistic: float
    permutations: int
    start: int
    stop: int
    shift: float


def order_drift(values: Vectors, strata: Labels, *, permutations: int, rng: Generator) -> OrderDrift:
    """The test on samples in their order; cost is permutations × samples × COMPONENTS at most.

    Args:
        values: (samples, dims) what may drift, in order.
        strata: (samples,) samples may only change places within these; means are taken out of each.
        permutations: arrangements to draw at most; the smallest p-value is 1 / (permutations + 1).
        rng: draws them.
    """
    members = _members(strata)
    whitened = _standardised(values, members, rng)
    if not whitened.size:
        return OrderDrift(1.0, 0.0, 0, 0, len(values), 0.0)
    pilots = np.array([_roughness(whitened[_shuffled(members, rng)]) for _ in range(_PILOTS)])
    middle, spread = pilots.mean(axis=0), pilots.std(axis=0, ddof=1)
    observed = _largest(_roughness(whitened), middle, spread)
    drawn = reached = 0
    while drawn < permutations and reached < _EXCEEDANCES:
        reached += _largest(_roughness(whitened[_shuffled(members, rng)]), middle, spread) >= observed
        drawn += 1
    p_value = reached / drawn if reached == _EXCEEDANCES else (1 + reached) / (1 + drawn)
    return OrderDrift(p_value, observed, drawn, *_most_deviating(whitened))


def _members(strata: Labels) -> list[Rows]:
    order = np.argsort(strata, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(strata[order])) + 1)


def _standardised(values: Vectors, members: list[Rows], rng: Generator) -> NDArray[np.float32]:
    """(samples, up to COMPONENTS) deviations from the stratum's mean along the main directions, each of variance 1."""
    centred = _centred(np.asarray(values, np.float32), members)
    sample = centred[rng.permutation(len(centred))[:_DIRECTION_ROWS]].astype(np.float64)
    squares, left = np.linalg.eigh(sample @ sample.T)
    kept = np.flatnonzero(squares > 1e-6 * max(squares[-1], 1e-30))[-COMPONENTS:]
    directions = (sample.T @ left[:, kept]) / squares[kept]
    turned = centred @ directions.astype(np.float32)
    turned /= np.maximum(turned.std(axis=0), np.finfo(np.float32).tiny)
    return _centred(np.clip(turned, -_WIDEST, _WIDEST), members)


def _centred(values: NDArray[np.float32], members: list[Rows]) -> NDArray[np.float32]:
    centred = np.empty_like(values)
    for rows in members:
        centred[rows] = values[rows] - values[rows].mean(axis=0)
    return centred


def _shuffled(members: list[Rows], rng: Generator) -> Rows:
    """(samples,) who comes to stand at each place."""
    grouped = np.concatenate(members)
    strata = np.empty(len(grouped))
    strata[grouped] = np.repeat(np.arange(len(members)), [len(rows) for rows in members])
    arranged = np.empty(len(grouped), np.int64)
    arranged[grouped] = np.argsort(strata + rng.random(len(grouped)))
    return arranged


def _roughness(arranged: NDArray[np.float32]) -> Scores:
    """(lengths,) squared sums of all stretches of each length, in total."""
    return np.array([float((sums**2).sum()) for sums in _stretches(arranged)])


def _stretches(arranged: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """For each length, from SHORTEST on, (stretches, dims) sums; the last stretch may be shorter."""
    sums = _added(arranged, SHORTEST)
    while len(sums) > 1:
        yield sums
        sums = _added(sums, 2)


def _added(values: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Sums of `length` rows each."""
    whole = len(values) // length * length
    sums = values[:whole].reshape(-1, length, values.shape[1]).sum(axis=1)
    return sums if whole == len(values) else np.concatenate([sums, values[whole:].sum(axis=0, keepdims=True)])


def _largest(roughness: Scores, middle: Scores, spread: Scores) -> float:
    return float(((roughness - middle) / np.maximum(spread, 1e-9 * np.abs(middle) + 1e-30)).max())


def _most_deviating(whitened: NDArray[np.float32]) -> tuple[int, int, float]:
    """Start, stop and shift of the stretch whose mean is least likely by chance, its ends moved to where it fits best.

    The direction is that of the dyadic stretch with the largest sum for its length. Along it the stretch is the one of
    largest total above half the shift, as in a likelihood ratio for one changed segment.
    """
    samples, dims = whitened.shape
    best, start, length, along = -np.inf, 0, samples, whitened[0]
    for level, sums in enumerate(_stretches(whitened)):
        lengths = np.minimum(SHORTEST * 2**level, samples - SHORTEST * 2**level * np.arange(len(sums)))
        share = lengths * (1 - lengths / samples)
        unlikely = ((sums**2).sum(axis=1) / share - dims) * (lengths >= SHORTEST)
        place = int(unlikely.argmax())
        if unlikely[place] > best:
            best, start, length = float(unlikely[place]), SHORTEST * 2**level * place, int(lengths[place])
            along = sums[place] / length
    projected = whitened @ (along / np.linalg.norm(along))
    # A mean of `length` values of variance 1 is that much longer by chance.
    shift = np.sqrt(max(float(along @ along) - dims / length, 0.0))
    above = np.concatenate([[0.0], np.cumsum(projected - shift / 2, dtype=np.float64)])
    lowest = np.minimum.accumulate(above)
    stop = int((above - lowest).argmax())
    fitted = int(above[: stop + 1].argmin()), stop
    start, stop = fitted if 0 < stop - fitted[0] < samples else (start, start + length)
    inside = np.zeros(samples, bool)
    inside[start:stop] = True
    return start, stop, float((projected[inside].mean() - projected[~inside].mean()) / projected.std())
