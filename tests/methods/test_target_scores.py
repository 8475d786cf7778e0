import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from dataclinic.methods.target_scores import target_scores
from dataclinic.trials import METRICS

NUMBERS = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=20).map(np.array)


def test_hand_worked():
    # Errors 3, -1: the pinball losses are (0.3 + 0.9) / 2 at 0.1 and (2.7 + 0.1) / 2 at 0.9.
    scores = target_scores(np.array([1.0, 5.0]), np.array([4.0, 4.0]))
    assert scores == pytest.approx({"mae": 2.0, "rmse": np.sqrt(5), "pinball": 1.4})


def test_names_are_those_of_the_regression_metrics():
    names = [name for name, metric in METRICS.items() if metric.task == "regression"]
    assert list(target_scores(np.zeros(1), np.zeros(1))) == names


@given(NUMBERS)
def test_agrees_with_scikit_learn(pairs):
    predictions, targets = pairs.T
    scores = target_scores(predictions, targets)
    assert scores["mae"] == pytest.approx(metrics.mean_absolute_error(targets, predictions))
    assert scores["rmse"] == pytest.approx(metrics.root_mean_squared_error(targets, predictions))
    losses = [metrics.mean_pinball_loss(targets, predictions, alpha=quantile) for quantile in (0.1, 0.9)]
    assert scores["pinball"] == pytest.approx(max(losses))


@given(NUMBERS)
def test_pinball_is_half_the_absolute_error_and_a_part_of_the_mean_error(pairs):
    predictions, targets = pairs.T
    scores = target_scores(predictions, targets)
    assert scores["pinball"] == pytest.approx(scores["mae"] / 2 + 0.4 * abs((targets - predictions).mean()), abs=1e-9)


def test_errors_to_one_side_cost_more_pinball_than_even_ones():
    one_sided, even = np.full(4, 2.0), np.array([2.0, -2.0, 2.0, -2.0])
    scores = [target_scores(errors, np.zeros(4)) for errors in (one_sided, even)]
    assert scores[0]["mae"] == scores[1]["mae"]
    assert scores[0]["pinball"] > scores[1]["pinball"]
