"""Labels that people verified, from the decisions of a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Labels, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.edits import Decision
    from dataclinic.evidence import Measurements


def trust_decisions(dataset: Dataset, measurements: Measurements, decisions: Sequence[Decision]) -> Labels | Scores:
    """(samples,) class codes with -1, or numbers with NaN, where nobody decided on a label.

    A relabelled sample has the new label, a kept one the given one; dropped and ambiguous ones have none. Of several
    decisions on a sample the last counts. Samples are found by their content where the decision has it, else by id.
    """
    place_of_content = {digest: row for row, digest in enumerate(measurements.content) if digest}
    place_of_id = {sample: row for row, sample in enumerate(dataset.ids)}
    code_of = {name: code for code, name in enumerate(dataset.classes)}
    numbers = dataset.targets is not None
    verified = np.full(len(dataset), np.nan) if numbers else np.full(len(dataset), -1, np.int64)
    for decision in decisions:
        row = place_of_id.get(decision.id)
        if row is None or (decision.content and measurements.content and measurements.content[row] != decision.content):
            row = place_of_content.get(decision.content)
        if row is None:
            continue
        if decision.verdict == "keep":
            verified[row] = dataset.given[row]
        elif decision.verdict == "relabel" and decision.label is not None:
            verified[row] = float(decision.label) if numbers else code_of.get(decision.label, -1)
        else:
            verified[row] = np.nan if numbers else -1
    return verified
