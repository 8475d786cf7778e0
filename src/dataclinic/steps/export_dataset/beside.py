"""Files beside the data: the list of changes for people, weights and a resampling plan for training."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.edits import Relabel
from dataclinic.errors import ExportError
from dataclinic.methods.balanced_copies import balanced_copies
from dataclinic.methods.class_weighting import balanced_weights
from dataclinic.methods.split_names import is_training_split
from dataclinic.outgoing.manifest import CHANGES, CLASS_WEIGHTS, RESAMPLING, SAMPLE_WEIGHTS, what_is_done

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from dataclinic.edits import Edit
    from dataclinic.outgoing.cleaned import Cleaned, Opinion

COLUMNS = ("id", "what", "from", "to", "why", "who", "when", "source")

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def write_changes(edits: Sequence[Edit], folder: Path) -> None:
    """changes.csv: one line an edit.

    People open it in spreadsheets, which run cells that start with = + - @ or a control character as formulas: such a
    cell gets a single quote before it, unless it is a plain number. export.json has it as it is.

    Raises:
        ExportError: the data has a file of that name.
    """
    _write_csv(folder / CHANGES, COLUMNS, (map(_without_formula, _cells(edit)) for edit in edits))


def write_weights(cleaned: Cleaned, folder: Path) -> None:
    """class_weights.json, sample_weights.csv and resampling_plan.csv, all of the cleaned labels.

    Class weights balance the samples that are trained on: where there is a split, those of its training part. A sample
    weighs the probability that its label is right, and 1 where a person saw to it. The plan says how many copies of
    each training sample make all classes as large as the largest; other samples stay single.

    Raises:
        ExportError: the data has a file of such a name.
    """
    codes = np.array(cleaned.codes, np.int64)
    trained = np.array([is_training_split(part) for part in cleaned.split or ("",) * len(cleaned)])
    weights = balanced_weights(np.bincount(codes[trained], minlength=len(cleaned.classes)))
    _require_free(folder / CLASS_WEIGHTS)
    told = {name: round(float(weight), 6) for name, weight in zip(cleaned.classes, weights, strict=True)}
    # Names of classes may hold half characters, which are no UTF-8.
    (folder / CLASS_WEIGHTS).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    each = map(_weight, cleaned.opinions, cleaned.labels, cleaned.given)
    _write_csv(folder / SAMPLE_WEIGHTS, ("id", "weight"), zip(cleaned.ids, (f"{one:.6g}" for one in each), strict=True))
    copies = np.ones(len(cleaned), np.int64)
    copies[trained] = balanced_copies(codes[trained])
    _write_csv(folder / RESAMPLING, ("id", "copies"), zip(cleaned.ids, copies.tolist(), strict=True))


def _cells(edit: Edit) -> tuple[str, ...]:
    to = edit.to if isinstance(edit, Relabel) else ""
    return edit.id, what_is_done(edit), edit.given, to, edit.why, edit.who, edit.when, edit.source


def _weight(opinion: Opinion, label: str, given: str) -> float:
    if opinion.decision is not None and opinion.decision.verdict in {"keep", "relabel"}:
        return 1.0
    if label != given:
        return 1.0 if opinion.suggested_probability is None else opinion.suggested_probability
    return 1.0 if opinion.wrong is None else 1.0 - opinion.wrong


def _write_csv(file: Path, header: Sequence[str], lines: Iterable[Iterable[object]]) -> None:
    _require_free(file)
    with file.open("x", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)


def _require_free(file: Path) -> None:
    if file.exists():
        raise ExportError.name_taken(file.name)


def _without_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_STARTS_FORMULA) and not _PLAIN_NUMBER.fullmatch(cell) else cell
