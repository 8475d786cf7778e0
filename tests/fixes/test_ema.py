from dataclasses import replace

import numpy as np
from imbalanced_parts import balanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes.ema import Ema
from dataclinic.recipe import Recipe


def test_recipe_asks_for_one_thing_and_nothing_else_changes():
    part = replace(balanced(), honours=frozenset({"ema"}))
    treatment = Ema().propose(part)
    assert treatment.recipe == Recipe(ema=True)
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    assert (treatment.weights, treatment.synthetic, treatment.column_map, treatment.offsets) == (None,) * 4
    assert treatment.told == "predict with a moving average of the weights"


def test_model_that_does_not_follow_it_is_named_with_those_that_do():
    part = replace(balanced(), model="ridge_head", honours=frozenset({"mixup"}))
    assert Ema().propose(part) == DidNotApply(
        "ridge_head cannot train with ema; models that can: timm_finetune, tiny_cnn"
    )
