import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from dataclinic.methods import verdict_calibration as method
from dataclinic.methods.verdict_calibration import Candidates, verdict_calibration
from dataclinic.seeding import rng_for

RNG = rng_for(0, "verdict calibration")
NOBODY = np.zeros(0, np.int64)


def _candidates(samples=600, signals=3):
    probability = RNG.beta(0.5, 1.5, samples)
    given = RNG.integers(0, 4, samples)
    return Candidates.of(probability, RNG.normal(size=(samples, signals)), given, (given + 1) % 4), probability


def _after(candidates, rows, wrong):
    return verdict_calibration(candidates, rows, wrong)


def test_without_verdicts_nothing_changes():
    candidates, probability = _candidates()
    after = verdict_calibration(candidates, NOBODY, NOBODY.astype(bool))
    np.testing.assert_allclose(after, np.clip(probability, expit(-8), expit(8)))


def test_it_is_the_maximum_of_the_posterior_by_brute_force():
    candidates, _ = _candidates(80)
    rows = np.arange(40)
    wrong = RNG.random(40) < 0.6
    pairs = np.unique(candidates.pair[rows])
    design = np.column_stack(
        [
            np.ones(80),
            candidates.signals,
            candidates.given[:, None] == np.arange(4),
            candidates.pair[:, None] == pairs,
        ]
    ).astype(float)
    spreads = np.array([method.LEVEL_SPREAD, *[method.SIGNAL_SPREAD] * 3, *[method.CLASS_SPREAD] * 4])
    spreads = np.concatenate([spreads, np.full(len(pairs), method.PAIR_SPREAD)])

    def loss(weights):
        log_odds = candidates.log_odds[rows] + design[rows] @ weights
        return np.logaddexp(0, np.where(wrong, -log_odds, log_odds)).sum() + 0.5 * ((weights / spreads) ** 2).sum()

    best = minimize(loss, np.zeros(design.shape[1]), method="BFGS", options={"gtol": 1e-8}).x
    expected = expit(candidates.log_odds + design @ best)
    np.testing.assert_allclose(_after(candidates, rows, wrong), expected, atol=1e-5)


def test_of_one_signal_it_is_the_logistic_regression_of_scikit_learn(monkeypatch):
    for name in ("LEVEL_SPREAD", "CLASS_SPREAD", "PAIR_SPREAD"):
        monkeypatch.setattr(method, name, 1e-6)
    candidates = Candidates.of(np.full(300, 0.5), RNG.normal(size=(300, 1)), *np.zeros((2, 300), np.int64))
    wrong = RNG.random(300) < expit(2 * candidates.signals[:, 0])
    peer = LogisticRegression(C=method.SIGNAL_SPREAD**2, fit_intercept=False, tol=1e-10).fit(candidates.signals, wrong)
    expected = peer.predict_proba(candidates.signals)[:, 1]
    np.testing.assert_allclose(_after(candidates, np.arange(300), wrong), expected, atol=1e-5)


def test_a_case_worked_by_hand(monkeypatch):
    # One term: n verdicts "wrong" at even odds; the maximum satisfies n (1 − p) = a / s², log-odds a.
    for name in ("CLASS_SPREAD", "PAIR_SPREAD"):
        monkeypatch.setattr(method, name, 1e-6)
    monkeypatch.setattr(method, "LEVEL_SPREAD", 1.0)
    candidates = Candidates.of(np.full(10, 0.5), np.zeros((10, 0)), *np.zeros((2, 10), np.int64))
    said = _after(candidates, np.arange(4), np.ones(4, bool))[9]
    assert 4 * (1 - said) == pytest.approx(logit(said), abs=1e-6)


def test_classes_that_are_always_right_are_doubted_less():
    candidates, probability = _candidates(2000)
    rows = np.flatnonzero(probability > 0.5)[:150]
    after = _after(candidates, rows, candidates.given[rows] != 2)
    moved = logit(after) - candidates.log_odds
    assert moved[candidates.given == 2].mean() < moved[candidates.given != 2].mean() - 1


def test_a_signal_that_tells_moves_those_that_nobody_looked_at():
    candidates, _ = _candidates(2000)
    wrong = RNG.random(2000) < expit(candidates.log_odds + 1.5 * candidates.signals[:, 1])
    after = _after(candidates, np.arange(200), wrong[:200])
    moved = (logit(after) - candidates.log_odds)[200:]
    assert np.corrcoef(moved, candidates.signals[200:, 1])[0, 1] > 0.8
    others = slice(200, None)
    before = np.corrcoef(expit(candidates.log_odds[others]), wrong[others])[0, 1]
    assert np.corrcoef(after[others], wrong[others])[0, 1] > before + 0.02


def test_few_verdicts_that_fit_hardly_change_the_order():
    candidates, probability = _candidates(2000)
    wrong = RNG.random(2000) < probability
    rows = np.argsort(-probability)[:25]
    after = _after(candidates, rows, wrong[rows])
    order, before = np.argsort(-after), np.argsort(-probability)
    assert len(set(order[:400]) & set(before[:400])) > 330


def test_the_order_of_samples_and_the_names_of_classes_do_not_matter():
    candidates, probability = _candidates(300)
    rows, wrong = np.arange(60), RNG.random(60) < 0.5
    shuffled = RNG.permutation(300)
    renamed = np.array([3, 0, 2, 1])
    given = renamed[candidates.given]
    other = Candidates.of(
        probability[shuffled],
        candidates.signals[shuffled],
        given[shuffled],
        renamed[(candidates.given + 1) % 4][shuffled],
    )
    places = np.argsort(shuffled)
    found = _after(other, places[rows], wrong)
    np.testing.assert_allclose(found[places], _after(candidates, rows, wrong), atol=1e-6)


def test_samples_that_were_not_judged_stay_unknown_and_teach_nothing():
    candidates, probability = _candidates(200)
    unknown = probability.copy()
    unknown[:5] = np.nan
    cut = Candidates.of(unknown, candidates.signals, candidates.given, (candidates.given + 1) % 4)
    after = _after(cut, np.arange(30), np.ones(30, bool))
    assert np.isnan(after[:5]).all()
    np.testing.assert_allclose(after[5:], _after(cut, np.arange(5, 30), np.ones(25, bool))[5:])


def test_verdicts_of_all_alike_and_sure_models_stay_finite():
    candidates = Candidates.of(
        np.where(np.arange(100) % 2, 1.0, 0.0),
        np.column_stack([np.full(100, np.nan), np.full(100, np.inf), np.arange(100.0) ** 9]),
        np.zeros(100, np.int64),
        np.full(100, -1),
    )
    for wrong in (np.ones(50, bool), np.zeros(50, bool)):
        after = _after(candidates, np.arange(50), wrong)
        assert np.isfinite(after).all()
        assert ((after > 0) & (after < 1)).all()


def test_many_pairs_are_cut_to_those_with_the_most_verdicts(monkeypatch):
    monkeypatch.setattr(method, "MOST_LEVELS", 5)
    given = RNG.integers(0, 40, 3000)
    candidates = Candidates.of(np.full(3000, 0.5), np.zeros((3000, 1)), given, (given + 1) % 40)
    after = _after(candidates, np.arange(1000), np.ones(1000, bool))
    assert len(np.unique(after.round(9))) <= 12
