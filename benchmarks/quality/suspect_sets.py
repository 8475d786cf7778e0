"""Labelled data for `suspects.py`: features that models see, and true labels beside those that were given."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

from dataclinic.dataset import Images
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dataclinic.arrays import Labels, Probs, Vectors

UNKNOWN = -1
"""Code of a true label that nobody verified."""

MOST_PLANTED = 4000
"""Samples of a set in which errors are planted: many sets say more than large ones."""

VECTOR_DIMS = 64
MAJORITY = 3
"""Of the five people who saw a sample that was flagged."""


@dataclass(frozen=True)
class LabelledSet:
    """Samples with codes of their true labels, UNKNOWN where nobody knows, and labels given to them, by who gave them.

    `features` is what models are trained on, `vectors` (samples, dims) the same for the detector, `probs` those that
    came with the labels; a set has either features or probs.
    """

    true: Labels
    features: Vectors | csr_matrix | None = None
    vectors: Vectors | None = None
    given: Mapping[str, Labels] = field(default_factory=dict)
    probs: Probs | None = None


@dataclass(frozen=True)
class SetSource:
    """Where a set comes from and what it is good for: `make(folder)` reads it from the folder of `--data`.

    Errors are planted where `planted`; `verified` says that its true labels are hardly ever wrong themselves. `given`
    names the labels that came with it, and `human` says whether people made them. `files` decide what is cached.
    """

    name: str
    make: Callable[[Path], LabelledSet] = field(compare=False)
    files: tuple[str, ...] = ()
    classes: int = 2
    planted: bool = True
    verified: bool = True
    given: tuple[str, ...] = ()
    human: bool = True
    models: tuple[str, ...] = ()
    """Model families beside logistic regression."""


def bundled_sets() -> tuple[SetSource, ...]:
    """Sets that scikit-learn brings."""
    return (
        SetSource("digits", _bundled("digits"), classes=10, models=("forest", "knn")),
        SetSource("wine", _bundled("wine"), classes=3, models=("forest",)),
        SetSource("breast cancer", _bundled("breast_cancer"), models=("boosting", "knn")),
        SetSource("iris", _bundled("iris"), classes=3),
    )


def folder_sets() -> tuple[SetSource, ...]:
    """Sets of the folder of `--data`."""
    crowd = ("aggre", "random1", "random2", "random3", "worse")
    cifar = ("tabular/cifar10n_0_10k_mobilenet_pca64.parquet",)
    grades = ("tabular/student_grades_synthetic.csv",)
    pictures = ("images/clothing_small_128px.parquet",)
    news = ("text/yoruba_news_distant.parquet",)
    return (
        SetSource("CIFAR-10N", _cifar, cifar, 10, planted=False, given=crowd, models=("knn",)),
        SetSource("disaster tweets", _tweets, (_TWEETS,), planted=False, given=("crowd",)),
        SetSource("isBook", _is_book, (_CROWD_BOOKS,), planted=False, given=("single", "majority", "worst")),
        SetSource("Yoruba news", _yoruba_given, news, 7, planted=False, given=("distant",)),
        SetSource("student grades", _grades, grades, 5, given=("synthetic",), human=False, models=("boosting",)),
        SetSource("CIFAR-10 features", _few_cifar, cifar, 10, models=("forest",)),
        SetSource("MNIST pixels", _mnist, ("images/mnist_test_10k.npz",), 10, models=("knn",)),
        SetSource("clothing", _clothing, pictures, 10, verified=False),
        SetSource("isBook gold", _gold_books, (_GOLD_BOOKS,)),
        SetSource("Yoruba gold", _yoruba_true, news, 7),
        SetSource("banking77", _banking, ("text/banking77.parquet",), 77, verified=False),
        SetSource("credit", _credit, ("tabular/credit_data.csv",), verified=False, models=("boosting",)),
        SetSource("churn", _churn, ("tabular/mlc_churn.csv",), verified=False, models=("boosting",)),
    )


def published_sets() -> tuple[SetSource, ...]:
    """Labels with published out-of-sample probabilities, and without vectors."""
    settings = ("noise20-sparsity0", "noise40-sparsity40", "noise40-sparsity60", "noise70-sparsity20")
    files = [f"probs/cifar10-{setting}.npz" for setting in settings]
    return tuple(
        SetSource(
            f"CIFAR-10 {setting}", _published(file), (file,), 10, planted=False, given=("published",), human=False
        )
        for setting, file in zip(settings, files, strict=True)
    )


def judged_sets() -> tuple[SetSource, ...]:
    """Real labels with published probabilities, of which people judged those that a detector had flagged."""
    imdb = (*(place.format("imdb") for place in _JUDGED), _IMDB_INDEX)
    mnist = tuple(place.format("mnist") for place in _JUDGED)
    return (
        SetSource("IMDB test", _imdb, imdb, planted=False, given=("judged",)),
        SetSource("MNIST test", _judged_mnist, mnist, 10, planted=False, given=("judged",)),
    )


def _bundled(name: str) -> Callable[[Path], LabelledSet]:
    def make(_folder: Path) -> LabelledSet:
        from sklearn import datasets

        features, true = getattr(datasets, f"load_{name}")(return_X_y=True)
        return _dense(features, true)

    return make


def _cifar(folder: Path) -> LabelledSet:
    frame = pd.read_parquet(folder / "tabular/cifar10n_0_10k_mobilenet_pca64.parquet")
    features = frame[[f"f{dim:02}" for dim in range(VECTOR_DIMS)]].to_numpy(np.float32)
    columns = {name: name.replace("random", "random_label") for name in ("random1", "random2", "random3")}
    columns |= {"aggre": "aggre_label", "worse": "worse_label"}
    given = {name: frame[column].to_numpy(np.int64) for name, column in columns.items()}
    return LabelledSet(frame["clean_label"].to_numpy(np.int64), features, features, given)


def _few_cifar(folder: Path) -> LabelledSet:
    cifar = _cifar(folder)
    assert isinstance(cifar.features, np.ndarray)
    return _dense(cifar.features[:MOST_PLANTED], cifar.true[:MOST_PLANTED])


def _grades(folder: Path) -> LabelledSet:
    frame = pd.read_csv(folder / "tabular/student_grades_synthetic.csv")
    names = sorted(frame["letter_grade"].unique())
    given = {"synthetic": _codes(frame["noisy_letter_grade"], names)}
    columns = _columns(frame.drop(columns=["stud_ID", "letter_grade", "noisy_letter_grade"]))
    return LabelledSet(_codes(frame["letter_grade"], names), columns, columns, given)


def _mnist(folder: Path) -> LabelledSet:
    with np.load(folder / "images/mnist_test_10k.npz") as file:
        pixels, true = file["images"][:3000].reshape(3000, -1), file["labels"][:3000]
    return _dense(_principal(pixels / 255.0), true)


def _clothing(folder: Path) -> LabelledSet:
    frame = pd.read_parquet(folder / "images/clothing_small_128px.parquet")
    encoder = ENCODERS.make("kmeans_patches", {})
    encoded = encoder.encode(Images(tuple(frame["image"])), device="cpu", seed=0, progress=silent)
    return _dense(_principal(encoded.features.matrix), _codes(frame["label"]))


def _credit(folder: Path) -> LabelledSet:
    return _table(pd.read_csv(folder / "tabular/credit_data.csv"), "Status")


def _churn(folder: Path) -> LabelledSet:
    return _table(pd.read_csv(folder / "tabular/mlc_churn.csv"), "churn")


_TWEETS = "text/figure8_02_disaster_relevance_binary.parquet"
_CROWD_BOOKS = "text/amazon_isbook_crowd.parquet"
_GOLD_BOOKS = "text/amazon_isbook_test.parquet"


def _tweets(folder: Path) -> LabelledSet:
    frame = pd.read_parquet(folder / _TWEETS)
    true = frame["gold_label"].fillna(UNKNOWN).to_numpy(np.int64)
    return _texts(frame["text"], true, {"crowd": frame["crowd_label"].to_numpy(np.int64)})


def _is_book(folder: Path) -> LabelledSet:
    frame = pd.read_parquet(folder / _CROWD_BOOKS)
    given = {name: frame[f"label_{name}"].to_numpy(np.int64) for name in ("single", "majority", "worst")}
    return _texts(frame["text"], frame["true_label"].to_numpy(np.int64), given)


def _gold_books(folder: Path) -> LabelledSet:
    frame = pd.read_parquet(folder / _GOLD_BOOKS).iloc[:2000]
    return _texts(frame["text"], frame["gold_label"].to_numpy(np.int64), {})


def _yoruba_given(folder: Path) -> LabelledSet:
    frame = pd.read_parquet(folder / "text/yoruba_news_distant.parquet").dropna(subset="noisy_label")
    names = sorted(frame["true_label"].unique())
    given = {"distant": _codes(frame["noisy_label"], names)}
    return _texts(frame["text"], _codes(frame["true_label"], names), given)


def _yoruba_true(folder: Path) -> LabelledSet:
    frame = pd.read_parquet(folder / "text/yoruba_news_distant.parquet")
    return _texts(frame["text"], _codes(frame["true_label"]), {})


def _banking(folder: Path) -> LabelledSet:
    frame = pd.read_parquet(folder / "text/banking77.parquet")
    rows = np.sort(rng_for(0, "banking77").permutation(len(frame))[:MOST_PLANTED])
    codes = _codes(frame["category"])
    texts = _texts(frame["text"].iloc[rows], codes[rows], {})
    return LabelledSet(texts.true, texts.vectors, texts.vectors)  # words of 77 classes take minutes a fit


def _published(file: str) -> Callable[[Path], LabelledSet]:
    def make(folder: Path) -> LabelledSet:
        with np.load(folder / file) as arrays:
            given = {"published": arrays["given_labels"].astype(np.int64)}
            return LabelledSet(arrays["true_labels"].astype(np.int64), given=given, probs=_normal(arrays["probs"]))

    return make


_JUDGED = (
    "label_errors/cross_validated_predicted_probabilities/{}_test_set_pyx.npy",
    "label_errors/original_test_labels/{}_test_set_original_labels.npy",
    "label_errors/mturk/{}_mturk.json",
)
_IMDB_INDEX = "label_errors/dataset_indexing/imdb_test_set_index_to_filename.json"


def _imdb(folder: Path) -> LabelledSet:
    names = json.loads((folder / _IMDB_INDEX).read_text())
    row_of = {f"test/{name.removesuffix('.txt')}": row for row, name in enumerate(names)}
    return _verdicts(folder, "imdb", row_of.__getitem__)


def _judged_mnist(folder: Path) -> LabelledSet:
    return _verdicts(folder, "mnist", int)


def _verdicts(folder: Path, name: str, row_of: Callable[[Any], int]) -> LabelledSet:
    """True is the given label where most people agreed with it and the likeliest other one where they did not."""
    probs, labels, votes = (folder / place.format(name) for place in _JUDGED)
    probs, given = _normal(np.load(probs)), np.load(labels).astype(np.int64)
    true = np.full(len(given), UNKNOWN)
    others = probs.copy()
    others[np.arange(len(given)), given] = -1
    for sample in json.loads(votes.read_text()):
        row = row_of(sample["id"])
        true[row] = given[row] if sample["mturk"]["given"] >= MAJORITY else others[row].argmax()
    return LabelledSet(true, given={"judged": given}, probs=probs)


def _table(frame: pd.DataFrame, label: str) -> LabelledSet:
    rows = np.sort(rng_for(0, label).permutation(len(frame))[:MOST_PLANTED])
    return _dense(_columns(frame.drop(columns=label))[rows], _codes(frame[label])[rows])


def _columns(frame: pd.DataFrame) -> Vectors:
    """Numbers scaled, a missing one as the median; one column a category, none where it is missing."""
    numbers = frame.select_dtypes("number")
    numbers = numbers.fillna(numbers.median())
    numbers = (numbers - numbers.mean()) / numbers.std()
    categories = pd.get_dummies(frame.select_dtypes(exclude="number"))
    return np.hstack([numbers.to_numpy(np.float32), categories.to_numpy(np.float32)])


def _texts(texts: pd.Series, true: Labels, given: Mapping[str, Labels]) -> LabelledSet:
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, max_features=20_000, dtype=np.float32)
    features = words.fit_transform(texts)
    with threadpool_limits(1):
        vectors = TruncatedSVD(VECTOR_DIMS, random_state=seed_for(0, "texts")).fit_transform(features)
    return LabelledSet(true, csr_matrix(features), vectors.astype(np.float32), given)


def _principal(features: Vectors) -> Vectors:
    with threadpool_limits(1):
        return np.asarray(PCA(VECTOR_DIMS, random_state=seed_for(0, "pca")).fit_transform(features), np.float32)


def _dense(features: Vectors, true: Labels) -> LabelledSet:
    vectors = np.asarray(features, np.float32)
    return LabelledSet(np.asarray(true, np.int64), vectors, vectors)


def _codes(names: pd.Series, classes: list[str] | None = None) -> Labels:
    order = classes or sorted(names.unique())
    return names.map({name: code for code, name in enumerate(order)}).to_numpy(np.int64)


def _normal(probs: Probs) -> Probs:
    exact = probs.astype(np.float64)
    return exact / exact.sum(axis=1, keepdims=True)
