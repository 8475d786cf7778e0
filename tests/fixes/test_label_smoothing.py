from dataclasses import replace

import numpy as np
from imbalanced_parts import balanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes.label_smoothing import LabelSmoothing
from dataclinic.recipe import Recipe


def test_recipe_asks_for_one_thing_and_nothing_else_changes():
    part = replace(balanced(), honours=frozenset({"label_smoothing"}))
    treatment = LabelSmoothing().propose(part)
    assert treatment.recipe == Recipe(label_smoothing=0.1)
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    assert (treatment.weights, treatment.synthetic, treatment.column_map, treatment.offsets) == (None,) * 4
    assert treatment.told == "spread 10% of every label over the classes"


def test_model_that_does_not_follow_it_is_named_with_those_that_do():
    part = replace(balanced(), model="ridge_head", honours=frozenset({"mixup"}))
    assert LabelSmoothing().propose(part) == DidNotApply(
        "ridge_head cannot train with label smoothing; models that can: linear_head, mlp_head, timm_finetune, tiny_cnn"
    )


def test_share_is_a_setting():
    part = replace(balanced(), honours=frozenset({"label_smoothing"}))
    assert LabelSmoothing(share=0.3).propose(part).recipe == Recipe(label_smoothing=0.3)
