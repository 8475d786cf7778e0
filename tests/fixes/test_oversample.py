from dataclasses import replace

import numpy as np
from imbalanced_parts import balanced, imbalanced, pictures
from imblearn.over_sampling import RandomOverSampler

from dataclinic.findings import DidNotApply
from dataclinic.fixes.oversample import Oversample
from dataclinic.seeding import seed_for


def test_rows_are_those_of_imbalanced_learn():
    part = imbalanced()
    treatment = Oversample().propose(part)
    reference = RandomOverSampler(random_state=seed_for(0, "oversample"))
    reference.fit_resample(part.features.matrix, part.labels)
    np.testing.assert_array_equal(treatment.rows, reference.sample_indices_)
    np.testing.assert_array_equal(treatment.labels, part.labels[treatment.rows])
    assert np.bincount(treatment.labels).tolist() == [120, 120, 120]
    assert treatment.told == "train on 188 repeated samples beside 172"


def test_every_sample_is_kept_and_share_says_how_many_are_added():
    part = imbalanced()
    treatment = Oversample(share=0.5).propose(part)
    np.testing.assert_array_equal(treatment.rows[: len(part)], part.rows)
    assert np.bincount(treatment.labels).tolist() == [120, 60, 60]


def test_class_of_one_sample_and_pictures_are_no_hindrance():
    treatment = Oversample().propose(imbalanced((9, 1)))
    assert np.bincount(treatment.labels).tolist() == [9, 9]
    assert len(Oversample().propose(pictures()).rows) == 360


def test_seed_of_the_part_decides():
    part = imbalanced()
    first, again, other = (Oversample().propose(replace(part, seed=seed)).rows for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_balanced_classes_are_left_alone():
    assert isinstance(Oversample().propose(balanced()), DidNotApply)
    enough = Oversample(share=0.3, least_imbalance=1).propose(imbalanced((30, 20)))
    assert enough == DidNotApply("every class has 30% of the largest class's samples")
