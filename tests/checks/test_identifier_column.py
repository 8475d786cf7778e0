"""Columns that number or name the samples are found; measurements are left alone."""

import hashlib
import uuid

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.identifier_column import IdentifierColumn
from dataclinic.findings import DidNotApply

RNG = np.random.default_rng(0)
N = 300


def found(column, name="x"):
    frame = pd.DataFrame({name: column, "age": np.arange(len(column)) % 50})
    return {finding.subject: finding.reason for finding in IdentifierColumn().run(evidence_of(frame)).findings}


@pytest.mark.parametrize(
    "column",
    [
        np.arange(N),
        RNG.permutation(N) + 100_000,
        RNG.choice(1000, N, replace=False),
        np.r_[np.arange(N - 2), 5, 9],
        pd.date_range("2020-01-01", periods=N),
    ],
    ids=["running", "shuffled", "sampled", "two copied", "consecutive days"],
)
def test_running_numbers_are_found(column):
    reason = found(column)["x"]
    assert reason.startswith("numbers the samples: its ")
    assert reason.endswith("and hardly ever repeat, as measured ones would")


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (
            [f"customer {row}" for row in range(N)],
            "names the samples: 100.0% of its texts differ, for example 'customer 0'",
        ),
        ([str(uuid.UUID(int=row * 10**30)) for row in range(N)], "holds UUIDs: 300 different ones in 300 samples"),
        ([hashlib.md5(str(row // 2).encode()).hexdigest() for row in range(N)], "holds hashes: 150 different ones"),  # noqa: S324
        ([f"scans/img_{row // 3:04d}.png" for row in range(N)], "holds file names: 100 different ones in 300 samples"),
    ],
)
def test_texts_that_name_samples_are_found(column, what):
    assert found(column)["x"].startswith(what)
    assert found(pd.Series(column, dtype="category"))["x"].startswith(what)


def test_moments_of_saving_are_found_by_type_or_by_name():
    moments = pd.Timestamp("2024-03-01") + pd.to_timedelta(np.sort(RNG.uniform(0, 1e6, N)), unit="s")
    days = (moments - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    told_moments = "nearly every sample has a moment of its own (100.0%)"
    assert found(moments)["x"] == told_moments
    assert found(np.asarray(days), "savedAt") == {"savedAt": told_moments}
    assert found(np.asarray(days), "height") == {}


@pytest.mark.parametrize(
    "column",
    [
        RNG.normal(size=N),
        RNG.lognormal(10, 1, N).round(),
        RNG.integers(0, 10**7, N),
        RNG.integers(0, 100, N),
        RNG.normal(170, 10, N).round(1),
        pd.Timestamp("1980-01-01") + pd.to_timedelta(RNG.integers(0, 9000, N), unit="D"),
        np.repeat(np.arange(N // 3), 3),
        [f"class {row % 20}" for row in range(N)],
        [f"patient {row // 5}" for row in range(N)],
        [f"this text of row {row} is a sentence by someone" for row in range(N)],
        [f"{RNG.integers(1, 9)}.{RNG.integers(10, 99)} cm" for _ in range(N)],
    ],
    ids=["floats", "incomes", "wide", "counts", "heights", "born", "groups", "classes", "patients", "prose", "units"],
)
def test_measurements_and_categories_are_left_alone(column):
    assert found(column) == {}


def test_small_tables_are_left_alone():
    outcome = IdentifierColumn().run(evidence_of(pd.DataFrame({"a": np.arange(40)})))
    assert outcome == DidNotApply("40 samples are too few: in small tables all values may differ by chance")
    (finding,) = IdentifierColumn(min_samples=40).run(evidence_of(pd.DataFrame({"a": np.arange(40)}))).findings
    assert finding.subject == "a"


def test_missing_numbers_do_not_count():
    column = np.r_[np.arange(250.0), np.full(50, np.nan)]
    assert "x" in found(column)
    assert found(np.r_[np.arange(40.0), np.full(260, np.nan)]) == {}


def test_says_why_it_does_not_apply():
    assert IdentifierColumn().run(evidence_of([png(0)])) == DidNotApply(
        "the samples are pictures; there are no columns"
    )


def test_order_of_samples_does_not_matter():
    evidence = evidence_of(pd.DataFrame({"n": np.arange(N), "name": [f"customer {row}" for row in range(N)]}))
    assert told(IdentifierColumn().run(evidence)) == told(IdentifierColumn().run(shuffled(evidence)))
    assert len(told(IdentifierColumn().run(evidence))) == 2
