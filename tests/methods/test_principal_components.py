import numpy as np
from sklearn.decomposition import PCA

from dataclinic.methods.principal_components import principal_components
from dataclinic.seeding import rng_for

VECTORS = (rng_for(0, "components").normal(size=(60, 8)) * np.arange(1, 9) + 5).astype(np.float32)
EVERYONE = np.ones(60, bool)


def test_components_are_those_of_scikit_learn_on_standardised_vectors():
    scaled = (VECTORS - VECTORS.mean(axis=0)) / VECTORS.std(axis=0)
    expected = PCA(3, svd_solver="full").fit_transform(scaled)
    found = principal_components(VECTORS, EVERYONE, 3)
    signs = np.sign((expected * found).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, atol=1e-4)


def test_all_components_keep_all_distances_between_standardised_vectors():
    scaled = (VECTORS - VECTORS.mean(axis=0)) / VECTORS.std(axis=0)
    found = principal_components(VECTORS, EVERYONE, 8)
    np.testing.assert_allclose(
        np.linalg.norm(found[1:] - found[:-1], axis=1), np.linalg.norm(np.diff(scaled, axis=0), axis=1), rtol=1e-4
    )


def test_samples_that_cannot_be_used_decide_nothing_and_are_told_all_the_same():
    odd = VECTORS.copy()
    odd[50:] = 1e6
    usable = np.arange(60) < 50
    np.testing.assert_allclose(
        principal_components(odd, usable, 2)[:50], principal_components(VECTORS, usable, 2)[:50], atol=1e-4
    )
    assert np.isfinite(principal_components(odd, usable, 2)).all()


def test_constant_columns_say_nothing():
    flat = np.concatenate([VECTORS, np.full((60, 2), 7, np.float32)], axis=1)
    one, other = principal_components(flat, EVERYONE, 3), principal_components(VECTORS, EVERYONE, 3)
    np.testing.assert_allclose(np.abs(one), np.abs(other), atol=1e-3)


def test_the_given_vectors_stay_as_they_were():
    before = VECTORS.copy()
    principal_components(VECTORS, EVERYONE, 2)
    assert np.array_equal(VECTORS, before)
