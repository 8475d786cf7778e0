import pandas as pd

from dataclinic.edits import Decision
from dataclinic.steps.place_decisions import place_decisions

SAMPLES = pd.DataFrame({"id": ["a", "b", "c"], "content": ["x", "y", ""]}, dtype="str")


def placed(*decisions):
    return {row: decision.verdict for row, decision in place_decisions(SAMPLES, decisions).items()}


def test_decisions_are_found_by_id():
    assert placed(Decision("b", "keep"), Decision("c", "drop", content="z")) == {1: "keep", 2: "drop"}


def test_where_the_id_has_another_content_the_content_decides():
    assert placed(Decision("a", "keep", content="y")) == {1: "keep"}
    assert placed(Decision("gone", "keep", content="x")) == {0: "keep"}


def test_a_sample_that_is_not_there_has_no_decision():
    assert placed(Decision("a", "keep", content="other"), Decision("gone", "drop")) == {}


def test_the_last_decision_counts():
    assert placed(Decision("a", "keep"), Decision("a", "drop", content="x")) == {0: "drop"}
    assert placed() == {}


def test_of_several_copies_the_first_is_found():
    copies = pd.DataFrame({"id": ["a", "b"], "content": ["x", "x"]}, dtype="str")
    assert list(place_decisions(copies, [Decision("gone", "keep", content="x")])) == [0]
