"""What judging labels adds to a run directory, made by hand: probabilities, signals, neighbours and a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from made_runs import Made, make_run

from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from dataclinic.rundir import RunDir

ESTIMATE: dict[str, Any] = {
    "errors": {"value": 143.1, "low": 120.2, "high": 169.6},
    "judged": 1797,
    "threshold": 0.5,
    "flagged": 150,
    "flagged_right": 0.91,
    "reviews": {"count": 100, "found": 96.0},
    "power": {"planted": 240, "found": 0.93},
    "weights": {"noise_odds": 0.6, "neighbour_margin": 0.4},
    "clean": False,
    "known": True,
    "notes": [],
}

CLEAN = {
    **ESTIMATE,
    "errors": {"value": 2.2, "low": 0.0, "high": 5.8},
    "flagged": 0,
    "flagged_right": None,
    "reviews": {"count": 100, "found": 1.4},
    "clean": True,
}


def make_judged_run(folder, made: Made, estimate: dict[str, Any] = ESTIMATE, *, near: bool = True) -> RunDir:
    """A made run whose labels were judged; `near` adds neighbours and a map."""
    run = make_run(folder, made)
    add_judgement(run, estimate)
    if near:
        add_neighbours(run)
        add_map(run)
    return run


def add_judgement(run: RunDir, estimate: dict[str, Any] = ESTIMATE) -> None:
    run.write_json("judgement.json", estimate)
    ranking = run.read_table("ranking.parquet")
    rng = rng_for(0, "made judgement")
    wrong = np.where(ranking["flagged"], np.linspace(0.999, 0.51, len(ranking)), np.linspace(0.4, 0.0, len(ranking)))
    wrong = np.where(ranking["suspicion"].isna(), np.nan, wrong)
    run.write_table(
        "ranking.parquet",
        ranking.assign(
            probability=wrong,
            suggested_probability=0.95 * wrong,
            signal_noise_odds=np.round(wrong, 4),
            signal_neighbour_margin=rng.normal(size=len(ranking)),
            signal_home_made=np.arange(len(ranking), 0, -1.0),
        ),
    )


def add_neighbours(run: RunDir) -> None:
    """Two of the given and two of the suggested class, all among the samples that have previews."""
    ranking = run.read_table("ranking.parquet")
    shown = ranking["row"].head(100).tolist()
    entries = {}
    for place, row in enumerate(ranking.loc[ranking["flagged"], "row"].tolist()):
        others = [shown[(place + step) % len(shown)] for step in (1, 2, 3, 4)]
        near = [{"row": other, "distance": 0.05 * step} for step, other in enumerate(others)]
        entries[str(row)] = {"given": near[:2], "suggested": near[2:]}
    run.write_json("neighbours.json", entries)


def add_map(run: RunDir, most: int = 3000) -> None:
    ranking = run.read_table("ranking.parquet").head(most)
    rng = rng_for(0, "made map")
    places = rng.random((len(ranking), 2)).astype(np.float32)
    run.write_table(
        "map.parquet", pd.DataFrame({"row": ranking["row"].astype("int64"), "x": places[:, 0], "y": places[:, 1]})
    )
    run.write_json("map.json", {"how": f"t-SNE of {len(ranking):,} of {len(ranking):,} samples"})
