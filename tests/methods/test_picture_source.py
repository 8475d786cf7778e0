import numpy as np
import pytest
import torch

from dataclinic.methods import picture_source
from dataclinic.methods.picture_source import PictureSource
from dataclinic.seeding import rng_for

PIXELS = rng_for(0, "pixels").integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)


def source(device="cpu"):
    return PictureSource.of(
        PIXELS, mean=(0.5, 0.4, 0.3), std=(0.2, 0.25, 0.5), device=torch.device(device), channels_last=True
    )


def test_takes_rows_in_their_order_with_channels_first():
    taken = source().take(torch.tensor([5, 0]))
    assert taken.dtype == torch.uint8
    np.testing.assert_array_equal(taken.numpy(), PIXELS[[5, 0]].transpose(0, 3, 1, 2))


def test_takes_pixels_that_may_not_be_written_to():
    read_only = PIXELS.copy()
    read_only.setflags(write=False)
    taken = PictureSource.of(
        read_only, mean=(0.5,) * 3, std=(0.5,) * 3, device=torch.device("cpu"), channels_last=False
    ).take(torch.tensor([1]))
    taken.zero_()
    assert read_only[1].any()


def test_normalises_by_mean_and_spread():
    pictures = source().normalised(source().take(torch.arange(7)))
    expected = (PIXELS / 255 - [0.5, 0.4, 0.3]) / [0.2, 0.25, 0.5]
    np.testing.assert_allclose(pictures.numpy(), expected.transpose(0, 3, 1, 2), atol=1e-5)
    assert pictures.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("share", [0.25, 0.0])
def test_the_same_on_the_gpu_whether_all_fit_or_not(monkeypatch, share):
    monkeypatch.setattr(picture_source, "RESIDENT_SHARE", share)
    given = source("cuda")
    assert (given.resident is None) == (share == 0)
    rows = torch.tensor([6, 2, 2])
    assert torch.equal(given.take(rows).cpu(), source().take(rows))
