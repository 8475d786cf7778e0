import pandas as pd

from dataclinic.edits import Decision, Verdict
from dataclinic.steps.import_decisions import import_decisions

SAMPLES = pd.DataFrame({"id": ["a", "b", "c"], "content": ["da", "db", ""], "given_label": ["cat", "dog", "cat"]})
CLASSES = ("cat", "dog")


def imported(*verdicts, samples=SAMPLES, classes=CLASSES, earlier=None):
    return import_decisions(samples, classes, verdicts, earlier or {})


def test_the_given_label_is_kept_another_relabels_and_none_is_ambiguous():
    found = imported(
        Verdict("a", label="cat", time="t", reviewer="anna"), Verdict("b", label="cat"), Verdict("c", label=None)
    )
    assert found.decisions == (
        Decision("a", "keep", None, "da", "cat", "t", "anna", "import"),
        Decision("b", "relabel", "cat", "db", "dog", "", "", "import"),
        Decision("c", "ambiguous", None, "", "cat", "", "", "import"),
    )


def test_samples_are_found_by_their_content_where_the_id_is_another():
    assert [one.id for one in imported(Verdict("zzz", "db", "cat"), Verdict("a", "db", "cat")).decisions] == ["b"]
    assert imported(Verdict("a", "elsewhere", "cat")).unknown_samples == ("a",)


def test_strangers_and_labels_that_are_none_are_told():
    found = imported(Verdict("z", label="cat"), Verdict("a", label="mouse"), Verdict("b", label="dog"))
    assert (found.unknown_samples, found.unknown_labels) == (("z",), ("mouse",))
    assert [one.id for one in found.decisions] == ["b"]


def test_what_the_last_import_said_is_not_said_again():
    first = imported(Verdict("a", label="dog"), Verdict("a", label="dog"), Verdict("b", label="dog"))
    assert (len(first.decisions), first.known) == (2, 1)
    again = imported(Verdict("a", label="dog"), Verdict("b", label="cat"), earlier=dict(enumerate(first.decisions)))
    assert ([one.id for one in again.decisions], again.known) == (["b"], 1)


def test_a_drop_is_a_drop():
    assert imported(Verdict("a", verdict="drop")).decisions[0].verdict == "drop"


def test_numbers_are_compared_as_numbers():
    numbers = SAMPLES.assign(given_label=["12.5", "3", "1"])
    said = [Verdict("a", label="12.50"), Verdict("b", label="4"), Verdict("c", label="nan"), Verdict("c", label="x")]
    found = imported(*said, samples=numbers, classes=())
    assert [(one.verdict, one.label) for one in found.decisions] == [("keep", None), ("relabel", "4")]
    assert found.unknown_labels == ("nan", "x")
