from dataclasses import replace

import numpy as np
from imbalanced_parts import balanced, imbalanced, pictures
from imblearn.under_sampling import RandomUnderSampler

from dataclinic.findings import DidNotApply
from dataclinic.fixes.undersample import Undersample
from dataclinic.seeding import seed_for


def test_rows_are_those_of_imbalanced_learn():
    part = imbalanced()
    treatment = Undersample().propose(part)
    reference = RandomUnderSampler(random_state=seed_for(0, "undersample"))
    reference.fit_resample(part.features.matrix, part.labels)
    np.testing.assert_array_equal(treatment.rows, np.sort(reference.sample_indices_))
    np.testing.assert_array_equal(treatment.labels, part.labels[treatment.rows])
    assert np.bincount(treatment.labels).tolist() == [12, 12, 12]
    assert treatment.told == "train on 36 of 172 samples"


def test_ratio_says_how_much_larger_a_class_may_be():
    treatment = Undersample(ratio=4).propose(imbalanced())
    assert np.bincount(treatment.labels).tolist() == [48, 40, 12]
    assert len(np.unique(treatment.rows)) == 100
    assert Undersample(ratio=20).propose(imbalanced()) == DidNotApply(
        "no class has more than 20 times the samples of the smallest"
    )


def test_pictures_are_no_hindrance_and_the_seed_decides():
    part = pictures()
    first, again, other = (Undersample().propose(replace(part, seed=seed)).rows for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_balanced_classes_are_left_alone():
    assert isinstance(Undersample().propose(balanced()), DidNotApply)
