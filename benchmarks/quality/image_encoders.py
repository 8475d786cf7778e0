"""How well encoders that need no weights serve label-error detection: labels flipped by us, three seeds.

    python benchmarks/quality/image_encoders.py FOLDER [--weights FILE]

FOLDER holds clothing_small_128px.parquet, cifar10n_train_40k.parquet and mnist_test_10k.npz; sets that are not there
are left out, the digits of scikit-learn always run. With --weights, a row of `timm_image` with that file is added.

Of each set, 8 % of the labels (those of CIFAR-10N are its clean ones) are switched to another class at random.
Logistic regression on standardised vectors, five folds × three repeats, its penalty the best of four by out-of-fold
loss of one repeat on the labels as given; samples are ranked by the margin of temperature-fitted log probabilities.
Raw pixels at 32 × 32 are the row to beat.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from PIL import Image
from scipy.special import log_softmax
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from dataclinic.arrays import SMALLEST_PROB
from dataclinic.dataset import Images
from dataclinic.encoders import Encoded
from dataclinic.features import Embeddings
from dataclinic.methods.image_pixels import decode_rgb
from dataclinic.methods.oriented_gradients import oriented_gradients
from dataclinic.methods.temperature import fit_temperature
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import switch_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDS, REPEATS, SEEDS = 5, 3, (0, 1, 2)
SWITCHED = 0.08
AT_MOST = 3_000
"""Pictures of the large sets."""

INVERSE_PENALTIES = (0.3, 1.0, 3.0, 10.0)
"""Divided by the number of dims, so that they mean the same for short and long vectors."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}")
    print(f"{'set':10}{'encoder':16}{'dims':>6}{'accuracy %':>12}{'AP':>8}{'lowest':>8}{'P@100':>7}{'pictures/s':>12}")
    for name, images, labels in _sets(given.folder):
        for encoder, encode in _encoders(given.weights).items():
            began = time.perf_counter()
            encoded = encode(images)
            speed = len(images) / (time.perf_counter() - began)
            vectors = encoded.features.vectors(np.arange(len(images)))
            with threadpool_limits(1):
                accuracy, precision, hits = zip(*(_detect(vectors, labels, seed) for seed in SEEDS), strict=True)
            print(
                f"{name:10}{encoder:16}{vectors.shape[1]:6}{100 * np.mean(accuracy):12.1f}{np.mean(precision):8.3f}"
                f"{min(precision):8.3f}{np.mean(hits):7.2f}{speed:12.0f}",
                flush=True,
            )


def _sets(folder: Path) -> Iterator[tuple[str, Images, np.ndarray]]:
    digits = load_digits()
    yield "digits", Images(tuple(_png(digit * 255 / 16) for digit in digits.images)), digits.target
    path = folder / "mnist_test_10k.npz"
    if path.is_file():
        mnist = np.load(path)
        rows = rng_for(0, "mnist").choice(len(mnist["labels"]), AT_MOST, replace=False)
        pictures = mnist["images"][rows].reshape(-1, 28, 28)
        yield "mnist", Images(tuple(map(_png, pictures))), mnist["labels"][rows].astype(np.int64)
    for name, label in (("cifar10n_train_40k", "clean_label"), ("clothing_small_128px", "label")):
        path = folder / f"{name}.parquet"
        if path.is_file():
            frame = pd.read_parquet(path, columns=["image", label])
            frame = frame if len(frame) < 2 * AT_MOST else frame.sample(AT_MOST, random_state=0)
            yield name.partition("_")[0], Images(tuple(frame["image"])), pd.factorize(frame[label], sort=True)[0]


def _png(pixels: np.ndarray) -> bytes:
    content = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(content, "PNG")
    return content.getvalue()


def _encoders(weights: Path | None) -> dict[str, Callable[[Images], Encoded]]:
    def kmeans_patches(images: Images) -> Encoded:
        return ENCODERS.make("kmeans_patches").encode(images, device="cpu", seed=0, progress=silent)

    def timm_image(images: Images) -> Encoded:
        encoder = ENCODERS.make("timm_image", {"weights": weights})
        return encoder.encode(images, device="cpu", seed=0, progress=silent)

    always = {"raw pixels": _raw_pixels, "gradients only": _gradients_only, "kmeans_patches": kmeans_patches}
    return always if weights is None else {**always, "timm_image": timm_image}


def _raw_pixels(images: Images) -> Encoded:
    return Encoded(Embeddings(np.float32(_small(images).reshape(len(images), -1) / 255)), "raw pixels")


def _gradients_only(images: Images) -> Encoded:
    return Encoded(Embeddings(oriented_gradients(_small(images))), "oriented gradients")


def _small(images: Images) -> np.ndarray:
    return np.stack([np.asarray(Image.fromarray(decode_rgb(source)).resize((32, 32))) for source in images.sources])


def _detect(vectors: np.ndarray, labels: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Out-of-fold accuracy on the true labels, average precision for the switched ones, precision of the first 100."""
    given, switched = switch_labels(labels, SWITCHED, classes=int(labels.max()) + 1, seed=seed)
    spread = vectors.std(axis=0)
    scaled = (vectors - vectors.mean(axis=0)) / np.where(spread > 1e-6, spread, 1) / np.sqrt(vectors.shape[1])
    losses = [log_loss(given, _out_of_fold(scaled, given, inverse, seed, 1)) for inverse in INVERSE_PENALTIES]
    probs = _out_of_fold(scaled, given, INVERSE_PENALTIES[int(np.argmin(losses))], seed, REPEATS)
    logs = log_softmax(np.log(np.clip(probs, SMALLEST_PROB, 1)) / fit_temperature(probs, given), axis=1)
    rows = np.arange(len(given))
    own = logs[rows, given]
    logs[rows, given] = -np.inf
    suspicion = logs.max(axis=1) - own
    first = np.argsort(-suspicion)[:100]
    accuracy = float((probs.argmax(axis=1) == labels).mean())
    return accuracy, float(average_precision_score(switched, suspicion)), float(switched[first].mean())


def _out_of_fold(vectors: np.ndarray, given: np.ndarray, inverse: float, seed: int, repeats: int) -> np.ndarray:
    probs = np.zeros((len(given), int(given.max()) + 1), np.float32)
    for repeat in range(repeats):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=100 * seed + repeat)
        for train, held_out in folds.split(vectors, given):
            head = LogisticRegression(C=inverse, max_iter=150, tol=1e-3).fit(vectors[train], given[train])
            probs[held_out] += head.predict_proba(vectors[held_out]) / repeats
    return probs


if __name__ == "__main__":
    main()
