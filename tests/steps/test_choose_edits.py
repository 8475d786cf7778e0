import numpy as np
import pandas as pd

from dataclinic.edits import Drop, Relabel
from dataclinic.steps.choose_edits import choose_edits

RANKING = pd.DataFrame(
    {
        "row": [4, 0, 2],
        "id": ["e", "a", "c"],
        "given_label": ["cat", "dog", "cat"],
        "suggested_label": ["dog", "cat", "dog"],
        "flagged": [True, True, False],
        "probability": [np.nan, np.nan, np.nan],
        "self_confidence": [0.02, 0.3, 0.01],
        "reason": ["r1", "r2", "r3"],
    }
)


def test_flagged_samples_are_dropped_in_order_of_rank():
    edits = choose_edits(RANKING, "drop", 0.5)
    assert edits == [Drop(4, "e", "cat", "r1"), Drop(0, "a", "dog", "r2")]


def test_relabel_gives_the_suggested_label():
    assert choose_edits(RANKING, "relabel", 0.9) == [Relabel(4, "e", "cat", "dog", "r1")]


def test_a_calibrated_probability_goes_before_the_stand_in():
    calibrated = RANKING.assign(probability=[0.4, 0.95, 0.99])
    assert [edit.id for edit in choose_edits(calibrated, "drop", 0.5)] == ["a"]
