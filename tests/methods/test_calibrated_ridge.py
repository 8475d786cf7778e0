import numpy as np
import pytest
import torch

from dataclinic.methods.calibrated_ridge import CalibratedRidge
from dataclinic.methods.downdated_ridge import RowMoments
from dataclinic.methods.nearby_ridge import RowTargets
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import gaussian_classes, switch_labels

ROWS, CLASSES, ADDED = 600, 3, 100
PENALTIES = (1e-3, 1e-2, 0.1, 1.0, 10.0)
X, TRUE = gaussian_classes(ROWS, CLASSES, dims=8, apart=2.0)
LABELS, _ = switch_labels(TRUE, 0.1, classes=CLASSES)
X = ((X - X.mean(axis=0)) / X.std(axis=0)).astype(np.float32)
OWN = (np.arange(ROWS) < ROWS - ADDED).astype(float)

JUDGED = torch.arange(0, ROWS - ADDED, 2)[:, None]
"""Every other row is judged as if left out."""


def of(weights, codes=LABELS):
    return RowTargets(torch.tensor(weights, dtype=torch.float32), torch.from_numpy(codes))


def answers(*fits, penalties=PENALTIES, rows=X):
    """The penalty, and (rows, classes) probabilities by each fit, None where it is not near the first."""
    moments = RowMoments.of(torch.from_numpy(rows), fits[0].codes, CLASSES)
    near = CalibratedRidge(moments, moments.spectrum(fits[0].weights), None, [JUDGED])
    l2, found = near.logits(fits, penalties)
    told = [None if own is None else torch.from_numpy(rows) @ own.coefficients.T + own.intercepts for own in found]
    return l2, [None if logits is None else torch.softmax(logits, dim=1).numpy() for logits in told]


CHANGES = {
    "dropped": of(OWN * (np.arange(ROWS) % 12 > 0)),
    "relabelled": of(OWN, np.where(np.arange(ROWS) % 15 == 0, TRUE, LABELS)),
    "weighed": of(OWN * rng_for(0, "weights").uniform(0.5, 1.5, ROWS)),
    "weighed by class": of(OWN * np.array([0.5, 1.0, 2.0])[LABELS]),
    "added": of(np.ones(ROWS)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_fit_near_another_says_what_it_says_when_it_leads(change):
    l2, (_, near) = answers(of(OWN), CHANGES[change])
    _, (alone,) = answers(CHANGES[change], penalties=(l2,))
    assert np.abs(near - alone).mean() < 0.01
    np.testing.assert_allclose(near, alone, atol=0.05)


def test_fit_is_the_same_whatever_is_near_it():
    l2, (alone,) = answers(of(OWN))
    l2_among, (among, *_) = answers(of(OWN), *CHANGES.values())
    assert l2_among == l2
    np.testing.assert_allclose(among, alone, atol=1e-5)


def test_penalty_is_where_left_out_rows_are_judged_best():
    """Noise without any signal wants the strongest one, whichever side of the middle the search begins on."""
    noise = rng_for(0, "noise").integers(0, CLASSES, ROWS)
    assert answers(of(OWN, noise))[0] == 10.0
    assert answers(of(OWN, TRUE))[0] < 10.0


def test_class_that_a_change_leaves_without_rows_gets_no_probability():
    _, (first, without) = answers(of(OWN), of(OWN * (LABELS != 2)))
    assert first[:, 2].mean() > 0.2
    assert (without[:, 2] == 0).all()


def test_rows_added_to_a_class_make_it_likelier():
    """None of them is among the left-out rows, which stand for them."""
    only = np.where(OWN > 0, LABELS, 1)
    _, (first, grown) = answers(of(OWN, only), of(np.ones(ROWS), only))
    assert grown[:, 1].mean() > first[:, 1].mean() + 0.05


def test_where_rows_are_few_only_fits_with_the_same_weights_are_near():
    few = (np.arange(ROWS) < 40).astype(float)
    _, found = answers(of(few), of(few * (np.arange(ROWS) > 1)), of(few, TRUE))
    assert [own is None for own in found] == [False, True, False]


def test_fit_without_any_of_the_rows_left_out_is_not_near():
    _, found = answers(of(OWN), of(OWN * (np.arange(ROWS) % 2)))
    assert found[1] is None
