"""Which encoder runs, what is said where it is not the first choice, and where vectors end up."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dataclinic.dataset import Dataset, Images
from dataclinic.encoders import Encoded
from dataclinic.errors import DataError, OptionError, WeightsError
from dataclinic.features import Embeddings, Pictures
from dataclinic.methods import weight_hub
from dataclinic.progress import silent
from dataclinic.rundir.embedding_cache import EmbeddingCache
from dataclinic.seeding import rng_for
from dataclinic.steps import encode as encode_step
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


def test_unreadable_rows_of_pictures_are_black(photos):
    used, encoded = run(photos, "raw_pixels", unreadable=[1, 4])
    assert used == "raw_pixels"
    assert isinstance(encoded.features, Pictures)
    assert len(encoded.features) == 6
    assert not encoded.features.pixels[[1, 4]].any()
    assert encoded.features.pixels[[0, 2, 3, 5]].any(axis=(1, 2, 3)).all()


class Sizes:
    """An encoder of one number, the length of each file, that counts what it is asked for."""

    payload = "images"

    def __init__(self, identity="sizes"):
        self.asked = []
        self._identity = identity

    def identity(self, *, device):
        return self._identity

    def encode(self, payload, *, device, seed, progress):
        self.asked.append(payload.sources)
        progress("encode images", len(payload), len(payload))
        sizes = np.array([[len(source)] for source in payload.sources], np.float32)
        return Encoded(Embeddings(sizes), "sizes", ("a note",))


@pytest.fixture
def sizes(monkeypatch):
    encoder = Sizes()
    monkeypatch.setattr(encode_step, "ENCODERS", SimpleNamespace(make=lambda *_: encoder))
    return encoder


@pytest.fixture
def cache(tmp_path):
    return EmbeddingCache(tmp_path / "embeddings")


def lengths(*sources):
    """Pictures that need not be any, with what they are as their digest."""
    dataset = Dataset(
        source=Path("photos"),
        format="image_folder",
        payload=Images(tuple(source.encode() for source in sources)),
        ids=tuple(map(str, range(len(sources)))),
        labels=np.zeros(len(sources), np.int64),
        classes=("cat", "dog"),
        source_rows=np.arange(len(sources)),
    )
    return dataset, [source.strip("?") and source for source in sources]


def run_kept(sources, cache, unreadable=(), progress=silent):
    dataset, digests = lengths(*sources)
    _, encoded = encode(
        dataset, unreadable, "sizes", {}, digests=digests, cache=cache, device="cpu", seed=0, progress=progress
    )
    return encoded


def test_a_second_run_encodes_only_what_is_new(sizes, cache):
    first = run_kept(["a", "bb", "ccc"], cache)
    assert first.notes == ("a note",)
    again = run_kept(["ccc", "dddd", "a"], cache)
    assert sizes.asked == [(b"a", b"bb", b"ccc"), (b"dddd",)]
    assert again.features.matrix[:, 0].tolist() == [3, 4, 1]
    assert again.notes == ("2 of 3 embeddings reused from the cache", "a note")


def test_nothing_new_is_not_encoded_at_all_and_described_as_before(sizes, cache):
    run_kept(["a", "bb"], cache)
    again = run_kept(["bb", "a", "bb"], cache)
    assert len(sizes.asked) == 1
    assert again.features.matrix[:, 0].tolist() == [2, 1, 2]
    assert again.description == "sizes"
    assert again.notes == ("3 of 3 embeddings reused from the cache",)


@pytest.mark.parametrize("kept", [True, False])
def test_equal_samples_are_encoded_once(sizes, cache, kept):
    found = run_kept(["bb", "a", "bb", "a"], cache if kept else None)
    assert sizes.asked == [(b"bb", b"a")]
    assert found.features.matrix[:, 0].tolist() == [2, 1, 2, 1]


def test_samples_without_a_digest_are_encoded_every_time(sizes, cache):
    for _ in range(2):
        assert run_kept(["?", "a", "?"], cache).features.matrix[:, 0].tolist() == [1, 1, 1]
    assert sizes.asked == [(b"?", b"a", b"?"), (b"?", b"?")]


def test_unreadable_rows_take_no_part(sizes, cache):
    found = run_kept(["a", "bb", "ccc"], cache, unreadable=[1])
    assert sizes.asked == [(b"a", b"ccc")]
    assert found.features.matrix[:, 0].tolist() == [1, 0, 3]
    assert len(cache.find("sizes", ["a", "bb", "ccc"])[0]) == 2


def test_encoders_whose_vectors_depend_on_other_samples_are_not_kept(monkeypatch, cache):
    encoder = Sizes(identity=None)
    monkeypatch.setattr(encode_step, "ENCODERS", SimpleNamespace(make=lambda *_: encoder))
    for _ in range(2):
        assert run_kept(["a", "a"], cache).notes == ("a note",)
    assert encoder.asked == [(b"a", b"a")] * 2
    assert cache.size_bytes() == 0


def test_what_was_encoded_before_an_interrupt_is_kept(sizes, cache, monkeypatch):
    monkeypatch.setattr(encode_step, "CPU_SHARD", 2)
    told = []

    def progress(step, done, total):
        told.append((done, total))
        if done == 4:
            raise KeyboardInterrupt

    sources = ["a", "bb", "ccc", "dddd", "eeeee"]
    with pytest.raises(KeyboardInterrupt):
        run_kept(sources, cache, progress=progress)
    assert told == [(2, 5), (4, 5)]
    found = run_kept(sources, cache)
    assert found.notes == ("2 of 5 embeddings reused from the cache", "a note")
    assert found.features.matrix[:, 0].tolist() == [1, 2, 3, 4, 5]
