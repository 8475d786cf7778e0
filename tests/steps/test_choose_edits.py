from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dataclinic.dataset import Dataset, Table
from dataclinic.edits import Decision, Drop, Relabel
from dataclinic.errors import ExportError
from dataclinic.steps.choose_edits import choose_edits, decided_edits, treatment_edits

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
    assert treatment_edits(PLAN, "why") == [
        Relabel(1, "b", "dog", "cat", "why", "treatment"),
        Drop(2, "c", "cat", "why", "treatment"),
    ]


def test_numbers_are_dropped_by_a_plan_but_never_rewritten():
    plan = PLAN.assign(given=[1.0, 2.0, 3.0, 4.0], label=[1.0, 2.0, 9.0, 4.0])
    assert treatment_edits(plan, "why") == [Drop(2, "c", "3.0", "why", "treatment")]
    with pytest.raises(ExportError, match="other numbers"):
        treatment_edits(plan.assign(label=[1.0, 2.5, 3.0, 4.0]), "why")


def dataset(targets=None):
    """Samples a to d: cats and dogs in turn, or numbers."""
    rows = np.arange(4)
    labels = rows % 2 if targets is None else np.zeros(4, np.int64)
    classes = ("cat", "dog") if targets is None else ()
    numbers = None if targets is None else np.array(targets, np.float64)
    frame = Table(pd.DataFrame({"x": rows}))
    return Dataset(Path("t.csv"), "csv", frame, tuple("abcd"), labels, classes, rows, targets=numbers)


def said(sample, verdict, label=None, origin="queue"):
    return Decision(sample, verdict, label, "", "", "2026-01-01T00:00:00+00:00", "anna", origin)


def test_decisions_become_edits_in_the_order_of_samples():
    decisions = {3: said("d", "drop", origin="audit"), 0: said("a", "relabel", "dog", "import"), 1: said("b", "keep")}
    about = ("decision", "anna", "2026-01-01T00:00:00+00:00")
    assert decided_edits(dataset(), decisions, "keep") == [
        Relabel(0, "a", "cat", "dog", "decided in another tool", *about),
        Drop(3, "d", "dog", "reviewed as one of a random sample", *about),
    ]


def test_ambiguous_samples_are_kept_or_dropped_as_asked():
    decisions = {2: said("c", "ambiguous")}
    assert decided_edits(dataset(), decisions, "keep") == []
    assert [edit.id for edit in decided_edits(dataset(), decisions, "drop")] == ["c"]


def test_a_relabelling_to_the_given_label_changes_nothing():
    assert decided_edits(dataset(), {0: said("a", "relabel", "cat")}, "keep") == []
    assert decided_edits(dataset([1.5, 2, 3, 4]), {0: said("a", "relabel", "1.50")}, "keep") == []


def test_a_class_that_the_data_lack_is_refused():
    with pytest.raises(ExportError, match="names a class 'cta', which the data does not have") as caught:
        decided_edits(dataset(), {0: said("a", "relabel", "cta")}, "keep")
    assert "did you mean 'cat'" in caught.value.hint


def test_a_decided_number_is_taken_as_it_was_typed():
    edits = decided_edits(dataset([1.5, 2, 3, 4]), {0: said("a", "relabel", " 2.50 ")}, "keep")
    assert [(edit.given, edit.to) for edit in edits] == [("1.5", "2.50")]


@pytest.mark.parametrize("text", ["nan", "inf", "two", "", "1_000", "1e999"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ExportError, match="is no finite number"):
        decided_edits(dataset([1.5, 2, 3, 4]), {0: said("a", "relabel", text)}, "keep")


def test_suggestions_leave_alone_what_people_decided_on():
    assert [edit.id for edit in choose_edits(RANKING, "drop", 0.5, {4})] == ["a"]
    assert [edit.id for edit in choose_edits(NUMBERS, "drop", 0.5, {0})] == ["e"]
