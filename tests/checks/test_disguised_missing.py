"""Values that stand for missing are named by column; real ones are left alone."""

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.disguised_missing import DisguisedMissing
from dataclinic.dataset import ColumnRoles, Texts
from dataclinic.findings import DidNotApply


def full(samples=300):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, samples).astype(float),
            "income": rng.lognormal(8, 1, samples),
            "home": rng.choice(["rent", "own", "none"], samples),
            "debtor": rng.random(samples) < 0.1,
            "since": pd.Timestamp("2012-01-01") + pd.to_timedelta(rng.integers(0, 3000, samples), unit="D"),
            "balance": rng.normal(0, 100, samples).round(),
            "mood": rng.integers(-1, 2, samples),
        }
    )


def run(payload, **options):
    return DisguisedMissing().run(evidence_of(payload, **options))


def test_full_table_has_no_findings():
    outcome = run(full())
    assert outcome.findings == ()
    assert outcome.summary == "no value stands for a missing one"


def test_planted_codes_and_words_are_counted_the_commonest_column_first():
    frame = full()
    frame.loc[:3, "age"] = -999
    frame.loc[10:14, "home"] = "?"
    frame.loc[15, "home"] = "Unknown"
    outcome = run(frame)
    assert [(finding.subject, finding.row) for finding in outcome.findings] == [("home", None), ("age", None)]
    assert outcome.findings[0].reason == (
        "6 of 300 cells (2.0%) stand for a missing value: 5 say '?', 1 says 'Unknown'"
    )
    assert outcome.findings[1].score == 4 / 300
    assert outcome.summary == "10 cells in 2 of 7 columns stand for a missing value"
    assert outcome.details["columns"] == {"age": {"-999": 4}, "home": {"?": 5, "Unknown": 1}}


@pytest.mark.parametrize("day", ["1900-01-01", "1970-01-01", "9999-12-31"])
@pytest.mark.parametrize("as_days", [False, True])
def test_first_days_of_calendars_are_found_among_dates(day, as_days):
    frame = full()
    frame.loc[:4, "since"] = pd.Timestamp(day)
    if as_days:
        frame["since"] = (frame["since"] - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    outcome = run(frame)
    assert [finding.subject for finding in outcome.findings] == ["since"]
    assert (day in outcome.findings[0].reason) == (day != "1970-01-01")


def test_open_gaps_are_left_to_the_check_of_missing_values():
    frame = full()
    frame.loc[:50, ["age", "home"]] = None
    assert run(frame).findings == ()


def test_words_for_nothing_among_texts_are_found():
    texts = Texts(("good", "", "  ", "N/A", "unknown", "none of it works"))
    (finding,) = run(texts, roles=ColumnRoles(text="review")).findings
    assert finding.subject == "review"
    assert finding.reason == "2 of 6 cells (33.3%) stand for a missing value: 1 says 'N/A', 1 says 'unknown'"
    assert run(Texts(("good", "bad"))).findings == ()


def test_columns_of_any_type_are_looked_at():
    frame = pd.DataFrame(
        {
            "whole": pd.Series([*range(60), *[9999] * 3, None], dtype="Int64"),
            "maybe": pd.Series([True, None, False, True] * 16, dtype="boolean"),
            "level": pd.Categorical(["low", None, "high", "unknown"] * 16),
            "lists": pd.Series([[1], None, ["?"], [2]] * 16, dtype=object),
        }
    )
    assert run(frame).details["columns"] == {"whole": {"9999": 3}, "level": {"unknown": 16}}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ([png(0)], "the samples are pictures; there are no columns"),
        (pd.DataFrame({"a": []}), "there are no samples"),
    ],
)
def test_says_why_it_does_not_apply(payload, reason):
    assert run(payload) == DidNotApply(reason)


def test_order_of_samples_does_not_matter():
    frame = full()
    frame.loc[20:30, "home"] = "unknown"
    frame.loc[:5, "age"] = 999
    evidence = evidence_of(frame)
    assert told(DisguisedMissing().run(evidence)) == told(DisguisedMissing().run(shuffled(evidence)))
    assert len(told(DisguisedMissing().run(evidence))) == 2
