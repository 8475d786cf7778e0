"""Networks without their batch norms say the same."""

import pytest
import timm
import torch
from torch import nn

from dataclinic.methods.fused_network import fuse_norms


def pixels(count=2, px=64):
    return torch.rand(count, 3, px, px, generator=torch.Generator().manual_seed(0))


def settled(network):
    """With statistics and scales that matter, as training leaves them."""
    generator = torch.Generator().manual_seed(1)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values, low in ((layer.running_var, 0.5), (layer.weight.data, 0.5), (layer.running_mean, -0.5)):
                values.copy_(low + torch.rand(values.shape, generator=generator))
    return network.eval()


def norms(network):
    return sum(isinstance(layer, nn.BatchNorm2d) for layer in network.modules())


def test_a_hand_worked_convolution():
    conv, norm = nn.Conv2d(3, 1, 1), nn.BatchNorm2d(1, eps=0.0)
    with torch.no_grad():
        conv.weight.fill_(1.0)
        conv.bias.fill_(3.0)
        norm.running_mean.fill_(1.0)
        norm.running_var.fill_(4.0)
        norm.weight.fill_(6.0)
        norm.bias.fill_(5.0)
    (fused, rest) = fuse_norms(nn.Sequential(conv, norm), pixels())
    torch.testing.assert_close(fused.weight, torch.full_like(fused.weight, 3.0))  # 6 / √4
    torch.testing.assert_close(fused.bias, torch.tensor([11.0]))  # (3 − 1) · 3 + 5
    assert isinstance(rest, nn.Identity)


@pytest.mark.parametrize("name", ["test_efficientnet", "test_resnet", "test_byobnet"])
def test_features_stay_and_norms_go(name):
    network = settled(timm.create_model(name, num_classes=0))
    before = norms(network)
    fused = fuse_norms(network, pixels(1))
    with torch.inference_mode():
        torch.testing.assert_close(fused(pixels()), network(pixels()), rtol=1e-3, atol=1e-4)
    assert norms(fused) == 0 < before == norms(network)


def test_networks_without_norms_come_back_as_they_are():
    network = timm.create_model("test_vit", num_classes=0)
    assert fuse_norms(network, pixels(1, 160)) is network


class Twice(nn.Module):
    """Uses what the convolution made once more, beside the norm."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

    def forward(self, given):
        made = self.conv(given)
        return self.norm(made) + made


def test_a_convolution_that_is_used_twice_keeps_its_norm():
    network = settled(Twice())
    assert fuse_norms(network, pixels()) is network
