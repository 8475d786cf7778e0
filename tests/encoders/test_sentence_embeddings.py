"""Sentence models come from local folders, of two libraries, and are told apart by their files."""

import json
import shutil
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from dataclinic.dataset import Texts
from dataclinic.encoders.sentence_embeddings import SentenceEmbeddings
from dataclinic.errors import OptionError, WeightsError
from dataclinic.progress import silent

WORDS = ("[UNK]", "cat", "dog", "loan", "bank")
TOKEN_VECTORS = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 3], [0, 4, 0]], np.float32)


def five_words():
    unknown = WORDS[0]
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token=unknown))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


@pytest.fixture
def static(tmp_path):
    """A folder of model2vec with five words."""
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    folder = tmp_path / "static"
    model2vec.StaticModel(TOKEN_VECTORS, five_words(), config={}).save_pretrained(folder)
    return folder


def vectors_of(folder, *texts, **settings):
    encoder = SentenceEmbeddings(weights=folder, **settings)
    return encoder.encode(Texts(texts), device="cpu", seed=0, progress=silent).features.matrix


def test_vectors_are_the_mean_of_the_words(static):
    found = vectors_of(static, "cat bank", "loan", "zebra", normalise=False)
    np.testing.assert_allclose(found, [[0.5, 2, 0], [0, 0, 3], [0, 0, 0]], atol=1e-5)
    assert found.dtype == np.float32


def test_vectors_have_length_one_unless_asked_otherwise(static):
    found = vectors_of(static, "cat bank", "loan", "zebra")
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), [1, 1, 0], atol=1e-5)


def test_parts_of_many_texts_stand_in_their_order(static):
    words = [WORDS[1 + row % 4] for row in range(100)]
    expected = TOKEN_VECTORS[[1 + row % 4 for row in range(100)]]
    np.testing.assert_allclose(vectors_of(static, *words, normalise=False, batch_size=3), expected, atol=1e-5)


def test_identity_follows_the_content_of_the_folder_and_the_settings(static, tmp_path):
    def identity(folder=static, **settings):
        return SentenceEmbeddings(weights=folder, **settings).identity(device="cpu")

    first = identity()
    moved = tmp_path / "elsewhere"
    shutil.copytree(static, moved)
    assert identity(moved) == first
    assert identity(batch_size=7) == first
    assert identity(normalise=False) != first
    save_file({"embeddings": TOKEN_VECTORS + 1}, moved / "model.safetensors")
    assert identity(moved) != first


def test_says_which_model_it_used(static):
    encoded = SentenceEmbeddings(weights=static).encode(Texts(("cat",)), device="cpu", seed=0, progress=silent)
    assert encoded.description == "model2vec model static, 3 dims"


def test_no_folder_is_asked_for():
    with pytest.raises(WeightsError, match="needs a folder") as caught:
        SentenceEmbeddings().identity(device="cpu")
    assert "--weights FOLDER" in caught.value.hint


def test_names_on_a_hub_are_not_looked_up(tmp_path):
    with pytest.raises(WeightsError, match="no such folder") as caught:
        vectors_of(tmp_path / "sentence-transformers" / "all-MiniLM-L6-v2", "cat")
    assert "not downloaded" in caught.value.hint


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    save_file({"weight": TOKEN_VECTORS}, tmp_path / "model.safetensors")
    with pytest.raises(WeightsError, match="holds no sentence model") as caught:
        vectors_of(tmp_path, "cat")
    assert "modules.json" in caught.value.hint


@pytest.mark.parametrize("kind", ["os.system", "custom_st.Transformer", None, 3])
def test_models_that_need_code_of_their_own_are_refused(tmp_path, kind):
    modules = [{"idx": 0, "name": "0", "path": "", "type": kind}]
    (tmp_path / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(WeightsError, match="never run"):
        vectors_of(tmp_path, "cat")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_broken_file_is_named(static, name):
    (static / name).write_bytes((static / name).read_bytes()[:20])
    with pytest.raises(WeightsError, match=f"cannot read weights from .*{name}"):
        vectors_of(static, "cat")


def test_a_list_of_modules_that_is_none_is_refused(tmp_path):
    (tmp_path / "modules.json").write_text("3")
    with pytest.raises(WeightsError):
        vectors_of(tmp_path, "cat")


def test_a_missing_library_is_named_with_its_extra(static, monkeypatch):
    monkeypatch.setitem(sys.modules, "model2vec", None)
    with pytest.raises(OptionError, match="needs model2vec") as caught:
        vectors_of(static, "cat")
    assert "dataclinic[text]" in caught.value.hint


@pytest.fixture
def transformer(tmp_path):
    """A folder of sentence-transformers: the mean of five words' vectors."""
    library = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    folder = tmp_path / "transformer"
    modules = [StaticEmbedding(five_words(), embedding_weights=TOKEN_VECTORS)]
    library.SentenceTransformer(modules=modules, device="cpu").save_pretrained(str(folder))
    return folder


def test_a_folder_of_sentence_transformers_gives_the_vectors_of_that_library(transformer):
    found = vectors_of(transformer, "cat bank", "loan", normalise=False)
    np.testing.assert_allclose(found, [[0.5, 2, 0], [0, 0, 3]], atol=1e-5)
    assert "sentence-transformers" in SentenceEmbeddings(weights=transformer).identity(device="cpu")
