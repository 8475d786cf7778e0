import numpy as np
import pandas as pd
from flipped_parts import flipped_part, unjudged

from dataclinic.findings import DidNotApply
from dataclinic.fixes.drop_high_loss import DropHighLoss
from dataclinic.testing.parts import regression_part, vector_part
from dataclinic.testing.planted import confident_probs


def test_the_highest_losses_go():
    part, _, wrong = flipped_part()
    treatment = DropHighLoss(share=0.1).propose(part)
    np.testing.assert_array_equal(treatment.rows, np.flatnonzero(~wrong))
    np.testing.assert_array_equal(treatment.labels, part.labels[~wrong])
    assert treatment.told == "drop 20 of 200 samples by their loss"


def test_the_share_goes_from_clean_data_too():
    part, _, _ = flipped_part(share=0)
    assert len(DropHighLoss().propose(part).rows) == 190


def test_by_hand_with_ties_and_unjudged_rows():
    probs = np.array([[0.9, 0.1], [0.2, 0.8], [0.2, 0.8], [np.nan, np.nan], [0.6, 0.4], [0.1, 0.9]])
    part = vector_part(np.eye(6), np.zeros(6, int), classes=("a", "b"), probs=probs)
    # Of five judged rows two go: the last, and of two equal ones the first.
    assert DropHighLoss(share=0.4).propose(part).rows.tolist() == [0, 2, 3, 4]


def test_unjudged_rows_are_not_counted():
    part, _, _ = flipped_part(probs=unjudged(confident_probs(np.arange(200) % 4, classes=4), slice(0, 185)))
    assert DropHighLoss().propose(part) == DidNotApply("5.0% of 15 judged samples is less than one")


def test_numbers_go_by_their_distance_from_the_prediction():
    frame = pd.DataFrame({"x": np.arange(5.0)})
    said = np.array([0, 1, 2, np.nan, 4])
    part = regression_part(frame, np.array([0.1, -8, 2, 1e9, 9]), predictions=said)
    treatment = DropHighLoss(share=0.5).propose(part)
    assert treatment.rows.tolist() == [0, 2, 3]
    assert treatment.labels.tolist() == [0.1, 2, 1e9]
