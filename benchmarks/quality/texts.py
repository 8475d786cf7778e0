"""How many known label errors an audit of texts finds, beside cleanlab and scikit-learn on the same folds.

    python benchmarks/quality/texts.py --data FOLDER [--encoder tfidf] [--weights FOLDER] [--seeds 3] [--only NAME]

FOLDER holds the text sets named below as parquet files. Each row is one data set with one set of labels, judged by
`encoder` and `linear_head` out of fold (5 folds × 3 repeats, one repeat for 77 classes): average precision (AP) of the
ranking by suspicion, of cleanlab's self-confidence on the same probabilities, and of the self-confidence of
scikit-learn's logistic regression (C = 1, its default, and C = 3) on the full TF-IDF matrix of words and pairs, out of
the same number of folds; then the log loss of ours and of theirs (C = 1) against the true labels. Planted errors
are drawn anew for each seed; human ones are what they are, and nothing was chosen by them.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from cleanlab.rank import get_label_quality_scores
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from dataclinic.dataset import Dataset, Texts
from dataclinic.fits import FoldPlan
from dataclinic.methods.label_quality import log_margin
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS, MODELS
from dataclinic.steps.group_duplicates import group_duplicates
from dataclinic.steps.measure_samples import measure_samples
from dataclinic.steps.predict_out_of_fold import predict_out_of_fold
from dataclinic.testing.planted import switch_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataclinic.arrays import Labels, Mask, Probs
    from dataclinic.encoders import Encoder

COLUMNS = "data, texts, wrong, AP, cleanlab self-conf., sklearn C=1, sklearn C=3, log loss, sklearn C=1, s"
REPEATS = 3
MANY_CLASSES = 20


@dataclass(frozen=True)
class Case:
    """Texts with given and true class codes; `known` says where the truth is known."""

    name: str
    texts: tuple[str, ...]
    given: Labels
    true: Labels
    known: Mask
    seed: int = 0


def main() -> None:
    arguments = _arguments()
    encoder = ENCODERS.make(arguments.encoder, {"weights": arguments.weights} if arguments.weights else {})
    print(
        f"{os.cpu_count()} cores, cleanlab {version('cleanlab')}, scikit-learn {version('scikit-learn')}, {encoder!r}"
    )
    print("| " + COLUMNS.replace(", ", " | ") + " |")
    print("|---" * len(COLUMNS.split(", ")) + "|")
    cases = (case for case in _cases(arguments.data, arguments.seeds) if (arguments.only or "") in case.name)
    for name, same in groupby(cases, key=attrgetter("name")):
        _print_row(name, np.array([_measure(case, encoder) for case in same]))


def _measure(case: Case, encoder: Encoder) -> tuple[float, ...]:
    started = time.perf_counter()
    ours = _out_of_fold(case, encoder)
    seconds = time.perf_counter() - started
    theirs = [_reference(case, C) for C in (1.0, 3.0)]
    known = case.known
    wrong = (case.given != case.true)[known]
    scores = [
        -log_margin(ours.astype(np.float32), case.given),
        *(-get_label_quality_scores(case.given, probs, method="self_confidence") for probs in (ours, *theirs)),
    ]
    found = [float(average_precision_score(wrong, score[known])) for score in scores]
    losses = [_log_loss(probs[known], case.true[known]) for probs in (ours, theirs[0])]
    return (len(case.texts), float(wrong.mean()), *found, *losses, seconds)


def _out_of_fold(case: Case, encoder: Encoder) -> Probs:
    classes = int(case.given.max()) + 1
    dataset = Dataset(
        source=Path("texts"),
        format="made",
        payload=Texts(case.texts),
        ids=tuple(map(str, range(len(case.texts)))),
        labels=case.given,
        classes=tuple(map(str, range(classes))),
        source_rows=np.arange(len(case.texts)),
    )
    groups = group_duplicates(dataset, measure_samples(dataset, workers=1, progress=silent))
    out_of_fold = predict_out_of_fold(
        dataset,
        encoder.encode(dataset.payload, device="cpu", seed=case.seed, progress=silent).features,
        {"linear_head": MODELS.make("linear_head")},
        groups=groups,
        usable=np.ones(len(dataset), bool),
        plan=FoldPlan(5, 1 if classes > MANY_CLASSES else REPEATS, case.seed),
        device="cpu",
        progress=silent,
    ).out_of_fold
    probs = out_of_fold.mean_probs.astype(np.float64)
    return probs / probs.sum(axis=1, keepdims=True)


def _reference(case: Case, C: float) -> Probs:
    matrix = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32).fit_transform(case.texts)
    folds = StratifiedKFold(5, shuffle=True, random_state=case.seed)
    with threadpool_limits(1):
        model = LogisticRegression(C=C, max_iter=300)
        return cross_val_predict(model, matrix, case.given, cv=folds, method="predict_proba").astype(np.float64)


def _log_loss(probs: Probs, true: Labels) -> float:
    return float(-np.log(np.clip(probs[np.arange(len(true)), true], 1e-12, 1)).mean())


def _print_row(name: str, measured: np.ndarray) -> None:
    means = measured.mean(axis=0)
    spreads = measured.std(axis=0, ddof=1) if len(measured) > 1 else np.zeros_like(means)
    cells = [f"{means[0]:,.0f}", f"{means[1]:.3f}"]
    for mean, spread in zip(means[2:-1], spreads[2:-1], strict=True):
        cells.append(f"{mean:.3f}" + (f" ± {spread:.3f}" if len(measured) > 1 else ""))
    print(f"| {name} | " + " | ".join([*cells, f"{means[-1]:.0f}"]) + " |", flush=True)


def _cases(data: Path, seeds: int) -> Iterator[Case]:
    tweets = pd.read_parquet(data / "figure8_02_disaster_relevance_binary.parquet")
    gold = tweets["gold_label"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(gold)
    crowd = tweets["crowd_label"].to_numpy(np.int64)
    yield Case("disaster tweets (crowd)", _texts(tweets), crowd, np.where(known, gold, crowd).astype(np.int64), known)
    books = pd.read_parquet(data / "amazon_isbook_crowd.parquet")
    for column in ("label_single", "label_majority", "label_worst"):
        yield _whole(f"isBook {column} (crowd)", books, books[column], books["true_label"])
    news = pd.read_parquet(data / "yoruba_news_distant.parquet")
    news = news[news["noisy_label"].notna() & news["true_label"].notna()]
    yield _whole("Yoruba news (distant supervision)", news, news["noisy_label"], news["true_label"])
    messages = pd.read_parquet(data / "banking77.parquet")
    true = pd.factorize(messages["category"], sort=True)[0].astype(np.int64)
    for share in (0.03, 0.1, 0.2):
        for seed in range(seeds):
            given, _ = switch_labels(true, share, classes=77, seed=seed)
            name = f"banking77, {share:.0%} planted"
            yield Case(name, _texts(messages), given, true, np.ones(len(true), bool), seed)


def _whole(name: str, frame: pd.DataFrame, given: pd.Series, true: pd.Series) -> Case:
    names = sorted({*given.astype(str), *true.astype(str)})
    codes = [column.astype(str).map(names.index).to_numpy(np.int64) for column in (given, true)]
    return Case(name, _texts(frame), *codes, np.ones(len(frame), bool))


def _texts(frame: pd.DataFrame) -> tuple[str, ...]:
    return tuple(frame["text"].astype(str))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="tfidf")
    parser.add_argument("--weights", type=Path, help="folder of a sentence model, for --encoder sentence_embeddings")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", help="cases whose name holds this")
    return parser.parse_args()


if __name__ == "__main__":
    main()
