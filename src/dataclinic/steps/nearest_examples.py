"""For each suspect the samples most like it that carry its given label, and those that carry the suggested one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.methods.content_twins import content_sets
from dataclinic.methods.nearest_neighbours import cosine_distances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Mask, Rows, Vectors
    from dataclinic.dataset import Dataset
    from dataclinic.judgement import Judgement

EXAMPLES = 2
"""Of either label: what fits beside a suspect."""


def nearest_examples(
    dataset: Dataset, vectors: Vectors, judgement: Judgement, rows: Sequence[int], *, content: Sequence[str] = ()
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """By row, JSON-ready: {"given": [{"row": 4, "distance": 0.12}, …], "suggested": […]}, cosine distance in [0, 2].

    Two of each, the nearest that carry the label and whose own label is probably right; where there are not two such,
    the nearest others follow. Copies of the sample are no examples, nor are copies of an example. Fewer where a class
    has no more; none for samples that cannot be read or that no model judged.

    Args:
        dataset: of classes.
        vectors: (samples, dims), zeros where a sample cannot be read.
        judgement: of the same samples.
        rows: suspects, some hundred at most: each is compared with all samples of two classes.
        content: one digest a sample, equal for equal content, "" for none; empty where they are not known.
    """
    queries = np.asarray(rows, np.int64)
    copies = content_sets(content) if content else np.full(len(dataset), -1)
    doubtful = judgement.flagged | (judgement.probability > judgement.threshold)
    judged = np.isfinite(judgement.probability[queries])
    found: dict[int, dict[str, list[dict[str, Any]]]] = {
        row: {"given": [], "suggested": []} for row in queries.tolist()
    }
    for name, labels in (("given", dataset.labels), ("suggested", judgement.suggested)):
        for code in np.unique(labels[queries[judged]]).tolist():
            asking = queries[judged & (labels[queries] == code)]
            members = np.flatnonzero(dataset.labels == code)
            distances = cosine_distances(vectors[asking], vectors[members])
            for row, own in zip(asking.tolist(), distances, strict=True):
                found[row][name] = _nearest(row, members, own, doubtful[members], copies)
    return found


def _nearest(
    row: int, members: Rows, distances: NDArray[np.float32], doubtful: Mask, copies: Codes
) -> list[dict[str, Any]]:
    """Examples for one row: the trusted ones first, each part by distance, then by row."""
    chosen: list[dict[str, Any]] = []
    seen = {int(copies[row])} - {-1}
    for place in np.lexsort((distances, doubtful)).tolist():
        member = int(members[place])
        if member == row or int(copies[member]) in seen or not np.isfinite(distances[place]):
            continue
        chosen.append({"row": member, "distance": float(distances[place])})
        seen |= {int(copies[member])} - {-1}
        if len(chosen) == EXAMPLES:
            break
    return chosen
