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


AS_GIVEN = ""
"""For the label that the sample has now: older decisions do not say which one was kept."""


def trust_decisions(dataset: Dataset, measurements: Measurements, decisions: Sequence[Decision]) -> Labels | Scores:
    """(samples,) class codes with -1, or numbers with NaN, where nobody decided on a label.

    A relabelled sample has the new label, a kept one that which it had then; dropped and ambiguous ones have none. Of
    several decisions on a sample the last counts. Samples are found by id, and where the id names another content now,
    by the content that was decided on, the first of its copies.
    """
    # from behind, so that the first of several copies stays
    place_of_content = {digest: row for row, digest in reversed([*enumerate(measurements.content)]) if digest}
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
        label = _right_label(decision)
        if label == AS_GIVEN:
            verified[row] = dataset.given[row]
        elif label is None:
            verified[row] = np.nan if numbers else -1
        else:
            verified[row] = float(label) if numbers else code_of.get(label, -1)
    return verified


def _right_label(decision: Decision) -> str | None:
    """The label that was found right; None where none was, AS_GIVEN where the decision does not say what was given."""
    if decision.verdict == "keep":
        return decision.given or AS_GIVEN
    return decision.label if decision.verdict == "relabel" else None
