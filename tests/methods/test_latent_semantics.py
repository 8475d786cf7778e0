"""Dense vectors keep what a full matrix says of different texts, whatever a head does to single dimensions."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_sparse

from dataclinic.methods import latent_semantics
from dataclinic.methods.latent_semantics import MOST_EMPTY, latent_vectors


def made_terms(texts=120, terms=300, seed=0):
    """Rows of length 1 about one of three subjects, each with a third of the terms, and some terms of any."""
    rng = np.random.default_rng(seed)
    own = random_sparse(texts, terms // 3, 0.15, random_state=rng, format="lil")
    dense = np.zeros((texts, terms))
    for row, subject in enumerate(np.arange(texts) % 3):
        dense[row, subject * (terms // 3) : (subject + 1) * (terms // 3)] = own[[row]].toarray()
    dense += random_sparse(texts, terms, 0.02, random_state=rng).toarray()
    return csr_matrix(dense / np.linalg.norm(dense, axis=1, keepdims=True), dtype=np.float32)


def centred_products(X):
    dense = X.toarray().astype(np.float64)
    dense -= dense.mean(axis=0)
    return dense @ dense.T


def products(vectors):
    return vectors.astype(np.float64) @ vectors.T.astype(np.float64)


def live(vectors):
    return vectors[:, (vectors != 0).any(axis=0)]


def test_with_all_components_nothing_is_lost():
    X = made_terms()
    vectors = latent_vectors(X, 120, seed=0)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(products(vectors), centred_products(X), atol=1e-5)


def test_every_dimension_has_the_same_variance_or_is_empty():
    vectors = latent_vectors(made_terms(), 20, seed=0)
    variances = live(vectors).var(axis=0)
    assert len(variances) == 32
    np.testing.assert_allclose(variances, variances.mean(), rtol=1e-4)
    np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=1e-6)


def test_cut_directions_are_taken_away_as_probabilistic_pca_takes_its_noise():
    X = made_terms()
    basis, values, _ = np.linalg.svd(X.toarray().astype(np.float64), full_matrices=False)
    kept = basis[:, :10] * np.sqrt(values[:10] ** 2 - values[10] ** 2)
    kept -= kept.mean(axis=0)
    np.testing.assert_allclose(products(latent_vectors(X, 10, seed=0)), kept @ kept.T, atol=1e-5)


def test_beyond_a_flat_tail_the_products_of_different_texts_are_exact():
    """Four subjects, and for each text one term of its own: what is taken away is the text's own term, and no more."""
    subjects = np.abs(np.random.default_rng(0).normal(size=(40, 4)))
    X = csr_matrix(np.hstack([subjects, 0.5 * np.eye(40)]).astype(np.float32))
    wanted = subjects - subjects.mean(axis=0)
    np.testing.assert_allclose(products(latent_vectors(X, 10, seed=0)), wanted @ wanted.T, atol=1e-4)


def test_empty_dimensions_stand_for_the_variance_that_is_gone():
    X = made_terms()
    total = np.trace(centred_products(X)) / X.shape[0]
    few, many = (latent_vectors(X, dims, seed=0) for dims in (2, 64))
    assert few.shape[1] == live(few).shape[1] * (1 + MOST_EMPTY)
    share = many.var(axis=0).sum() / total
    assert live(many).shape[1] / many.shape[1] == pytest.approx(share, abs=0.02)


def test_many_texts_get_no_empty_dimensions_beyond_the_memory_for_them(monkeypatch):
    monkeypatch.setattr(latent_semantics, "MOST_NUMBERS", 120 * 10)
    assert latent_vectors(made_terms(), 8, seed=0).shape == (120, 10)


def test_the_randomised_decomposition_is_near_the_exact_one(monkeypatch):
    X = made_terms(texts=400)
    exact = products(latent_vectors(X, 30, seed=0))
    monkeypatch.setattr(latent_semantics, "EXACT_ROWS", 10)
    rough, again, other = (latent_vectors(X, 30, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(rough, again)
    for vectors in (rough, other):
        assert np.linalg.norm(products(vectors) - exact) < 0.15 * np.linalg.norm(exact)


def test_order_of_the_texts_does_not_matter_to_their_products():
    X = made_terms()
    order = np.random.default_rng(1).permutation(120)
    found = products(latent_vectors(X, 25, seed=0))
    shuffled = products(latent_vectors(X[order], 25, seed=0))
    np.testing.assert_allclose(shuffled, found[np.ix_(order, order)], atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 5), (1, 0), (4, 0), (3, 1)])
@pytest.mark.parametrize("exact_rows", [0, 2048])
def test_hardly_anything_still_gives_vectors(shape, exact_rows, monkeypatch):
    monkeypatch.setattr(latent_semantics, "EXACT_ROWS", exact_rows)
    vectors = latent_vectors(csr_matrix(np.ones(shape, np.float32)), 16, seed=0)
    assert len(vectors) == shape[0]
    assert vectors.shape[1] >= 1
    np.testing.assert_allclose(vectors, 0, atol=1e-6)
