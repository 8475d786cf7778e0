import pytest
import timm
import torch
from torch import nn

from dataclinic.methods.optimizers import OPTIMIZERS, decay_groups, make_optimizer


def named(network, groups):
    """Names of parameters that decay, and of those that do not."""
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    sides = {True: set(), False: set()}
    for group in groups:
        sides[group["weight_decay"] > 0] |= {names[id(parameter)] for parameter in group["params"]}
    return sides[True], sides[False]


def test_norms_and_biases_do_not_decay():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    decaying, spared = named(network, decay_groups(network, 0.1))
    assert decaying == {"0.weight", "3.weight"}
    assert spared == {"0.bias", "1.weight", "1.bias", "3.bias"}


def test_what_a_network_exempts_does_not_decay_wherever_it_stands():
    transformer = timm.create_model("test_vit", num_classes=2)
    assert "pos_embed" in transformer.no_weight_decay()
    for network, place in ((transformer, ""), (nn.Sequential(nn.Identity(), transformer), "1.")):
        decaying, spared = named(network, decay_groups(network, 0.1))
        assert f"{place}pos_embed" in spared
        assert f"{place}blocks.0.attn.qkv.weight" in decaying
        assert len(decaying) + len(spared) == len(list(network.parameters()))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_decay_pulls_weights_to_zero_and_leaves_biases(name):
    network = nn.Linear(2, 2)
    nn.init.ones_(network.weight)
    nn.init.ones_(network.bias)
    optimizer = make_optimizer(network, name, learning_rate=0.1, weight_decay=0.5)
    (network(torch.zeros(1, 2)) * 0).sum().backward()
    optimizer.step()
    assert (network.weight < 1).all()
    assert (network.bias == 1).all()
