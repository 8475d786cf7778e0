from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dataclinic.findings import DidNotApply
from dataclinic.fixes.drop_outliers import DropOutliers
from dataclinic.methods.neighbour_distance import neighbour_distance
from dataclinic.methods.robust_z import robust_z_scores
from dataclinic.seeding import rng_for
from dataclinic.testing.parts import table_part, vector_part
from dataclinic.testing.planted import gaussian_classes


@pytest.fixture
def part():
    """Two wide classes and a rare one, whose last twelve vectors point anywhere."""
    vectors, labels = gaussian_classes(1200, 3, dims=24, apart=12.0)
    chosen = np.flatnonzero((labels < 2) | (np.arange(1200) % 20 == 0))
    vectors, labels = vectors[chosen], labels[chosen]
    vectors[-12:] = np.random.default_rng(0).normal(0, 3, size=(12, 24))
    return vector_part(vectors, labels)


def test_planted_outliers_go_and_hardly_anything_else(part):
    treatment = DropOutliers().propose(part)
    dropped = np.setdiff1d(part.rows, treatment.rows)
    assert set(part.rows[-12:]) <= set(dropped)
    assert len(dropped) <= 12 + 0.01 * len(part)
    np.testing.assert_array_equal(treatment.labels, part.labels[treatment.rows])
    assert treatment.told == f"drop {len(dropped)} of {len(part)} samples as outliers"


def test_rare_class_is_no_outlier(part):
    rare = np.flatnonzero(part.labels[:-12] == 2)
    assert len(rare) >= 10
    assert np.isin(rare, DropOutliers().propose(part).rows).mean() > 0.9


def test_goes_by_the_robust_z_score_within_each_class(part):
    distances = neighbour_distance(part.features.matrix, rng_for(0, "drop_outliers"))
    outliers = np.zeros(len(part), bool)
    for code in range(3):
        rows = np.flatnonzero(part.labels == code)
        outliers[rows] = robust_z_scores(distances[rows]) > 2
    np.testing.assert_array_equal(DropOutliers(threshold=2.0).propose(part).rows, np.flatnonzero(~outliers))


def test_class_of_a_few_is_left_alone():
    vectors, labels = gaussian_classes(300, 2, dims=16, apart=9.0)
    labels[:9] = 2
    vectors[:9] = np.random.default_rng(1).normal(0, 3, size=(9, 16))
    kept = getattr(DropOutliers().propose(vector_part(vectors, labels)), "rows", np.arange(300))
    assert np.isin(np.arange(9), kept).all()


def test_samples_are_drawn_by_the_seed_of_the_part(part):
    rows = [DropOutliers(threshold=1.5).propose(replace(part, seed=seed)).rows.tolist() for seed in (1, 1, 2)]
    assert rows[0] == rows[1] != rows[2]


def test_says_why_it_does_not_apply():
    assert "columns or pictures" in DropOutliers().propose(table_part(pd.DataFrame({"x": range(50)}), [0] * 50)).reason
    few = vector_part(*gaussian_classes(3, 3))
    assert DropOutliers().propose(few) == DidNotApply("3 samples are too few to have neighbours")
    plain = vector_part(*gaussian_classes(100, 2))
    assert DropOutliers(threshold=50.0).propose(plain) == DidNotApply("no sample has a robust z-score above 50")
