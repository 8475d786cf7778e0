"""Columns without a signal are named where there are samples enough; all numbers are in the details."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.feature_signal import FeatureSignal
from dataclinic.evidence import Evidence
from dataclinic.findings import DidNotApply


def table(samples=3000, noise=1, seed=0):
    """A strong number, a humped one, a category, a gap that tells, and columns of noise."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, samples)
    width = np.where(labels == 1, 2.0, 0.5)
    columns = {
        "strong": rng.normal(size=samples) + labels,
        "humped": rng.normal(size=samples) * width,
        "category": np.where(rng.random(samples) < 0.3, "rare", np.where(labels == 1, "a", "b")),
        "gap": np.where(rng.random(samples) < 0.4 * labels, np.nan, rng.normal(size=samples)),
    }
    return pd.DataFrame(columns | {f"noise{n}": rng.normal(size=samples) for n in range(noise)}), labels


def run(frame, labels, **settings):
    return FeatureSignal(**settings).run(evidence_of(frame, labels))


def test_planted_noise_is_named_and_signals_of_any_shape_are_not():
    outcome = run(*table())
    (finding,) = outcome.findings
    assert (finding.subject, finding.row) == ("noise0", None)
    assert finding.reason.startswith("carries no measurable signal about the label: in 3,000 samples p = 0.")
    assert outcome.summary.startswith(
        "4 of 5 columns carry a measurable signal about the label, 'category' the strongest"
    )
    columns = outcome.details["columns"]
    assert columns["strong"]["signal_to_noise"] == pytest.approx(0.25, abs=0.05)
    assert columns["category"]["signal_to_noise"] is None
    assert all(columns[name]["p_adjusted"] < 1e-6 for name in ("strong", "humped", "category", "gap"))
    assert columns["noise0"]["largest_effect"] < 0.01 < columns["strong"]["effect"]


def test_few_samples_bring_no_findings():
    for seed in range(5):
        outcome = run(*table(400, noise=5, seed=seed))
        assert outcome.findings == ()


def test_weak_signals_are_not_called_none():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 5000)
    frame = pd.DataFrame({f"weak{n}": rng.normal(size=5000) + 0.25 * labels for n in range(20)})
    assert run(frame, labels).findings == ()


def test_no_more_than_the_weakest_ten_are_named():
    outcome = run(*table(noise=30))
    assert len(outcome.findings) == 10
    effects = [outcome.details["columns"][finding.subject]["largest_effect"] for finding in outcome.findings]
    assert effects == sorted(effects)
    assert len(run(*table(noise=30), most_findings=2).findings) == 2


def test_chance_does_not_pass_for_signal():
    frame, labels = table(noise=200)
    told_columns = run(frame, labels).details["columns"]
    assert sum(told_columns[f"noise{n}"]["p_adjusted"] <= 0.05 for n in range(200)) <= 3


def test_numbers_to_be_predicted_are_cut_into_bins():
    frame, _ = table(noise=5)
    evidence = evidence_of(frame, classes=())
    dataset = replace(evidence.dataset, targets=frame["strong"].to_numpy() ** 3)
    outcome = FeatureSignal().run(Evidence(dataset, evidence.groups))
    assert outcome.details["columns"]["strong"]["p_adjusted"] == 0
    named = {finding.subject for finding in outcome.findings}
    assert len(named) >= 3
    assert named <= {f"noise{n}" for n in range(5)}


def test_constant_and_hardly_varying_columns_are_left_to_their_own_check():
    frame, labels = table()
    outcome = run(frame.assign(one=1.0, rare=np.arange(3000) < 4), labels)
    assert [finding.subject for finding in outcome.findings] == ["noise0"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ([png(0)], "the samples are pictures; there are no columns"),
        (pd.DataFrame({"a": range(20)}), "fewer than 30 samples say nothing about a column's signal"),
    ],
)
def test_says_why_it_does_not_apply(payload, reason):
    assert FeatureSignal().run(evidence_of(payload)) == DidNotApply(reason)


def test_order_of_samples_does_not_matter():
    evidence = evidence_of(*table())
    assert told(FeatureSignal().run(evidence)) == told(FeatureSignal().run(shuffled(evidence)))
