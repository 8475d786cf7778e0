"""Tables that tests of the column fixes share."""

import numpy as np
import pandas as pd

from dataclinic.testing.parts import regression_part, table_part, vector_part

NAN = np.nan


def rng():
    return np.random.default_rng(0)


def part_of(labels=None, **columns):
    """A classification on these columns; labels alternate where none are given."""
    frame = pd.DataFrame(columns)
    return table_part(frame, np.arange(len(frame)) % 2 if labels is None else labels)


def targets_of(targets, **columns):
    return regression_part(pd.DataFrame(columns), targets)


def not_tables():
    """Parts that column fixes have no use for: frozen embeddings, and a table of categories alone."""
    labels = np.arange(40) % 2
    colours = pd.DataFrame({"colour": pd.Categorical(list("ab") * 20)})
    return vector_part(rng().normal(size=(40, 3)), labels), table_part(colours, labels)


def mapped(part, treatment):
    """The numeric columns that a treatment makes of the part's, by name."""
    numbers = treatment.column_map.apply(part.features.numbers)
    return dict(zip(treatment.column_map.names, numbers.T, strict=True))


def assert_only_columns_change(part, treatment):
    assert treatment.rows.tolist() == part.rows.tolist()
    assert treatment.labels.tolist() == part.given.tolist()
    assert treatment.weights is None
    assert treatment.synthetic is None
    assert treatment.offsets is None
