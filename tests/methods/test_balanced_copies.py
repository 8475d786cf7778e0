import numpy as np

from dataclinic.methods.balanced_copies import balanced_copies


def test_all_classes_become_as_large_as_the_largest():
    labels = np.repeat([0, 1, 3], [7, 3, 2])
    copies = balanced_copies(labels)
    assert [copies[labels == code].sum() for code in (0, 1, 3)] == [7, 7, 7]
    assert sorted(copies[labels == 1]) == [2, 2, 3]
    assert (copies[labels == 0] == 1).all()


def test_it_is_the_same_each_time_and_nothing_is_nothing():
    labels = np.repeat([0, 1], [50, 13])
    np.testing.assert_array_equal(balanced_copies(labels), balanced_copies(labels))
    assert balanced_copies(np.empty(0, np.int64)).tolist() == []
