import json

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of as measured_evidence
from sklearn.metrics import recall_score
from sklearn.utils.class_weight import compute_class_weight

from dataclinic.checks.class_imbalance import ClassImbalance
from dataclinic.findings import DidNotApply
from dataclinic.testing.planted import confident_probs, evidence_of, table_dataset

LABELS = np.repeat([0, 1, 2], [100, 60, 8])
DATASET = table_dataset(np.zeros((168, 2), np.float32), LABELS, ["cat", "dog", "yak"])


def test_names_the_rare_class_with_numbers():
    outcome = ClassImbalance().run(evidence_of(DATASET))
    assert [finding.subject for finding in outcome.findings] == ["yak"]
    assert "8 samples (4.8%), the largest class has 100; recall not known" in outcome.findings[0].reason
    assert outcome.findings[0].row is None
    assert outcome.details["imbalance_ratio"] == 12.5


def test_equal_classes_are_no_finding():
    dataset = table_dataset(np.zeros((90, 2), np.float32), np.arange(90) % 3)
    assert ClassImbalance().run(evidence_of(dataset)).findings == ()


def test_weights_and_recall_are_those_of_scikit_learn():
    probs = confident_probs(np.roll(LABELS, 5), classes=3)
    outcome = ClassImbalance().run(evidence_of(DATASET, probs))
    expected = compute_class_weight("balanced", classes=np.arange(3), y=LABELS)
    weights = outcome.files["class_weights.json"]
    assert weights == pytest.approx(dict(zip(["cat", "dog", "yak"], expected, strict=True)))
    recall = recall_score(LABELS, probs.argmax(axis=1), average=None)
    assert [row["recall"] for row in outcome.details["classes"]] == pytest.approx(list(recall))
    assert sum(row["share"] for row in outcome.details["classes"]) == pytest.approx(1)


def test_all_it_says_can_be_written_as_json():
    outcome = ClassImbalance().run(evidence_of(DATASET))
    assert json.loads(json.dumps([outcome.details, outcome.files], allow_nan=False))


def test_threshold_is_a_setting():
    assert len(ClassImbalance(ratio=0.7).run(evidence_of(DATASET)).findings) == 2


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([30, 30], "all classes have the same number of samples; no class is rare"),
        ([500, 501], "the largest class has hardly more samples than the smallest; no class is rare"),
        ([30, 12], "the largest class has 2.5 times the samples of the smallest; no class is rare"),
    ],
)
def test_summary_compares_the_largest_class_with_the_smallest(counts, told):
    labels = np.repeat([0, 1], counts)
    dataset = table_dataset(np.zeros((len(labels), 2), np.float32), labels)
    assert ClassImbalance().run(evidence_of(dataset)).summary == told


def test_one_sample_is_told_in_the_singular():
    labels = np.repeat([0, 1], [30, 1])
    (finding,) = ClassImbalance().run(evidence_of(table_dataset(np.zeros((31, 2), np.float32), labels))).findings
    assert finding.reason.startswith("1 sample (")


def test_numbers_have_no_classes():
    evidence = measured_evidence(pd.DataFrame({"x": [1.0, 2.0]}), classes=())
    assert ClassImbalance().run(evidence) == DidNotApply("regression has no classes")
