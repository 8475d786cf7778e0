from dataclasses import replace

import numpy as np
from imbalanced_parts import balanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes.randaugment import Randaugment
from dataclinic.recipe import Recipe


def test_recipe_asks_for_one_thing_and_nothing_else_changes():
    part = replace(balanced(), honours=frozenset({"augmentation"}))
    treatment = Randaugment().propose(part)
    assert treatment.recipe == Recipe(augmentation="randaugment")
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    assert (treatment.weights, treatment.synthetic, treatment.column_map, treatment.offsets) == (None,) * 4
    assert treatment.told == "change pictures by two of 14 operations at random"


def test_model_that_does_not_follow_it_is_named_with_those_that_do():
    part = replace(balanced(), model="ridge_head", honours=frozenset({"mixup"}))
    assert Randaugment().propose(part) == DidNotApply(
        "ridge_head cannot train with augmentation; models that can: timm_finetune, tiny_cnn"
    )
