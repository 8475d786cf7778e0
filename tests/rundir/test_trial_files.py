import math

import pytest

from dataclinic.rundir.trial_files import load_scores, save_scores
from dataclinic.trials import Changes, FoldScore

PLAIN = FoldScore("untreated", 0, 1, 80, 20, {"accuracy": 0.5, "log_loss": 1.25}, recalls=(1.0, 0.25))
TREATED = FoldScore(
    "drop",
    1,
    0,
    70,
    20,
    {"accuracy": 0.75, "log_loss": 1.0},
    {"accuracy": 0.9},
    10,
    (0.5, 0.125),
    (0.2, 0.75),
    Changes(dropped=10),
)


def test_scores_come_back_as_they_were(tmp_path):
    save_scores(tmp_path, [PLAIN, TREATED], {"setting": "abc"})
    scores, about = load_scores(tmp_path)
    assert scores == [PLAIN, TREATED]
    assert about == {"setting": "abc"}


def test_a_recall_of_no_samples_comes_back_as_nan(tmp_path):
    save_scores(tmp_path, [FoldScore("untreated", 0, 0, 8, 2, {"accuracy": 1.0}, recalls=(math.nan, 1.0))], {})
    (score,), _ = load_scores(tmp_path)
    assert math.isnan(score.recalls[0])
    assert score.recalls[1] == 1.0


def test_the_table_has_one_row_an_arm_repeat_and_fold(tmp_path):
    import pandas as pd

    save_scores(tmp_path, [PLAIN, TREATED], {})
    frame = pd.read_parquet(tmp_path / "trials.parquet")
    assert frame[["arm", "repeat", "fold", "dropped"]].to_numpy().tolist() == [
        ["untreated", 0, 1, 0],
        ["drop", 1, 0, 10],
    ]
    assert frame["trusted_accuracy"].isna().tolist() == [True, False]


def test_a_broken_file_is_not_taken_for_scores(tmp_path):
    (tmp_path / "trials.parquet").write_bytes(b"no parquet")
    with pytest.raises((OSError, ValueError)):
        load_scores(tmp_path)
