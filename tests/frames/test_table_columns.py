"""Tables have columns; other samples say why they have none."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from dataclinic.dataset import Images, Table, Texts
from dataclinic.frames.table_columns import table_columns
from dataclinic.testing.planted import gaussian_classes, table_dataset


def dataset_of(payload):
    from dataclasses import replace

    return replace(table_dataset(*gaussian_classes(4, 2)), payload=payload)


def test_columns_are_those_of_the_table():
    frame = pd.DataFrame({"a": [1, 2]})
    assert_frame_equal(table_columns(dataset_of(Table(frame))), frame)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (Images((None,)), "the samples are pictures; there are no columns"),
        (Texts(("a",)), "the samples are texts; there are no columns"),
        (Table(pd.DataFrame({"a": []})), "there are no samples"),
        (Table(pd.DataFrame(index=range(3))), "there are no columns"),
    ],
)
def test_other_samples_say_why_they_have_none(payload, reason):
    assert table_columns(dataset_of(payload)) == reason
