"""Batch normalisation folded into the convolution before it: one pass over memory less, the same features.

Needs torch, since it is torch's layers that are changed.
"""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

TOLERANCE = 1e-3
"""Of the largest feature: what folding may move, in float32 a hundred times more than rounding does."""


def fuse_norms(network: nn.Module, example: torch.Tensor) -> nn.Module:
    """A copy of `network`, in evaluation mode, without the batch norms that follow a convolution.

    With w the weights, b the bias and γ, β, μ, σ² of the norm: w γ / √(σ² + ε) and (b − μ) γ / √(σ² + ε) + β (Jacob
    et al., Quantization and Training of Neural Networks, CVPR 2018, section 3.2). Which norm follows which convolution
    is seen while `example`, (pictures, 3, px, px) float32, passes through. `network` itself comes back where there is
    nothing to fold, and where folding would change what comes out, e.g. of a convolution that is used twice.
    """
    network = network.eval()
    pairs = _pairs(network, example)
    if not pairs:
        return network
    fused = copy.deepcopy(network)
    for conv_name, norm_name in pairs:
        conv, norm = fused.get_submodule(conv_name), fused.get_submodule(norm_name)
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            fused.set_submodule(conv_name, fuse_conv_bn_eval(conv, norm))
            # timm's norms hold the activation that follows them
            fused.set_submodule(norm_name, getattr(norm, "act", nn.Identity()))
    with torch.inference_mode():
        expected, found = network(example), fused(example)
    return fused if (expected - found).abs().max() <= TOLERANCE * expected.abs().max() else network


def _pairs(network: nn.Module, example: torch.Tensor) -> list[tuple[str, str]]:
    """Names of each convolution and the norm that was given its very output."""
    made_by: dict[int, str] = {}
    kept: list[torch.Tensor] = []  # while a tensor lives, no other has its id
    pairs: list[tuple[str, str]] = []

    def watch(name: str, layer: nn.Module) -> torch.utils.hooks.RemovableHandle:
        def seen(_: nn.Module, given: tuple[torch.Tensor, ...], result: torch.Tensor) -> None:
            if isinstance(layer, nn.Conv2d):
                made_by[id(result)] = name
                kept.append(result)
            elif given and id(given[0]) in made_by:
                pairs.append((made_by[id(given[0])], name))

        return layer.register_forward_hook(seen)

    if not any(isinstance(layer, nn.BatchNorm2d) for layer in network.modules()):
        return []
    watched = [
        watch(name, layer)
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Conv2d) or (isinstance(layer, nn.BatchNorm2d) and layer.track_running_stats)
    ]
    try:
        with torch.inference_mode():
            network(example)
    finally:
        for handle in watched:
            handle.remove()
    return pairs
