from dataclasses import replace

import numpy as np
from imbalanced_parts import balanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes import test_time_augmentation as fix
from dataclinic.recipe import Recipe


def test_recipe_asks_for_one_thing_and_nothing_else_changes():
    part = replace(balanced(), honours=frozenset({"test_time_augmentation"}))
    treatment = fix.TestTimeAugmentation().propose(part)
    assert treatment.recipe == Recipe(test_time_augmentation=True)
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    assert (treatment.weights, treatment.synthetic, treatment.column_map, treatment.offsets) == (None,) * 4
    assert treatment.told == "average over views of each scored picture"


def test_model_that_does_not_follow_it_is_named_with_those_that_do():
    part = replace(balanced(), model="ridge_head", honours=frozenset({"mixup"}))
    assert fix.TestTimeAugmentation().propose(part) == DidNotApply(
        "ridge_head cannot train with test time augmentation; models that can: timm_finetune, tiny_cnn"
    )
