from dataclasses import replace

import numpy as np
from imbalanced_parts import balanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes.cutmix import Cutmix
from dataclinic.recipe import Recipe


def test_recipe_asks_for_one_thing_and_nothing_else_changes():
    part = replace(balanced(), honours=frozenset({"cutmix"}))
    treatment = Cutmix().propose(part)
    assert treatment.recipe == Recipe(cutmix=1.0)
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    assert (treatment.weights, treatment.synthetic, treatment.column_map, treatment.offsets) == (None,) * 4
    assert treatment.told == "paste boxes between pictures, Beta(1, 1)"


def test_model_that_does_not_follow_it_is_named_with_those_that_do():
    part = replace(balanced(), model="ridge_head", honours=frozenset({"mixup"}))
    assert Cutmix().propose(part) == DidNotApply(
        "ridge_head cannot train with cutmix; models that can: timm_finetune, tiny_cnn"
    )


def test_alpha_is_a_setting():
    part = replace(balanced(), honours=frozenset({"cutmix"}))
    assert Cutmix(alpha=0.4).propose(part).recipe == Recipe(cutmix=0.4)
