import numpy as np
import pytest

from dataclinic.methods.class_balance import imbalance_ratio, too_balanced


@pytest.mark.parametrize(
    ("counts", "ratio"), [([6, 2], 3.0), ([6, 0, 2], 3.0), ([5, 5], 1.0), ([5, 0], 1.0), ([0], 1.0)]
)
def test_ratio_is_of_the_largest_and_the_smallest_class_present(counts, ratio):
    assert imbalance_ratio(np.array(counts)) == ratio


def test_reason_names_the_ratio():
    assert too_balanced(np.array([30, 10]), 1.5) is None
    assert too_balanced(np.array([15, 10]), 1.5) is None
    assert too_balanced(np.array([14, 10]), 1.5) == (
        "the largest class has only 1.4 times the samples of the smallest (less than 1.5)"
    )
    assert too_balanced(np.array([14, 0]), 1.0) == "fewer than two classes have samples"
