"""Run directories made by hand, as an audit leaves them: what the report is built and tested on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from dataclinic.dataset import Dataset, Images, Table, Texts
from dataclinic.rundir import SCHEMA, RunDir
from dataclinic.seeding import rng_for
from dataclinic.steps.preview_samples import preview_samples

PLAIN = ("apron", "boot", "coat", "dress", "hat", "shirt")

HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "'; DROP TABLE labels; --",
    "قميص أزرق \u202eRTL",
    "{{ 7 * 7 }} {% raw %} &amp; &lt;",
    "line one\nline two\ttab",
    "x" * 300,
    "🧥👗 emoji ünïcødé",
    "</title></style></script><h1>owned</h1>",
    '=HYPERLINK("http://example.invalid","click")',
)


@dataclass(frozen=True)
class Made:
    """What a made run looks like; `flagged` samples stand first in the ranking."""

    kind: str = "images"
    samples: int = 300
    classes: tuple[str, ...] = PLAIN
    flagged: int = 40
    columns: int = 8
    hostile_ids: bool = False
    picture_px: int = 96
    previews: bool = True
    noise: bool = False
    task: str = "classification"


def make_run(folder: Path, made: Made) -> RunDir:
    folder.mkdir(parents=True, exist_ok=True)
    run = RunDir(folder)
    rng = rng_for(7, "made run")
    size = len(made.classes)
    given = rng.choice(size, made.samples, p=_shares(size))
    ids = tuple(_sample_id(row, made) for row in range(made.samples))
    ranking = _ranking(rng, given, ids, made)
    record = _record(made, given)
    if made.task == "regression":
        ranking = _of_numbers(rng, ranking)
        record = _record_of_numbers(record)
    run.write_json("run.json", record)
    run.write_table("ranking.parquet", ranking)
    run.write_json("checks.json", _checks(made))
    run.write_table("findings.parquet", _findings(ranking))
    dataset = _dataset(rng, given, ids, made)
    if isinstance(dataset.payload, Table):
        _write_measurements(run, dataset.payload.frame)
    if made.previews:
        shown = [int(row) for row in ranking["row"].head(100)]
        run.write_json(
            "previews.json", {str(row): entry for row, entry in preview_samples(dataset, shown, folder).items()}
        )
    return run


def _of_numbers(rng: np.random.Generator, ranking: pd.DataFrame) -> pd.DataFrame:
    """The ranking with numbers for labels: suspects a decimal point off, the last one not judged."""
    prediction = 1000 * rng.lognormal(size=len(ranking))
    target = prediction * np.where(ranking["flagged"], 10.0, rng.normal(1, 0.1, len(ranking)))
    unjudged = ranking["suspicion"].isna().to_numpy()
    prediction[unjudged] = np.nan
    nothing = np.full(len(ranking), np.nan)
    away = np.abs(target - prediction) / 100
    order = np.lexsort((away, ~ranking["flagged"]))
    frame = ranking.assign(
        given_label=[f"{value:.7g}" for value in target],
        suggested_label=[f"{value:.4g}" for value in np.where(ranking["flagged"], prediction, target)],
        suggested_probability=nothing,
        suspicion=away,
        loss_nats=nothing,
        self_confidence=nothing,
        margin=nothing,
        spread=np.abs(rng.normal(0, 20, len(ranking))),
        checks="target_errors",
        target=target,
        prediction=prediction,
        residual=target - prediction,
    )
    return frame.iloc[order].assign(rank=np.arange(1, len(frame) + 1)).reset_index(drop=True)


def _record_of_numbers(record: dict[str, Any]) -> dict[str, Any]:
    models = {"mae": 312.5, "rmse": 2801.25, "r2": 0.41, "median_absolute_error": 95.0}
    of_median = {"mae": 1204.0, "rmse": 3650.0, "r2": -0.02, "median_absolute_error": 640.0}
    rest = {name: entry for name, entry in record.items() if name not in {"accuracy", "temperature"}}
    return {
        **rest,
        "dataset": {**record["dataset"], "task": "regression", "classes": []},
        "model": {"id": "tree_regression", "description": "random forest and boosted trees"},
        "errors": {**models, "of_median": of_median, "mae_per_repeat": [310.0, 315.0], "folds": 5},
    }


def change_record(run: RunDir, **changes: Any) -> None:
    run.write_json("run.json", {**run.record, **changes})


def _shares(size: int) -> np.ndarray:
    shares = 1 / (1.0 + np.arange(size)) ** 0.5
    return shares / shares.sum()


def _sample_id(row: int, made: Made) -> str:
    if made.hostile_ids:
        return f"{HOSTILE[row % len(HOSTILE)]} {row}"
    return f"photos/{row:05}.jpg" if made.kind == "images" else f"row {row}"


def _ranking(rng: np.random.Generator, given: np.ndarray, ids: tuple[str, ...], made: Made) -> pd.DataFrame:
    order = rng.permutation(made.samples)
    size = len(made.classes)
    suggested = (given + 1 + rng.integers(0, max(size - 1, 1), made.samples)) % size
    suspicion = np.sort(rng.normal(-3, 2, made.samples))[::-1]
    suspicion[: made.flagged] = np.linspace(5, 0.5, made.flagged)
    suspicion[made.flagged :] = np.minimum(suspicion[made.flagged :], -0.01)
    confidence = 1 / (1 + np.exp(suspicion)) * 0.97
    flagged = np.arange(made.samples) < made.flagged
    reasons = [
        f"Models give {made.classes[given[row]]} {100 * share:.1f} % and prefer {made.classes[suggested[row]]}."
        for row, share in zip(order, confidence, strict=True)
    ]
    if made.samples > 3:
        suspicion[-1] = np.nan
        confidence[-1] = np.nan
    return pd.DataFrame(
        {
            "rank": np.arange(1, made.samples + 1),
            "row": order,
            "id": [ids[row] for row in order],
            "given_label": [made.classes[given[row]] for row in order],
            "suggested_label": [made.classes[suggested[row]] for row in order],
            "suggested_probability": 0.98 - confidence,
            "suspicion": suspicion,
            "probability": pd.array([None] * made.samples, "Float64"),
            "flagged": flagged,
            "loss_nats": -np.log(confidence),
            "self_confidence": confidence,
            "margin": 2 * confidence - 0.98,
            "spread": np.abs(rng.normal(0, 0.05, made.samples)),
            "checks": ["label_errors,high_loss" if at % 3 else "label_errors" for at in range(made.samples)],
            "reason": reasons,
        }
    )


def _record(made: Made, given: np.ndarray) -> dict[str, Any]:
    counts = np.bincount(given, minlength=len(made.classes))
    return {
        "schema": SCHEMA,
        "dataclinic": "0.1.0",
        "versions": {"numpy": "2.4.0", "torch": "2.15.0"},
        "command": ["dataclinic", "audit", "/data/wardrobe photos", "--seed", "3"],
        "source": f"/data/{made.classes[0][:40] if made.hostile_ids else 'wardrobe'}",
        "settings": {"label": None, "folds": 5, "repeats": 3, "checks": {"iqr_outliers": {"factor": 3.0}}},
        "seed": 3,
        "status": "done",
        "started": "2026-08-03T14:01:10+00:00",
        "finished": "2026-08-03T14:05:00+00:00",
        "device": "cpu (2 threads)",
        "notes": [
            "No pretrained weights were found: pictures were encoded by colour and edge statistics, a weak encoder."
        ],
        "steps": {"load": {"seconds": 0.4}, "encode": {"seconds": 71.25}, "predict out of fold": {"seconds": 12.5}},
        "temperature": 1.31,
        "judged": made.samples - 1,
        "dataset": {
            "format": "image_folder" if made.kind == "images" else "csv",
            "kind": made.kind,
            "samples": made.samples,
            "classes": list(made.classes),
            "unlabelled": 4,
            "label": None,
            "split": {"train": made.samples - 20, "test": 20},
            "fingerprint": "4f1c0a9be2d47710",
        },
        "encoder": {"id": "timm_image", "description": "MobileNetV2 100, 1280 dims, 224 px"},
        "model": {"id": "linear_head", "description": "softmax regression, 200 steps"},
        "accuracy": {
            "mean": 0.8123,
            "spread": 0.0041,
            "per_repeat": [0.81, 0.8165, 0.8104],
            "folds": 5,
            "balanced": 0.79,
            "log_loss_nats": 0.61,
            "majority_share": float(counts.max() / made.samples),
        },
    }


def _checks(made: Made) -> list[dict[str, Any]]:
    def entry(check: str, outcome: str, reason: str, count: int = 0) -> dict[str, Any]:
        about = {"seconds": 0.2, "settings": f"{check}()", "accuses_label": check == "label_errors", "details": {}}
        return {"check": check, "outcome": outcome, "reason": reason, "count": count, **about}

    return [
        entry("label_errors", "ran", f"{made.flagged} labels are probably wrong.", made.flagged),
        entry("high_loss", "ran", "No loss stands out."),
        entry("near_duplicates", "ran", "3 pairs of near duplicates.", 3),
        entry("split_leakage", "did not apply", "The data names no split."),
        entry("zscore_outliers", "skipped", "Left out with --skip zscore_outliers."),
        entry("dark_images", "failed", "Could not finish: measurements are missing for 12 samples."),
    ]


def _findings(ranking: pd.DataFrame) -> pd.DataFrame:
    first = ranking[ranking["flagged"]]
    errors = pd.DataFrame(
        {
            "check": "label_errors",
            "subject": first["id"],
            "reason": first["reason"],
            "score": first["suspicion"],
            "row": first["row"],
        }
    )
    pairs = pd.DataFrame(
        {
            "check": "near_duplicates",
            "subject": ranking["id"].head(3),
            "reason": "Differs from another sample in 2 of 64 hash bits.",
            "score": 1.0,
            "row": [None] * min(3, len(ranking)),
        }
    )
    kinds = {"check": "str", "subject": "str", "reason": "str", "score": "float64", "row": "Int64"}
    return pd.concat([frame.astype(kinds) for frame in (errors, pairs)], ignore_index=True)


def _dataset(rng: np.random.Generator, given: np.ndarray, ids: tuple[str, ...], made: Made) -> Dataset:
    make = {"images": _drawn, "table": lambda *given: Table(_frame(*given)), "texts": _written}[made.kind]
    payload = make(rng, given, made)
    source_rows = np.arange(made.samples)
    return Dataset(Path("/data/wardrobe"), "made", payload, ids, given, made.classes, source_rows)


def _drawn(rng: np.random.Generator, given: np.ndarray, made: Made) -> Images:
    """One picture a class and three that cannot be read, shared by all samples: drawing thousands would take long."""
    from io import BytesIO

    pictures: list[bytes] = []
    side = made.picture_px
    for _ in made.classes:
        ground, figure = rng.integers(120, 255, 3).tolist(), rng.integers(0, 120, 3).tolist()
        canvas = Image.new("RGB", (side, side), tuple(ground))
        ImageDraw.Draw(canvas).ellipse((8, 8, side - 9, side - 20), fill=tuple(figure))
        if made.noise:
            canvas = Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
        encoded = BytesIO()
        canvas.save(encoded, "PNG")
        pictures.append(encoded.getvalue())
    return Images(tuple(b"broken" if row % 41 == 0 else pictures[code] for row, code in enumerate(given)))


def _written(rng: np.random.Generator, given: np.ndarray, made: Made) -> Texts:
    """A sentence for most samples; among the others an essay, one endless word, many short lines, a blank one."""
    odd = ["word " * 300, "x" * 3000, "\n".join(["line"] * 40), " ", "sentence. " * 2000]
    odd += [f"{text} {text}" for text in HOSTILE] if made.hostile_ids else []
    return Texts(
        tuple(
            odd[row % 7] if row % 7 < len(odd) else f"The {made.classes[code][:40]} that I ordered came late ({row})."
            for row, code in enumerate(given)
        )
        if not made.hostile_ids
        else tuple(odd[row % len(odd)] for row in range(made.samples))
    )


def _frame(rng: np.random.Generator, given: np.ndarray, made: Made) -> pd.DataFrame:
    names = ["age", "income", "height_cm", "visits", *(f"feature_{place}" for place in range(4, made.columns))]
    numbers = {name: rng.normal(given * (place + 1), 1 + place) for place, name in enumerate(names[: made.columns - 1])}
    words = [HOSTILE[row % len(HOSTILE)] if made.hostile_ids else "note" for row in range(made.samples)]
    return pd.DataFrame({"remark <b>" if made.hostile_ids else "remark": words, **numbers})


def _write_measurements(run: RunDir, frame: pd.DataFrame) -> None:
    numeric = frame.select_dtypes("number")
    run.write_table("measurements.parquet", numeric.rename(columns={name: f"value:{name}" for name in numeric}))


def read_report(run: RunDir) -> dict[str, Any]:
    return json.loads((run.path / "report.json").read_text(encoding="utf-8"))
