import json
import logging
from dataclasses import replace

import optuna
import pytest
from optuna.distributions import FloatDistribution

from dataclinic.errors import RunError
from dataclinic.methods.trial_studies import TrialStudies, make_sampler, quiet, rungs, tell
from dataclinic.search import Trial

SCORED = Trial(0, {"x": 0.5}, (0.25, 0.75), 0.5, 0.0, (1.0, 0.5), 0.75)


@pytest.fixture(autouse=True)
def _quiet():
    with quiet():
        yield


def tried(studies, settings, loss):
    trial = studies.draw({"x": FloatDistribution(0, 1)}, make_sampler("random", 20, 0))
    tell(studies.searched, trial, replace(SCORED, settings=settings, loss=loss))


@pytest.mark.parametrize(("folds", "stops"), [(1, [1]), (2, [1, 2]), (3, [1, 3]), (5, [1, 3, 5]), (10, [1, 3, 9, 10])])
def test_trials_stop_after_one_three_nine_folds(folds, stops):
    assert rungs(folds) == stops


def test_what_was_kept_comes_back_from_the_file_the_default_first(tmp_path):
    studies = TrialStudies.open(tmp_path / "journal", "name", 3)
    tried(studies, {"x": 0.1}, 0.4)
    tell(studies.default, studies.default.ask(), replace(SCORED, settings={}))
    kept = TrialStudies.open(tmp_path / "journal", "name", 3).ended()
    assert [trial.settings for trial in kept] == [{}, {"x": 0.1}]
    assert [trial.number for trial in kept] == [0, 1]
    assert replace(kept[1], number=0, seconds=0.0, loss=0.5, settings={"x": 0.5}) == SCORED
    assert kept[1].seconds >= 0


def test_a_search_of_other_inputs_takes_the_place_of_the_earlier_one(tmp_path):
    tried(TrialStudies.open(tmp_path / "journal", "name", 3), {"x": 0.1}, 0.4)
    assert TrialStudies.open(tmp_path / "journal", "other", 3).ended() == []
    assert TrialStudies.open(tmp_path / "journal", "name", 3).ended() == []


def test_a_pruned_trial_comes_back_as_one():
    studies = TrialStudies.open(None, "name", 3)
    trial = studies.searched.ask()
    trial.report(0.5, 1)
    tell(studies.searched, trial, replace(SCORED, pruned=True))
    assert studies.ended()[0].pruned


def test_what_was_interrupted_counts_for_nothing(tmp_path):
    TrialStudies.open(tmp_path / "journal", "name", 3).searched.ask()
    studies = TrialStudies.open(tmp_path / "journal", "name", 3)
    assert studies.ended() == []
    assert [trial.state.name for trial in studies.searched.trials] == ["FAIL"]


def test_a_line_that_was_half_written_is_dropped(tmp_path):
    file = tmp_path / "journal"
    tried(TrialStudies.open(file, "name", 3), {"x": 0.1}, 0.4)
    with file.open("ab") as journal:
        journal.write(b'{"op_code":6,"wor')
    tried(TrialStudies.open(file, "name", 3), {"x": 0.2}, 0.3)
    assert [trial.settings["x"] for trial in TrialStudies.open(file, "name", 3).ended()] == [0.1, 0.2]
    assert all(json.loads(line) for line in file.read_text().splitlines())


@pytest.mark.parametrize("text", ["not json\nnor this\n", '{"op_code": 99}\n', '{"op_code": 0}\n'])
def test_a_broken_journal_is_an_error_that_names_it(tmp_path, text):
    (tmp_path / "journal").write_text(text)
    with pytest.raises(RunError, match="journal"):
        TrialStudies.open(tmp_path / "journal", "name", 3)


def test_the_level_of_the_log_is_as_it_was_before():
    logger = logging.getLogger("optuna")
    logger.setLevel(logging.WARNING)
    with pytest.raises(ZeroDivisionError), quiet():
        _ = 1 / (logger.level - logging.ERROR)
    assert logger.level == logging.WARNING


def test_samplers_are_those_of_optuna_and_follow_their_seed():
    def drawn(name, seed):
        studies = TrialStudies.open(None, "name", 3)
        return studies.draw({"x": FloatDistribution(0, 1)}, make_sampler(name, 20, seed)).params["x"]

    assert isinstance(make_sampler("tpe", 20, 0), optuna.samplers.TPESampler)
    assert drawn("random", 0) == drawn("random", 0) != drawn("random", 1)
