"""What galleries, curves and verdicts are drawn from, added to a made run by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from made_runs import HOSTILE

from dataclinic.rundir.decisions import DECISIONS
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from dataclinic.rundir import RunDir

EPOCHS = 12


def add_copies(run: RunDir, *, hostile: bool = False) -> None:
    """Three sets of the first samples by row: equal ones in two splits, nearly equal ones, and three equal ones."""
    samples = len(run.read_table("ranking.parquet"))
    run.write_table(
        "duplicates.parquet",
        pd.DataFrame(
            {
                "row": [0, 1, 2, 3, 4, 5, 6],
                "set": [0, 0, 1, 1, 2, 2, 2],
                "kept": [True, False, True, False, True, False, False],
                "likeness": [1.0, 1.0, 1.0, 0.954, 1.0, 1.0, 1.0],
                "how": [HOSTILE[0] if hostile else "resaved"] * 7,
            }
        ),
    )
    train = HOSTILE[1] if hostile else "train"
    splits = np.where(np.arange(samples) == 1, "test", train)
    run.write_table("samples.parquet", pd.DataFrame({"id": np.arange(samples).astype(str), "split": splits}))


def add_outliers(run: RunDir, check: str = "iqr_outliers", count: int = 30) -> None:
    """`count` samples at the end of the ranking whose value stands out."""
    last = run.read_table("ranking.parquet").tail(count)
    found = pd.DataFrame(
        {
            "check": check,
            "subject": last["id"],
            "reason": [f"width is {place}: above the upper fence 9" for place in range(len(last))],
            "score": 1.0,
            "row": last["row"].astype("Int64"),
        }
    )
    run.write_table("findings.parquet", pd.concat([run.read_table("findings.parquet"), found], ignore_index=True))
    entry = {"check": check, "outcome": "ran", "reason": f"{count} values stand out", "count": count, "details": {}}
    run.write_json("checks.json", [*run.read_json("checks.json"), {**entry, "seconds": 0.1, "accuses_label": False}])


def add_curves(run: RunDir, models: tuple[str, ...] = ("tiny_cnn",), *, folds: int = 5, inner: bool = True) -> None:
    """Fits that get better for EPOCHS epochs; with `inner`, fold n is best inside training after epoch 5 + n."""
    rng = rng_for(0, "made curves")
    rows = []
    for model in models:
        for fold in range(folds):
            for epoch in range(1, EPOCHS + 1):
                loss = 2.0 / epoch + 0.1 + float(rng.normal(0, 0.01))
                rows.append(
                    {
                        "model": model,
                        "repeat": 0,
                        "fold": fold,
                        "epoch": epoch,
                        "learning_rate": 0.01,
                        "loss_nats": loss,
                        "accuracy": 1 - loss / 4,
                        "inner_loss_nats": 0.5 + 0.1 * abs(epoch - 5 - fold) if inner else np.nan,
                        "inner_accuracy": 0.7 if inner else np.nan,
                        "score_accuracy": 0.6 + 0.02 * epoch,
                    }
                )
    run.write_table("training.parquet", pd.DataFrame(rows))


def add_decisions(run: RunDir, verdicts: dict[int, tuple[str, str | None]], reviewer: str = "Kim") -> None:
    """Verdicts on the samples of those ranks: (verdict, label)."""
    ids = run.read_table("ranking.parquet").set_index("rank")["id"]
    lines = [
        {"id": ids[rank], "verdict": verdict, "label": label, "time": "2026-08-04T10:00:00+00:00", "reviewer": reviewer}
        for rank, (verdict, label) in verdicts.items()
    ]
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    (run.path / DECISIONS).write_text(text, encoding="utf-8")


def add_all(run: RunDir, *, hostile: bool = False) -> RunDir:
    """All of it; with `hostile` in names that try to break out of the page."""
    add_copies(run, hostile=hostile)
    add_outliers(run, HOSTILE[2] if hostile else "iqr_outliers")
    add_curves(run, HOSTILE[:2] if hostile else ("tiny_cnn",))
    name = HOSTILE[0] if hostile else "boot"
    add_decisions(run, {1: ("relabel", name), 2: ("keep", None), 3: ("drop", None)}, HOSTILE[1] if hostile else "Kim")
    return run
