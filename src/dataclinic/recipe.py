"""A recipe: all that changes how a model trains, without changing the data it trains on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

Augmentation: TypeAlias = Literal["none", "flip_crop", "colour_jitter", "randaugment"]


@dataclass(frozen=True)
class Recipe:
    """What a fit job asks of its model; None leaves the model's own setting.

    Each field has the meaning, and the name, of the setting of a model that honours it: a job's recipe wins over the
    settings. `mixup` and `cutmix` are the alpha of their Beta distribution, 0 for neither; `focal_gamma` the exponent
    of the focal loss (Lin et al. 2017), 0 for plain cross-entropy.
    """

    label_smoothing: float | None = None
    focal_gamma: float | None = None
    augmentation: Augmentation | None = None
    mixup: float | None = None
    cutmix: float | None = None
    ema: bool | None = None
    test_time_augmentation: bool | None = None

    def asked(self) -> dict[str, Any]:
        """Fields that are not None, by name."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}


PLAIN = Recipe()
"""Every setting of the model as it stands."""
