from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dataclinic.evidence import Evidence, Neighbours
from dataclinic.findings import CheckRecord, Failed, Finding, Ran
from dataclinic.judgement import Estimate, Judgement
from dataclinic.methods.label_quality import best_other, log_margin
from dataclinic.predictions import OutOfFold
from dataclinic.steps.rank_suspects import rank_suspects
from dataclinic.testing.planted import table_dataset

PROBS = np.array(
    [[0.9, 0.1, 0.0], [0.05, 0.9, 0.05], [0.2, 0.5, 0.3], [0.0, 0.02, 0.98], [0.34, 0.33, 0.33]], np.float32
)
LABELS = np.array([0, 0, 2, 2, 1])
DATASET = table_dataset(np.zeros((5, 1), np.float32), LABELS, ["cat", "dog", "yak"])


def evidence_of(dataset=DATASET, repeat_probs=PROBS[None], judged=(True,) * 5, **more):
    """With a judgement that doubts by the log-margin: probability .9 where another class is likelier, else .1."""
    judged = np.array(judged)
    out_of_fold = OutOfFold(repeat_probs, np.zeros(repeat_probs.shape[:2], int), judged, temperature=1.0)
    probs = np.where(judged[:, None], out_of_fold.probs, 0)
    suspicion = np.where(judged, -log_margin(probs, dataset.labels), np.nan)
    probability = np.where(judged, np.where(suspicion > 0, 0.9, 0.1), np.nan)
    judgement = Judgement(
        suspicion,
        probability,
        probability > 0.5,
        best_other(probs, dataset.labels),
        probability * 0.8,
        {"margin": suspicion},
        Estimate(1.0, 0.0, 3.0),
    )
    return Evidence(dataset, np.arange(5), out_of_fold=out_of_fold, judgement=judgement, **more)


def rank(records=(), unreadable=None, **evidence):
    return rank_suspects(evidence_of(**evidence), records, unreadable or {})


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


def test_suggests_another_class_where_the_label_is_doubted_and_the_given_one_elsewhere():
    ranking = rank().set_index("row")
    assert ranking["suggested_label"].to_dict() == {1: "dog", 2: "dog", 4: "cat", 0: "cat", 3: "yak"}
    assert ranking.loc[1, "suggested_probability"] == pytest.approx(0.9 * 0.8)
    assert ranking.loc[3, "suggested_probability"] == pytest.approx(1 - 0.1)


def test_flags_what_is_probably_wrong_and_names_the_checks():
    records = [
        record("label_errors", [1, 3], accuses=True),
        record("iqr_outliers", [2, 1], accuses=False),
        CheckRecord("broken", Failed("ValueError"), 0.0, "", accuses_label=True),
    ]
    ranking = rank(records).set_index("row")
    assert sorted(ranking.index[ranking["flagged"]]) == [1, 2, 4]
    assert ranking.loc[1, "checks"] == "label_errors, iqr_outliers"
    assert ranking.loc[2, "checks"] == "iqr_outliers"
    assert ranking.loc[3, "checks"] == "label_errors"


def test_a_flagged_label_is_suggested_away_even_if_it_is_more_probably_right():
    evidence = evidence_of()
    all_flagged = replace(evidence.judgement, flagged=np.ones(5, bool), threshold=0.05)
    ranking = rank_suspects(replace(evidence, judgement=all_flagged), (), {})
    assert (ranking["suggested_label"] != ranking["given_label"]).all()


def test_carries_the_signals_that_were_fused():
    ranking = rank().set_index("row")
    assert ranking.loc[1, "signal_margin"] == pytest.approx(np.log(0.9 / 0.05), abs=1e-5)


def test_reasons_have_numbers():
    reasons = rank().set_index("row")["reason"]
    assert reasons[1] == "models that never saw it say 'dog' with 90.0%; the given 'cat' gets 5.0% (loss 3.00 nats)"
    assert reasons[3] == "models that never saw it agree on 'yak' with 98.0%; 10.0% to be wrong"


def test_reasons_count_the_nearest_neighbours():
    rows = np.array([[1, -1], [0, 2], [0, 1], [2, 1], [0, 3]])
    neighbours = Neighbours(rows, np.where(rows < 0, np.inf, 0.1).astype(np.float32))
    reasons = rank(neighbours=neighbours).set_index("row")["reason"]
    assert reasons[2].endswith("; 0 of its 2 nearest neighbours are 'dog', none 'yak'")
    assert reasons[1].endswith("; 0 of its 2 nearest neighbours are 'dog', 1 'cat'")


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
    ranking = rank(dataset=swapped, repeat_probs=PROBS[None, :, ::-1].copy())
    assert ranking["row"].tolist() == rank()["row"].tolist()
