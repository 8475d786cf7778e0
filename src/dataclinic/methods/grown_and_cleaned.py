"""New samples by SMOTE, and then, old or new, without those that their neighbours contradict.

Batista, Prati & Monard, "A Study of the Behavior of Several Methods for Balancing Machine Learning Training Data",
SIGKDD Explorations 6, 2004: SMOTE + ENN and SMOTE + Tomek, as imbalanced-learn's `SMOTEENN` and `SMOTETomek`; but
samples with levels take part too, since neighbours are those of the vectors that heads train on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataclinic.arrays import Labels, Mask, Rows, Vectors
    from dataclinic.features import Features
    from dataclinic.methods.resampling import Grown


@dataclass(frozen=True)
class Cleaned:
    """`rows` that stay, some of them repeatedly, and what stays of the new samples with their labels."""

    rows: Rows
    samples: Features
    labels: Labels


def grown_and_cleaned(
    features: Features, labels: Labels, grown: Grown, clean: Callable[[Vectors, Labels], Mask]
) -> Cleaned:
    """What `clean` leaves of all samples and of those that were made from them.

    Args:
        features: of the samples.
        labels: (samples,) codes.
        grown: made from them.
        clean: says of (rows, dims) vectors with labels which rows stay.
    """
    count = len(features)
    joined = features.joined(grown.samples)
    places = np.concatenate([np.arange(count), grown.repeated, count + np.arange(len(grown.labels))])
    vectors = joined.vectors(np.arange(len(joined)))[places]
    kept = places[clean(vectors, np.concatenate([labels, grown.labels])[places])]
    new = kept[kept >= count] - count
    return Cleaned(kept[kept < count], grown.samples.take(new), grown.labels[new])
