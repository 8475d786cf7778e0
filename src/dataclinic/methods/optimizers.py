"""Optimizers by name, with weight decay kept off the parameters that it harms.

Needs torch, whose optimizers they are, and timm, which knows what networks exempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import torch
from timm.optim._param_groups import param_groups_weight_decay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import nn

OptimizerName: TypeAlias = Literal["adamw", "sgd"]


@dataclass(frozen=True)
class OptimizerKind:
    """How to make one; the learning rates among which a good one lies, whatever the network; and one that often is."""

    make: Callable[..., torch.optim.Optimizer]
    lowest_rate: float
    highest_rate: float
    usual_rate: float


OPTIMIZERS: Mapping[OptimizerName, OptimizerKind] = {
    "adamw": OptimizerKind(torch.optim.AdamW, 1e-6, 0.3, 5e-4),
    "sgd": OptimizerKind(partial(torch.optim.SGD, momentum=0.9, nesterov=True), 1e-4, 10.0, 0.02),
}


def make_optimizer(
    network: nn.Module, name: OptimizerName, *, learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    """Optimizer of all parameters, fused into one kernel on CUDA."""
    fused = next(network.parameters()).is_cuda
    return OPTIMIZERS[name].make(decay_groups(network, weight_decay), lr=learning_rate, fused=fused)


def decay_groups(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Parameter groups: no decay for norms, biases and whatever a part of the network names in `no_weight_decay`.

    A decay pulls a norm's scale to 0, which regularises nothing, since the next layer makes up for it (van Laarhoven,
    "L2 Regularization versus Batch and Weight Normalization", 2017).
    """
    exempt = {
        f"{place}.{name}".removeprefix(".")
        for place, part in network.named_modules()
        if callable(names := getattr(part, "no_weight_decay", None))
        for name in names()
    }
    groups: list[dict[str, Any]] = param_groups_weight_decay(network, weight_decay, no_weight_decay_list=exempt)
    return groups
