"""What the nearest neighbours of a sample say about its class, the sample's own label left out.

Label agreement of neighbours in the space of embeddings finds label errors without training (Zhu, Dong & Liu,
*Detecting corrupted labels without training a model to predict*, ICML 2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Probs

STEEPNESS = 20.0
"""A neighbour at cosine distance d votes with weight exp(-20 d): at .035 with half of a copy's."""

EVEN_VOTES = 1.0
"""Votes of the classes' shares that are added, so that no class is impossible."""


def neighbour_votes(
    rows: NDArray[np.int64], distances: NDArray[np.float32], labels: Labels, classes: int, groups: Codes | None = None
) -> Probs:
    """(samples, classes) probabilities by the labels of the nearest samples; the classes' shares where there are none.

    Args:
        rows: (samples, k) the nearest other samples of each, -1 for none.
        distances: (samples, k) cosine distances.
        labels: (samples,) codes; -1 where a sample has no vote.
        classes: how many classes there are.
        groups: (samples,) samples of one group have no vote about each other; None where each is its own.
    """
    known = labels >= 0
    shares = np.bincount(labels[known], minlength=classes) / max(1, known.sum())
    votes = np.where(rows >= 0, np.exp(-STEEPNESS * distances.astype(np.float64)), 0.0)
    votes[labels[rows] < 0] = 0
    if groups is not None:
        votes[groups[rows] == groups[:, None]] = 0
    voters = (votes > 0).sum(axis=1, keepdims=True)
    weight = votes.sum(axis=1, keepdims=True)
    # As many votes as there are voters: the weights say who counts more, not how much all of them do.
    votes = np.divide(votes * voters, weight, out=np.zeros_like(votes), where=weight > 0)
    counted = np.zeros((len(rows), classes))
    for place in range(rows.shape[1]):
        np.add.at(counted, (np.arange(len(rows)), labels[rows[:, place]]), votes[:, place])
    return np.asarray((counted + EVEN_VOTES * shares) / (voters + EVEN_VOTES), np.float32)
