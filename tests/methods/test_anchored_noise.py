"""Transition at the surest samples, and true classes that solve p = c T."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls
from scipy.special import expit, logit

from dataclinic.methods import anchored_noise
from dataclinic.methods.anchored_noise import anchored_transition, clean_posterior, true_classes, wrong_log_odds
from dataclinic.seeding import rng_for

TWO = np.array([[0.9, 0.1], [0.2, 0.8]])
FOUR = np.array(
    [[0.7, 0.1, 0.1, 0.1], [0.0, 0.95, 0.05, 0.0], [0.2, 0.0, 0.8, 0.0], [0.05, 0.15, 0.2, 0.6]],
)


class TestCleanPosterior:
    def test_one_step_by_hand(self, monkeypatch):
        monkeypatch.setattr(anchored_noise, "STEPS", 1)
        # p T = (.585, .415); p / p T = (.94017, 1.08434); that Tᵀ = (.95459, 1.05550), times p
        assert clean_posterior(np.array([[0.55, 0.45]]), TWO) == pytest.approx(np.array([[0.52502, 0.47498]]), abs=1e-5)

    @pytest.mark.parametrize(
        ("given_probs", "clean"),
        [
            ((0.55, 0.45), (0.5, 0.5)),  # .5 · .9 + .5 · .2
            ((0.9, 0.1), (1, 0)),
            ((0.2, 0.8), (0, 1)),
            ((0.98, 0.02), (1, 0)),  # surer than any sample can be: nothing beyond the simplex
        ],
    )
    def test_undoes_noise_worked_out_by_hand(self, given_probs, clean):
        assert clean_posterior(np.array([given_probs]), TWO)[0] == pytest.approx(clean, abs=0.02)

    def test_what_is_found_gives_the_probabilities_again(self, monkeypatch):
        found = clean_posterior(np.array([[0.2, 0.8], [0.9, 0.1]]), TWO)
        monkeypatch.setattr(anchored_noise, "STEPS", 3_000)
        assert clean_posterior(np.array([[0.55, 0.45]]), TWO) @ TWO == pytest.approx(np.array([[0.55, 0.45]]))
        assert found @ TWO == pytest.approx(np.array([[0.2, 0.8], [0.9, 0.1]]), abs=0.02)

    def test_agrees_with_nonnegative_least_squares(self, monkeypatch):
        given_probs = rng_for(1, "nnls").dirichlet(np.ones(4), size=60) @ FOUR
        exact = np.stack([nnls(FOUR.T, row)[0] for row in given_probs])
        soon = clean_posterior(given_probs, FOUR)
        monkeypatch.setattr(anchored_noise, "STEPS", 5_000)
        assert clean_posterior(given_probs, FOUR) == pytest.approx(exact, abs=2e-3)
        assert np.abs(soon - exact).mean() < 0.02

    def test_without_noise_nothing_changes(self):
        given_probs = rng_for(2, "identity").dirichlet(np.ones(3), size=20)
        kept = given_probs.copy()
        assert clean_posterior(given_probs, np.eye(3)) == pytest.approx(given_probs)
        np.testing.assert_array_equal(given_probs, kept)


class TestBlame:
    def test_by_hand(self):
        clean = np.array([[0.5, 0.5], [0.5, 0.5]])
        labels = np.array([0, 1])
        # given 0: right .5 · .9, wrong .5 · .2; given 1: right .5 · .8, wrong .5 · .1
        assert wrong_log_odds(clean, TWO, labels) == pytest.approx([np.log(0.1 / 0.45), np.log(0.05 / 0.4)])
        assert true_classes(clean, TWO, labels) == pytest.approx(
            np.array([[0.45, 0.10], [0.05, 0.40]]) / [[0.55], [0.45]]
        )

    @given(st.integers(2, 5), st.integers(0, 1000))
    def test_odds_are_those_of_the_true_classes(self, classes, seed):
        rng = rng_for(seed, "odds")
        clean, transition = rng.dirichlet(np.ones(classes), size=7), rng.dirichlet(np.ones(classes), size=classes)
        labels = rng.integers(classes, size=7)
        right = true_classes(clean, transition, labels)[np.arange(7), labels]
        assert expit(wrong_log_odds(clean, transition, labels)) == pytest.approx(1 - right, abs=1e-6)

    def test_certainty_gives_finite_odds(self):
        odds = wrong_log_odds(np.eye(2), np.eye(2), np.array([0, 0]))
        assert odds[0] < -20
        assert odds[1] == 0  # impossible either way: 1e-12 against 1e-12
        assert (true_classes(np.eye(2), np.eye(2), np.array([0, 0]))[1] == 0).all()


def anchors(samples=4_000, doubt=0.0, transition=FOUR):
    """What calibrated models that learned the noise say of samples of sure classes, with errors of estimation."""
    rng = rng_for(3, "anchors")
    given_probs = np.clip(transition[np.arange(samples) % 4], 1e-4, 1)
    given_probs = given_probs * np.exp(doubt * rng.normal(size=given_probs.shape))
    return given_probs / given_probs.sum(axis=1, keepdims=True)


class TestTransition:
    def test_is_found_where_samples_are_sure(self):
        assert anchored_transition(anchors()) == pytest.approx(FOUR, abs=1e-3)

    def test_errors_of_estimation_are_not_taken_for_hard_samples(self):
        found = anchored_transition(anchors(doubt=0.3))
        assert np.diag(found) == pytest.approx(np.diag(FOUR), abs=0.06)

    def test_hard_samples_are_not_taken_for_noise(self):
        rng = rng_for(4, "hard")
        clean = np.concatenate([np.eye(4)[np.arange(2_000) % 4], rng.dirichlet(np.ones(4), size=2_000)])
        assert np.diag(anchored_transition(clean @ FOUR)) == pytest.approx(np.diag(FOUR), abs=0.08)

    def test_more_doubt_means_more_noise(self):
        hard = rng_for(5, "doubt").dirichlet(np.full(4, 0.2), size=2_000) @ FOUR
        kept = [np.diag(anchored_transition(hard, doubt)).mean() for doubt in (0.0, 0.4, 0.75, 5.0)]
        assert kept == sorted(kept, reverse=True)
        assert kept[0] > kept[-1]

    def test_kept_share_by_hand(self):
        # log-odds 0, 1, 2 of class 0: median 1, 97th percentile 1.94; without doubt the share lies at 1 + .94
        own = expit(np.array([0.0, 1.0, 2.0]) + 1e-9)
        given_probs = np.stack([own, 1 - own], axis=1)
        assert anchored_transition(given_probs, 0.0)[0, 0] == pytest.approx(expit(1.94), abs=1e-6)
        # spread of .94 = 1.88 · .5 is all doubt: the median
        assert anchored_transition(given_probs, 0.5)[0, 0] == pytest.approx(expit(1), abs=1e-6)
        assert logit(anchored_transition(given_probs, 0.3)[0, 0]) == pytest.approx(
            1 + np.sqrt(0.94**2 - (1.88 * 0.3) ** 2), abs=1e-6
        )

    def test_where_wrong_labels_go_is_told_by_the_surest_tenth(self):
        given_probs = np.tile([0.6, 0.1, 0.3], (100, 1))
        given_probs[::10] = [0.9, 0.08, 0.02]
        found = anchored_transition(given_probs)[0]
        assert found[1] / found[2] == pytest.approx(4)

    def test_a_class_that_is_nowhere_likeliest_has_the_nearest_for_anchors(self):
        given_probs = np.tile([0.6, 0.3, 0.1], (100, 1))
        given_probs[:3] = [0.5, 0.1, 0.4]
        found = anchored_transition(given_probs)
        assert found[2] == pytest.approx([0.5, 0.1, 0.4], abs=1e-6)
        assert found[1, 1] == pytest.approx(0.3, abs=1e-6)

    @given(st.integers(2, 6), st.integers(1, 20), st.integers(0, 1000))
    def test_rows_are_probabilities_however_few_samples_there_are(self, classes, samples, seed):
        given_probs = rng_for(seed, "few").dirichlet(np.full(classes, 0.3), size=samples)
        found = anchored_transition(given_probs)
        assert (found >= 0).all()
        assert found.sum(axis=1) == pytest.approx(1)
