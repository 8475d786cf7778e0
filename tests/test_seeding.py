import numpy as np

from dataclinic.seeding import rng_for, seed_for


def test_same_purpose_gives_the_same_numbers():
    assert np.array_equal(rng_for(3, "folds", 1).random(5), rng_for(3, "folds", 1).random(5))


def test_purposes_and_seeds_are_independent_streams():
    streams = [
        rng_for(*key).random(200) for key in [(3, "folds", 1), (3, "folds", 2), (4, "folds", 1), (3, "fold", 11)]
    ]
    correlation = np.corrcoef(streams)
    assert np.abs(correlation[~np.eye(4, dtype=bool)]).max() < 0.3


def test_words_are_not_run_together():
    assert seed_for(0, "ab", "c") != seed_for(0, "a", "bc")
    assert 0 <= seed_for(0, "fit") < 2**31
