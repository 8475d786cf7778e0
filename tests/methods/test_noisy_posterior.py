"""The likelihood, its gradient, and the noise that is found again in labels drawn from known noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import expit, softmax

from dataclinic.methods import noisy_posterior
from dataclinic.methods.noisy_posterior import PRIOR_SPREAD, SHARPNESS_SPREAD, _Fit, fit_noisy_posterior
from dataclinic.seeding import rng_for

NOISE = np.array([[0.85, 0.10, 0.05], [0.02, 0.95, 0.03], [0.00, 0.30, 0.70]])
"""P(given k | true j), with a confusion in one direction."""


def drawn(rng, probs):
    return (probs.cumsum(axis=1) > rng.random((len(probs), 1))).argmax(axis=1)


def simulated(samples=10_000, noise=NOISE, spread=3.0):
    """Logits of an honest model, and labels whose true class was drawn from them and then seen through the noise."""
    rng = rng_for(0, "simulated labels")
    logits = rng.normal(size=(samples, len(noise))) * spread
    labels = drawn(rng, noise[drawn(rng, softmax(logits, axis=1))])
    return logits, labels


def probs_of(logits):
    return softmax(logits, axis=1).astype(np.float32)


def small_fit(rng, members=2, samples=40, classes=3):
    logs = rng.normal(size=(members, samples, classes))
    return _Fit(logs - logs.mean(axis=2, keepdims=True), rng.integers(classes, size=samples))


def small_parameters(rng, fit):
    spread = rng.dirichlet(np.ones(fit.classes), size=fit.classes)
    np.fill_diagonal(spread, 0)
    return rng.normal(size=fit.members + 2 * fit.classes + 1), spread / spread.sum(axis=1, keepdims=True)


class TestLikelihood:
    @pytest.mark.parametrize(("members", "classes"), [(1, 2), (1, 5), (2, 3)])
    def test_gradient_agrees_with_finite_differences(self, members, classes):
        rng = rng_for(1, "gradient", members, classes)
        fit = small_fit(rng, members, classes=classes)
        for _ in range(3):
            parameters, spread = small_parameters(rng, fit)
            off = check_grad(lambda x, s: fit.loss(x, s)[0], lambda x, s: fit.loss(x, s)[1], parameters, spread)
            assert off < 1e-6 * (1 + np.linalg.norm(fit.loss(parameters, spread)[1]))

    def test_is_that_of_the_formula_written_out(self):
        rng = rng_for(2, "formula")
        fit = small_fit(rng)
        parameters, spread = small_parameters(rng, fit)
        sharp, offsets, common, own = np.exp(parameters[:2]), parameters[2:5], parameters[5], parameters[6:]
        noise = expit(common + own)
        total = -(own @ own + offsets @ offsets) / PRIOR_SPREAD**2 / 2
        total -= np.log(sharp.sum()) ** 2 / SHARPNESS_SPREAD**2 / 2
        for row, label in enumerate(fit.labels):
            pooled = np.exp(offsets + sum(a * logs[row] for a, logs in zip(sharp, fit.logs, strict=True)))
            pooled /= pooled.sum()
            brought = [noise[j] * spread[j, label] if j != label else 1 - noise[j] for j in range(3)]
            total += np.log(pooled @ brought)
        assert fit.loss(parameters, spread)[0] == pytest.approx(-total / len(fit.labels))

    def test_where_errors_go_is_counted_with_one_more_for_each(self):
        rng = rng_for(3, "spread")
        fit = small_fit(rng, members=1)
        parameters, spread = small_parameters(rng, fit)
        sharp, offsets, noise = fit.parts(parameters)
        counts = np.ones((3, 3))
        for row, label in enumerate(fit.labels):
            clean = softmax(sharp[0] * fit.logs[0, row] + offsets)
            ways = [clean[j] * (1 - noise[j] if j == label else noise[j] * spread[j, label]) for j in range(3)]
            counts[:, label] += np.array(ways) / sum(ways)
        np.fill_diagonal(counts, 0)
        found = fit.spread_of_errors(parameters, spread)
        assert found == pytest.approx(counts / counts.sum(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def simulation():
    return simulated()


class TestKnownNoise:
    @pytest.mark.parametrize("sharper", [0.4, 1.0, 2.5])
    def test_transition_is_found_again_however_sharp_the_model_is(self, simulation, sharper):
        logits, labels = simulation
        found = fit_noisy_posterior([probs_of(logits * sharper)], labels)
        assert found.transition == pytest.approx(NOISE, abs=0.025)
        assert found.sharpness[0] == pytest.approx(1 / sharper, rel=0.1)
        assert found.clean == pytest.approx(softmax(logits, axis=1), abs=0.1)

    def test_likelihood_is_not_below_that_of_the_truth(self, simulation):
        logits, labels = simulation
        rows = np.arange(len(labels))
        found = fit_noisy_posterior([probs_of(logits)], labels).given[rows, labels]
        truth = (softmax(logits, axis=1) @ NOISE)[rows, labels]
        # the priors may cost some nats of the whole, as they hold 7 parameters
        assert np.log(found).sum() > np.log(truth).sum() - 2

    def test_a_member_that_knows_nothing_has_no_say(self, simulation):
        logits, labels = simulation
        nonsense = probs_of(rng_for(4, "nonsense").normal(size=logits.shape))
        found = fit_noisy_posterior([nonsense, probs_of(logits)], labels)
        assert found.sharpness[0] < 0.05
        assert found.sharpness[1] == pytest.approx(1, rel=0.1)
        assert found.transition == pytest.approx(NOISE, abs=0.025)

    def test_members_that_know_different_things_are_pooled(self, simulation):
        logits, labels = simulation
        part = rng_for(5, "parts").normal(size=logits.shape) * 2
        found = fit_noisy_posterior([probs_of(logits / 2 + part), probs_of(logits / 2 - part)], labels)
        assert found.sharpness == pytest.approx([1, 1], rel=0.12)
        assert found.transition == pytest.approx(NOISE, abs=0.025)

    def test_search_ends_at_the_same_place_wherever_it_starts(self, simulation, monkeypatch):
        logits, labels = simulation
        ends = []
        for first in (0.02, 0.4):
            monkeypatch.setattr(noisy_posterior, "FIRST_NOISE", first)
            ends.append(fit_noisy_posterior([probs_of(logits)], labels).transition)
        assert ends[0] == pytest.approx(ends[1], abs=0.01)

    def test_classes_may_be_numbered_otherwise(self, simulation):
        logits, labels = simulation
        order = np.array([2, 0, 1])
        found = fit_noisy_posterior([probs_of(logits)], labels)
        renamed = fit_noisy_posterior([probs_of(logits[:, order])], np.argsort(order)[labels])
        assert renamed.transition == pytest.approx(found.transition[np.ix_(order, order)], abs=0.005)

    def test_few_rows_are_drawn_by_seed_where_there_are_many(self, simulation, monkeypatch):
        logits, labels = simulation
        monkeypatch.setattr(noisy_posterior, "ENOUGH_ROWS", 2_500)
        one, same, other = (fit_noisy_posterior([probs_of(logits)], labels, seed=seed) for seed in (0, 0, 1))
        np.testing.assert_array_equal(one.transition, same.transition)
        assert (one.transition != other.transition).any()
        assert one.clean.shape == logits.shape
        assert one.transition == pytest.approx(NOISE, abs=0.06)

    def test_errors_that_all_go_one_way_are_found_again(self):
        noise = np.array([[0.6, 0.4, 0.0], [0.0, 0.6, 0.4], [0.4, 0.0, 0.6]])
        logits, labels = simulated(10_000, noise)
        assert fit_noisy_posterior([probs_of(logits)], labels).transition == pytest.approx(noise, abs=0.03)

    def test_without_noise_none_is_found(self):
        logits, labels = simulated(3_000, np.eye(3))
        found = fit_noisy_posterior([probs_of(logits)], labels)
        assert np.diag(found.transition).min() > 0.98

    def test_two_classes_of_which_one_errs_alone(self):
        noise = np.array([[0.7, 0.3], [0.0, 1.0]])
        logits, labels = simulated(10_000, noise, spread=4.0)
        assert fit_noisy_posterior([probs_of(logits)], labels).transition == pytest.approx(noise, abs=0.03)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(2, 30), st.integers(1, 2), st.integers(0, 1000))
def test_whatever_is_given_rows_are_probabilities_and_nothing_is_changed(classes, samples, members, seed):
    rng = rng_for(seed, "anything")
    given_probs = [rng.dirichlet(np.full(classes, 0.1), size=samples).astype(np.float32) for _ in range(members)]
    labels = rng.integers(classes, size=samples)
    for array in (*given_probs, labels):
        array.setflags(write=False)
    found = fit_noisy_posterior(given_probs, labels)
    for table in (found.clean, found.transition, found.given):
        assert (table >= 0).all()
        assert table.sum(axis=1) == pytest.approx(1)
    assert found.sharpness.shape == (members,)


def test_certainty_of_exactly_one_is_borne():
    labels = np.array([0, 1, 2, 0] * 10)
    found = fit_noisy_posterior([np.eye(3, dtype=np.float32)[np.array([0, 1, 2, 1] * 10)]], labels)
    assert np.isfinite(found.clean).all()
    assert np.diag(found.transition)[1] < 0.8  # half of the ones are called 0
    assert np.diag(found.transition)[[0, 2]].min() > 0.8
