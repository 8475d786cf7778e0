"""Which network weights are for, and that only whole and fitting weights are taken."""

from pathlib import Path

import pytest
import timm
import torch
import torchvision.models

from dataclinic.errors import WeightsError
from dataclinic.methods import backbone
from dataclinic.methods.backbone import (
    Architecture,
    architecture_of,
    backbone_from_file,
    backbone_from_hub,
    has_fixed_size,
    read_architecture,
)
from dataclinic.methods.weight_file import WeightFile

TINY = Architecture("timm", "test_efficientnet")


@pytest.fixture(scope="module")
def tiny():
    """A small network of timm with random weights."""
    return timm.create_model(TINY.name)


def weight_file(tensors, name="test_efficientnet.pth", **metadata):
    return WeightFile(Path(name), tensors, metadata)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resnet18", Architecture("timm", "resnet18")),
        ("resnet18.a1_in1k", Architecture("timm", "resnet18.a1_in1k")),
        (
            "timm.create_model('mobilenetv2_100', pad_type='same')",
            Architecture("timm", "mobilenetv2_100", {"pad_type": "same"}),
        ),
        ("torchvision.models.squeezenet1_1()", Architecture("torchvision", "squeezenet1_1")),
        ("torchvision.models.squeezenet1_1", Architecture("torchvision", "squeezenet1_1")),
    ],
)
def test_reads_names_and_calls(text, expected):
    assert read_architecture(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "resnet 18 of ours",
        "Megvii-style ShuffleNetV2 x0.5 up to stage4 (192 ch, no conv5/fc)",
        "__import__('os').system('true')",
        "timm.create_model(__import__('os').getcwd())",
        "timm.create_model('no_such_network')",
        "torchvision.models.no_such_network()",
        "torchvision.ops.nms",
        "timm.create_model('resnet18', checkpoint_path='/etc/passwd')",
        "timm.create_model('resnet18', True)",
        "timm.create_model('resnet18', **{})",
    ],
)
def test_refuses_what_is_no_plain_name_of_a_network(text):
    with pytest.raises(WeightsError) as refused:
        read_architecture(text)
    assert "architecture=NAME" in refused.value.hint


def test_metadata_comes_before_the_files_name():
    assert architecture_of(weight_file({}, name="resnet18.pth", arch="resnet34")).name == "resnet34"


def test_the_longest_name_that_the_file_starts_with_is_meant():
    assert architecture_of(weight_file({}, name="resnet50-0676ba61.pth")).name == "resnet50"
    assert (
        architecture_of(weight_file({}, name="mobilenetv3_small_100-mine.safetensors")).name == "mobilenetv3_small_100"
    )


def test_a_name_that_says_nothing_is_refused():
    with pytest.raises(WeightsError, match=r"best\.pth does not say which network"):
        architecture_of(weight_file({}, name="best.pth"))


def test_features_are_those_of_the_network_before_its_head(tiny):
    found = backbone_from_file(weight_file(tiny.state_dict()), TINY)
    pixels = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = tiny.eval().forward_head(tiny.forward_features(pixels), pre_logits=True)
        torch.testing.assert_close(found.network.eval()(pixels), expected)
    assert (found.px, found.crop, found.interpolation) == (160, 0.95, "bicubic")


def test_torchvision_networks_lose_their_last_layer():
    network = torchvision.models.squeezenet1_1(weights=None).eval()
    found = backbone_from_file(weight_file(network.state_dict()), Architecture("torchvision", "squeezenet1_1"))
    pixels = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = network.features(pixels).mean(dim=(2, 3))
        torch.testing.assert_close(found.network.eval()(pixels), expected)


def test_heads_of_any_size_and_missing_counters_are_taken(tiny):
    tensors = {name: tensor for name, tensor in tiny.state_dict().items() if not name.endswith("num_batches_tracked")}
    tensors["classifier.weight"] = torch.zeros(3, 256)
    tensors.pop("classifier.bias")
    backbone_from_file(weight_file(tensors), TINY)


def test_weights_that_do_not_fit_are_counted_and_the_first_of_each_kind_named(tiny):
    tensors = dict(tiny.state_dict())
    tensors.pop("conv_stem.weight")
    tensors.pop("bn1.weight")
    tensors["conv_head.weight"] = torch.zeros(1)
    tensors = {"more.weight": torch.zeros(1), "more.bias": torch.zeros(1)} | tensors
    with pytest.raises(WeightsError) as refused:
        backbone_from_file(weight_file(tensors), TINY)
    assert refused.value.message == (
        "test_efficientnet.pth does not fit timm test_efficientnet: weights 2 missing (first: conv_stem.weight); "
        "2 unexpected (first: more.weight); 1 of another shape (conv_head.weight, (1,) in the file but "
        "(256, 64, 1, 1) in the network)"
    )
    assert "architecture=NAME" in refused.value.hint


def test_what_fits_is_not_spoken_of(tiny):
    tensors = {**tiny.state_dict(), "more.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"test_efficientnet: weights 1 unexpected \(more\.weight\)$"):
        backbone_from_file(weight_file(tensors), TINY)


def test_options_that_a_network_does_not_have_are_refused():
    with pytest.raises(WeightsError, match="cannot build timm test_efficientnet"):
        backbone_from_file(weight_file({}), Architecture("timm", TINY.name, {"img_size": 64}))
    with pytest.raises(WeightsError, match="pad_type"):
        backbone_from_file(weight_file({}), Architecture("torchvision", "resnet18", {"pad_type": "same"}))


def test_published_weights_are_loaded_from_where_they_were_fetched(tiny, tmp_path, monkeypatch):
    torch.save(tiny.state_dict(), tmp_path / "model.pth")
    asked = []

    def fetch(repo, filename):
        asked.append((repo, filename))
        return tmp_path / "model.pth"

    monkeypatch.setattr(backbone, "fetch_weights", fetch)
    found = backbone_from_hub(TINY)
    assert asked == [("timm/test_efficientnet.r160_in1k", "model.safetensors")]
    assert torch.equal(found.network.state_dict()["conv_stem.weight"], tiny.state_dict()["conv_stem.weight"])


@pytest.mark.parametrize(
    "architecture", [Architecture("torchvision", "resnet18"), Architecture("timm", "resnet18_unknown")]
)
def test_networks_that_nobody_publishes_are_refused(architecture):
    with pytest.raises(WeightsError, match="no weights are published for"):
        backbone_from_hub(architecture)


def test_transformers_are_built_for_one_size_and_convolutions_for_any():
    assert has_fixed_size(Architecture("timm", "vit_small_patch14_dinov2.lvd142m"))
    assert not has_fixed_size(TINY)
    assert has_fixed_size(Architecture("torchvision", "vit_b_16"))
    assert not has_fixed_size(Architecture("torchvision", "resnet18"))
