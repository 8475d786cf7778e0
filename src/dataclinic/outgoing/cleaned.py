"""Samples as they go out: edits applied, and beside each what models and people said of its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.arrays import Probs, Rows
    from dataclinic.dataset import ColumnRoles, Payload, Task
    from dataclinic.edits import Decision


@dataclass(frozen=True)
class Opinion:
    """What was said of one given label; None where nothing was.

    `wrong` is the probability that the given label is wrong and `suggested_probability` that of the suggested one; both
    are in [0, 1]. `decision` is that of a person, which still stands.
    """

    suggested: str | None = None
    suggested_probability: float | None = None
    wrong: float | None = None
    flagged: bool = False
    decision: Decision | None = None


@dataclass(frozen=True)
class Cleaned:
    """The samples that an edited dataset keeps, in source order; everything but `classes` and `roles` is a sample each.

    `labels` are the labels after the edits, `given` those before: classes, or numbers as text. `contents` are digests,
    "" where there is none; `source_rows` say where the samples stand in the source. `table` has all columns of the
    source, the label column edited, but for that of the pictures; None where the source is no table. `probs` are
    (samples, classes) out of fold, None where no model judged the samples.
    """

    task: Task
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    given: tuple[str, ...]
    classes: tuple[str, ...]
    payload: Payload
    source_rows: Rows
    roles: ColumnRoles
    opinions: tuple[Opinion, ...]
    contents: tuple[str, ...]
    split: tuple[str, ...] | None = None
    table: pd.DataFrame | None = None
    probs: Probs | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def codes(self) -> list[int]:
        """Class code of every label; none of them in regression."""
        code_of = {name: code for code, name in enumerate(self.classes)}
        return [code_of[label] for label in self.labels] if self.classes else []
