"""Focal loss: cross-entropy that counts less where the model is already sure of the label.

Lin, Goyal, Girshick, He & Dollár, "Focal Loss for Dense Object Detection", ICCV 2017, equation 4, with softmax for
their sigmoid, and summed over classes by a row's share of each, so that smoothed and mixed labels have one too:

    L = − Σ_k t_k (1 − p_k)^γ log p_k

γ = 0 is cross-entropy. Their factor α is a class weight, which the weights of rows are for.

Needs torch, whose tensors they are.
"""

from __future__ import annotations

import torch
from torch import Tensor

SMALLEST_DOUBT = 1e-7
"""Of 1 − p in the loss, whose derivative has no value at 0 for γ below 1: float32 knows nothing between."""


def focal_losses(logs: Tensor, targets: Tensor, gamma: float) -> Tensor:
    """(rows,) losses in nats, which autograd can derive.

    Args:
        logs: (rows, classes) log-probabilities.
        targets: (rows, classes) shares of each class, times the weight of the row.
        gamma: 0 or more.
    """
    doubt = (-logs.expm1()).clamp(min=SMALLEST_DOUBT)
    return -(targets * doubt**gamma * logs).sum(dim=-1)


def focal_turn(logs: Tensor, targets: Tensor, gamma: Tensor) -> Tensor:
    """What is added to p − t, the derivative of the cross-entropy by the logits, to get that of the focal loss.

    With v_k = 1 − (1 − p_k)^γ + γ p_k (1 − p_k)^(γ−1) log p_k it is t_k v_k − p_k Σ_j t_j v_j, exactly 0 for γ = 0.

    Args:
        logs: (…, classes) log-probabilities, finite.
        targets: (…, classes) shares of each class, that add up to 1.
        gamma: 0 or more, of a shape that goes with theirs.
    """
    probs, doubt = logs.exp(), -logs.expm1()
    # log p / (1 − p) is −1 in the limit of p = 1
    ratio = torch.where(doubt > 0, logs / doubt, -1.0)
    turned = targets * (1 - doubt**gamma * (1 - gamma * probs * ratio))
    return turned - probs * turned.sum(dim=-1, keepdim=True)
