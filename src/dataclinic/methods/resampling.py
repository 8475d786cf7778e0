"""Resampling by imbalanced-learn, as rows and new samples: what it makes is told apart from what was there.

Random over- and undersampling: Batista, Prati & Monard, "A Study of the Behavior of Several Methods for Balancing
Machine Learning Training Data", SIGKDD Explorations 6, 2004. SMOTE, and SMOTE-NC for levels: Chawla, Bowyer, Hall &
Kegelmeyer, JAIR 16, 2002. Borderline SMOTE: Han, Wang & Mao, ICIC 2005. Edited nearest neighbours: Wilson, IEEE
Transactions on Systems, Man, and Cybernetics 2, 1972. Tomek links: Tomek, the same, 6, 1976.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, BorderlineSMOTE, RandomOverSampler
from imblearn.under_sampling import EditedNearestNeighbours, RandomUnderSampler, TomekLinks
from threadpoolctl import threadpool_limits

from dataclinic.methods.class_balance import too_balanced
from dataclinic.methods.row_space import not_a_space

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.arrays import Labels, Mask, Rows, Vectors
    from dataclinic.features import Features
    from dataclinic.methods.row_space import Points, RowSpace

Wanted: TypeAlias = dict[int, int]
"""Rows that a class is to have, by its code, for those that are to change."""


@dataclass(frozen=True)
class Grown:
    """What was made for classes that were too small: `repeated` rows, and (samples,) new ones with their labels."""

    repeated: Rows
    samples: Features
    labels: Labels


def raised(counts: Labels, share: float) -> Wanted:
    """`share` of the largest class's rows, for every class that has fewer but some."""
    target = round(share * int(counts.max()))
    return {code: target for code, count in enumerate(counts.tolist()) if 0 < count < target}


def lowered(counts: Labels, ratio: float) -> Wanted:
    """`ratio` times the rows of the smallest class that has any, for every class that has more."""
    target = round(ratio * int(counts[counts > 0].min()))
    return {code: target for code, count in enumerate(counts.tolist()) if count > target}


def not_to_grow(features: Features, counts: Labels, *, share: float, least: float) -> str | None:
    """Why no samples are made for smaller classes; None where they can be.

    Args:
        features: of the samples.
        counts: (classes,) rows of each class.
        share: as `raised` takes it.
        least: largest over smallest class from which on there is something to balance.
    """
    reason = too_balanced(counts, least) or not_a_space(features)
    if reason or raised(counts, share):
        return reason
    return f"every class has {share:.0%} of the largest class's samples"


def repeated_rows(labels: Labels, wanted: Wanted, seed: int) -> Rows:
    """Every row once, then rows drawn with replacement until each class has what is wanted."""
    sampler = RandomOverSampler(sampling_strategy=wanted, random_state=seed)
    sampler.fit_resample(np.arange(len(labels))[:, None], labels)
    return np.asarray(sampler.sample_indices_, np.int64)


def drawn_rows(labels: Labels, wanted: Wanted, seed: int) -> Rows:
    """Rows drawn without replacement, so that each class has no more than what is wanted; ascending."""
    sampler = RandomUnderSampler(sampling_strategy=wanted, random_state=seed)
    sampler.fit_resample(np.arange(len(labels))[:, None], labels)
    return np.sort(np.asarray(sampler.sample_indices_, np.int64))


def grown_by_smote(space: RowSpace, labels: Labels, wanted: Wanted, *, neighbours: int, seed: int) -> Grown:
    """SMOTE where all columns are numbers, SMOTE-N where all are levels, SMOTE-NC between.

    A class with too few rows for `neighbours` has as many as it can; one with a single row has it repeated.

    Args:
        space: of the samples.
        labels: (samples,) codes.
        wanted: rows of each class that grows.
        neighbours: of its class, between which and a sample new ones are made.
        seed: decides the draws.
    """
    if not space.categorical.any():
        return _grown(space, labels, wanted, SMOTE, neighbours, seed)
    if space.categorical.all():
        return _grown(space, labels, wanted, SMOTEN, neighbours, seed)
    mixed = partial(SMOTENC, categorical_features=np.flatnonzero(space.categorical).tolist())
    return _grown(space, labels, wanted, mixed, neighbours, seed)


def grown_at_the_border(
    space: RowSpace, labels: Labels, wanted: Wanted, *, neighbours: int, border_neighbours: int, seed: int
) -> Grown:
    """Borderline SMOTE, whose new samples start at those with at least half of `border_neighbours` of other classes.

    As `grown_by_smote`, of numbers alone. A class without such a sample, or of nothing but those whose neighbours are
    all of other classes, does not grow.
    """
    sampler = partial(BorderlineSMOTE, m_neighbors=min(border_neighbours, len(labels) - 1))
    return _grown(space, labels, wanted, sampler, neighbours, seed)


def edited(vectors: Vectors, labels: Labels, *, neighbours: int, classes: Sequence[int]) -> Mask:
    """(rows,) which stay by Wilson's rule: those whose nearest neighbours all have their label.

    Args:
        vectors: (rows, dims).
        labels: (rows,) codes.
        neighbours: to ask.
        classes: whose rows may go. A class that would lose every row keeps all.
    """
    near = min(neighbours, len(labels) - 1)
    return _kept(EditedNearestNeighbours(sampling_strategy=list(classes), n_neighbors=near), vectors, labels)


def without_tomek_links(vectors: Vectors, labels: Labels) -> Mask:
    """(rows,) which stay: all but those whose nearest neighbour, of another class, has them for its nearest.

    A class that would lose every row keeps all.
    """
    return _kept(TomekLinks(sampling_strategy="all"), vectors, labels)


def _grown(
    space: RowSpace, labels: Labels, wanted: Wanted, make: Callable[..., Any], neighbours: int, seed: int
) -> Grown:
    counts = np.bincount(labels)
    repeated = [np.repeat(np.flatnonzero(labels == code), wanted[code] - 1) for code in wanted if counts[code] == 1]
    by_neighbours: dict[int, Wanted] = defaultdict(dict)
    for code, rows in wanted.items():
        if counts[code] > 1:
            by_neighbours[min(neighbours, int(counts[code]) - 1)][code] = rows
    made = [
        _new_points(make(sampling_strategy=some, k_neighbors=near, random_state=seed), space.points, labels)
        for near, some in by_neighbours.items()
    ]
    points = np.concatenate([space.points[:0], *(points for points, _ in made)])
    codes = np.concatenate([labels[:0], *(codes for _, codes in made)])
    return Grown(np.concatenate([np.arange(0), *repeated]), space.samples(points), codes)


def _new_points(sampler: Any, points: Points, labels: Labels) -> tuple[Points, Labels]:
    with threadpool_limits(1):
        both, codes = sampler.fit_resample(points, labels)
    return both[len(points) :], codes[len(points) :]


def _kept(sampler: Any, vectors: Vectors, labels: Labels) -> Mask:
    with threadpool_limits(1):
        sampler.fit_resample(vectors, labels)
    kept = np.zeros(len(labels), bool)
    kept[sampler.sample_indices_] = True
    return np.asarray(kept | ~np.isin(labels, labels[kept]))
