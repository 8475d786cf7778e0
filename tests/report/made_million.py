"""A run of many samples made by hand: columns as cheap as they can be, and as many files as a report reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from made_judgement import ESTIMATE
from made_runs import Made, make_run

from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.rundir import RunDir


def make_large_run(folder: Path, *, samples: int, suspects: int, classes: int) -> RunDir:
    """Judged samples in random order, the first `suspects` flagged, in sets of two copies, all named by checks."""
    names = tuple(f"class {code:04}" for code in range(classes))
    run = make_run(folder, Made(samples=1000, flagged=500, classes=names))
    labels = np.array(names, object)
    rng = rng_for(0, "large run")
    given = rng.integers(0, classes, samples)
    rows = rng.permutation(samples)
    wrong = np.linspace(1, 0, samples)
    ranking = pd.DataFrame(
        {
            "rank": np.arange(1, samples + 1),
            "row": rows,
            "id": np.char.add("photos/", rows.astype("U7")).astype(object),
            "given_label": labels[given],
            "suggested_label": labels[(given + 1) % classes],
            "suggested_probability": 0.9 * wrong,
            "suspicion": wrong,
            "probability": wrong,
            "flagged": np.arange(samples) < suspects,
            "loss_nats": 5 * wrong,
            "self_confidence": 1 - wrong,
            "margin": 1 - 2 * wrong,
            "spread": 0.01,
            "signal_noise_odds": wrong,
            "checks": "label_errors",
            "reason": "models that never saw it prefer another label",
        }
    )
    run.write_table("ranking.parquet", ranking)
    named = ranking.head(suspects)
    found = {"check": "label_errors", "subject": named["id"], "reason": named["reason"], "row": named["row"]}
    findings = [pd.DataFrame(found).assign(check=check, score=1.0) for check in ("label_errors", "iqr_outliers")]
    run.write_table("findings.parquet", pd.concat(findings, ignore_index=True))
    entry = {"check": "iqr_outliers", "outcome": "ran", "reason": "many stand out", "count": suspects}
    run.write_json("checks.json", [*run.read_json("checks.json"), entry])
    copies = np.arange(2 * (suspects // 2))
    alike = {"row": copies, "set": copies // 2, "kept": copies % 2 == 0, "likeness": 1.0, "how": "same pixels"}
    run.write_table("duplicates.parquet", pd.DataFrame(alike))
    run.write_json("judgement.json", {**ESTIMATE, "judged": samples, "flagged": suspects})
    places = rng.random((3000, 2)).astype(np.float32)
    shown = ranking["row"].head(3000).astype("int64")
    run.write_table("map.parquet", pd.DataFrame({"row": shown, "x": places[:, 0], "y": places[:, 1]}))
    run.write_json(
        "run.json", {**run.record, "judged": samples, "dataset": {**run.record["dataset"], "samples": samples}}
    )
    return run
