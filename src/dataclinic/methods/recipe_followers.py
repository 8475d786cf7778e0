"""Which models of the package follow which field of a recipe, for telling people; importing them all takes seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclinic.recipe import Recipe

NETWORKS = ("timm_finetune", "tiny_cnn")

FOLLOWERS: dict[str, tuple[str, ...]] = {
    "label_smoothing": ("linear_head", "mlp_head", *NETWORKS),
    "focal_gamma": ("mlp_head", *NETWORKS),
    "augmentation": NETWORKS,
    "mixup": ("mlp_head", *NETWORKS),
    "cutmix": NETWORKS,
    "ema": NETWORKS,
    "test_time_augmentation": NETWORKS,
}


def not_followed(recipe: Recipe, model: str, honours: frozenset[str]) -> str | None:
    """Why `model` cannot train by `recipe`, and which models can; None where it can.

    Args:
        recipe: asks for something.
        model: id of the model.
        honours: fields of `Recipe` that it follows.
    """
    missing = sorted(recipe.asked().keys() - honours)
    if not missing:
        return None
    able = sorted(set.intersection(*(set(FOLLOWERS[field]) for field in missing)))
    asked = ", ".join(name.replace("_", " ") for name in missing)
    return f"{model} cannot train with {asked}; models that can: {', '.join(able)}"
