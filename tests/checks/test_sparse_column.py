"""Columns of mostly zeros or gaps are named, marks and tables that are sparse by design are not."""

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.sparse_column import SparseColumn
from dataclinic.findings import DidNotApply


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def full(samples=1000):
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.lognormal(size=(samples, 3)), columns=list("abc"))


def amounts(rng, share, fill):
    return np.where(np.arange(1000) < share * 1000, rng.lognormal(size=1000), fill)


def run(frame):
    return SparseColumn().run(evidence_of(frame))


def test_full_columns_are_left_alone(rng):
    outcome = run(full().assign(half=amounts(rng, 0.5, 0.0), gaps=amounts(rng, 0.1, np.nan)))
    assert outcome.findings == ()
    assert outcome.details["zeros"] == pytest.approx(0.1)
    assert outcome.details["missing"] == pytest.approx(0.18)
    assert outcome.details["columns"]["half"] == {"zeros": 0.5, "missing": 0.0}


def test_planted_sparse_columns_are_found(rng):
    mixed = amounts(rng, 0.04, 0.0)
    mixed[500:600] = np.nan
    outcome = run(full().assign(gains=amounts(rng, 0.02, 0.0), gaps=amounts(rng, 0.01, np.nan), mixed=mixed))
    assert [finding.subject for finding in outcome.findings] == ["gaps", "gains", "mixed"]
    assert outcome.findings[2].reason == (
        "86.0% of its cells are zero and 10.0% missing: 40 of 1,000 samples have a number"
    )
    assert [finding.score for finding in outcome.findings] == pytest.approx([0.99, 0.98, 0.96])


def test_marks_and_handfuls_are_not_named(rng):
    frame = full().assign(mark=np.arange(1000) < 20, handful=amounts(rng, 0.005, 0.0), nothing=0.0)
    assert run(frame).findings == ()


def test_tables_that_are_sparse_by_design_are_counted(rng):
    counts = rng.poisson(0.02, (1000, 30)) * rng.integers(1, 9, (1000, 30))
    outcome = run(pd.DataFrame(counts).rename(columns=str))
    assert outcome.findings == ()
    assert outcome.details["by_design"]
    assert outcome.summary.endswith("30 of 30 columns are sparse; so many that the table is so by design")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ([png(0)], "the samples are pictures; there are no columns"),
        (pd.DataFrame({"a": ["x"]}), "there is no numeric column"),
    ],
)
def test_says_why_it_does_not_apply(payload, reason):
    assert SparseColumn().run(evidence_of(payload)) == DidNotApply(reason)


def test_order_of_samples_does_not_matter(rng):
    evidence = evidence_of(full().assign(gains=amounts(rng, 0.02, 0.0)))
    assert told(SparseColumn().run(evidence)) == told(SparseColumn().run(shuffled(evidence)))
