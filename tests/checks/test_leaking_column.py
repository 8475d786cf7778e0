"""Columns that give the label away are named; strong, honest ones are not."""

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from dataclinic.checks.leaking_column import LeakingColumn
from dataclinic.dataset import Texts
from dataclinic.evidence import Evidence
from dataclinic.findings import DidNotApply


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def run(frame, labels, classes=("no", "yes")):
    return LeakingColumn().run(evidence_of(frame, labels, classes=classes))


def churn(samples=600):
    """Four weak columns and the label."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, samples)
    frame = pd.DataFrame(rng.normal(size=(samples, 4)) + 0.7 * labels[:, None], columns=list("abcd"))
    return frame, labels


def test_weak_columns_are_not_accused():
    outcome = run(*churn())
    assert outcome.findings == ()
    assert outcome.summary.startswith("no column tells the label alone; the strongest, ")
    assert outcome.details["skill_of_others_together"] is None


def test_planted_number_written_after_the_label_is_found_with_its_comparison(rng):
    frame, labels = churn()
    frame["refund"] = np.where(labels == 1, rng.lognormal(3, 1, 600), 0.0)
    outcome = run(frame, labels)
    (finding,) = outcome.findings
    assert (finding.subject, finding.row) == ("refund", None)
    assert "balanced accuracy of 100.0% (chance 50.0%); the next best column, '" in finding.reason
    assert 0.3 < outcome.details["skill_of_others_together"] < 0.8
    assert outcome.details["columns"]["refund"]["balanced_accuracy"] == pytest.approx(1, abs=0.01)


def test_leak_with_a_few_errors_is_found(rng):
    frame, labels = churn()
    wrong = rng.random(600) < 0.01
    frame["code"] = pd.Categorical(np.where(labels ^ wrong, "R71", "B20"))
    assert [finding.subject for finding in run(frame, labels).findings] == ["code"]


def test_humped_leak_is_found(rng):
    frame, labels = churn()
    frame["angle"] = np.where(labels == 1, rng.uniform(-1, 1, 600), rng.choice([-1, 1], 600) * rng.uniform(1.1, 2, 600))
    assert [finding.subject for finding in run(frame, labels).findings] == ["angle"]


def test_copy_of_the_label_is_found_where_the_problem_is_easy():
    iris = load_iris(as_frame=True)
    frame = iris.data.assign(code=iris.target.map({0: 7.0, 1: 3.0, 2: 5.0}))
    (finding,) = run(frame, iris.target, tuple(iris.target_names)).findings
    assert finding.subject == "code"
    assert "each of its values stands for one class, and each class for one value" in finding.reason


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_strong_honest_columns_are_not_accused(load):
    data = load(as_frame=True)
    assert run(data.data, data.target, tuple(data.target_names)).findings == ()


def test_column_that_separates_an_easy_problem_is_not_accused():
    iris = load_iris(as_frame=True)
    outcome = run(iris.data, iris.target == 0, ("other", "setosa"))
    assert outcome.details["columns"]["petal length (cm)"]["skill"] > 0.97
    assert outcome.findings == ()


def test_column_missing_exactly_at_one_class_is_named(rng):
    labels = np.arange(400) % 4
    frame = pd.DataFrame(rng.normal(size=(400, 3)), columns=list("abc"))
    frame.loc[labels == 2, "b"] = np.nan
    (finding,) = run(frame, labels, ("n", "e", "s", "w")).findings
    assert finding.subject == "b"
    assert finding.reason == (
        "is missing where the label is 's' (100.0% of its samples) and hardly elsewhere (0.0%): the gap tells the label"
    )


def test_column_missing_at_random_is_not_named(rng):
    frame, labels = churn()
    frame.loc[rng.random(600) < 0.3, "b"] = np.nan
    assert run(frame, labels).findings == ()


def test_number_that_gives_the_given_number_away_is_named(rng):
    frame, _ = churn()
    minutes = rng.lognormal(3, 1, 600)
    evidence = evidence_of(frame.assign(minutes=minutes), classes=())
    targets = -0.17 * minutes
    outcome = LeakingColumn().run(with_targets(evidence, targets))
    (finding,) = outcome.findings
    assert finding.subject == "minutes"
    assert finding.reason.startswith(
        "explains > 99.9% of the variance of the ranks of the given number alone; the next"
    )


def test_strong_honest_numbers_are_not_accused(rng):
    frame, _ = churn()
    evidence = evidence_of(frame, classes=())
    assert LeakingColumn().run(with_targets(evidence, frame["a"] + 0.3 * rng.normal(size=600))).findings == ()


def with_targets(evidence, targets):
    from dataclasses import replace

    dataset = replace(evidence.dataset, targets=np.asarray(targets, float))
    return Evidence(dataset, evidence.groups, evidence.measurements)


def test_columns_that_only_name_the_group_do_not_leak(rng):
    labels = np.repeat(rng.integers(0, 2, 60), 10)
    frame = pd.DataFrame(rng.normal(size=(600, 4)) + 0.5 * labels[:, None], columns=list("abcd"))
    frame["patient"] = np.repeat(rng.permutation(60), 10).astype(float)
    evidence = evidence_of(frame, labels)
    alone = LeakingColumn().run(evidence)
    assert [finding.subject for finding in alone.findings] == ["patient"]
    grouped = Evidence(evidence.dataset, np.repeat(np.arange(60), 10), evidence.measurements)
    assert LeakingColumn().run(grouped).findings == ()


def test_rare_classes_are_left_out(rng):
    frame, labels = churn()
    frame["z"] = np.where(np.arange(600) < 4, 99.0, rng.normal(size=600))
    outcome = run(frame, np.where(np.arange(600) < 4, 2, labels), ("no", "yes", "rare"))
    assert outcome.findings == ()
    assert outcome.details["chance"] == 0.5


def test_settings_decide_how_near_to_perfect(rng):
    frame, labels = churn()
    wrong = rng.random(600) < 0.05
    frame["code"] = (labels ^ wrong) + rng.normal(size=600) / 100
    evidence = evidence_of(frame, labels, classes=("no", "yes"))
    assert LeakingColumn().run(evidence).findings == ()
    assert [finding.subject for finding in LeakingColumn(near_perfect=0.85).run(evidence).findings] == ["code"]


@pytest.mark.parametrize(
    ("payload", "labels", "reason"),
    [
        ([png(0)], [0], "the samples are pictures; there are no columns"),
        (Texts(("a", "b")), [0, 1], "the samples are texts; there are no columns"),
        (
            pd.DataFrame({"a": range(20)}),
            [0, 1] * 10,
            "fewer than 30 samples, or 10 groups of them, say too little about a column",
        ),
        (pd.DataFrame({"a": range(40)}), [0] * 35 + [1] * 5, "fewer than two classes have 10 samples"),
    ],
)
def test_says_why_it_does_not_apply(payload, labels, reason):
    assert LeakingColumn().run(evidence_of(payload, labels)) == DidNotApply(reason)


def test_order_of_samples_does_not_matter(rng):
    frame, labels = churn()
    frame["refund"] = np.where(labels == 1, rng.lognormal(3, 1, 600), 0.0)
    evidence = evidence_of(frame, labels)
    assert told(LeakingColumn().run(evidence)) == told(LeakingColumn().run(shuffled(evidence)))
