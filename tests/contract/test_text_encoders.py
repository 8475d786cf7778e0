"""What every encoder of texts owes, whoever wrote it: built in or from an entry point."""

import inspect
from dataclasses import fields

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace

from dataclinic.dataset import Texts
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS
from dataclinic.seeding import rng_for

IDS = [name for name in ENCODERS.ids() if ENCODERS.find(name).payload == "texts"]

ODD = {
    "one letter": "a",
    "signs": "?!… —",
    "emoji": "🧥👗🇫🇷",
    "Chinese": "这部电影非常好看",
    "Arabic": "قميص أزرق جميل",
    "markup": "<script>alert('x')</script>",
    "control characters": "a\x00b\x1bc",
    "line breaks": "first\r\n\r\nsecond\tthird",
    "endless word": "x" * 5000,
    "endless text": "many words and more " * 2000,
}


@pytest.fixture(scope="module")
def texts():
    rng = rng_for(1, "texts")
    words = ["refund", "card", "money", "late", "order", "blue", "dress", "film", "good", "bad", "very", "not"]
    plain = [" ".join(rng.choice(words, rng.integers(3, 12))) + f" {row}" for row in range(24)]
    return Texts((*ODD.values(), *plain))


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """What an encoder cannot do without: for a pretrained one, a folder with a model, here a vector a character."""
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    pieces = [("[UNK]", 0.0), *((chr(code), -1.0) for code in range(32, 127)), *((sign, -1.0) for sign in "这部🧥قم▁")]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=0, byte_fallback=False))
    tokenizer.pre_tokenizer = Metaspace()
    vectors = rng_for(0, "token vectors").normal(size=(len(pieces), 16)).astype(np.float32)
    folder = tmp_path_factory.mktemp("weights") / "model"
    model2vec.StaticModel(vectors, tokenizer, config={}).save_pretrained(folder)
    return {"weights": folder}


@pytest.fixture(scope="module", params=IDS)
def encoder(request, settings):
    names = {field.name for field in fields(ENCODERS.find(request.param))}
    return ENCODERS.make(request.param, {name: value for name, value in settings.items() if name in names})


def encode(encoder, payload, seed=0, progress=silent):
    return encoder.encode(payload, device="cpu", seed=seed, progress=progress)


def vectors_of(encoded):
    return encoded.features.vectors(np.arange(len(encoded.features)))


@pytest.fixture(scope="module")
def vectors(encoder, texts):
    return vectors_of(encode(encoder, texts))


def test_every_text_gets_a_finite_vector(vectors, texts):
    assert vectors.shape[0] == len(texts)
    assert vectors.shape[1] >= 1
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()


def test_different_texts_get_different_vectors(vectors):
    assert len(np.unique(vectors[-24:], axis=0)) == 24


def test_the_same_again_gives_the_same_numbers(encoder, texts, vectors):
    np.testing.assert_array_equal(vectors_of(encode(encoder, texts)), vectors)


def test_inner_products_do_not_depend_on_the_order_of_the_texts(encoder, texts, vectors):
    order = rng_for(2, "order").permutation(len(texts))
    shuffled = vectors_of(encode(encoder, texts.take(order)))
    np.testing.assert_allclose(shuffled @ shuffled.T, (vectors @ vectors.T)[np.ix_(order, order)], atol=1e-4)


def test_fits_see_the_same_vectors_whatever_rows_they_train_on(encoder, texts, vectors):
    features = encode(encoder, texts).features
    assert features.frozen
    np.testing.assert_array_equal(features.vectors(np.arange(3)), vectors)


def test_labels_cannot_reach_it(encoder):
    assert set(inspect.signature(encoder.encode).parameters) == {"payload", "device", "seed", "progress"}
    assert {field.name for field in fields(Texts)} == {"texts"}


def test_vectors_that_may_be_kept_depend_on_nothing_but_their_text(encoder, texts, vectors):
    identity = encoder.identity(device="cpu")
    assert encoder.identity(device="cpu") == identity
    if identity is not None:
        alone = vectors_of(encode(encoder, texts.take(np.array([15, 3]))))
        np.testing.assert_allclose(alone, vectors[[15, 3]], atol=1e-5)


@pytest.mark.parametrize("name", ODD)
def test_a_single_text_of_any_kind_will_do(encoder, name):
    vectors = vectors_of(encode(encoder, Texts((ODD[name],))))
    assert vectors.shape[0] == 1
    assert np.isfinite(vectors).all()


def test_says_what_it_used_and_how_far_it_is(encoder, texts):
    told = []
    encoded = encode(encoder, texts, progress=lambda *told_now: told.append(told_now))
    assert encoded.description
    assert told[-1] == ("encode texts", len(texts), len(texts))
    assert all(0 <= done <= total for _, done, total in told)
