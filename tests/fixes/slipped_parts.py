"""Parts with slips of the decimal point in a table."""

import numpy as np
import pandas as pd

from dataclinic.testing.parts import regression_part, table_part, vector_part

NO_COLUMNS = (
    vector_part(np.eye(30), np.arange(30) % 2),
    table_part(pd.DataFrame({"kind": list("ab") * 15}), np.arange(30) % 2),
)
"""Parts without a numeric column."""

SLIPS = [3, 30, 77]


def slipped_frame():
    """Even columns, without a value that is far off but for the slips."""
    rng = np.random.default_rng(0)
    weight, height = (rng.permutation(np.linspace(*ends, 200)) for ends in ((50, 90), (150, 190)))
    frame = pd.DataFrame({"weight": weight, "height": height, "kind": ["a", "b"] * 100})
    frame.loc[SLIPS, "weight"] *= 100
    return frame


def slipped_part():
    return table_part(slipped_frame(), np.arange(200) % 2)


def slipped_regression():
    frame = slipped_frame()
    return regression_part(frame, frame["height"].to_numpy() * 1000)
