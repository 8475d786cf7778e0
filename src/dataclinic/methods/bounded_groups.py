"""Groups of samples that are all alike: complete linkage, cut where a group stands apart from everything else.

In connected components A and C share a group because both resemble B, however unlike they are. Here a group's diameter
is bounded: only groups all of whose pairs are within the bound are merged, nearest first (T. Sørensen, *A method of
establishing groups of equal amplitude in plant sociology*, 1948; complete linkage). And each group must be isolated:
copies lie close together with nothing near them, while samples that merely resemble each other form a continuum, in
which whoever looks closer always finds another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.arrays import Codes, Rows, Scores


@dataclass(frozen=True)
class _Node:
    """A group, the two that it was merged from, and its diameter."""

    members: frozenset[int]
    parts: tuple[_Node, ...] = ()
    diameter: float = 0.0


def bounded_groups(
    first: Rows, second: Rows, distances: Scores, samples: int, *, bound: float, isolation: float
) -> Codes:
    """(samples,) number of each sample's group, in order of appearance; -1 for samples alone.

    A pair that is not listed is further apart than any that is; NaN likewise. All pairs of a group are within `bound`,
    and every listed distance from a member to anyone else is at least `isolation` times the group's diameter. Where a
    group does not stand apart, the groups that it was merged from are tried. Ties go by row.

    Args:
        first: (pairs,) rows.
        second: (pairs,) rows, each other than its first; each pair once, in either direction.
        distances: (pairs,) at least 0.
        samples: how many there are.
        bound: largest diameter.
        isolation: at least 0, which asks for nothing.
    """
    near = _near(first, second, distances)
    tops = _merged(first, second, distances, near, bound)
    groups = np.full(samples, -1, np.int64)
    for node in tops:
        for members in _standing_apart(node, near, isolation):
            groups[members] = members[0]
    numbered = np.flatnonzero(groups >= 0)
    groups[numbered] = np.unique(groups[numbered], return_inverse=True)[1]
    return groups


def _near(first: Rows, second: Rows, distances: Scores) -> dict[int, dict[int, float]]:
    """Of each row in a pair, the distance to every other that it is listed with."""
    near: dict[int, dict[int, float]] = {}
    for one, other, distance in zip(first.tolist(), second.tolist(), distances.tolist(), strict=True):
        if distance == distance:  # NaN is not near  # noqa: PLR0124
            near.setdefault(one, {})[other] = distance
            near.setdefault(other, {})[one] = distance
    return near


def _merged(
    first: Rows, second: Rows, distances: Scores, near: Mapping[int, Mapping[int, float]], bound: float
) -> list[_Node]:
    """The largest groups within the bound, each with the tree of its merges."""
    close = np.flatnonzero(distances <= bound)
    low, high = np.minimum(first[close], second[close]), np.maximum(first[close], second[close])
    order = np.lexsort((high, low, distances[close]))
    group: dict[int, _Node] = {}
    for one, other in zip(low[order].tolist(), high[order].tolist(), strict=True):
        mine, theirs = (group.get(row, _Node(frozenset((row,)))) for row in (one, other))
        if mine is theirs:
            continue
        distance = near[one][other]
        # The farthest of the pairs between two groups comes last: only then is their union within its distance.
        if _farthest(mine.members, theirs.members, near) <= distance:
            both = _Node(mine.members | theirs.members, (mine, theirs), distance)
            group.update(dict.fromkeys(both.members, both))
    return sorted({id(node): node for node in group.values()}.values(), key=lambda node: min(node.members))


def _farthest(some: frozenset[int], others: frozenset[int], near: Mapping[int, Mapping[int, float]]) -> float:
    return max(near[one].get(other, np.inf) for one in some for other in others)


def _standing_apart(node: _Node, near: Mapping[int, Mapping[int, float]], isolation: float) -> list[list[int]]:
    """Members of the largest isolated groups in the tree of `node`."""
    found: list[list[int]] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if len(one.members) == 1:
            continue
        if _nearest_outside(one.members, near) >= isolation * one.diameter:
            found.append(sorted(one.members))
        else:
            waiting.extend(one.parts)
    return found


def _nearest_outside(members: frozenset[int], near: Mapping[int, Mapping[int, float]]) -> float:
    outside = (near[one][other] for one in members for other in near[one] if other not in members)
    return min(outside, default=np.inf)
