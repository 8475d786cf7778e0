import numpy as np
import pytest

from dataclinic.progress import silent
from dataclinic.steps.find_neighbours import NEIGHBOURS, find_neighbours
from dataclinic.testing.planted import gaussian_classes


@pytest.mark.parametrize(("samples", "k"), [(200, NEIGHBOURS), (31, 30), (10, 9), (1, 0), (0, 0)])
def test_gives_thirty_or_all_others(samples, k):
    vectors = np.ones((samples, 4), np.float32)
    found = find_neighbours(vectors, np.ones(samples, bool), device="cpu", progress=silent)
    assert found.rows.shape == found.distances.shape == (samples, k)


def test_nearest_come_first_and_mostly_from_the_own_class():
    vectors, labels = gaussian_classes(300, 3, apart=8.0)
    found = find_neighbours(vectors, np.ones(300, bool), device="cpu", progress=silent)
    assert (np.diff(found.distances, axis=1) >= 0).all()
    assert (labels[found.rows] == labels[:, None]).mean() > 0.99


def test_unreadable_samples_are_nobodys_neighbours():
    vectors, _ = gaussian_classes(50, 2)
    usable = np.arange(50) != 4
    found = find_neighbours(vectors, usable, device="cpu", progress=silent)
    assert (found.rows[4] == -1).all()
    assert not (found.rows == 4).any()
