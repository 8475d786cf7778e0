"""Tell the problems of a run that its baseline did not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.arrays import Mask, Rows

NOWHERE = -1
"""Row of a problem that is about no single sample."""


def mark_new(problems: pd.DataFrame, before: pd.DataFrame, partner: Rows) -> Mask:
    """(problems,) whether the baseline did not have it.

    A problem of a sample was there before where the same sample had it under the same name; one that says that the
    label is wrong, where the label was the same too. A problem of a class, column or group was there where its
    subject had it, once for each time.

    Args:
        problems: columns name, row (in this run, -1 where it is about no sample), subject, label (given label where
            the problem accuses it, else ""); (name, row) is unique where there is a row.
        before: the same of the baseline, with rows of the baseline.
        partner: from `match_runs`.
    """
    of_sample = (problems["row"] != NOWHERE).to_numpy(bool)
    earlier = np.full(len(problems), NOWHERE, np.int64)
    earlier[of_sample] = partner[problems.loc[of_sample, "row"].to_numpy(np.int64)]
    # A sample that was not there before has no row there, and is taken for no class or column.
    placed = problems.assign(row=np.where(of_sample & (earlier == NOWHERE), NOWHERE - 1, earlier))
    keys = ["name", "row", "label", "about", "time"]
    known = _keyed(before)[keys].drop_duplicates()
    found = _keyed(placed)[keys].merge(known, on=keys, how="left", indicator="side")
    return np.asarray(found["side"] == "left_only", bool)


def _keyed(problems: pd.DataFrame) -> pd.DataFrame:
    """With what a problem is about where no sample has it, and which one of its equals it is."""
    about = problems["subject"].where(problems["row"] == NOWHERE, "")
    keyed = problems.assign(about=about)
    times = keyed.groupby(["name", "row", "label", "about"], sort=False).cumcount()
    return keyed.assign(time=np.where(keyed["row"] == NOWHERE, times, 0))
