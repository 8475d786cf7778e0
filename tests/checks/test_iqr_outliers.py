"""Planted errors are found with a reason; clean and merely skewed columns stay quiet."""

import json

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.iqr_outliers import IqrOutliers
from dataclinic.dataset import Texts
from dataclinic.findings import DidNotApply


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def run(payload, **settings):
    return IqrOutliers(**settings).run(evidence_of(payload))


def clean(samples=2000):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "normal": rng.normal(50, 10, samples),
            "uniform": rng.random(samples),
            "income": rng.lognormal(8, 1, samples),
            "waiting": rng.exponential(5, samples),
            "debt": np.where(rng.random(samples) < 0.4, 0, rng.lognormal(5, 1, samples)),
            "count": rng.poisson(20, samples),
            "flag": rng.random(samples) < 0.02,
        }
    )


def test_finds_planted_errors_and_hardly_anything_else(rng):
    frame = clean()
    rows = rng.choice(2000, 40, replace=False)
    frame.loc[rows[:20], "normal"] *= 10
    frame.loc[rows[20:30], "income"] *= 100_000
    frame["count"] = frame["count"].astype(float)
    frame.loc[rows[30:], "count"] = -999
    found = [finding.row for finding in run(frame).findings]
    assert set(rows.tolist()) <= set(found)
    assert len(found) <= 40 + 0.005 * 2000


def test_clean_columns_stay_quiet_where_the_classical_factor_floods():
    frame = clean()
    assert len(run(frame).findings) <= 0.01 * len(frame)
    assert len(run(frame, factor=1.5).findings) > 0.02 * len(frame)


def test_reason_by_hand():
    # Of 1 … 101 the quartiles are 26 and 76; of 0 … 100 besides, 25 and 75: fences 3 × 50 beyond.
    frame = pd.DataFrame({"ibu": np.arange(1.0, 102), "abv": np.arange(101.0), "ounces": np.arange(101.0)})
    frame.loc[100, "ibu"], frame.loc[0, "abv"] = 1200, -200
    assert [finding.reason for finding in run(frame).findings] == [
        "ibu is 1,200: above the upper fence 226 (Q3 76 + 3 × IQR 50)",
        "abv is -200: below the lower fence -125 (Q1 25 − 3 × IQR 50)",
    ]
    frame.loc[100, ["abv", "ounces"]] = 300
    assert run(frame).findings[0].reason.endswith("(Q3 76 + 3 × IQR 50); 2 other columns out too")


def test_log_scale_is_explained(rng):
    frame = pd.DataFrame({"income": [*rng.lognormal(8, 1, 500), 1e-4, 1e9]})
    reasons = {finding.row: finding.reason for finding in run(frame).findings}
    assert reasons[500].startswith("income is 0.0001: below the lower fence")
    assert " ÷ " in reasons[500]
    assert reasons[501].startswith("income is 1,000,000,000: above the upper fence")
    assert " × " in reasons[501]
    assert all(reason.endswith("to the power 3, as on a log scale)") for reason in reasons.values())


def test_one_finding_a_row_farthest_first(rng):
    frame = pd.DataFrame(rng.normal(size=(500, 3)), columns=list("abc"))
    frame.loc[7] = [50, 90, 0]
    frame.loc[9] = [500, 0, 0]
    found = run(frame).findings
    assert [finding.row for finding in found] == [9, 7]
    assert found[0].reason.startswith("a is 500")
    assert found[1].reason.startswith("b is 90")
    assert found[0].subject == "s00009"


def test_details_tell_every_column():
    frame = pd.DataFrame({"value": [*np.linspace(0, 1, 101), 9.0], "constant": 1.0, "flag": [0.0] * 51 + [1.0] * 51})
    frame["mostly zero"] = [0.0] * 90 + list(range(12))
    columns = run(frame).details["columns"]
    assert columns["value"]["n_high"] == 1
    assert columns["value"]["n_low"] == 0
    assert columns["value"]["low"] < 0
    assert 1 < columns["value"]["high"] < 9
    assert columns["constant"] == columns["flag"] == {"skipped": "at most two different values"}
    assert columns["mostly zero"]["skipped"].startswith("its quartiles coincide")


def test_second_population_is_not_reported_row_by_row(rng):
    frame = pd.DataFrame({"mixed": [*rng.normal(0, 1, 850), *rng.normal(50, 1, 150)], "plain": rng.normal(size=1000)})
    outcome = run(frame)
    assert outcome.findings == ()
    assert outcome.details["columns"]["mixed"]["too_many_to_report"]
    assert outcome.details["columns"]["mixed"]["n_high"] == 150
    assert outcome.summary.endswith("too many outside to call them outliers in: mixed")
    assert len(run(frame, most_share=0.2).findings) == 150


def test_missing_values_are_not_outliers_and_infinite_ones_are(rng):
    frame = pd.DataFrame({"value": [*rng.normal(size=200), np.nan, np.inf, -np.inf]})
    outcome = run(frame)
    assert {finding.row for finding in outcome.findings} == {201, 202}
    assert "value is inf: above" in outcome.findings[0].reason
    json.dumps([finding.score for finding in outcome.findings], allow_nan=False)
    json.dumps(outcome.details, allow_nan=False)


def test_largest_numbers_as_placeholders_are_found(rng):
    largest = float(np.finfo(float).max)
    outcome = run(pd.DataFrame({"value": [*rng.lognormal(0, 60, 200), largest], "other": [*rng.random(200), -largest]}))
    assert outcome.findings[0].row == 200
    json.dumps(outcome.details, allow_nan=False)


def test_odd_pictures_stand_out():
    pictures = [png(seed, size=(40 + seed % 5, 40 + seed % 7)) for seed in range(60)]
    outcome = run([*pictures, png(99, size=(4, 400)), png(100, size=(41, 43), level=0, spread=1), None])
    assert {60, 61} <= {finding.row for finding in outcome.findings}
    assert 62 not in {finding.row for finding in outcome.findings}
    assert len(outcome.findings) <= 4
    assert outcome.findings[0].reason.split(" is ")[0] in outcome.details["columns"]


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
    frame = pd.DataFrame({"heavy": rng.standard_t(2, 500), "count": rng.poisson(1, 500)})
    evidence = evidence_of(frame)
    found = IqrOutliers().run(evidence)
    assert found.findings
    assert sorted(told(found)) == sorted(told(IqrOutliers().run(shuffled(evidence))))


def test_one_sample_is_told_in_the_singular():
    frame = pd.DataFrame({"a": [*range(50), 10_000]})
    assert run(frame).summary.startswith("1 of 51 samples has a ")


def test_absurd_texts_are_found_and_ordinary_ones_are_not():
    rng = np.random.default_rng(0)
    plain = [" ".join(["word", "Two", "three,"] * int(rng.integers(2, 9))) + "." * int(row % 3) for row in range(200)]
    assert IqrOutliers().run(evidence_of(Texts(tuple(plain)))).findings == ()
    odd = ("long " * 3000, "WHY IS EVERYTHING SHOUTED HERE", "x" * 400, "##################")
    outcome = IqrOutliers().run(evidence_of(Texts((*plain, *odd))))
    assert {finding.row for finding in outcome.findings} == {200, 201, 202, 203}
    assert outcome.details["columns"]["length_characters"]["n_high"] >= 1
