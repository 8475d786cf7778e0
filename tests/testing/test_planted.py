import numpy as np
import pytest

from dataclinic.testing.planted import confident_probs, gaussian_classes, switch_labels


def test_switched_labels_are_all_wrong_and_no_others_are():
    _, labels = gaussian_classes(200, 5)
    given, switched = switch_labels(labels, 0.1, classes=5)
    assert switched.sum() == 20
    assert np.array_equal(given != labels, switched)
    assert given.min() >= 0
    assert given.max() < 5


def test_classes_are_as_far_apart_as_asked():
    near, labels = gaussian_classes(600, 3, apart=1.0)
    far, _ = gaussian_classes(600, 3, apart=8.0)

    def distance(vectors):
        centres = np.array([vectors[labels == code].mean(axis=0) for code in range(3)])
        return np.linalg.norm(centres, axis=1).mean()

    assert distance(near) == pytest.approx(1.0, abs=0.4)
    assert distance(far) == pytest.approx(8.0, abs=0.5)


def test_probabilities_sum_to_one_and_favour_the_class():
    labels = np.arange(50) % 4
    probs = confident_probs(labels, classes=4, sure=0.9)
    assert probs.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-5)
    assert (probs.argmax(axis=1) == labels).all()
    assert probs.max(axis=1).mean() == pytest.approx(0.9, abs=0.02)
