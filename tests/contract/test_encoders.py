"""What every encoder of images owes, whoever wrote it: built in or from an entry point."""

import inspect
from dataclasses import fields
from io import BytesIO

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from dataclinic.dataset import Images
from dataclinic.features import Embeddings
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS
from dataclinic.seeding import rng_for

IDS = [name for name in ENCODERS.ids() if ENCODERS.find(name).payload == "images"]


def encoded_picture(pixels, form="PNG"):
    content = BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(content, form)
    return content.getvalue()


def odd_pictures():
    """From one pixel to a strip of 3,000, grey and in colour, transparent, in four file formats."""
    rng = rng_for(0, "odd pictures")

    def noise(*shape):
        return rng.integers(0, 256, shape)

    return {
        "1 × 1": encoded_picture(noise(1, 1, 3)),
        "8 × 8 grey": encoded_picture(noise(8, 8)),
        "3000 × 20": encoded_picture(noise(20, 3000, 3)),
        "20 × 3000 JPEG": encoded_picture(noise(3000, 20, 3), "JPEG"),
        "transparent": encoded_picture(noise(30, 40, 4)),
        "black and white GIF": encoded_picture(noise(17, 13) // 128 * 255, "GIF"),
        "640 × 480 JPEG": encoded_picture(noise(480, 640, 3), "JPEG"),
        "blank": encoded_picture(np.full((32, 32, 3), 255), "BMP"),
    }


@pytest.fixture(scope="module")
def pictures():
    rng = rng_for(1, "pictures")
    return Images((*odd_pictures().values(), *(encoded_picture(rng.integers(0, 256, (9, 11, 3))) for _ in range(24))))


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """What an encoder cannot do without: for a pretrained one, weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model("test_efficientnet")
    path = tmp_path_factory.mktemp("weights") / "test_efficientnet.safetensors"
    save_file(network.state_dict(), path)
    return {"weights": path}


@pytest.fixture(scope="module", params=IDS)
def encoder(request, settings):
    names = {field.name for field in fields(ENCODERS.find(request.param))}
    return ENCODERS.make(request.param, {name: value for name, value in settings.items() if name in names})


def encode(encoder, payload, seed=0, progress=silent):
    return encoder.encode(payload, device="cpu", seed=seed, progress=progress)


def vectors_of(encoded):
    return encoded.features.vectors(np.arange(len(encoded.features)))


@pytest.fixture(scope="module")
def vectors(encoder, pictures):
    return vectors_of(encode(encoder, pictures))


def test_every_picture_gets_a_finite_vector(vectors, pictures):
    assert vectors.shape[0] == len(pictures)
    assert vectors.shape[1] >= 1
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()


def test_different_pictures_get_different_vectors(vectors):
    assert len(np.unique(vectors, axis=0)) == len(vectors)


def test_the_same_again_gives_the_same_numbers(encoder, pictures, vectors):
    np.testing.assert_array_equal(vectors_of(encode(encoder, pictures)), vectors)


def test_vectors_do_not_depend_on_the_order_of_the_pictures(encoder, pictures, vectors):
    order = rng_for(2, "order").permutation(len(pictures))
    shuffled = vectors_of(encode(encoder, pictures.take(order)))
    # of half precision, which batches round differently
    np.testing.assert_allclose(shuffled, vectors[order], atol=0.01 * np.abs(vectors).max())


def test_fits_see_the_same_vectors_whatever_rows_they_train_on(encoder, pictures, vectors):
    features = encode(encoder, pictures).features
    assert features.frozen
    np.testing.assert_array_equal(features.vectors(np.arange(3)), vectors)


def test_labels_cannot_reach_it(encoder):
    assert set(inspect.signature(encoder.encode).parameters) == {"payload", "device", "seed", "progress"}
    assert {field.name for field in fields(Images)} == {"sources"}


@pytest.mark.parametrize("name", odd_pictures())
def test_a_single_picture_of_any_size_will_do(encoder, name):
    vectors = vectors_of(encode(encoder, Images((odd_pictures()[name],))))
    assert vectors.shape[0] == 1
    assert np.isfinite(vectors).all()


def test_files_and_their_bytes_are_the_same(encoder, pictures, tmp_path):
    paths = []
    for row, content in enumerate(pictures.sources[:4]):
        paths.append(tmp_path / f"{row}.png")
        paths[-1].write_bytes(content)
    from_files, from_bytes = (
        vectors_of(encode(encoder, Images(tuple(part)))) for part in (paths, pictures.sources[:4])
    )
    np.testing.assert_array_equal(from_files, from_bytes)


def test_vectors_that_may_be_kept_have_an_identity_that_stays(encoder, pictures):
    identity = encoder.identity(device="cpu")
    assert encoder.identity(device="cpu") == identity
    if identity is not None:
        assert isinstance(encode(encoder, pictures.take([0])).features, Embeddings)


def test_vectors_that_may_be_kept_do_not_depend_on_other_pictures(encoder, pictures, vectors):
    if encoder.identity(device="cpu") is None:
        pytest.skip("learns from all pictures, or keeps nothing")
    some = [5, 0, 3]
    found = vectors_of(encode(encoder, pictures.take(some), seed=9))
    np.testing.assert_allclose(found, vectors[some], atol=0.01 * np.abs(vectors).max())


def test_says_what_it_used_and_how_far_it_is(encoder, pictures):
    told = []
    encoded = encode(encoder, pictures, progress=lambda *told_now: told.append(told_now))
    assert encoded.description
    assert told[-1] == ("encode images", len(pictures), len(pictures))
    assert all(0 < done <= total for _, done, total in told)
