"""Errors planted in the labels of well-known sets, ranked by plain out-of-fold probabilities, beside cleanlab."""

from functools import cache

import numpy as np
import pytest
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dataclinic import rank_labels
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import switch_labels

pytestmark = pytest.mark.xdist_group("planted label errors")  # one worker makes each case once

SEEDS = (0, 1, 2)


def by_matrix(true, share, seed):
    """Classes err at rates between half and one and a half of the share, three quarters of it into one other class."""
    classes = int(true.max()) + 1
    rng = rng_for(seed, "class-dependent")
    rates = share * rng.uniform(0.5, 1.5, size=classes)
    goal = (np.arange(classes) + rng.integers(1, classes, size=classes)) % classes
    wrong = rng.random(len(true)) < rates[true]
    anything = (true + rng.integers(1, classes, size=len(true))) % classes
    return np.where(wrong, np.where(rng.random(len(true)) < 0.75, goal[true], anything), true)


class Case:
    """Labels with errors, which are wrong, and what models say that were trained on the others."""

    def __init__(self, vectors, true, labels, model, seed):
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        with threadpool_limits(1):
            self.probs = cross_val_predict(model, vectors, labels, cv=folds, method="predict_proba")
        self.vectors, self.true, self.labels, self.wrong = vectors, true, labels, labels != true
        self.ranking = rank_labels(labels, self.probs)


@pytest.fixture(scope="session")
def planted():
    """Case of a set by name, kind and share of its errors, and seed; made when first asked for."""
    sets = {"digits": load_digits, "wine": load_wine, "breast cancer": load_breast_cancer}

    @cache
    def made(name, kind, share, seed):
        vectors, true = sets[name](return_X_y=True)
        model = LogisticRegression(max_iter=1000)
        if name == "digits":
            vectors = vectors / 16
        else:
            model = make_pipeline(StandardScaler(), model)
        if kind == "uniform":
            labels, _ = switch_labels(true, share, classes=int(true.max()) + 1, seed=seed)
        else:
            labels = by_matrix(true, share, seed)
        return Case(vectors, true, labels, model, seed)

    return made


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["digits", "wine", "breast cancer"])
def test_clean_labels_have_next_to_no_suspects(planted, name, seed):
    case = planted(name, "uniform", 0.0, seed)
    assert case.ranking["flagged"].mean() <= 0.005
    errors = case.ranking.attrs["errors"]
    assert errors["low"] / len(case.labels) < 0.002
    assert errors["high"] / len(case.labels) < 0.01


@pytest.mark.parametrize(
    ("kind", "share", "floor"),
    [
        *(("uniform", share, floor) for share, floor in ((0.03, 0.88), (0.08, 0.92), (0.2, 0.93), (0.4, 0.93))),
        ("class-dependent", 0.2, 0.9),
    ],
)
def test_flagged_are_the_errors_and_more_so_than_by_cleanlab(planted, kind, share, floor):
    ours = []
    for seed in SEEDS:
        case = planted("digits", kind, share, seed)
        ours.append(f1_score(case.wrong, case.ranking["flagged"]))
        assert ours[-1] > f1_score(case.wrong, find_label_issues(case.labels, case.probs, n_jobs=1)) + 0.01
    assert np.mean(ours) > floor


@pytest.mark.parametrize(
    ("kind", "share"), [("uniform", s) for s in (0.03, 0.08, 0.2, 0.4)] + [("class-dependent", 0.2)]
)
def test_ranks_no_worse_than_the_best_ranking_of_cleanlab(planted, kind, share):
    ours, theirs = [], []
    for seed in SEEDS:
        case = planted("digits", kind, share, seed)
        ours.append(average_precision_score(case.wrong, case.ranking["suspicion"]))
        scores = {
            method: 1 - get_label_quality_scores(case.labels, case.probs, method=method)
            for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
        }
        theirs.append(max(average_precision_score(case.wrong, score) for score in scores.values()))
    assert np.mean(ours) > np.mean(theirs) - 0.005


@pytest.mark.parametrize(
    ("kind", "share"), [("uniform", s) for s in (0.03, 0.08, 0.2, 0.4)] + [("class-dependent", 0.2)]
)
def test_number_of_errors_is_estimated(planted, kind, share):
    for seed in SEEDS:
        case = planted("digits", kind, share, seed)
        errors = case.ranking.attrs["errors"]
        assert errors["value"] == pytest.approx(case.wrong.sum(), rel=0.25)
        assert errors["low"] <= errors["value"] <= errors["high"]
        assert errors["value"] == pytest.approx(case.ranking["probability"].sum())


def test_predicted_precision_is_near_the_true_one(planted):
    off = []
    for share in (0.03, 0.08, 0.2, 0.4):
        for seed in SEEDS:
            case = planted("digits", "uniform", share, seed)
            flagged = case.ranking["flagged"]
            off.append(abs(case.ranking["probability"][flagged].mean() - case.wrong[flagged].mean()))
    assert np.mean(off) < 0.08
    assert max(off) < 0.15


def test_suggested_labels_are_mostly_the_true_ones(planted):
    case = planted("digits", "uniform", 0.2, 0)
    suspects = case.wrong & case.ranking["flagged"].to_numpy()
    assert (case.ranking["suggested_label"][suspects] == case.true[suspects]).mean() > 0.9


@pytest.mark.parametrize("share", [0.03, 0.2])
def test_neighbours_of_good_vectors_help(planted, share):
    case = planted("digits", "uniform", share, 0)
    helped = rank_labels(case.labels, case.probs, vectors=case.vectors)
    assert f1_score(case.wrong, helped["flagged"]) > f1_score(case.wrong, case.ranking["flagged"]) + 0.01
    assert f1_score(case.wrong, helped["flagged"]) > 0.95


@pytest.mark.parametrize("name", ["wine", "breast cancer"])
def test_small_sets_are_judged_too(planted, name):
    ours, theirs = [], []
    for seed in SEEDS:
        case = planted(name, "uniform", 0.08, seed)
        ours.append(f1_score(case.wrong, case.ranking["flagged"]))
        theirs.append(f1_score(case.wrong, find_label_issues(case.labels, case.probs, n_jobs=1)))
    assert np.mean(ours) > 0.8
    assert np.mean(ours) > np.mean(theirs) - 0.03
