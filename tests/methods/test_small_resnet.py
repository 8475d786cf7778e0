"""The small network takes pictures of many sizes, costs what it says, and learns."""

import pytest
import torch
from torch import nn

from dataclinic.methods.small_resnet import Residual, SmallResnet


def network(px=32, classes=5, **settings):
    with torch.random.fork_rng([]):
        torch.default_generator.manual_seed(0)
        return SmallResnet(classes, px=px, **settings)


def noise(count, px):
    return torch.randn(count, 3, px, px, generator=torch.Generator().manual_seed(1))


def multiplications(net, px):
    """Of all convolutions, a picture."""
    total = 0

    def count(layer, _, after):
        nonlocal total
        total += layer.weight.numel() * after.shape[2] * after.shape[3]

    hooks = [part.register_forward_hook(count) for part in net.modules() if isinstance(part, nn.Conv2d)]
    net(noise(2, px))
    for hook in hooks:
        hook.remove()
    return total


@pytest.mark.parametrize("px", [8, 12, 16, 24, 28, 32, 48, 64, 96, 128, 224])
def test_pictures_of_any_usual_size_give_one_logit_a_class(px):
    net = network(px, width=8).train()
    assert net(noise(2, px)).shape == (2, 5)
    assert torch.isfinite(net(noise(1, px))).all()  # a batch of one has several places to take norms over


@pytest.mark.parametrize(
    ("px", "finest_px", "sides"),
    [(8, 16, [8, 4]), (32, 16, [16, 8, 4]), (32, 32, [32, 16, 8, 4]), (48, 16, [12, 6, 3])],
)
def test_pictures_are_halved_as_often_as_they_need(px, finest_px, sides):
    net, seen = network(px, finest_px=finest_px, width=8), []
    net.stem.register_forward_hook(lambda *call: seen.append(call[2].shape[2]))
    for part in net.stages:
        if isinstance(part, nn.MaxPool2d):
            part.register_forward_hook(lambda *call: seen.append(call[2].shape[2]))
    net(noise(2, px))
    assert seen == sides


def test_cost_of_large_pictures_stays_near_that_of_small_ones():
    at_32, at_128 = (multiplications(network(px, width=32), px) for px in (32, 128))
    assert at_32 == pytest.approx(21e6, rel=0.2)
    assert at_128 < 1.5 * at_32


def test_stages_finer_than_16_pixels_have_no_residual_block():
    blocks = [sum(isinstance(part, Residual) for part in network(32, finest_px=px).stages) for px in (16, 32)]
    assert blocks == [3, 3]  # of three stages, and of four


def test_residual_block_adds_to_what_it_was_given():
    block = Residual(4).eval()
    nn.init.zeros_(block.change[0].weight)
    pictures = noise(2, 8).repeat(1, 2, 1, 1)[:, :4]
    torch.testing.assert_close(block(pictures), pictures + block.change(torch.zeros_like(pictures)))
    assert not torch.equal(block(pictures), block.change(pictures))


def test_dropout_leaves_features_out_while_training_only():
    net, pictures = network(16, width=8, dropout=0.5), noise(4, 16)
    net.train()(pictures)
    net.eval()
    assert torch.equal(net(pictures), net(pictures))
    net.train()
    assert not torch.equal(net(pictures), net(pictures))


def test_first_probabilities_are_nearly_even():
    """Labels are not contradicted before anything is learned."""
    probs = network(32).train()(noise(32, 32)).softmax(dim=1)
    assert probs.min() > 0.1
    assert probs.max() < 0.35


def test_learns_which_corner_is_bright():
    pictures = 0.3 * noise(64, 16)
    corners = torch.arange(64) % 4
    for picture, corner in zip(pictures, corners.tolist(), strict=True):
        picture[:, 8 * (corner // 2) :, 8 * (corner % 2) :][:, :8, :8] += 1
    # a maximum over places forgets where it was found, so that the edges of the bright part must tell
    net = network(16, classes=4, width=8).train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    for _ in range(25):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(pictures), corners).backward()
        optimizer.step()
    net.eval()
    assert (net(pictures).argmax(dim=1) == corners).float().mean() > 0.9
