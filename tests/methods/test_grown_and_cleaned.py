import numpy as np

from dataclinic.features import Embeddings
from dataclinic.methods.grown_and_cleaned import grown_and_cleaned
from dataclinic.methods.resampling import Grown

VECTORS = np.arange(4, dtype=np.float32)[:, None]
LABELS = np.array([0, 0, 0, 1])
GROWN = Grown(np.array([3, 3]), Embeddings(np.array([[10.0], [11.0]], np.float32)), np.array([1, 1]))


def test_old_repeated_and_new_rows_are_cleaned_together_and_told_apart_again():
    seen = []

    def clean(vectors, labels):
        seen.append((vectors[:, 0].tolist(), labels.tolist()))
        return ~np.isin(np.arange(len(labels)), [1, 5, 6])

    left = grown_and_cleaned(Embeddings(VECTORS), LABELS, GROWN, clean)
    assert seen == [([0, 1, 2, 3, 3, 3, 10, 11], [0, 0, 0, 1, 1, 1, 1, 1])]
    assert left.rows.tolist() == [0, 2, 3, 3]
    assert left.samples.matrix.tolist() == [[11.0]]
    assert left.labels.tolist() == [1]


def test_all_that_was_made_may_go():
    left = grown_and_cleaned(Embeddings(VECTORS), LABELS, GROWN, lambda vectors, _: vectors[:, 0] < 3)
    assert left.rows.tolist() == [0, 1, 2]
    assert len(left.samples) == len(left.labels) == 0
