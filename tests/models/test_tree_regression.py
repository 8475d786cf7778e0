import sys

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import average_precision_score

from dataclinic.features import Embeddings
from dataclinic.fits import TargetJob
from dataclinic.models.tree_regression import TreeRegression
from dataclinic.progress import silent
from dataclinic.seeding import rng_for


@pytest.fixture(params=["lightgbm", "scikit-learn"])
def boosting(request, monkeypatch):
    """Both libraries; the second is what is left where the first does not import."""
    if request.param == "scikit-learn":
        monkeypatch.setitem(sys.modules, "lightgbm", None)
    else:
        pytest.importorskip("lightgbm")
    return request.param


def test_names_the_library_that_runs_and_ranks_planted_errors_above_what_squares_would(boosting):
    model = TreeRegression(forest_trees=30, boosted_trees=80)
    assert ("LightGBM" in model.description) == (boosting == "lightgbm")
    rng = rng_for(0, "planted")
    vectors, given = load_diabetes(return_X_y=True)
    wrong = rng.random(len(given)) < 0.1
    given = np.where(wrong, 10 * given, given)
    folds = rng.permutation(len(given)) % 3
    jobs = [TargetJob(np.flatnonzero(folds != f), given[folds != f], np.flatnonzero(folds == f), f) for f in range(3)]
    ours, plain = np.empty(len(given)), np.empty(len(given))
    results = model.run(Embeddings(vectors.astype(np.float32)), jobs, device="cpu", progress=silent)
    for job, predictions in zip(jobs, results, strict=True):
        ours[job.score_rows] = predictions
        forest = RandomForestRegressor(60, min_samples_leaf=3, max_features=0.4, random_state=0)
        plain[job.score_rows] = forest.fit(vectors[job.train_rows], job.targets).predict(vectors[job.score_rows])
    precision = average_precision_score(wrong, np.abs(given - ours))
    assert precision > 0.8
    assert precision > average_precision_score(wrong, np.abs(given - plain))
    clean = ~wrong
    assert np.abs(given - ours)[clean].mean() < 0.7 * np.abs(given - plain)[clean].mean()
