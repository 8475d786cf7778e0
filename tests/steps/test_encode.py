"""Which encoder runs, what is said where it is not the first choice, and where vectors end up."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dataclinic.dataset import Dataset, Images
from dataclinic.errors import DataError, OptionError, WeightsError
from dataclinic.methods import weight_hub
from dataclinic.progress import silent
from dataclinic.seeding import rng_for
from dataclinic.steps.encode import encode
from dataclinic.testing.planted import gaussian_classes, table_dataset


def png(pixels):
    content = BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def photos():
    """Six pictures; rows 1 and 4 cannot be read."""
    rng = rng_for(0, "photos")
    sources = [png(rng.integers(0, 256, (8, 8, 3))) for _ in range(6)]
    sources[1], sources[4] = None, b"no picture"
    return Dataset(
        source=Path("photos"),
        format="image_folder",
        payload=Images(tuple(sources)),
        ids=tuple("abcdef"),
        labels=np.array([0, 1] * 3),
        classes=("cat", "dog"),
        source_rows=np.arange(6),
    )


@pytest.fixture
def no_hub(monkeypatch):
    monkeypatch.setattr(weight_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(weight_hub, "try_to_load_from_cache", lambda *_: None)


def run(dataset, encoder="auto", options=None, unreadable=()):
    return encode(dataset, unreadable, encoder, options or {}, device="cpu", seed=0, progress=silent)


def test_tables_are_encoded_by_their_columns():
    dataset = table_dataset(*gaussian_classes(20, 2, dims=3))
    used, encoded = run(dataset)
    assert used == "raw_columns"
    assert encoded.features.vectors(np.arange(20)).shape == (20, 3)
    assert encoded.notes == ()


def test_images_without_weights_are_encoded_all_the_same_and_it_is_said(photos, no_hub):
    used, encoded = run(photos, unreadable={1: "empty", 4: "broken"})
    assert used == "kmeans_patches"
    (notice,) = encoded.notes
    assert notice.startswith("no pretrained weights could be had (weights of timm/")
    assert "used kmeans_patches instead" in notice
    assert "--weights FILE" in notice


def test_an_encoder_that_was_asked_for_is_used_or_refused(photos, no_hub):
    with pytest.raises(WeightsError):
        run(photos, "timm_image", unreadable=[1, 4])
    used, encoded = run(photos, "kmeans-patches", unreadable=[1, 4])
    assert used == "kmeans_patches"
    assert encoded.notes == ()


def test_weights_that_were_asked_for_are_used_or_refused(photos, no_hub):
    with pytest.raises(WeightsError, match="no such weights file"):
        run(photos, options={"timm_image": {"weights": "nowhere.pth"}}, unreadable=[1, 4])


def test_vectors_stand_at_their_rows_and_unreadable_rows_are_zeros(photos):
    options = {"kmeans_patches": {"centroids": 4}}
    _, encoded = run(photos, "kmeans_patches", options, unreadable=[4, 1])
    found = encoded.features.vectors(np.arange(6))
    assert found.shape == (6, 9 * 4 + 372)
    assert not found[[1, 4]].any()
    readable = photos.take(np.array([0, 2, 3, 5]))
    _, expected = run(readable, "kmeans_patches", options)
    np.testing.assert_array_equal(found[[0, 2, 3, 5]], expected.features.vectors(np.arange(4)))


def test_labels_make_no_difference(photos):
    first, second = (
        run(dataset, "kmeans_patches", unreadable=[1, 4])[1].features.vectors(np.arange(6))
        for dataset in (photos, replace(photos, labels=1 - photos.labels))
    )
    np.testing.assert_array_equal(first, second)


def test_an_encoder_for_other_data_is_refused(photos):
    with pytest.raises(OptionError, match="encoder 'raw_columns' cannot encode images"):
        run(photos, "raw_columns", unreadable=[1, 4])
    with pytest.raises(OptionError, match="encoder 'kmeans_patches' cannot encode table"):
        run(table_dataset(*gaussian_classes(20, 2)), "kmeans_patches")


def test_an_unknown_encoder_is_named_with_the_nearest(photos):
    with pytest.raises(OptionError) as refused:
        run(photos, "kmeans_patch", unreadable=[1, 4])
    assert "did you mean 'kmeans_patches'" in refused.value.hint


def test_nothing_readable_is_an_error(photos):
    with pytest.raises(DataError, match="not one sample of photos can be read"):
        run(photos, unreadable=range(6))
