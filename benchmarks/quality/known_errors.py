"""How many known label errors an audit finds: the whole product on data whose true labels are known.

    python benchmarks/quality/known_errors.py --data FOLDER [--weights FILE] [--seeds 3] [--only NAME]

FOLDER holds `images/` and `tabular/` with the sets named below; without it only scikit-learn's digits are audited. Each
row is one audit with default settings (5 folds, 3 repeats): average precision (AP) of the ranking beside that of
cleanlab's two rankings on the same out-of-fold probabilities and beside random order (the share of wrong labels), then
precision and recall of what is flagged. Planted errors are drawn anew for each seed; human ones are what they are.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score

import dataclinic
from dataclinic.rundir.artifacts import load_out_of_fold
from dataclinic.testing.planted import switch_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Case:
    """Data as a user has it, written by `make(folder, seed)`, which gives its path and the true label by sample id."""

    name: str
    make: Callable[[Path, int], tuple[Path, dict[str, str]]]
    options: dict[str, object]
    seeded: bool


def main() -> None:
    arguments = _arguments()
    print(f"{os.cpu_count()} cores, cleanlab {version('cleanlab')}, torch {version('torch')}")
    columns = "data, wrong, AP, cleanlab self-conf., cleanlab margin, flagged, precision, recall, P@100, agree, s"
    print("| " + columns.replace(", ", " | ") + " |")
    print("|---" * 11 + "|")
    for case in _cases(arguments.data, arguments.weights):
        if arguments.only and arguments.only not in case.name:
            continue
        rows = [_measure(case, seed) for seed in range(arguments.seeds if case.seeded else 1)]
        _print_row(case.name, rows)


def _measure(case: Case, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        source, truth = case.make(Path(folder) / "data", seed)
        run = dataclinic.RunDir.start(Path(folder) / "run", source)
        settings = dataclinic.read_settings(options={**case.options, "seed": seed, "trials": ("none",)})
        started = time.perf_counter()
        dataclinic.audit(source, settings, run)
        seconds = time.perf_counter() - started
        ranking = run.read_table("ranking.parquet")
        out_of_fold = load_out_of_fold(run.path)
        classes = run.record["dataset"]["classes"]
        agree = run.record["accuracy"]["mean"]
    wrong = (ranking["id"].map(truth) != ranking["given_label"]).to_numpy()
    by_row = np.argsort(ranking["row"].to_numpy())
    labels = ranking["given_label"].map({name: code for code, name in enumerate(classes)}).to_numpy()[by_row]
    probs = out_of_fold.mean_probs.astype(np.float64)
    probs /= probs.sum(axis=1, keepdims=True)
    flagged = ranking["flagged"].to_numpy()
    theirs = [
        average_precision_score(wrong[by_row], -get_label_quality_scores(labels, probs, method=method))
        for method in ("self_confidence", "normalized_margin")
    ]
    return {
        "wrong": wrong.mean(),
        "ap": average_precision_score(wrong, -ranking["rank"]),
        "self_confidence": theirs[0],
        "margin": theirs[1],
        "flagged": flagged.sum(),
        "precision": wrong[flagged].mean() if flagged.any() else np.nan,
        "recall": flagged[wrong].mean(),
        "top": wrong[:100].mean(),
        "agree": agree,
        "seconds": seconds,
    }


def _print_row(name: str, rows: list[dict[str, float]]) -> None:
    cells = [name]
    for key in rows[0]:
        values = np.array([row[key] for row in rows])
        if key in ("flagged", "seconds"):
            cells.append(f"{values.mean():,.0f}")
            continue
        spread = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 and key not in ("wrong", "agree") else ""
        cells.append(f"{values.mean():.3f}{spread}")
    print("| " + " | ".join(cells) + " |", flush=True)


def _cases(data: Path | None, weights: Path | None) -> Iterator[Case]:
    for share in (0.03, 0.08, 0.2):
        yield Case(f"digits, {share:.0%} planted", _digits(share), {"encoder": "kmeans_patches"}, seeded=True)
    if data is None:
        return
    vectors = data / "tabular" / "cifar10n_0_10k_mobilenet_pca64.parquet"
    for noise in ("aggre_label", "random_label1", "worse_label"):
        options = {"label": "given", "model": "linear_head"}
        yield Case(f"CIFAR-10N {noise}, 64 features (human)", _cifar(vectors, noise), options, seeded=False)
    grades = data / "tabular" / "student_grades_synthetic.csv"
    yield Case("student grades (synthetic)", _grades(grades), {"label": "noisy_letter_grade"}, seeded=False)
    clothing = data / "images" / "clothing_small_128px.parquet"
    options = {"label": "label", "image": "image"}
    unweighted = {**options, "encoder": "kmeans_patches"}
    yield Case("clothing, 8% planted, no weights", _clothing(clothing), unweighted, seeded=True)
    if weights:
        name = f"clothing, 8% planted, {weights.stem}"
        yield Case(name, _clothing(clothing), {**options, "weights": weights}, seeded=True)


def _digits(share: float) -> Callable[[Path, int], tuple[Path, dict[str, str]]]:
    def make(folder: Path, seed: int) -> tuple[Path, dict[str, str]]:
        from PIL import Image
        from sklearn.datasets import load_digits

        pictures, true = load_digits(return_X_y=True)
        given, _ = switch_labels(true.astype(np.int64), share, classes=10, seed=seed)
        truth = {}
        for number, pixels in enumerate(pictures):
            path = folder / str(given[number]) / f"{number:04}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((pixels.reshape(8, 8) * 15.9).astype(np.uint8)).save(path)
            truth[path.relative_to(folder).as_posix()] = str(true[number])
        return folder, truth

    return make


def _cifar(source: Path, noise: str) -> Callable[[Path, int], tuple[Path, dict[str, str]]]:
    def make(folder: Path, _seed: int) -> tuple[Path, dict[str, str]]:
        frame = pd.read_parquet(source)
        features = frame[[name for name in frame if name.startswith("f")]]
        return _write(features.assign(given=frame[noise]), folder), _by_id(frame["clean_label"])

    return make


def _grades(source: Path) -> Callable[[Path, int], tuple[Path, dict[str, str]]]:
    def make(folder: Path, _seed: int) -> tuple[Path, dict[str, str]]:
        frame = pd.read_csv(source)
        return _write(frame.drop(columns="letter_grade"), folder), _by_id(frame["letter_grade"])

    return make


def _clothing(source: Path) -> Callable[[Path, int], tuple[Path, dict[str, str]]]:
    def make(folder: Path, seed: int) -> tuple[Path, dict[str, str]]:
        frame = pd.read_parquet(source)
        names = np.array(sorted(frame["label"].unique()), dtype=object)
        true = np.searchsorted(names.astype(str), frame["label"].to_numpy(dtype=str)).astype(np.int64)
        given, _ = switch_labels(true, 0.08, classes=len(names), seed=seed)
        return _write(frame[["image"]].assign(label=names[given]), folder), _by_id(frame["label"])

    return make


def _write(frame: pd.DataFrame, folder: Path) -> Path:
    folder.mkdir(parents=True)
    frame.to_parquet(folder / "data.parquet", index=False)
    return folder / "data.parquet"


def _by_id(labels: pd.Series) -> dict[str, str]:
    return {str(row): str(label) for row, label in enumerate(labels)}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", help="cases whose name holds this")
    return parser.parse_args()


if __name__ == "__main__":
    main()
