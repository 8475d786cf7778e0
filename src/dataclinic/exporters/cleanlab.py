"""Arrays and the table of label issues as cleanlab's CleanLearning gives it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from dataclinic.dataset import Images, Table, Texts
from dataclinic.errors import ExportError

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.dataset import Payload, Task
    from dataclinic.outgoing.cleaned import Cleaned
    from dataclinic.outgoing.placed_files import PlaceFile


@dataclass(frozen=True)
class Cleanlab:
    """labels.npy, pred_probs.npy, classes.json and label_issues.csv, all in the order of the samples; no data.

    The probabilities are out of fold. label_issues.csv has the columns of CleanLearning.get_label_issues and the ids;
    is_label_issue is true of suspects that nobody has decided on, label_quality is the probability of the label.
    Samples that no model judged have equal probabilities.
    """

    summary: ClassVar[str] = "labels.npy, pred_probs.npy and label_issues.csv (cleanlab)"
    payloads: ClassVar[tuple[type[Payload], ...]] = (Images, Table, Texts)
    tasks: ClassVar[tuple[Task, ...]] = ("classification",)
    shows_suggestions: ClassVar[bool] = True

    def write(self, cleaned: Cleaned, destination: Path, place: PlaceFile) -> None:
        if cleaned.probs is None:
            raise ExportError.no_probabilities()
        labels = np.array(cleaned.codes, dtype=np.int64)
        # cleanlab takes no NaN: of samples that no model judged, nothing is known.
        probs = np.nan_to_num(cleaned.probs, nan=1.0 / len(cleaned.classes))
        np.save(destination / "labels.npy", labels)
        np.save(destination / "pred_probs.npy", probs)
        (destination / "classes.json").write_text(json.dumps(list(cleaned.classes), indent=2) + "\n", encoding="utf-8")
        issues = pd.DataFrame(
            {
                "is_label_issue": [
                    opinion.flagged and opinion.decision is None and label == given
                    for opinion, label, given in zip(cleaned.opinions, cleaned.labels, cleaned.given, strict=True)
                ],
                "label_quality": probs[np.arange(len(labels)), labels],
                "given_label": labels,
                "predicted_label": probs.argmax(axis=1),
                "id": cleaned.ids,
            }
        )
        issues.to_csv(destination / "label_issues.csv", index=False, lineterminator="\n")
