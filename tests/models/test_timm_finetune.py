from dataclasses import replace

import numpy as np
import pytest
import timm
import torch
import torchvision.models
from safetensors.torch import load_file, save_file
from torch import nn

from dataclinic.errors import OptionError, WeightsError
from dataclinic.features import Embeddings, Pictures
from dataclinic.fits import FitJob
from dataclinic.methods.network_training import TrainingPlan
from dataclinic.models import timm_finetune
from dataclinic.models.timm_finetune import TimmFinetune
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.seeding import rng_for

LABELS = np.arange(120) % 3
PIXELS = rng_for(0, "coloured").integers(0, 120, (120, 16, 16, 3), dtype=np.uint8)
PIXELS[np.arange(120), :, :, LABELS] += np.uint8(60)
TRAIN, SCORE = np.arange(90), np.arange(90, 120)
JOB = FitJob(TRAIN, LABELS[TRAIN], SCORE, 0)
QUICK = TimmFinetune(
    architecture="test_resnet", pretrained=False, epochs=4, batch_size=30, learning_rate=0.02, augmentation="none"
)


def answer(model=QUICK, features=None, job=JOB):
    (result,) = model.run(features or Pictures(PIXELS), [job], classes=3, device="cpu", progress=silent)
    return result


@pytest.fixture
def weights(tmp_path):
    """A file of `test_resnet` with a classifier of 1000 classes, whose first weights are all 0.01."""
    network = timm.create_model("test_resnet")
    with torch.no_grad():
        network.conv1[0].weight.fill_(0.01)
    path = tmp_path / "test_resnet.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, path)
    return path


def built(model, classes=3):
    return timm_finetune._network(model._start(), classes, model.drop_rate)


def test_learns_from_scratch_and_records_how():
    result = answer()
    assert (result.probs.argmax(axis=1) == LABELS[SCORE]).mean() > 0.9
    assert len(result.history) == 4
    assert result.dynamics.train_probs.shape == (4, 90)


def test_begins_with_the_weights_of_a_file_and_a_new_classifier(weights):
    for architecture in ("auto", "test_resnet"):
        network = built(replace(QUICK, weights=weights, architecture=architecture))
        assert (network.conv1[0].weight == 0.01).all()
        assert network.get_classifier().out_features == 3
    assert (answer(replace(QUICK, weights=weights)).probs != answer().probs).any()


def test_training_of_given_weights_begins_with_equal_probabilities(weights, tmp_path):
    """Large random logits would first spoil what the weights know."""
    pictures = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert (built(replace(QUICK, weights=weights)).eval()(pictures) == 0).all()
    assert (built(QUICK).eval()(pictures) != 0).any()
    path = tmp_path / "squeezenet1_1.safetensors"
    save_file(torchvision.models.squeezenet1_1().state_dict(), path)
    other = replace(QUICK, weights=path, architecture="torchvision.models.squeezenet1_1")
    assert (built(other).eval()(pictures) == 0).all()


def test_normalises_as_the_weights_expect(weights):
    mean, std = replace(QUICK, weights=weights)._start().normalisation()
    config = timm.get_pretrained_cfg("test_resnet")
    assert (mean, std) == (tuple(config.mean), tuple(config.std))
    save_file(load_file(weights), weights, {"input": "RGB, mean = std = 0.5"})
    assert replace(QUICK, weights=weights)._start().normalisation() == ((0.5,) * 3, (0.5,) * 3)


def test_weights_of_another_network_do_not_fit(weights):
    with pytest.raises(WeightsError, match="does not fit timm test_vit"):
        answer(replace(QUICK, weights=weights, architecture="test_vit"))


def test_without_published_weights_says_that_it_starts_from_scratch():
    timm_finetune._refusal.cache_clear()
    model = TimmFinetune(epochs=1)
    assert "resnet18 from scratch (weights of timm/convnext_nano" in model.description
    assert isinstance(built(model), timm.models.ResNet)
    assert "test_resnet from scratch (" in replace(model, architecture="test_resnet").description


def test_published_weights_that_are_asked_for_and_cannot_be_had_are_an_error():
    timm_finetune._refusal.cache_clear()
    with pytest.raises(WeightsError, match="not on this machine"):
        answer(replace(QUICK, pretrained=True))


def test_published_weights_are_taken_where_they_can_be_had(monkeypatch, weights):
    timm_finetune._refusal.cache_clear()
    for place in ("dataclinic.methods.backbone.published_weights", "dataclinic.models.timm_finetune.published_weights"):
        monkeypatch.setattr(place, lambda _: weights)
    model = replace(QUICK, pretrained=None)
    assert "test_resnet with published weights" in model.description
    assert (built(model).conv1[0].weight == 0.01).all()
    timm_finetune._refusal.cache_clear()


def test_pictures_are_brought_to_the_size_of_a_network_that_takes_no_other():
    network = built(replace(QUICK, architecture="test_vit"))
    assert isinstance(network[0], nn.Upsample)
    assert network(torch.zeros(2, 3, 16, 16)).shape == (2, 3)
    result = answer(replace(QUICK, architecture="test_vit", epochs=1))
    assert np.isfinite(result.probs).all()


def test_networks_of_torchvision_too():
    network = built(replace(QUICK, architecture="torchvision.models.squeezenet1_1"), classes=4)
    assert isinstance(network, torchvision.models.SqueezeNet)
    assert network.eval()(torch.zeros(1, 3, 32, 32)).shape == (1, 4)


def test_dropout_reaches_the_classifier():
    assert built(replace(QUICK, drop_rate=0.4)).drop_rate == 0.4
    assert (answer(replace(QUICK, drop_rate=0.4)).probs != answer().probs).any()


def test_pictures_that_shrink_to_nothing_are_refused():
    with pytest.raises(WeightsError, match=r"torchvision alexnet cannot take pictures of 16 px") as caught:
        answer(replace(QUICK, architecture="torchvision.models.alexnet"))
    assert "image_px" in caught.value.hint


def test_building_leaves_the_global_random_state_alone():
    state = torch.get_rng_state()
    answer()
    assert torch.equal(torch.get_rng_state(), state)


def test_other_features_are_refused():
    with pytest.raises(OptionError, match="trains on what the encoder 'raw_pixels' gives"):
        answer(features=Embeddings(np.zeros((120, 4), np.float32)))


def test_settings_are_those_of_the_plan_checked_by_type():
    model = MODELS.make("timm_finetune", {"epochs": "3", "mixup": "0.2", "optimizer": "sgd", "patience": None})
    assert isinstance(model, TrainingPlan)
    assert (model.epochs, model.mixup, model.optimizer, model.patience) == (3, 0.2, "sgd", None)
    for name, value in (("batch_size", 2), ("augmentation", "blur"), ("optimizer", "adam"), ("drop_rate", 1)):
        with pytest.raises(OptionError, match=name):
            MODELS.make("timm_finetune", {name: value})


def test_search_tries_only_values_that_settings_take():
    for name, interval in TimmFinetune.search_space.items():
        for value in (interval.low, interval.high):
            MODELS.make("timm_finetune", {name: value})
