import numpy as np
import pandas as pd
import pytest

from dataclinic.edits import Drop, Relabel
from dataclinic.errors import ExportError
from dataclinic.steps.choose_edits import choose_edits, treatment_edits

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


NUMBERS = RANKING.assign(target=[1.0, 2, 3], self_confidence=np.nan)


def test_every_flagged_number_is_dropped_whatever_the_probability():
    edits = choose_edits(NUMBERS, "drop", 0.99)
    assert edits == [Drop(4, "e", "cat", "r1"), Drop(0, "a", "dog", "r2")]


def test_numbers_are_not_relabelled():
    with pytest.raises(ExportError, match="cannot be relabelled") as caught:
        choose_edits(NUMBERS, "relabel", 0.5)
    assert "--apply drop" in caught.value.hint


PLAN = pd.DataFrame(
    {
        "row": [0, 1, 2, 3],
        "id": ["a", "b", "c", "d"],
        "given": ["cat", "dog", "cat", "dog"],
        "label": ["cat", "cat", "cat", "dog"],
        "copies": [1, 2, 0, 3],
    }
)


def test_a_training_plan_drops_what_has_no_copies_and_relabels_what_has_another_label():
    assert treatment_edits(PLAN, "why") == [Relabel(1, "b", "dog", "cat", "why"), Drop(2, "c", "cat", "why")]


def test_numbers_are_dropped_by_a_plan_but_never_rewritten():
    plan = PLAN.assign(given=[1.0, 2.0, 3.0, 4.0], label=[1.0, 2.0, 9.0, 4.0])
    assert treatment_edits(plan, "why") == [Drop(2, "c", "3.0", "why")]
    with pytest.raises(ExportError, match="other numbers"):
        treatment_edits(plan.assign(label=[1.0, 2.5, 3.0, 4.0]), "why")
