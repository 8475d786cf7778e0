"""Planted errors are found with a reason, also beside worse ones; clean columns stay quiet."""

import json

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.zscore_outliers import ZscoreOutliers
from dataclinic.dataset import Texts
from dataclinic.findings import DidNotApply


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def run(payload, **settings):
    return ZscoreOutliers(**settings).run(evidence_of(payload))


def clean(samples=2000):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "normal": rng.normal(50, 10, samples),
            "uniform": rng.random(samples),
            "income": rng.lognormal(8, 1, samples),
            "debt": np.where(rng.random(samples) < 0.4, 0, rng.lognormal(5, 1, samples)),
            "count": rng.poisson(20, samples),
            "flag": rng.random(samples) < 0.02,
            "messages": np.where(rng.random(samples) < 0.7, 0, rng.normal(30, 7, samples).round()),
        }
    )


def test_finds_planted_errors_and_hardly_anything_else(rng):
    frame = clean()
    rows = rng.choice(2000, 30, replace=False)
    frame.loc[rows[:20], "normal"] *= 10
    frame.loc[rows[20:], "income"] *= 100_000
    found = [finding.row for finding in run(frame).findings]
    assert set(rows.tolist()) <= set(found)
    assert len(found) <= 30 + 0.005 * 2000


def test_clean_columns_stay_quiet():
    frame = clean()
    assert len(run(frame).findings) <= 0.01 * len(frame)


def test_one_wild_value_does_not_hide_another(rng):
    frame = pd.DataFrame({"volts": [*rng.normal(4000, 30, 5000), 5000.0, 700_000.0]})
    found = run(frame).findings
    assert [finding.row for finding in found[:2]] == [5001, 5000]
    assert abs(float(found[1].reason.split("plain z ")[1].rstrip(")"))) < 1


def test_reason_by_hand():
    # Of −50 … 50 and one 1,000 the median is 0.5 and MAD 25.5: 0.6745 × 999.5 / 25.5 = 26.44.
    values = [*range(-50, 51), 1000]
    expected_plain = (1000 - np.mean(values)) / np.std(values)
    reason = run(pd.DataFrame({"load": values})).findings[0].reason
    assert reason == f"load is 1,000: robust z 26.44 (median 0.5; plain z {expected_plain:.4g})"


def test_low_values_have_a_negative_score_and_are_ranked_by_its_size(rng):
    frame = pd.DataFrame({"height": [*rng.normal(1.75, 0.1, 500), -9.0, 4.0]})
    low, high = run(frame, threshold=10).findings
    assert low.score > high.score > 10
    assert "robust z -" in low.reason
    assert "robust z -" not in high.reason


def test_log_scale_is_told(rng):
    frame = pd.DataFrame({"income": [*rng.lognormal(8, 1, 500), 1e9]})
    assert ", on a log scale (median" in run(frame).findings[0].reason


def test_other_columns_are_counted(rng):
    frame = pd.DataFrame(rng.normal(size=(500, 3)), columns=list("abc"))
    frame.loc[7] = [50, 90, -70]
    found = run(frame).findings[0]
    assert found.row == 7
    assert found.reason.startswith("b is 90")
    assert found.reason.endswith("; 2 other columns out too")


def test_rare_values_beside_a_spike_are_found_common_ones_are_not(rng):
    rare = pd.DataFrame({"code": [0.0] * 995 + [9999.0] * 4 + [3.0]})
    assert {finding.row for finding in run(rare).findings} >= {995, 996, 997, 998}
    common = pd.DataFrame({"messages": [0.0] * 700 + list(rng.normal(30, 7, 300))})
    outcome = run(common)
    assert outcome.findings == ()
    assert "messages" in outcome.summary


def test_second_population_is_not_reported_row_by_row(rng):
    frame = pd.DataFrame({"mixed": [*rng.normal(0, 1, 850), *rng.normal(50, 1, 150)]})
    outcome = run(frame)
    assert outcome.findings == ()
    assert outcome.details["columns"]["mixed"]["n_high"] == 150
    assert outcome.summary.endswith("too many beyond it to call them outliers in: mixed")
    assert len(run(frame, most_share=0.2).findings) == 150


def test_threshold_is_the_settings(rng):
    frame = pd.DataFrame({"normal": rng.normal(size=20_000)})
    expected = {2.0: 0.0455, 3.0: 0.0027}
    for threshold, share in expected.items():
        assert len(run(frame, threshold=threshold).findings) == pytest.approx(share * 20_000, rel=0.3)


def test_missing_values_are_not_outliers_and_infinite_ones_are(rng):
    frame = pd.DataFrame({"value": [*rng.normal(size=200), np.nan, np.inf, -np.inf]})
    outcome = run(frame)
    assert {finding.row for finding in outcome.findings[:2]} == {201, 202}
    assert 200 not in {finding.row for finding in outcome.findings}
    json.dumps([finding.score for finding in outcome.findings], allow_nan=False)
    json.dumps(outcome.details, allow_nan=False)


def test_odd_pictures_stand_out():
    pictures = [png(seed, size=(40 + seed % 5, 40 + seed % 7)) for seed in range(60)]
    outcome = run([*pictures, png(99, size=(4, 400)), png(100, size=(41, 43), level=0, spread=1), None])
    assert {60, 61} <= {finding.row for finding in outcome.findings[:4]}
    assert 62 not in {finding.row for finding in outcome.findings}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (pd.DataFrame({"text": ["a", "b"]}), "there is no numeric column"),
        ([None, b""], "there is no numeric column"),
        (pd.DataFrame({"flag": [0, 1] * 20}), "no numeric column can be judged (flag: at most two different values)"),
        (pd.DataFrame({"few": range(9)}), "no numeric column can be judged (few: fewer than 10 values)"),
    ],
)
def test_says_why_it_does_not_apply(payload, reason):
    assert run(payload) == DidNotApply(reason)


def test_order_of_samples_does_not_matter(rng):
    frame = pd.DataFrame({"heavy": rng.standard_t(3, 500)})
    evidence = evidence_of(frame)
    found = ZscoreOutliers().run(evidence)
    assert found.findings
    assert sorted(told(found)) == sorted(told(ZscoreOutliers().run(shuffled(evidence))))


def test_one_sample_is_told_in_the_singular():
    frame = pd.DataFrame({"a": [*range(50), 10_000]})
    assert run(frame).summary.startswith("1 of 51 samples has a ")


def test_absurd_texts_are_found_and_ordinary_ones_are_not():
    rng = np.random.default_rng(0)
    plain = [" ".join(["word", "Two", "three,"] * int(rng.integers(2, 9))) + "." * int(row % 3) for row in range(200)]
    assert ZscoreOutliers().run(evidence_of(Texts(tuple(plain)))).findings == ()
    odd = ("long " * 3000, "WHY IS EVERYTHING SHOUTED HERE", "x" * 400, "##################")
    outcome = ZscoreOutliers().run(evidence_of(Texts((*plain, *odd))))
    assert {finding.row for finding in outcome.findings} == {200, 201, 202, 203}
    assert outcome.details["columns"]["length_characters"]["n_high"] >= 1
