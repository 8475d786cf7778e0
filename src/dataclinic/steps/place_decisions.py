"""Find the samples that people's decisions are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dataclinic.edits import Decision


def place_decisions(samples: pd.DataFrame, decisions: Sequence[Decision]) -> dict[int, Decision]:
    """The last decision on each sample, by its row; those on samples that are not there are left out.

    A sample is found by its id, and where the id has another content by the content of the decision, the first of its
    copies. `samples` has the columns id and content (digest, "" where there is none), a row a sample.
    """
    ids = {decision.id for decision in decisions}
    contents = {decision.content for decision in decisions} - {""}
    by_id = samples.loc[samples["id"].isin(ids), ["id", "content"]]
    place_of_id = dict(zip(by_id["id"], zip(by_id.index, by_id["content"], strict=True), strict=True))
    by_content = samples.loc[samples["content"].isin(contents), "content"][::-1]
    place_of_content = dict(zip(by_content, by_content.index, strict=True))
    placed: dict[int, Decision] = {}
    for decision in decisions:
        row, content = place_of_id.get(decision.id, (None, ""))
        if row is None or (decision.content and content and content != decision.content):
            row = place_of_content.get(decision.content)
        if row is not None:
            placed[int(row)] = decision
    return placed
