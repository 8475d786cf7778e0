"""Long tails that a change of scale takes away are named with the fix; slips and marks are not."""

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told
from scipy.stats import skew

from dataclinic.checks.skewed_column import SkewedColumn
from dataclinic.findings import DidNotApply

RNG = np.random.default_rng(0)
N = 2000


def run(**columns):
    return SkewedColumn().run(evidence_of(pd.DataFrame(columns)))


def test_amounts_are_sent_to_the_logarithm():
    income = RNG.lognormal(8, 1, N)
    outcome = run(income=income, age=RNG.normal(50, 10, N))
    (finding,) = outcome.findings
    assert (finding.subject, finding.row) == ("income", None)
    assert finding.score == pytest.approx(skew(income))
    after = skew(np.log1p(income))
    assert finding.reason == (
        f"skewed to the right, {skew(income):.1f}; log(1 + x) brings it to {after:.1f} (fix: log_transform)"
    )
    assert outcome.details["columns"]["income"] == {
        "skewness": pytest.approx(skew(income)),
        "fix": "log_transform",
        "after": pytest.approx(after),
    }
    assert outcome.details["columns"]["age"]["fix"] is None


@pytest.mark.parametrize(
    "column",
    [-RNG.lognormal(0, 1, N), RNG.lognormal(0, 1, N) / 1000, RNG.lognormal(0, 1, N) - 1],
    ids=["left", "tiny", "signed"],
)
def test_what_a_logarithm_does_not_mend_is_sent_to_a_power(column):
    (finding,) = run(x=column).findings
    assert finding.reason.endswith("(fix: power_transform)")


@pytest.mark.parametrize(
    "column",
    [
        RNG.normal(size=N),
        RNG.uniform(size=N),
        RNG.poisson(4, N),
        np.r_[RNG.normal(50, 10, N - 3), [5000, 6000, 9000]],
        np.where(RNG.random(N) < 0.05, 0, RNG.normal(85, 5, N)),
        np.where(RNG.random(N) < 0.9, 0, RNG.lognormal(5, 1, N)),
        RNG.random(N) < 0.01,
        RNG.standard_t(3, N),
    ],
    ids=["normal", "uniform", "counts", "slips", "zeros for the absent", "mostly zeros", "mark", "heavy tails"],
)
def test_columns_without_a_tail_to_take_away_are_left_alone(column):
    assert run(x=column, y=np.arange(N)).findings == ()


def test_the_most_skewed_comes_first():
    outcome = run(some=RNG.lognormal(3, 0.8, N), more=RNG.lognormal(3, 1.5, N))
    assert [finding.subject for finding in outcome.findings] == ["more", "some"]


def test_setting_moves_the_threshold():
    evidence = evidence_of(pd.DataFrame({"x": RNG.exponential(20, N)}))
    assert SkewedColumn(least_skew=3.0).run(evidence).findings == ()
    assert len(SkewedColumn(least_skew=1.5).run(evidence).findings) == 1


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ([png(0)], "the samples are pictures; there are no columns"),
        (
            pd.DataFrame({"a": [1.0, 0.0] * 10, "b": ["x"] * 20}),
            "no numeric column has 10 values and more than two different ones",
        ),
    ],
)
def test_says_why_it_does_not_apply(payload, reason):
    assert SkewedColumn().run(evidence_of(payload)) == DidNotApply(reason)


def test_order_of_samples_does_not_matter():
    evidence = evidence_of(pd.DataFrame({"x": RNG.lognormal(0, 1, 5000) - 1}))
    (one,), (other,) = (told(SkewedColumn().run(given)) for given in (evidence, shuffled(evidence)))
    assert one[:2] == other[:2]
    assert one[2] == pytest.approx(other[2])
