"""How a network is trained: every setting, with defaults that need not be touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from dataclinic.methods.optimizers import OptimizerName  # noqa: TC001 - settings are checked against it
from dataclinic.recipe import Augmentation  # noqa: TC001 - the same


@dataclass(frozen=True)
class TrainingPlan:
    """Settings of `train_network`; those that a `Recipe` names too have its meaning.

    Attributes:
        epochs: passes over the training rows, at most.
        batch_size: pictures an update is made from.
        micro_batch: pictures that are in the network at a time, where fewer than a batch: their gradients are added up.
        learning_rate: largest of the schedule; None looks for it (`find_learning_rate`).
        weight_decay: of AdamW, or of SGD, but for norms, biases and what the network itself exempts.
        optimizer: "adamw", or "sgd" with Nesterov momentum.
        warmup_share: of all updates, while the rate rises; afterwards it falls along a cosine.
        label_smoothing: share of each label that is spread over the classes.
        focal_gamma: exponent of the focal loss, 0 for cross-entropy.
        augmentation: "none", "flip_crop", "colour_jitter" or "randaugment".
        augmentation_strength: 1 is the papers'.
        flip: whether augmentation and test-time views may mirror pictures.
        mixup: alpha of its Beta distribution, 0 for none.
        cutmix: the same.
        ema: predict with an exponential moving average of the weights.
        patience: epochs without a better loss on the inner rows after which training stops and goes back to the best
            weights; None trains all epochs on all rows.
        inner_share: of the training rows, held back for that.
        test_time_augmentation: average the probabilities of several views of each scored picture.
        gradient_checkpointing: save memory by computing activations twice; None does so for large networks.
        bfloat16: train in bfloat16 where the device multiplies it itself; scored rows get float32 whatever this says.
        channels_last: memory layout that convolutions are fastest in.
        watch: give back training dynamics; costs a pass over the scored rows each epoch.
    """

    epochs: Annotated[int, Field(ge=1)] = 20
    batch_size: Annotated[int, Field(ge=4)] = 64
    micro_batch: Annotated[int, Field(ge=2)] | None = None
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    weight_decay: Annotated[float, Field(ge=0)] = 0.05
    optimizer: OptimizerName = "adamw"
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.05
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.1
    focal_gamma: Annotated[float, Field(ge=0)] = 0.0
    augmentation: Augmentation = "flip_crop"
    augmentation_strength: Annotated[float, Field(ge=0)] = 1.0
    flip: bool = True
    mixup: Annotated[float, Field(ge=0)] = 0.0
    cutmix: Annotated[float, Field(ge=0)] = 0.0
    ema: bool = True
    patience: Annotated[int, Field(ge=1)] | None = 5
    inner_share: Annotated[float, Field(gt=0, le=0.5)] = 0.1
    test_time_augmentation: bool = False
    gradient_checkpointing: bool | None = None
    bfloat16: bool = True
    channels_last: bool = True
    watch: bool = True
