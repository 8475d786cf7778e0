"""The ranking of a regression: the columns of a classification's, in order of the scaled residual."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dataclinic.dataset import Dataset, Table
from dataclinic.evidence import Evidence
from dataclinic.findings import CheckRecord, DidNotApply, Finding, Ran
from dataclinic.judgement import Estimate, Judgement
from dataclinic.predictions import OutOfFold, OutOfFoldTargets
from dataclinic.steps.rank_suspects import rank_suspects
from dataclinic.steps.rank_targets import rank_targets

TARGETS = np.array([10.0, 21.5, 29.0, 1e6, 50.0, 0.1])
PREDICTIONS = np.array([[10.0, 20, 30, 40, 51, np.nan], [10.0, 20, 30, 44, 51, np.nan]])


def dataset_of(targets):
    return Dataset(
        source=Path("made"),
        format="made",
        payload=Table(pd.DataFrame({"x": range(len(targets))})),
        ids=tuple("abcdef"),
        labels=np.zeros(len(targets), np.int64),
        classes=(),
        source_rows=np.arange(len(targets)),
        targets=targets,
    )


def record(check, rows, accuses=True):
    return CheckRecord(check, Ran(tuple(Finding(check, "s", "r", 1.0, row) for row in rows), "", {}), 0.0, "", accuses)


def ranked(*records, unreadable=None):
    out_of_fold = OutOfFoldTargets(PREDICTIONS, np.zeros(PREDICTIONS.shape, np.int64))
    return rank_targets(dataset_of(TARGETS), out_of_fold, records, unreadable or {})


def test_worst_first_and_unjudged_last():
    ranking = ranked()
    assert ranking["id"].tolist()[0] == "d"
    assert ranking["id"].tolist()[-1] == "f"
    assert ranking["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert ranking["suspicion"].dropna().is_monotonic_decreasing
    assert (ranking["suspicion"].dropna() >= 0).all()
    assert ranking["suspicion"].isna().tolist() == [False] * 5 + [True]
    assert not ranking["flagged"].any()


def test_flagged_are_those_whose_label_a_check_accuses():
    ranking = ranked(record("target_errors", [3]), record("iqr_outliers", [0, 3], accuses=False)).set_index("id")
    assert ranking.index[ranking["flagged"]].tolist() == ["d"]
    assert (ranking.loc[ranking["flagged"], "suspicion"] > 0).all()
    assert ranking.loc["d", "checks"] == "target_errors, iqr_outliers"
    assert ranking.loc["a", "checks"] == "iqr_outliers"
    assert ranking.loc["d", "suggested_label"] == "42"
    assert ranking.loc["b", "suggested_label"] == "21.5"


def test_a_check_that_did_not_apply_accuses_nobody():
    assert not ranked(CheckRecord("x", DidNotApply("no"), 0.0, "", True))["flagged"].any()


def test_numbers_of_the_sample_stand_beside_the_words():
    ranking = ranked(unreadable={}).set_index("id")
    assert ranking["given_label"].to_dict() == {
        "a": "10",
        "b": "21.5",
        "c": "29",
        "d": "1000000",
        "e": "50",
        "f": "0.1",
    }
    assert ranking.loc["b", ["target", "prediction", "residual"]].tolist() == [21.5, 20, 1.5]
    assert ranking.loc["d", "spread"] == pytest.approx(np.std([40, 44], ddof=1))
    assert "models that never saw it say 42; the given 1000000 is" in ranking.loc["d", "reason"]
    assert ranking.loc["f", "reason"].startswith("not judged: no sample is left")
    assert ranked(unreadable={5: "broken file"}).set_index("id").loc["f", "reason"] == "not judged: broken file"


def test_has_the_columns_of_a_classification_first():
    probs = np.full((1, 6, 2), 0.5, np.float32)
    of_classes = Dataset(**{**vars(dataset_of(TARGETS)), "classes": ("p", "q"), "targets": None})
    out_of_fold = OutOfFold(probs, np.zeros((1, 6), np.int64), np.ones(6, bool), 1.0)
    nothing = np.full(6, np.nan)
    no = np.zeros(6, np.int64)
    judgement = Judgement(nothing, nothing, no.astype(bool), no, nothing, {}, Estimate(0.0, 0.0, 0.0))
    evidence = Evidence(of_classes, np.arange(6), out_of_fold=out_of_fold, judgement=judgement)
    columns = rank_suspects(evidence, [], {}).columns.tolist()
    assert ranked().columns.tolist() == [*columns, "target", "prediction", "residual"]


def test_one_repeat_has_no_spread():
    out_of_fold = OutOfFoldTargets(PREDICTIONS[:1], np.zeros((1, 6), np.int64))
    assert rank_targets(dataset_of(TARGETS), out_of_fold, [], {})["spread"].isna().all()
