import numpy as np
import pytest
from scipy.special import softmax

from dataclinic.methods.temperature import fit_temperature
from dataclinic.predictions import OutOfFold
from dataclinic.seeding import rng_for


def apply_temperature(probs, temperature):
    samples = len(probs)
    return OutOfFold(probs[None], np.zeros((1, samples), int), np.ones(samples, bool), temperature).probs


@pytest.mark.parametrize("sharper", [0.3, 1.0, 4.0])
def test_undoes_logits_that_were_sharpened(sharper):
    rng = rng_for(0, "temperature")
    logits = rng.normal(size=(4000, 3))
    honest = softmax(logits, axis=1)
    labels = (honest.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    probs = softmax(logits * sharper, axis=1).astype(np.float32)
    assert fit_temperature(probs, labels) == pytest.approx(sharper, rel=0.12)
    assert apply_temperature(probs, sharper) == pytest.approx(honest, abs=2e-3)


def test_one_changes_nothing_and_order_never_changes():
    probs = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], np.float32)
    assert apply_temperature(probs, 1.0) == pytest.approx(probs, abs=1e-6)
    hot = apply_temperature(probs, 5.0)
    assert (hot.argsort(axis=1) == probs.argsort(axis=1)).all()
    assert hot.max() < probs.max()


def test_unscored_rows_stay_nan_and_no_rows_give_one():
    assert np.isnan(apply_temperature(np.full((1, 3), np.nan, np.float32), 2.0)).all()
    assert fit_temperature(np.empty((0, 3), np.float32), np.empty(0, np.int64)) == 1.0
