import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import HuberRegressor

from dataclinic.features import Embeddings
from dataclinic.fits import TargetJob
from dataclinic.models.huber_regression import HuberRegression
from dataclinic.progress import silent
from dataclinic.seeding import rng_for


def predictions_of(vectors, job, model=None):
    return (model or HuberRegression()).run(Embeddings(vectors), [job], device="cpu", progress=silent)[0]


def test_is_as_good_as_scikit_learn_on_wrong_targets():
    vectors, targets = load_diabetes(return_X_y=True)
    given = targets + 1500 * (rng_for(0, "wrong").random(len(targets)) < 0.15)
    train, score = np.arange(300), np.arange(300, 442)
    ours = predictions_of(vectors.astype(np.float32), TargetJob(train, given[train], score, 0))
    scale = vectors[train].std(axis=0)
    theirs = HuberRegressor(max_iter=1000).fit(vectors[train] / scale, given[train]).predict(vectors[score] / scale)
    assert np.abs(ours - targets[score]).mean() < 1.05 * np.abs(theirs - targets[score]).mean()


def test_constant_and_distant_columns_weigh_nothing():
    rng = rng_for(0, "columns")
    vectors = np.column_stack([rng.normal(size=100), np.full(100, 1e6), np.zeros(100)]).astype(np.float32)
    targets = 3.0 * vectors[:, 0] + 1
    said = predictions_of(vectors, TargetJob(np.arange(80), targets[:80], np.arange(80, 100), 0), HuberRegression(1e-6))
    np.testing.assert_allclose(said, targets[80:], atol=1e-3)


def test_the_seed_changes_nothing_and_the_description_names_the_penalty():
    vectors = rng_for(0, "seed").normal(size=(60, 4)).astype(np.float32)
    targets = vectors.sum(axis=1).astype(np.float64)
    first, other = (
        predictions_of(vectors, TargetJob(np.arange(50), targets[:50], np.arange(50, 60), seed)) for seed in (0, 1)
    )
    np.testing.assert_array_equal(first, other)
    assert "leave-one-out" in HuberRegression().description
    assert "0.5" in HuberRegression(0.5).description
