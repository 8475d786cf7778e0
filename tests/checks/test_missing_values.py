"""Missing cells, rows and labels are counted and named."""

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.missing_values import MissingValues
from dataclinic.dataset import ColumnRoles, Texts
from dataclinic.findings import DidNotApply


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def run(payload, **options):
    return MissingValues().run(evidence_of(payload, **options))


def full(samples=200):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, samples),
            "income": rng.lognormal(8, 1, samples),
            "home": rng.choice(["rent", "own", "none"], samples),
            "debtor": rng.random(samples) < 0.1,
        }
    )


def test_full_table_has_no_findings():
    outcome = run(full())
    assert outcome.findings == ()
    assert outcome.summary == "0 of 800 cells (0.0%) and 0 labels are missing"


def test_columns_with_missing_cells_are_named_emptiest_first():
    frame = full()
    frame.loc[:9, "age"] = np.nan
    frame.loc[100:139, "home"] = None
    outcome = run(frame)
    assert [finding.subject for finding in outcome.findings] == ["home", "age"]
    assert [finding.row for finding in outcome.findings] == [None, None]
    assert outcome.findings[0].reason == "40 of 200 cells (20.0%) are missing"
    assert outcome.findings[0].score == 0.2
    assert outcome.details["columns"]["age"] == {"missing": 10}


def test_disguised_cells_are_left_to_their_own_check():
    frame = full()
    frame["age"] = frame["age"].astype(float)
    frame.loc[:3, "age"] = -999
    frame.loc[4:5, "age"] = np.nan
    frame.loc[10:12, "home"] = "?"
    (finding,) = run(frame).findings
    assert (finding.subject, finding.reason) == ("age", "2 of 200 cells (1.0%) are missing")


def test_rows_that_miss_more_than_half_are_named():
    frame = full()
    frame.loc[5, ["age", "income", "home"]] = None
    frame.loc[6, ["age", "income"]] = None
    outcome = run(frame)
    rows = [finding for finding in outcome.findings if finding.row is not None]
    assert [(finding.row, finding.subject, finding.reason) for finding in rows] == [
        (5, "s00005", "3 of its 4 cells are missing")
    ]
    assert rows[0] is outcome.findings[0]
    assert outcome.details["rows_mostly_missing"] == 1


def test_sparse_tables_are_told_by_their_columns(rng):
    frame = pd.DataFrame(np.where(rng.random((300, 6)) < 0.8, np.nan, 1.0), columns=list("abcdef"))
    outcome = run(frame)
    assert all(finding.row is None for finding in outcome.findings)
    assert outcome.details["rows_mostly_missing"] > 200


def test_samples_without_a_label_are_counted_and_named():
    outcome = run(full(8), unlabelled=["a.png", "b.png", "c.png", "d.png"], roles=ColumnRoles(label="species"))
    assert [(finding.subject, finding.row) for finding in outcome.findings] == [("species", None)]
    assert outcome.findings[0].reason == "4 of 12 samples have no label: a.png, b.png, c.png and 1 more"
    assert outcome.details["unlabelled"] == 4


def test_images_are_asked_for_empty_cells_and_labels_only():
    outcome = run([png(0), None, b"broken", png(1)], unlabelled=["x"], roles=ColumnRoles(image="photo"))
    reasons = {finding.subject: finding.reason for finding in outcome.findings}
    assert reasons == {
        "photo": "1 of 4 cells (25.0%) is missing",
        "label": "1 of 5 samples has no label: x",
    }


def test_columns_of_any_type_are_looked_at():
    frame = pd.DataFrame(
        {
            "whole": pd.Series([1, None, 3], dtype="Int64"),
            "maybe": pd.Series([True, None, False], dtype="boolean"),
            "day": pd.to_datetime(["2020-01-01", None, "2020-01-02"]),
            "level": pd.Categorical(["low", None, "high"]),
            "lists": pd.Series([[1], None, [2]], dtype=object),
        }
    )
    outcome = run(frame)
    missing = {name: column["missing"] for name, column in outcome.details["columns"].items()}
    assert missing == {"whole": 1, "maybe": 1, "day": 1, "level": 1, "lists": 1}


def test_says_why_it_does_not_apply():
    assert run(pd.DataFrame({"a": []})) == DidNotApply("there are no samples")


def test_order_of_samples_does_not_matter():
    frame = full()
    frame.loc[5:9, ["age", "income", "home"]] = None
    frame.loc[20:30, "home"] = None
    evidence = evidence_of(frame)
    assert told(MissingValues().run(evidence)) == told(MissingValues().run(shuffled(evidence)))


def test_one_label_is_told_in_the_singular():
    assert run(full(), unlabelled=["x"]).summary.endswith("and 1 label are missing")


def test_empty_texts_are_missing_cells():
    texts = Texts(("good", "", "  ", "N/A", "unknown", "none of it works"))
    (finding,) = run(texts, roles=ColumnRoles(text="review")).findings
    assert (finding.subject, finding.score) == ("review", 2 / 6)
    assert finding.reason == "2 of 6 cells (33.3%) are missing"
    assert run(Texts(("good", "bad"))).findings == ()
