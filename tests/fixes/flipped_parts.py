"""Parts with switched labels, which the models of another fold see through."""

import numpy as np

from dataclinic.testing.parts import accusing, vector_part
from dataclinic.testing.planted import confident_probs, gaussian_classes, switch_labels


def flipped_part(share=0.1, rows=200, classes=4, accused=None, **arguments):
    """The part, its true labels, and which labels are wrong; all wrong ones are accused unless others are named."""
    vectors, true = gaussian_classes(rows, classes)
    given, wrong = switch_labels(true, share, classes=classes)
    arguments.setdefault("probs", confident_probs(true, classes=classes))
    records = [accusing(wrong if accused is None else accused)]
    return vector_part(vectors, given, records=records, **arguments), true, wrong


def unjudged(probs, rows):
    """A copy of the probabilities without those of `rows`."""
    without = probs.copy()
    without[rows] = np.nan
    return without
