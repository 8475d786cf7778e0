from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataclinic.dataset import Images, Texts
from dataclinic.errors import OptionError
from dataclinic.steps.choose_models import choose_models, encoder_for
from dataclinic.testing.planted import table_dataset

TABLE = table_dataset(np.zeros((4, 1), np.float32), np.array([0, 1, 0, 1]))
IMAGES = replace(TABLE, payload=Images((b"",) * 4))
TEXTS = replace(TABLE, payload=Texts(("",) * 4))


def numbers(dataset):
    return replace(dataset, targets=np.arange(4.0), classes=(), labels=np.zeros(4, int))


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        (TABLE, "tree_ensemble"),
        (IMAGES, "linear_head"),
        (TEXTS, "linear_head"),
        (numbers(TABLE), "tree_regression"),
        (numbers(IMAGES), "huber_regression"),
    ],
)
def test_the_default_fits_data_and_task(dataset, expected):
    assert list(choose_models(dataset, ["auto"], {})) == [expected]


def test_models_get_their_settings_and_stand_in_the_order_given():
    models = choose_models(TABLE, ["linear-head", "tree_ensemble", "linear_head"], {"linear_head": {"l2": 3.0}})
    assert list(models) == ["linear_head", "tree_ensemble"]
    assert models["linear_head"].l2 == 3.0


def test_a_model_for_another_task_is_refused_and_fitting_ones_are_named():
    with pytest.raises(OptionError, match="'linear_head' is not for regression") as caught:
        choose_models(numbers(TABLE), ["linear_head"], {})
    assert "tree_regression" in caught.value.hint
    assert "linear_head" not in caught.value.hint


def encoder(models, asked, dataset=IMAGES, weights=None):
    return encoder_for(choose_models(dataset, models, {}), asked, dataset, weights)


def test_a_model_that_needs_an_encoder_gets_it():
    assert encoder(["tiny_cnn"], "auto") == "raw_pixels"
    assert encoder(["tiny_cnn"], "raw-pixels") == "raw_pixels"
    assert encoder(["linear_head"], "auto") == "auto"
    assert encoder(["linear_head"], "kmeans_patches") == "kmeans_patches"


def test_weights_for_texts_are_of_a_model_of_sentences():
    assert encoder(["linear_head"], "auto", TEXTS, Path("model")) == "sentence_embeddings"
    assert encoder(["linear_head"], "auto", TEXTS) == "auto"
    assert encoder(["linear_head"], "auto", IMAGES, Path("model")) == "auto"


@pytest.mark.parametrize(("dataset", "kind"), [(TABLE, "table"), (TEXTS, "texts")])
def test_a_model_of_pictures_is_refused_for_other_data_by_its_own_name(dataset, kind):
    with pytest.raises(OptionError, match=f"'tiny_cnn' learns from images, and this data is read as {kind}"):
        encoder(["tiny_cnn"], "auto", dataset)


@pytest.mark.parametrize(
    ("models", "asked", "dataset"),
    [
        (["tiny_cnn"], "auto", IMAGES),
        (["linear_head"], "kmeans_patches", IMAGES),
        (["linear_head"], "tfidf", TEXTS),
        (["tree_ensemble"], "auto", TABLE),
    ],
)
def test_weights_that_nothing_takes_are_refused(models, asked, dataset):
    with pytest.raises(OptionError, match="nothing here can use --weights") as caught:
        encoder(models, asked, dataset, Path("weights.pth"))
    assert "--weights" in caught.value.hint


def test_weights_go_to_the_encoder_or_the_model_that_takes_them():
    assert encoder(["linear_head"], "timm-image", IMAGES, Path("weights.pth")) == "timm-image"
    assert encoder(["timm_finetune"], "auto", IMAGES, Path("weights.pth")) == "raw_pixels"


def test_features_that_do_not_fit_the_models_are_refused():
    with pytest.raises(OptionError, match="trains on what the encoder 'raw_pixels' gives, not 'kmeans_patches'"):
        encoder(["tiny_cnn"], "kmeans_patches")
    with pytest.raises(OptionError, match="need different encoders"):
        encoder(["tiny_cnn", "linear_head"], "auto")
