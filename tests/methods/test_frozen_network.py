"""The pipeline from encoded pictures to vectors, on a CPU and in the way of an accelerator."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from dataclinic.methods import frozen_network
from dataclinic.methods.backbone import Backbone
from dataclinic.methods.frozen_network import FrozenNetwork, stream_in_threads, stream_to_accelerator
from dataclinic.progress import silent
from dataclinic.seeding import rng_for


@pytest.fixture
def backbone():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = nn.Sequential(
            nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )
    return Backbone(network, "small", 16, 0.875, "bicubic", (0.5, 0.4, 0.3), (0.2, 0.2, 0.2))


@pytest.fixture(scope="module")
def sources():
    rng, encoded = rng_for(0, "pictures"), []
    for row in range(11):
        content = BytesIO()
        Image.fromarray(rng.integers(0, 256, (20 + row, 30, 3)).astype(np.uint8)).save(content, "PNG")
        encoded.append(content.getvalue())
    return encoded


@pytest.mark.parametrize("workers", [1, 2])
def test_the_way_of_an_accelerator_gives_the_same_vectors(backbone, sources, workers):
    """Processes decode and one device computes; the CPU stands in for it."""
    network, told = FrozenNetwork.of(backbone, "cpu", 4), []
    found = stream_to_accelerator(network, sources, lambda *now: told.append(now), workers=workers)
    np.testing.assert_array_equal(found, stream_in_threads(network, sources, silent))
    assert told == [("encode images", 11, 11)]


def test_an_accelerator_is_waited_for_now_and_then(backbone, sources, monkeypatch):
    monkeypatch.setattr(frozen_network, "HELD_BATCHES", 2)
    told = []
    stream_to_accelerator(FrozenNetwork.of(backbone, "cpu", 2), sources, lambda *now: told.append(now))
    assert [done for _, done, _ in told] == [4, 8, 11]


@pytest.mark.parametrize("threads", [1, 3])
def test_cores_change_nothing(backbone, sources, threads, monkeypatch):
    network = FrozenNetwork.of(backbone, "cpu", 3)
    expected = stream_in_threads(network, sources, silent)
    monkeypatch.setattr("dataclinic.methods.pixel_stream.usable_cores", lambda: threads)
    np.testing.assert_array_equal(stream_in_threads(network, sources, silent), expected)


def test_half_precision_is_close_to_the_whole(backbone, sources, monkeypatch):
    before = stream_in_threads(FrozenNetwork.of(backbone, "cpu", 4), sources, silent)
    monkeypatch.setattr(frozen_network, "CPU_BFLOAT16", ())
    whole = stream_in_threads(FrozenNetwork.of(backbone, "cpu", 4), sources, silent)
    monkeypatch.setattr(frozen_network, "precision_on", lambda _: torch.bfloat16)
    half = stream_in_threads(FrozenNetwork.of(backbone, "cpu", 4), sources, silent)
    for vectors in (before, half):
        np.testing.assert_allclose(vectors, whole, atol=0.02 * np.abs(whole).max())
    assert np.abs(half - whole).max() > 0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("workers", [1, 2])
def test_cuda_agrees_with_the_cpu(backbone, sources, workers):
    cpu = stream_in_threads(FrozenNetwork.of(backbone, "cpu", 4), sources, silent)
    cuda = stream_to_accelerator(FrozenNetwork.of(backbone, "cuda", 4), sources, silent, workers=workers)
    np.testing.assert_allclose(cuda, cpu, atol=0.05 * np.abs(cpu).max())
