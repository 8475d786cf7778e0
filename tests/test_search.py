import pytest

from dataclinic.errors import OptionError
from dataclinic.search import Search, Trial, Tuning


def trial(number, loss, *, pruned=False):
    return Trial(number, {"x": number}, (loss,), loss, 1.0, pruned=pruned)


def tuning(trials, gain, error):
    return Tuning("linear_head", "log loss in nats", Search(), {}, (10, 10), tuple(trials), gain, error)


def test_the_best_trial_is_chosen_where_it_gains_more_than_a_standard_error():
    found = tuning([trial(0, 0.5), trial(1, 0.3), trial(2, 0.4)], 0.2, 0.1)
    assert found.default.number == 0
    assert found.best.number == found.chosen.number == 1
    assert "trial 1 lowers the log loss in nats by 0.2000, more than one standard error" in found.reason


@pytest.mark.parametrize("error", [0.2, 0.3, None])
def test_the_default_is_chosen_where_the_gain_may_be_noise(error):
    found = tuning([trial(0, 0.5), trial(1, 0.3)], 0.2, error)
    assert found.best.number == 1
    assert found.chosen.number == 0
    assert "the default settings stay" in found.reason


def test_a_pruned_trial_is_never_the_best():
    found = tuning([trial(0, 0.5), trial(1, 0.1, pruned=True)], 0.0, 0.0)
    assert found.best.number == found.chosen.number == 0
    assert found.reason == "no settings did better than the default ones"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"sampler": "tpo"}, "unknown sampler 'tpo'"),
        ({"trials": 1}, "trials cannot be 1"),
        ({"folds": 1}, "folds cannot be 1"),
        ({"seconds": -1.0}, "seconds cannot be -1"),
    ],
)
def test_a_search_that_cannot_be_is_refused(asked, said):
    with pytest.raises(OptionError, match=said):
        Search(**asked)
