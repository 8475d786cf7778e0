import pytest
import torch
from torch.nn import functional

from dataclinic.methods.focal_losses import focal_losses, focal_turn


def drawn(rows=40, classes=4, scale=3.0, seed=0):
    """Logits of all sizes, and targets that add up to 1 and are mixed in half of the rows."""
    generator = torch.Generator().manual_seed(seed)
    logits = scale * torch.randn(rows, classes, generator=generator, dtype=torch.float64)
    targets = functional.one_hot(torch.randint(classes, (rows,), generator=generator), classes).double()
    targets[::2] = 0.7 * targets[::2] + 0.3 * targets[::2].roll(1, dims=1)
    return logits, targets


def slope(logits, targets, gamma):
    logs = logits.log_softmax(dim=1)
    return logs.exp() - targets + focal_turn(logs, targets, torch.tensor(gamma, dtype=logits.dtype))


def test_hand_worked_loss():
    """Sure by 0.9 with γ = 2: a hundredth of the cross-entropy; by 0.5, a quarter."""
    logs = torch.tensor([[0.9, 0.1], [0.5, 0.5]]).log()
    losses = focal_losses(logs, torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 2.0)
    torch.testing.assert_close(losses, torch.tensor([0.01 * 0.105361, 0.25 * 0.693147]), atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 2.0, 5.0])
def test_written_out_derivative_is_that_of_autograd(gamma):
    logits, targets = drawn()
    logits.requires_grad_()
    focal_losses(logits.log_softmax(dim=1), targets, gamma).sum().backward()
    torch.testing.assert_close(slope(logits.detach(), targets, gamma), logits.grad, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_derivative_is_the_slope_of_the_loss_by_finite_differences(gamma):
    logits, targets = drawn(rows=6)
    for place in range(4):
        step = torch.zeros(4, dtype=torch.float64)
        step[place] = 1e-5
        above, below = (focal_losses((logits + way * step).log_softmax(1), targets, gamma) for way in (1, -1))
        torch.testing.assert_close(
            slope(logits, targets, gamma)[:, place], (above - below) / 2e-5, atol=1e-7, rtol=1e-5
        )


def test_without_exponent_it_is_cross_entropy():
    logits, targets = drawn()
    expected = functional.cross_entropy(logits, targets, reduction="none")
    torch.testing.assert_close(focal_losses(logits.log_softmax(1), targets, 0.0), expected)
    assert (focal_turn(logits.log_softmax(1), targets, torch.tensor(0.0)) == 0).all()


@pytest.mark.parametrize("gamma", [0.2, 1.0, 2.0])
def test_certainty_has_finite_losses_and_derivatives(gamma):
    logits = torch.tensor([[300.0, 0.0, -1e4], [0.0, 300.0, -1e4]], requires_grad=True)
    targets = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    losses = focal_losses(logits.log_softmax(dim=1), targets, gamma)
    losses.sum().backward()
    torch.testing.assert_close(losses.detach(), torch.tensor([0.0, 300.0]))
    assert logits.grad.isfinite().all()
    torch.testing.assert_close(slope(logits.detach(), targets, gamma), logits.grad, atol=1e-4, rtol=1e-4)
