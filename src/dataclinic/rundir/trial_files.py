"""How trials lie in the run directory: trials.parquet, one row an arm, repeat and fold."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dataclinic.rundir.directory import replacing
from dataclinic.trials import Changes, FoldScore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SCORES = "trials.parquet"
RESULT = "trials.json"

_PLAIN = ("arm", "repeat", "fold", "train_rows", "test_rows", "trusted_rows")
_CHANGES = tuple(field.name for field in fields(Changes))
_TRUSTED = "trusted_"


def save_scores(folder: Path, scores: Sequence[FoldScore], about: Mapping[str, Any]) -> None:
    """Write trials.parquet.

    Its columns: arm, repeat, fold, rows, changes, one a metric, with `trusted_` before those on verified labels, and
    two lists: recalls by class, and accuracy on the scored rows after each epoch.

    Args:
        folder: the run directory.
        scores: of all arms.
        about: JSON-ready, kept beside the table.
    """
    rows = [
        {name: getattr(score, name) for name in _PLAIN}
        | vars(score.changes)
        | dict(score.given)
        | {f"{_TRUSTED}{name}": value for name, value in score.trusted.items()}
        | {"recalls": list(score.recalls), "score_accuracies": list(score.score_accuracies)}
        for score in scores
    ]
    lists = pa.list_(pa.float64())
    frame = pd.DataFrame(rows)
    schema = pa.Schema.from_pandas(frame.drop(columns=["recalls", "score_accuracies"], errors="ignore"))
    schema = schema.append(pa.field("recalls", lists)).append(pa.field("score_accuracies", lists))
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    with replacing(folder / SCORES) as temporary:
        pq.write_table(table.replace_schema_metadata({"trials": json.dumps(about)}), temporary)


def load_scores(folder: Path) -> tuple[list[FoldScore], dict[str, Any]]:
    """What `save_scores` wrote; raises what broken files raise."""
    table = pq.read_table(folder / SCORES)
    about: dict[str, Any] = json.loads((table.schema.metadata or {})[b"trials"])
    known = {*_PLAIN, *_CHANGES, "recalls", "score_accuracies"}
    metrics = [name for name in table.column_names if name not in known]
    return [_score(row, metrics) for row in table.to_pylist()], about


def _score(row: Mapping[str, Any], metrics: Sequence[str]) -> FoldScore:
    values = {name: row[name] for name in metrics if row[name] is not None}
    return FoldScore(
        **{name: row[name] for name in _PLAIN},
        given={name: value for name, value in values.items() if not name.startswith(_TRUSTED)},
        trusted={name.removeprefix(_TRUSTED): value for name, value in values.items() if name.startswith(_TRUSTED)},
        recalls=tuple(float("nan") if value is None else value for value in row["recalls"]),
        score_accuracies=tuple(row["score_accuracies"]),
        changes=Changes(**{name: row[name] for name in _CHANGES}),
    )
