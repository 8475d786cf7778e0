"""What a run says about its data: what it is, and what a person should know before trusting the numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from dataclinic.arrays import Codes, Mask
    from dataclinic.dataset import Dataset


def describe_data(dataset: Dataset) -> dict[str, Any]:
    """JSON-ready facts for run.json; `kind` is "table", "images" or "texts"."""
    return {
        "format": dataset.format,
        "kind": type(dataset.payload).__name__.lower(),
        "task": dataset.task,
        "samples": len(dataset),
        "classes": list(dataset.classes),
        "unlabelled": len(dataset.unlabelled),
        "label": dataset.roles.label,
        "split": None if dataset.split is None else dict(Counter(dataset.split)),
    }


def data_notes(dataset: Dataset, usable: Mask, groups: Codes, judged: Mask, folds: int) -> list[str]:
    """One sentence for each thing that limits what was judged."""
    notes = []
    if not usable.all():
        notes.append(f"{_samples((~usable).sum())} cannot be read; see the check unreadable")
    if dataset.task == "classification":
        notes += _small_classes(dataset, usable, folds)
    unjudged = int((usable & ~judged).sum())
    if unjudged:
        notes.append(f"{_samples(unjudged)} could not be judged: {_why_unjudged(dataset)}")
    together = len(groups) - len(np.unique(groups))
    if together:
        notes.append(f"{_samples(together)} had to share the fold of a duplicate or of its group")
    return notes


def _why_unjudged(dataset: Dataset) -> str:
    if dataset.times is not None:
        return "nothing earlier is left to learn from"
    if dataset.task == "regression":
        return "no other sample or group is left to learn from"
    return "no other sample or group holds the class"


def _small_classes(dataset: Dataset, usable: Mask, folds: int) -> list[str]:
    counts = np.bincount(dataset.labels[usable], minlength=len(dataset.classes))
    small = [f"'{dataset.classes[code]}' ({counts[code]})" for code in np.flatnonzero(counts < folds)]
    if not small:
        return []
    shown = ", ".join(small[:10]) + (f" and {len(small) - 10} more" if len(small) > 10 else "")
    return [f"classes with fewer samples than the {folds} folds are kept but judged by fewer models: {shown}"]


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count:,} samples"
