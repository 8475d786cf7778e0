from dataclasses import replace

import numpy as np
from imbalanced_parts import balanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes.focal_loss import FocalLoss
from dataclinic.recipe import Recipe


def test_recipe_asks_for_one_thing_and_nothing_else_changes():
    part = replace(balanced(), honours=frozenset({"focal_gamma"}))
    treatment = FocalLoss().propose(part)
    assert treatment.recipe == Recipe(focal_gamma=2.0)
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    assert (treatment.weights, treatment.synthetic, treatment.column_map, treatment.offsets) == (None,) * 4
    assert treatment.told == "focal loss with γ = 2"


def test_model_that_does_not_follow_it_is_named_with_those_that_do():
    part = replace(balanced(), model="ridge_head", honours=frozenset({"mixup"}))
    assert FocalLoss().propose(part) == DidNotApply(
        "ridge_head cannot train with focal gamma; models that can: mlp_head, timm_finetune, tiny_cnn"
    )


def test_gamma_is_a_setting():
    part = replace(balanced(), honours=frozenset({"focal_gamma"}))
    assert FocalLoss(gamma=0.5).propose(part).recipe == Recipe(focal_gamma=0.5)
