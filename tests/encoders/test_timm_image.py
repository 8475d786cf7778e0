"""What reaches the network, and what comes back; the networks themselves are tested with their weights."""

import time
from io import BytesIO

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from timm.data import create_transform, resolve_model_data_config

from dataclinic.dataset import Images
from dataclinic.encoders import timm_image
from dataclinic.encoders.timm_image import QUICK, STRONG, TimmImage
from dataclinic.errors import WeightsError
from dataclinic.methods import weight_hub
from dataclinic.methods.backbone import Backbone
from dataclinic.progress import silent
from dataclinic.seeding import rng_for


def png(pixels):
    content = BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(content, "PNG")
    return content.getvalue()


def encode(encoder, *sources, device="cpu", progress=silent):
    return encoder.encode(Images(sources), device=device, seed=0, progress=progress)


@pytest.fixture
def mean_colour(monkeypatch):
    """In place of a network, the mean of what it would see; returns what was asked for."""
    asked = []

    def backbone(architecture):
        asked.append(architecture)
        network = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
        return Backbone(network, "mean colour", 32, 0.5, "bilinear", (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))

    monkeypatch.setattr(timm_image, "backbone_from_hub", backbone)
    return asked


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A small network of timm, random but for its seed, whose metadata says how its pixels are normalised."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model("test_efficientnet")
    path = tmp_path_factory.mktemp("weights") / "mine.safetensors"
    metadata = {"arch": "timm.create_model('test_efficientnet')", "input": "RGB, x/127.5-1 (mean=std=0.5)"}
    save_file(network.state_dict(), path, metadata)
    return path


@pytest.fixture(scope="module")
def photos():
    rng = rng_for(0, "photos")
    coarse = rng.integers(0, 256, (6, 9, 9, 3)).astype(np.uint8)
    return [Image.fromarray(photo).resize((200 + 40 * number, 240)) for number, photo in enumerate(coarse)]


def test_pixels_are_normalised(mean_colour):
    found = encode(TimmImage(), png(np.full((8, 8, 3), (0, 51, 255)))).features.matrix
    np.testing.assert_allclose(found, [[(0 - 0.5) / 0.25, (0.2 - 0.5) / 0.25, (1 - 0.5) / 0.25]], rtol=0.01)


def test_settings_come_before_the_networks_own_normalisation(mean_colour):
    settings = TimmImage(mean=(0.0, 0.2, 0.0), std=(1.0, 0.5, 0.1), image_px=16)
    encoded = encode(settings, png(np.full((8, 8, 3), (0, 51, 255))))
    np.testing.assert_allclose(encoded.features.matrix, [[0, 0, 10]], atol=0.05)
    assert encoded.description == "mean colour, 16 px"


def test_the_middle_is_seen(mean_colour):
    """Half of the shorter side of 40 × 80: rows 10 to 30, columns 30 to 50."""
    middle, around = np.zeros((2, 40, 80, 3))
    middle[8:32, 28:52] = 255  # two more, which interpolation reaches for
    around[:] = 255 - middle
    vectors = encode(TimmImage(), png(middle), png(around)).features.matrix
    np.testing.assert_allclose(vectors, [[2, 2, 2], [-2, -2, -2]], rtol=0.01)


def test_batches_and_progress_cover_every_picture(mean_colour):
    told = []
    sources = [png(np.full((4, 4, 3), level)) for level in range(0, 250, 50)]
    encoder = TimmImage(batch_size=2)
    encoded = encode(encoder, *sources, progress=lambda *told_now: told.append(told_now))
    assert (np.diff(encoded.features.matrix[:, 0]) > 0).all()
    assert told == [("encode images", done, 5) for done in (2, 4, 5)]


@pytest.mark.parametrize(("device", "architecture"), [("cpu", QUICK), ("cuda", STRONG), ("mps", STRONG)])
def test_auto_is_quick_on_a_cpu_and_strong_elsewhere(monkeypatch, device, architecture):
    def refuse(asked):
        raise WeightsError.not_published(f"{asked} {dict(asked.options)}")

    monkeypatch.setattr(timm_image, "backbone_from_hub", refuse)
    with pytest.raises(WeightsError, match=f"{architecture}.*{'224' if device != 'cpu' else ''}"):
        encode(TimmImage(), png(np.zeros((4, 4, 3))), device=device)


def test_settings_change_how_the_network_is_built(mean_colour):
    encode(TimmImage(architecture="vit_small_patch14_dinov2", image_px=28), png(np.zeros((4, 4, 3))))
    encode(TimmImage(architecture="mobilenetv2_100", image_px=32, pad_type="same"), png(np.zeros((4, 4, 3))))
    assert [dict(architecture.options) for architecture in mean_colour] == [{"img_size": 28}, {"pad_type": "same"}]


def test_agrees_with_timms_own_pipeline(weights, photos):
    network = timm.create_model("test_efficientnet", num_classes=0)
    found = TimmImage(weights=weights)._from_file(weights)
    network.load_state_dict(found.network.state_dict())
    seen = {**resolve_model_data_config(network), "mean": (0.5,) * 3, "std": (0.5,) * 3}
    transform = create_transform(**seen, is_training=False)
    with torch.inference_mode():
        expected = network.eval()(torch.stack([transform(photo) for photo in photos])).numpy()
    encoded = encode(TimmImage(weights=weights), *[png(photo) for photo in photos])
    # what tells pictures apart, not what all of them share
    ours, theirs = (vectors - expected.mean(axis=0) for vectors in (encoded.features.matrix, expected))
    cosine = (ours * theirs).sum(axis=1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    assert (cosine > 0.97).all()
    assert encoded.description == "timm test_efficientnet, 160 px, weights mine.safetensors"


def test_a_vector_does_not_depend_on_what_it_is_encoded_with(weights, photos):
    encoder = TimmImage(weights=weights, batch_size=4)
    sources = [png(photo) for photo in photos]
    together, alone = encode(encoder, *sources), [encode(encoder, source) for source in sources]
    np.testing.assert_array_equal(together.features.matrix, np.concatenate([one.features.matrix for one in alone]))


def test_identity_is_of_the_weights_content_and_not_their_place(weights, tmp_path):
    (tmp_path / "copy.safetensors").write_bytes(weights.read_bytes())
    known = TimmImage(weights=weights).identity(device="cpu")
    assert TimmImage(weights=tmp_path / "copy.safetensors").identity(device="cpu") == known
    assert "timm test_efficientnet" in known


@pytest.mark.parametrize(
    "changed", [{"image_px": 64}, {"mean": (0.1, 0.1, 0.1)}, {"batch_size": 3}, {"pad_type": "same"}]
)
def test_identity_changes_with_every_setting(weights, changed):
    same, other = TimmImage(weights=weights), TimmImage(weights=weights, **changed)
    assert same.identity(device="cpu") != other.identity(device="cpu")


def test_identity_changes_with_the_weights_and_the_device(weights, tmp_path):
    network = timm.create_model("test_efficientnet")
    save_file(network.state_dict(), tmp_path / "mine.safetensors", {"arch": "test_efficientnet"})
    known = TimmImage(weights=weights).identity(device="cpu")
    assert TimmImage(weights=tmp_path / "mine.safetensors").identity(device="cpu") != known
    assert TimmImage(weights=weights).identity(device="mps") != known


def test_published_weights_have_an_identity_too(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"published")
    monkeypatch.setattr(timm_image, "published_weights", lambda _: tmp_path / "model.safetensors")
    cpu, gpu = (TimmImage().identity(device=device) for device in ("cpu", "mps"))
    assert QUICK.name in cpu
    assert STRONG.name in gpu


def test_an_architecture_that_is_named_comes_before_the_files_word(weights):
    with pytest.raises(WeightsError, match="does not fit timm test_resnet"):
        encode(TimmImage(weights=weights, architecture="test_resnet"), png(np.zeros((4, 4, 3))))


def test_leaves_torchs_settings_as_they_were(weights):
    before = torch.get_num_threads(), torch.is_grad_enabled(), torch.is_autocast_enabled("cpu")
    encode(TimmImage(weights=weights), png(np.zeros((4, 4, 3))))
    assert (torch.get_num_threads(), torch.is_grad_enabled(), torch.is_autocast_enabled("cpu")) == before


def test_without_file_cache_or_hub_it_gives_up_quickly(monkeypatch, tmp_path):
    monkeypatch.setattr(weight_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(weight_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(weight_hub, "try_to_load_from_cache", lambda *_: None)
    began = time.monotonic()
    with pytest.raises(WeightsError, match=r"mobilenetv3_large_100.*not on this machine.*cannot be reached") as refused:
        encode(TimmImage(), png(np.zeros((4, 4, 3))))
    assert time.monotonic() - began < 4
    assert "--weights FILE" in refused.value.hint


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_agrees_with_the_cpu(weights, photos):
    sources = [png(photo) for photo in photos]
    cpu, cuda = (encode(TimmImage(weights=weights), *sources, device=name).features.matrix for name in ("cpu", "cuda"))
    np.testing.assert_allclose(cuda, cpu, atol=0.05 * np.abs(cpu).max())
