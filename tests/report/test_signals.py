"""Signals of a suspect: heaviest first, in plain words, with their place among all samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_judgement import make_judged_run
from made_runs import Made

from dataclinic.report.signals import signal_title, signals_of
from dataclinic.report.suspects import read_suspects


@pytest.fixture
def ranking(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=50, flagged=5, previews=False), near=False)
    return run.read_table("ranking.parquet")


def test_heaviest_first_and_unknown_names_as_they_are(ranking):
    suspects = read_suspects(ranking, 5)
    signals = signals_of(ranking, suspects, {"neighbour_margin": 0.7, "home_made": 0.3})[suspects[0].row]
    assert [(signal.title, signal.weight) for signal in signals] == [
        ("Nearest neighbours disagree", 0.7),
        ("home_made", 0.3),
        ("Another label is likelier, by the noise found", None),
    ]


def test_above_is_the_share_of_other_samples_with_a_lower_value(ranking):
    suspects = read_suspects(ranking, 5)
    for suspect in suspects:
        found = {signal.title: signal for signal in signals_of(ranking, suspects, {})[suspect.row]}
        values = ranking["signal_neighbour_margin"].to_numpy()
        mine = found["Nearest neighbours disagree"]
        assert mine.above == pytest.approx((values < mine.value).sum() / (len(values) - 1))
        assert found["home_made"].above == pytest.approx((50 - suspect.rank) / 49)


def test_missing_values_are_left_out(ranking):
    first = read_suspects(ranking, 1)[0]
    blank = ranking.assign(signal_neighbour_margin=np.where(ranking["row"] == first.row, np.nan, 1.0))
    suspects = read_suspects(blank, 1)
    titles = {signal.title for signal in signals_of(blank, suspects, {})[first.row]}
    assert "Nearest neighbours disagree" not in titles
    assert len(titles) == 2


def test_a_ranking_without_signals_has_none(ranking):
    plain = ranking.drop(columns=[name for name in ranking.columns if name.startswith("signal_")])
    assert signals_of(plain, read_suspects(plain, 5), {}) == {}


def test_titles_cannot_hide_anything():
    assert signal_title("a\u202eb\n") == "a\ufffdb↵"
    assert pd.Series(["model_margin", "x"]).map(signal_title).tolist() == ["Models prefer another class", "x"]
