"""The columns of a data set, or why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataclinic.dataset import Images, Table, Texts

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.dataset import Dataset

_NOUNS = {Images: "pictures", Texts: "texts"}


def table_columns(dataset: Dataset) -> pd.DataFrame | str:
    """The feature columns, at least one, of at least one sample; else a plain reason why there are none."""
    payload = dataset.payload
    if not isinstance(payload, Table):
        return f"the samples are {_NOUNS[type(payload)]}; there are no columns"
    if not len(payload):
        return "there are no samples"
    return payload.frame if payload.frame.shape[1] else "there are no columns"
