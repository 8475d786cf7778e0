"""One entry a row, farthest first, against a loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.worst_per_row import worst_per_row


def test_hand_worked():
    rows = [np.array([4, 7]), np.array([7, 9])]
    distances = [np.array([1.0, 2.0]), np.array([5.0, 3.0])]
    worst = worst_per_row(rows, distances)
    assert worst.rows.tolist() == [7, 9, 4]
    assert worst.columns.tolist() == [1, 1, 0]
    assert worst.distances.tolist() == [5, 3, 1]
    assert worst.counts.tolist() == [2, 1, 1]


def test_nothing_out_nothing_found():
    assert len(worst_per_row([], []).rows) == 0
    assert len(worst_per_row([np.empty(0, np.int64)], [np.empty(0)]).rows) == 0


@given(st.lists(st.dictionaries(st.integers(0, 6), st.integers(1, 4).map(float), max_size=6), max_size=5))
def test_matches_a_loop(columns):
    worst = worst_per_row(
        [np.array(sorted(column), np.int64) for column in columns],
        [np.array([column[row] for row in sorted(column)], np.float64) for column in columns],
    )
    expected = []
    for row in range(7):
        cells = [(-column[row], place) for place, column in enumerate(columns) if row in column]
        if cells:
            expected.append((min(cells)[0], row, min(cells)[1], len(cells)))
    parts = (-worst.distances, worst.rows, worst.columns, worst.counts)
    assert list(zip(*(part.tolist() for part in parts), strict=True)) == sorted(expected)
