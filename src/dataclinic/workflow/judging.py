"""From vectors and predictions to verdicts: neighbours, near duplicates, planted errors, and what is told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from dataclinic.features import Pictures
from dataclinic.fits import FoldPlan
from dataclinic.rundir import fingerprint
from dataclinic.rundir.judgement_files import (
    judgement_json,
    load_judgement,
    load_neighbours,
    save_judgement,
    save_neighbours,
)
from dataclinic.seeding import seed_for
from dataclinic.steps.find_neighbours import find_neighbours
from dataclinic.steps.judge_labels import judge_labels
from dataclinic.steps.map_embeddings import map_embeddings
from dataclinic.steps.nearest_examples import nearest_examples
from dataclinic.steps.plant_errors import plant_errors
from dataclinic.steps.predict_out_of_fold import predict_out_of_fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from dataclinic.arrays import Labels, Mask, Vectors
    from dataclinic.evidence import Evidence, Neighbours
    from dataclinic.features import Features
    from dataclinic.fits import TrainingDynamics
    from dataclinic.judgement import Judgement
    from dataclinic.models import Model
    from dataclinic.predictions import OutOfFold
    from dataclinic.workflow.line import Line, Prepared


def describing_vectors(features: Features, usable: Mask) -> Vectors | None:
    """(samples, dims) what samples are compared by, zeros for unusable ones; None for raw pixels, which say little."""
    if isinstance(features, Pictures):
        return None
    vectors = features.vectors(np.flatnonzero(usable))
    return vectors if usable.all() else np.where(usable[:, None], vectors, np.float32(0))


def neighbours_of(line: Line, vectors: Vectors | None, usable: Mask, key: str) -> Neighbours | None:
    """The nearest samples of each by `vectors`, which were made from what `key` stands for."""
    if vectors is None:
        return None
    return line.run.remember(
        "neighbours",
        fingerprint(key, usable.tobytes(), vectors.shape),
        lambda: find_neighbours(vectors, usable, device=line.device, progress=line.progress),
        save_neighbours,
        load_neighbours,
    )


def judged(line: Line, prepared: Prepared, evidence: Evidence) -> Judgement:
    """Verdicts on the labels, learned from errors that were planted in copies of them."""
    settings, out_of_fold = line.settings, evidence.out_of_fold
    assert out_of_fold is not None  # noqa: S101 - a classification has them
    near = evidence.near_duplicates
    key = fingerprint(
        prepared.features_key,
        prepared.models,
        out_of_fold.repeat_probs.tobytes(),
        None if near is None else near.sets.tobytes(),
        *(settings.folds, settings.seed, settings.flag_above, settings.planted_copies, settings.probs is None),
    )
    return line.run.remember(
        "judge",
        key,
        lambda: judge_labels(
            evidence,
            list(_refitted(line, prepared, out_of_fold)),
            threshold=settings.flag_above,
            seed=seed_for(settings.seed, "judge"),
        ),
        save_judgement,
        load_judgement,
    )


def _refitted(
    line: Line, prepared: Prepared, out_of_fold: OutOfFold
) -> Iterator[tuple[Labels, Mask, OutOfFold, TrainingDynamics | None]]:
    """Copies with planted errors, and what the models say that were trained on them; none for a model of the user's."""
    settings = line.settings
    if settings.probs is not None:
        return
    seed = seed_for(settings.seed, "planted copies")
    for number, copy in enumerate(
        plant_errors(prepared.dataset, out_of_fold, copies=settings.planted_copies, seed=seed)
    ):
        predicted = predict_out_of_fold(
            replace(prepared.dataset, labels=copy.labels),
            prepared.encoded.features,
            cast("Mapping[str, Model]", prepared.models),
            groups=prepared.groups,
            usable=prepared.usable,
            plan=FoldPlan(settings.folds, 1, seed_for(seed, "folds", number)),
            device=line.device,
            progress=line.told_as("train on planted errors"),
        )
        yield copy.labels, copy.planted, predicted.out_of_fold, predicted.dynamics


def write_verdicts(line: Line, evidence: Evidence, suspects: Sequence[int]) -> list[int]:
    """judgement.json, neighbours.json of `suspects`, and the map; gives the rows of neighbours, for previews."""
    judgement, vectors = evidence.judgement, evidence.vectors
    if judgement is None:
        return []
    line.run.write_json("judgement.json", judgement_json(judgement))
    if vectors is None:
        return []
    content = () if evidence.measurements is None else evidence.measurements.content
    examples = nearest_examples(evidence.dataset, vectors, judgement, suspects, content=content)
    line.run.write_json("neighbours.json", {str(row): example for row, example in examples.items()})
    return [one["row"] for example in examples.values() for side in example.values() for one in side]


def write_map(line: Line, evidence: Evidence, ranking: pd.DataFrame) -> None:
    """map.parquet and map.json: samples on a plane, suspects always among them."""
    if evidence.vectors is None or evidence.dataset.task == "regression":
        return
    line.progress("draw the map", 0, 1)
    unreadable = () if evidence.measurements is None else evidence.measurements.unreadable
    usable = np.ones(len(evidence.dataset), bool)
    usable[list(unreadable)] = False
    suspects = ranking.loc[ranking["flagged"], "row"].to_numpy(np.int64)
    frame = map_embeddings(evidence.vectors, usable, must_have=suspects, seed=seed_for(line.settings.seed, "map"))
    line.run.write_table("map.parquet", frame)
    line.run.write_json("map.json", {"how": frame.attrs.get("made", ""), "samples": frame.attrs.get("samples", 0)})
    line.progress("draw the map", 1, 1)
