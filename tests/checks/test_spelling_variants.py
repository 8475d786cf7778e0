"""Classes and categories in several spellings are named; different names are not."""

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.spelling_variants import SpellingVariants
from dataclinic.dataset import Texts
from dataclinic.findings import DidNotApply


def run(payload, labels=None, classes=("cats", "dogs")):
    return SpellingVariants().run(evidence_of(payload, labels, classes=classes))


def test_classes_of_any_payload_are_looked_at():
    labels, classes = [0, 0, 0, 1, 2], ("T-shirt", "T shirt", "coat")
    for payload in (
        [png(place) for place in range(5)],
        Texts(("a", "b", "c", "d", "e")),
        pd.DataFrame({"width": range(5)}),
    ):
        (finding,) = run(payload, labels, classes).findings
        assert (finding.subject, finding.row) == ("T shirt", None)
        assert finding.reason == "class 'T shirt' (1 sample) is 'T-shirt' (3) but for spaces or punctuation"


def test_planted_spellings_of_categories_are_told_by_column_after_classes():
    city = ["Portland"] * 60 + ["portland"] * 20 + ["Portalnd"] * 2 + ["Bend"] * 18
    outcome = run(
        pd.DataFrame({"city": city, "home": ["rent"] * 97 + ["Rent"] * 3, "size": range(100)}),
        [0] * 60 + [1] * 40,
        ("Cat", "cat"),
    )
    assert [finding.subject for finding in outcome.findings] == ["cat", "city", "home"]
    assert outcome.findings[1].reason == (
        "22.0% of the samples: 'portland' (20) is 'Portland' (60) but for case; "
        "'Portalnd' (2) is 'Portland' (60) but for one letter"
    )
    assert outcome.details["columns"]["home"] == {"Rent": {"of": "rent", "by": "case", "samples": 3}}
    assert outcome.summary == "1 class and categories of 2 columns are spelt as variants of a more frequent name"


def test_many_variants_are_counted_and_the_commonest_shown():
    names = [name for word in ("apple", "pear", "plum", "fig tree") for name in (word, word.upper())]
    column = np.repeat(names, [50, 4, 50, 3, 50, 2, 50, 1])
    (finding,) = run(pd.DataFrame({"fruit": column}), np.zeros(210, int)).findings
    assert finding.reason.endswith("; 'PLUM' (2) is 'plum' (50) but for case; 1 more")


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_different_categories_are_left_alone(dtype):
    names = ["cat", "car", "A1", "A2", "1", "2", "a", "A", "type I", "type II", "B+", "B-", "house", "horse"]
    frame = pd.DataFrame({"x": pd.Series(names * 50, dtype=dtype)})
    assert run(frame, np.zeros(700, int)).findings == ()
    assert run(frame, np.zeros(700, int)).summary == "no class and no category is spelt in several ways"


def test_says_why_it_does_not_apply():
    reason = DidNotApply("there are no classes and no columns of categories")
    assert run(pd.DataFrame({"a": [1, 2]}), classes=()) == reason
    assert run([png(0)], classes=()) == reason


def test_order_of_samples_does_not_matter():
    frame = pd.DataFrame({"city": ["Bend"] * 10 + ["BEND"] * 10 + ["bend"] * 10})
    evidence = evidence_of(frame, [0] * 20 + [1] * 10, classes=("Yes", "yes"))
    assert told(SpellingVariants().run(evidence)) == told(SpellingVariants().run(shuffled(evidence)))
