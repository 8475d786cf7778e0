"""Words and pieces of words carry what a text is about, in any script."""

import functools
import operator

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from dataclinic.dataset import Texts
from dataclinic.encoders import tfidf
from dataclinic.encoders.tfidf import Tfidf
from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import switch_labels

SUBJECTS = {
    "football": "goal match team striker keeper league penalty coach stadium referee fans season",
    "cooking": "butter oven recipe flour salt pan simmer onion garlic taste bake dish",
    "banking": "account card transfer loan interest branch balance fee payment credit savings teller",
}
FILLERS = [
    *("the", "a", "was", "very", "with", "and", "then", "my"),
    *("our", "had", "this", "that", "when", "not", "much", "really"),
]


def made_texts(count, seed=0):
    """(texts, subjects): a few words of a subject among fillers and words of the others."""
    rng = rng_for(seed, "made texts")
    subjects = rng.integers(0, 3, count)
    words = [line.split() for line in SUBJECTS.values()]
    every = functools.reduce(operator.iadd, words, [])
    return [
        " ".join(rng.permutation([*rng.choice(words[code], 2), *rng.choice(FILLERS, 6), *rng.choice(every, 1)]))
        for code in subjects
    ], subjects.astype(np.int64)


def encode(texts, **settings):
    return Tfidf(**settings).encode(Texts(tuple(texts)), device="cpu", seed=0, progress=silent)


def vectors_of(texts, **settings):
    return encode(texts, **settings).features.matrix


def out_of_fold(vectors, labels):
    folds = np.arange(len(labels)) % 5
    jobs = [
        FitJob(np.flatnonzero(folds != fold), labels[folds != fold], np.flatnonzero(folds == fold), 0)
        for fold in range(5)
    ]
    results = MODELS.make("linear_head").run(Embeddings(vectors), jobs, classes=3, device="cpu", progress=silent)
    probs = np.zeros((len(labels), 3))
    for job, result in zip(jobs, results, strict=True):
        probs[job.score_rows] = result.probs
    return probs


def nearest(vectors, row):
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    likeness = unit @ unit[row]
    likeness[row] = -np.inf
    return int(likeness.argmax())


def test_finds_planted_errors_as_well_as_logistic_regression_on_the_full_matrix():
    texts, truth = made_texts(600)
    given, switched = switch_labels(truth, 0.1, classes=3)
    full = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    reference = cross_val_predict(LogisticRegression(C=3), full, given, method="predict_proba")
    ours = out_of_fold(vectors_of(texts), given)
    rows = np.arange(600)
    precision, wanted = (average_precision_score(switched, -probs[rows, given]) for probs in (ours, reference))
    assert wanted > 0.8
    assert precision > wanted - 0.02
    loss, allowed = (-np.log(probs[rows, truth]).mean() for probs in (ours, reference))
    assert loss < allowed + 0.02


def test_text_without_spaces_is_compared_by_pieces():
    texts = [
        "这部电影非常好看",
        "这部电影很好看",
        "我要取消我的订单",
        "请帮我取消订单",
        "映画がとても面白い",
        "映画は面白い",
    ]
    vectors = vectors_of(texts)
    assert [nearest(vectors, row) for row in range(6)] == [1, 0, 3, 2, 5, 4]


def test_inflected_words_are_near():
    vectors = vectors_of(["cancelling", "cancelled", "refunding", "refunded", "weather", "music"])
    assert [nearest(vectors, row) for row in range(4)] == [1, 0, 3, 2]


def test_case_does_not_matter_and_words_of_one_letter_do():
    vectors = vectors_of(["Plan A", "plan a", "plan b", "else"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)
    assert np.abs(vectors[0] - vectors[2]).max() > 0.05


def test_texts_of_signs_alone_stop_nothing():
    vectors = vectors_of(["!!!", "...", "???"])
    assert np.isfinite(vectors).all()
    assert np.isfinite(vectors_of(["", " "])).all()
    assert np.isfinite(vectors_of(["half a surrogate \ud800 pair"])).all()


def test_many_texts_leave_out_terms_of_a_single_one(monkeypatch):
    texts = ["shared words here", "shared words there", "lonely"]
    few = encode(texts).description
    monkeypatch.setattr(tfidf, "RARE_FROM", 3)
    assert encode(texts).description != few


def test_no_more_components_are_said_than_there_are_words():
    assert encode(["a b", "b c", "c a"]).description.endswith("reduced to 3 components")


def test_the_end_of_an_endless_text_is_left_out():
    start = "word " * 4000
    vectors = vectors_of([start + "football", start + "cooking", "football", "cooking"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)


def test_more_components_keep_more():
    texts, _ = made_texts(300)
    small, large = (vectors_of(texts, dims=dims).var(axis=0).sum() for dims in (4, 64))
    assert small < large


def test_depends_on_all_texts_together_so_that_nothing_is_kept():
    assert Tfidf().identity(device="cpu") is None


@pytest.mark.parametrize("dims", [1, 3, 256])
def test_any_number_of_components_will_do(dims):
    texts, _ = made_texts(20)
    assert vectors_of(texts, dims=dims).shape[0] == 20
