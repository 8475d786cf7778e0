"""Runs by hand whose true labels are known, and reviewers who know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dataclinic.rundir import SCHEMA, RunDir
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("ant", "bee", "cat")


@dataclass
class Clock:
    """Each look at it is `step` seconds later."""

    step: float = 2.0
    time: datetime = field(default=datetime(2026, 8, 3, 14, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=self.step)
        return self.time


@dataclass(frozen=True)
class Judged:
    """A run, and by row whether the given label is wrong and what the true one is."""

    run: RunDir
    wrong: np.ndarray
    true: list[str]


def judged_run(
    folder: Path,
    samples: int = 400,
    *,
    seed: int = 0,
    calibrated: bool = True,
    digests: bool = False,
    pattern: bool = True,
) -> Judged:
    """Labels that are wrong as often as their probabilities say.

    With a `pattern` one signal tells more than they do, and every bee is right.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run, rng = RunDir(folder), rng_for(seed, "judged run")
    row = rng.permutation(samples)
    probability = np.sort(rng.beta(0.4, 1.2, samples))[::-1]
    given, shift = rng.integers(0, 3, samples), rng.integers(1, 3, samples)
    wrong = (rng.random(samples) < probability) & ((given != 1) | (not pattern))
    flagged = probability > 0.5
    names = np.array(CLASSES, dtype=object)
    frame = pd.DataFrame(
        {
            "rank": np.arange(1, samples + 1),
            "row": row,
            "id": [f"photo {place}" for place in row],
            "given_label": names[given],
            "suggested_label": names[np.where(flagged, (given + shift) % 3, given)],
            "suggested_probability": np.where(flagged, 0.9 * probability, 1 - probability),
            "suspicion": np.log(probability / (1 - probability)),
            "probability": probability if calibrated else np.full(samples, np.nan),
            "flagged": flagged,
            "loss_nats": -np.log1p(-probability),
            "self_confidence": 1 - probability,
            "margin": 1 - 2 * probability,
            "spread": np.zeros(samples),
            "signal_telling": pattern * wrong + rng.normal(0, 0.5, samples),
            "signal_noise": rng.normal(0, 1, samples),
            "checks": np.where(
                flagged, np.where(np.arange(samples) % 2, "label_errors, high_loss", "label_errors"), ""
            ),
            "reason": "models that never saw it say so",
        }
    )
    run.write_table("ranking.parquet", frame)
    run.write_table("findings.parquet", pd.DataFrame({"check": ["x"], "subject": ["x"], "reason": ["x"], "row": [0]}))
    run.write_json("checks.json", [])
    about = {"format": "csv", "kind": "table", "samples": samples, "classes": list(CLASSES), "fingerprint": "f"}
    run.write_json("run.json", {"schema": SCHEMA, "source": "/data", "status": "done", "seed": 3, "dataset": about})
    if calibrated:
        total = float(probability.sum())
        errors = {"value": total, "low": 0.5 * total, "high": 1.5 * total}
        run.write_json("judgement.json", {"errors": errors, "judged": samples, "flagged": int(flagged.sum())})
    if digests:
        content = [f"{place:032x}" for place in range(samples)]
        run.write_table("measurements.parquet", pd.DataFrame({"value:age": np.arange(samples), "content": content}))
    by_row = np.argsort(row)
    return Judged(run, wrong[by_row], [CLASSES[code] for code in ((given + wrong * shift) % 3)[by_row]])
