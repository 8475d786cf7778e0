from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dataclinic.findings import CheckRecord, Failed, Finding, Ran
from dataclinic.predictions import OutOfFold
from dataclinic.steps.rank_suspects import rank_suspects
from dataclinic.testing.planted import table_dataset

PROBS = np.array(
    [[0.9, 0.1, 0.0], [0.05, 0.9, 0.05], [0.2, 0.5, 0.3], [0.0, 0.02, 0.98], [0.34, 0.33, 0.33]], np.float32
)
LABELS = np.array([0, 0, 2, 2, 1])
DATASET = table_dataset(np.zeros((5, 1), np.float32), LABELS, ["cat", "dog", "yak"])


def rank(records=(), judged=(True,) * 5, unreadable=None, repeat_probs=PROBS[None]):
    out_of_fold = OutOfFold(repeat_probs, np.zeros(repeat_probs.shape[:2], int), np.array(judged), temperature=1.0)
    return rank_suspects(DATASET, out_of_fold, records, unreadable or {})


def record(check, rows, accuses):
    findings = tuple(Finding(check, str(row), "because", 1.0, row) for row in rows)
    return CheckRecord(check, Ran(findings, "some"), 0.0, "", accuses)


def test_orders_every_sample_by_log_margin():
    ranking = rank()
    assert ranking["row"].tolist() == [1, 2, 4, 0, 3]
    assert ranking["rank"].tolist() == [1, 2, 3, 4, 5]
    assert ranking["suspicion"].iloc[0] == pytest.approx(np.log(0.9 / 0.05), abs=1e-5)
    assert ranking["loss_nats"].iloc[0] == pytest.approx(-np.log(0.05), abs=1e-5)
    assert ranking["margin"].iloc[0] == pytest.approx(-0.85, abs=1e-5)


def test_suggests_what_the_models_prefer_and_the_given_label_where_they_agree():
    ranking = rank().set_index("row")
    assert ranking["suggested_label"].to_dict() == {1: "dog", 2: "dog", 4: "cat", 0: "cat", 3: "yak"}
    assert ranking.loc[1, "suggested_probability"] == pytest.approx(0.9)
    assert ranking.loc[3, "suggested_probability"] == pytest.approx(0.98)


def test_flags_what_an_accusing_check_names_and_the_models_doubt():
    records = [
        record("label_errors", [1, 3], accuses=True),
        record("iqr_outliers", [2, 1], accuses=False),
        CheckRecord("broken", Failed("ValueError"), 0.0, "", accuses_label=True),
    ]
    ranking = rank(records).set_index("row")
    assert ranking.index[ranking["flagged"]].tolist() == [1]
    assert ranking.loc[1, "checks"] == "label_errors, iqr_outliers"
    assert ranking.loc[2, "checks"] == "iqr_outliers"


def test_probability_is_null_until_it_is_calibrated():
    assert rank()["probability"].isna().all()


def test_reasons_have_numbers():
    reasons = rank().set_index("row")["reason"]
    assert reasons[1] == "models that never saw it say 'dog' with 90.0%; the given 'cat' gets 5.0% (loss 3.00 nats)"
    assert reasons[3] == "models that never saw it agree on 'yak' with 98.0%"


def test_unjudged_samples_stand_last_with_the_reason():
    probs = PROBS[None].copy()
    probs[0, [0, 1]] = np.nan
    ranking = rank(judged=[False, False, True, True, True], unreadable={1: "file is empty"}, repeat_probs=probs)
    last = ranking.tail(2).set_index("row")
    assert last["suspicion"].isna().all()
    assert not last["flagged"].any()
    assert last.loc[1, "reason"] == "not judged: file is empty"
    assert last.loc[0, "reason"] == "not judged: no other sample of 'cat' is left to learn the class from"


def test_spread_is_over_repeats():
    shifted = PROBS.copy()
    shifted[1] = [0.25, 0.7, 0.05]
    ranking = rank(repeat_probs=np.stack([PROBS, shifted])).set_index("row")
    assert ranking.loc[1, "spread"] == pytest.approx(np.std([0.05, 0.25], ddof=1))
    assert ranking.loc[0, "spread"] == 0


def test_survives_a_round_trip_through_parquet(tmp_path):
    ranking = rank()
    ranking.to_parquet(tmp_path / "ranking.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "ranking.parquet"), ranking, check_dtype=False)


def test_does_not_depend_on_class_order():
    swapped = replace(DATASET, labels=2 - LABELS, classes=("yak", "dog", "cat"))
    out_of_fold = OutOfFold(PROBS[None, :, ::-1].copy(), np.zeros((1, 5), int), np.ones(5, bool), temperature=1.0)
    assert rank_suspects(swapped, out_of_fold, (), {})["row"].tolist() == rank()["row"].tolist()
