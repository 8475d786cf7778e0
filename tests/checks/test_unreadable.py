"""Every broken file is found, with its reason; nothing else is."""

from pathlib import Path

import pandas as pd
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.unreadable import Unreadable
from dataclinic.dataset import Texts
from dataclinic.findings import DidNotApply


def test_finds_every_planted_fault():
    sources = [png(0), None, png(1), b"", png(2)[:100], b"no picture", Path("missing.png"), png(3)]
    outcome = Unreadable().run(evidence_of(sources))
    assert [finding.row for finding in outcome.findings] == [1, 3, 4, 5, 6]
    reasons = " | ".join(finding.reason for finding in outcome.findings)
    for words in ("empty cell", "empty file", "truncated", "not an image", "no such file"):
        assert words in reasons
    assert outcome.summary == "5 of 8 images cannot be decoded"
    assert outcome.details == {"unreadable": 5}


def test_readable_pictures_have_no_findings():
    assert Unreadable().run(evidence_of([png(seed) for seed in range(5)])).findings == ()


def test_does_not_apply_to_tables():
    outcome = Unreadable().run(evidence_of(pd.DataFrame({"a": [1, 2]})))
    assert isinstance(outcome, DidNotApply)
    assert "table" in outcome.reason


def test_order_of_samples_does_not_matter():
    evidence = evidence_of([png(0), None, b"", png(1)[:90]])
    assert told(Unreadable().run(evidence)) == told(Unreadable().run(shuffled(evidence)))


def test_blank_texts_are_found():
    outcome = Unreadable().run(evidence_of(Texts(("good", "", "bad", " \t\u200b"))))
    assert [(finding.row, finding.reason) for finding in outcome.findings] == [(1, "empty text"), (3, "empty text")]
    assert outcome.summary == "2 of 4 texts are empty"
    assert Unreadable().run(evidence_of(Texts(("good", ".")))).findings == ()
