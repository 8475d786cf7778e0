"""Numeric settings of the checks take numbers that mean something, and nothing else."""

from __future__ import annotations

import pytest

from dataclinic.errors import OptionError
from dataclinic.registry import CHECKS

FACTORS = [("high_loss", "factor"), ("iqr_outliers", "factor"), ("zscore_outliers", "threshold")]
SHARES = [("class_imbalance", "ratio"), ("iqr_outliers", "most_share"), ("zscore_outliers", "most_share")]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -3, 0, 1e308, True, "2"])
@pytest.mark.parametrize(("check", "setting"), FACTORS)
def test_a_factor_is_a_positive_finite_number(check, setting, value):
    with pytest.raises(OptionError, match=f"{check}.{setting}"):
        CHECKS.make(check, {setting: value})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 1.5, True, "0.2"])
@pytest.mark.parametrize(("check", "setting"), SHARES)
def test_a_share_is_a_number_from_0_to_1(check, setting, value):
    with pytest.raises(OptionError, match=f"{check}.{setting}"):
        CHECKS.make(check, {setting: value})


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "8"])
def test_the_smallest_class_is_a_positive_whole_number(value):
    with pytest.raises(OptionError, match=r"high_loss\.min_samples"):
        CHECKS.make("high_loss", {"min_samples": value})


@pytest.mark.parametrize(("check", "setting"), [*FACTORS, *SHARES, ("high_loss", "min_samples")])
def test_one_is_taken_whether_a_share_or_a_number(check, setting):
    assert getattr(CHECKS.make(check, {setting: 1}), setting) == 1
