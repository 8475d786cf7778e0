import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.hidden_gain import hidden_share
from dataclinic.seeding import rng_for


def test_hand_worked():
    # Ten classes, 9 % wrong: a gain of 1 point is seen as 1 - 0.09 · 10/9 = 0.9 points.
    assert hidden_share(0.09, 10) == pytest.approx(0.1)
    # Two classes, a fifth wrong: 0.8 - 0.2 of it.
    assert hidden_share(0.2, 2) == pytest.approx(0.4)


def test_labels_at_random_hide_all_of_it():
    assert hidden_share(0.9, 10) == pytest.approx(1.0)
    assert hidden_share(0.95, 10) == 1.0
    assert hidden_share(0.0, 2) == 0.0


@given(st.floats(0, 1), st.integers(2, 1000))
def test_is_a_share_no_smaller_than_the_noise(noise, classes):
    assert noise <= hidden_share(noise, classes) <= 1


@pytest.mark.parametrize(("noise", "classes"), [(0.3, 2), (0.2, 5), (0.4, 10)])
def test_simulated_noise_hides_as_much(noise, classes):
    rng = rng_for(0, "hidden share", classes)
    samples = 400_000
    true = rng.integers(classes, size=samples)

    def elsewhere(wrong):
        return (true + wrong * rng.integers(1, classes, size=samples)) % classes

    given_labels = elsewhere(rng.random(samples) < noise)
    before, after = (elsewhere(rng.random(samples) < error) for error in (0.4, 0.1))
    gain = (after == true).mean() - (before == true).mean()
    seen = (after == given_labels).mean() - (before == given_labels).mean()
    assert 1 - seen / gain == pytest.approx(hidden_share(noise, classes), abs=0.01)
