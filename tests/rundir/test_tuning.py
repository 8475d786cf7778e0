import json
from dataclasses import replace

import pytest

from dataclinic.errors import RunError
from dataclinic.rundir.tuning import load_tuning, save_tuning, tuned_settings
from dataclinic.search import Search, Trial, Tuning
from dataclinic.settings import read_settings

DEFAULT = Trial(0, {}, (0.5, 0.7), 0.6, 1.5, (0.8, 0.7), 0.75)
BETTER = Trial(1, {"l2": 3.25}, (0.3, 0.45), 0.375, 1.0, (0.9, 0.8), 0.85)
PRUNED = Trial(2, {"l2": 9000.0}, (2.0,), 2.0, 0.5, (0.1,), 0.1, pruned=True)
TUNING = Tuning(
    "linear_head",
    "log loss in nats",
    Search(trials=3),
    {"tolerance": 1e-5},
    (10, 10),
    (DEFAULT, BETTER, PRUNED),
    0.225,
    0.025,
)
RUN = {"label": "grade", "folds": 4, "models": {"linear_head": {"tolerance": 1e-5}, "tree_ensemble": {}}}


def test_what_is_saved_is_loaded(tmp_path):
    save_tuning(tmp_path, TUNING, RUN)
    assert load_tuning(tmp_path) == TUNING


def test_the_settings_of_the_run_and_of_the_chosen_trial_are_read_by_the_settings_option(tmp_path):
    save_tuning(tmp_path, TUNING, RUN)
    settings = read_settings(tmp_path / "tuned.toml")
    assert settings.model == ("linear_head",)
    assert settings.models == {"linear_head": {"tolerance": 1e-5, "l2": 3.25}}
    assert (settings.label, settings.folds) == ("grade", 4)
    assert read_settings(options=tuned_settings(RUN, TUNING)) == settings


def test_a_default_that_stays_leaves_the_settings_of_the_run(tmp_path):
    tuning = replace(TUNING, standard_error=0.3)
    save_tuning(tmp_path, tuning, {})
    assert read_settings(tmp_path / "tuned.toml") == read_settings(options={"model": "linear_head"})
    assert "default settings stay" in (tmp_path / "tuned.toml").read_text(encoding="utf-8")


def test_the_file_says_how_it_came_about(tmp_path):
    save_tuning(tmp_path, TUNING, RUN)
    header = [line for line in (tmp_path / "tuned.toml").read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    assert "3 trials (1 pruned)" in header[0]
    assert "0.6000" in " ".join(header)
    assert "0.3750" in " ".join(header)


def test_the_table_of_trials_names_default_best_and_chosen(tmp_path):
    save_tuning(tmp_path, TUNING, RUN)
    content = json.loads((tmp_path / "tuning.json").read_text(encoding="utf-8"))
    assert (content["default"], content["best"], content["chosen"]) == (0, 1, 1)
    assert content["chosen_settings"] == {"tolerance": 1e-5, "l2": 3.25}
    assert content["reason"] == TUNING.reason
    assert [trial["pruned"] for trial in content["trials"]] == [False, False, True]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"model": "linear_head"}', '{"trials": [{"number": 0}]}'])
def test_a_missing_or_broken_file_is_an_error(tmp_path, text):
    if text is not None:
        (tmp_path / "tuning.json").write_text(text)
    with pytest.raises(RunError, match=r"tuning\.json"):
        load_tuning(tmp_path)
