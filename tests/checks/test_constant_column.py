"""Columns that never vary, or hardly, are named; rare marks in large tables are not."""

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.constant_column import ConstantColumn
from dataclinic.findings import DidNotApply


def run(samples=1000, **columns):
    return ConstantColumn().run(evidence_of(pd.DataFrame({"age": np.arange(samples) % 70, **columns})))


def marked(samples, marks):
    return np.r_[np.ones(marks), np.zeros(samples - marks)]


def test_varying_columns_are_left_alone():
    outcome = run(half=marked(1000, 500), home=["rent", "own"] * 500)
    assert outcome.findings == ()
    assert outcome.summary == "0 of 3 columns are constant, 0 nearly"


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (np.full(1000, 7.5), "7.5"),
        (["Germany"] * 1000, "'Germany'"),
        (pd.Categorical(["Germany"] * 1000, categories=["France", "Germany"]), "'Germany'"),
        (np.full(1000, True), "1"),
        (0.1 + 1e-17 * np.arange(1000), "0.1"),
    ],
    ids=["number", "text", "category", "truth", "rounding"],
)
def test_constant_columns_are_found(column, says):
    (finding,) = run(x=column).findings
    assert (finding.subject, finding.row, finding.score) == ("x", None, 1.0)
    assert finding.reason == f"every one of the 1,000 rows says {says}"


def test_nearly_constant_columns_come_after_constant_ones():
    outcome = run(alarm=marked(1000, 5), country=["x"] * 998 + ["y", None], year=2020)
    assert [finding.subject for finding in outcome.findings] == ["year", "country", "alarm"]
    assert outcome.findings[1].reason == "all but 2 of the 1,000 rows say 'x'"
    assert outcome.summary == "1 of 4 columns are constant, 2 nearly"
    assert outcome.details["rows_with_another_value"] == {"year": 0, "country": 2, "alarm": 5}


@pytest.mark.parametrize(
    ("samples", "marks", "found"), [(1000, 5, 1), (1000, 6, 0), (500, 5, 1), (499, 5, 0), (90, 1, 0)]
)
def test_a_handful_is_few_in_number_and_in_share(samples, marks, found):
    assert len(run(samples, alarm=marked(samples, marks)).findings) == found


def test_missing_cells_are_another_value():
    assert run(pool=["yes"] * 100 + [None] * 900, gap=np.r_[np.full(100, 3.0), np.full(900, np.nan)]).findings == ()
    assert run(nothing=np.full(1000, np.nan), none=pd.Series([None] * 1000, dtype="str")).findings == ()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ([png(0)], "the samples are pictures; there are no columns"),
        (pd.DataFrame({"a": [1] * 9}), "fewer than 10 samples: one value in all of them may be chance"),
        (pd.DataFrame({"a": []}), "there are no samples"),
        (pd.DataFrame(index=range(20)), "there are no columns"),
    ],
)
def test_says_why_it_does_not_apply(payload, reason):
    assert ConstantColumn().run(evidence_of(payload)) == DidNotApply(reason)


def test_order_of_samples_does_not_matter():
    frame = pd.DataFrame({"year": [2020] * 1000, "alarm": marked(1000, 4), "home": ["a"] * 999 + ["b"]})
    evidence = evidence_of(frame)
    assert told(ConstantColumn().run(evidence)) == told(ConstantColumn().run(shuffled(evidence)))
