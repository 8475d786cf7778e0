"""Verdicts from elsewhere as decisions on the samples of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataclinic.edits import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.edits import DecidedAs, Verdict


@dataclass(frozen=True)
class Imported:
    """New decisions in their order; how many are known already; and what fits no sample, or no class or number."""

    decisions: tuple[Decision, ...]
    known: int
    unknown_samples: tuple[str, ...]
    unknown_labels: tuple[str, ...]


def import_decisions(
    samples: pd.DataFrame,
    classes: Sequence[str],
    verdicts: Sequence[Verdict],
    earlier: Mapping[int, Decision],
) -> Imported:
    """Decisions of origin "import": the label as it was given is kept, another one relabels, none is ambiguous.

    A verdict is known where the last imported decision on its sample says the same.

    Args:
        samples: columns id, content and given_label, a row a sample.
        classes: of the data; none means that labels are numbers.
        verdicts: in the order in which they were given, those without a time with the time of today.
        earlier: the last imported decision on each sample, by row.
    """
    row_of = {sample: row for row, sample in enumerate(samples["id"])}
    contents, given = list(samples["content"]), list(samples["given_label"])
    row_of_content = {content: row for row, content in enumerate(contents) if content}
    last = dict(earlier)
    decisions: list[Decision] = []
    strangers: list[str] = []
    no_labels: list[str] = []
    for verdict in verdicts:
        row = row_of.get(verdict.id)
        if row is None or (verdict.content and contents[row] and contents[row] != verdict.content):
            row = row_of_content.get(verdict.content)
        if row is None:
            strangers.append(verdict.id)
            continue
        said = _said(verdict, given[row], classes)
        if said is None:
            no_labels.append(str(verdict.label))
            continue
        sample, content = samples["id"].iloc[row], contents[row]
        decision = Decision(sample, *said, content, given[row], verdict.time, verdict.reviewer, "import")
        if row not in last or (last[row].verdict, last[row].label) != said:
            decisions.append(decision)
        last[row] = decision
    known = len(verdicts) - len(decisions) - len(strangers) - len(no_labels)
    return Imported(tuple(decisions), known, tuple(strangers), tuple(no_labels))


def _said(verdict: Verdict, given: str, classes: Sequence[str]) -> tuple[DecidedAs, str | None] | None:
    """What it comes to; None where its label is no class, or no number."""
    if verdict.label is None:
        return verdict.verdict or "ambiguous", None
    if classes:
        if verdict.label not in classes:
            return None
        return ("keep", None) if verdict.label == given else ("relabel", verdict.label)
    try:
        value = float(verdict.label)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return ("keep", None) if value == float(given) else ("relabel", verdict.label)
