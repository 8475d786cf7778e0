"""Groups are the connected components of equal content, near duplicates and the user's own groups."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.dataset import Dataset, Images, Table
from dataclinic.evidence import Measurements, NearDuplicates
from dataclinic.methods.content_digest import row_digests
from dataclinic.steps.group_duplicates import group_duplicates


def groups_of(content, own=None, payload=None, near=None):
    samples = len(content)
    ids = tuple(map(str, range(samples)))
    own = None if own is None else np.array(own, np.int64)
    payload = payload or Images((None,) * samples)
    labels = np.zeros(samples, np.int64)
    data = Dataset(Path("made"), "made", payload, ids, labels, ("a", "b"), np.arange(samples), groups=own)
    return group_duplicates(data, Measurements({}, tuple(content)), near).tolist()


def table_groups(frame, own=None):
    return groups_of(row_digests((frame[name] for name in frame), len(frame)), own, Table(frame))


def test_equal_content_shares_a_group():
    assert groups_of(["x", "y", "x", "z", "y"]) == [0, 1, 0, 2, 1]


def test_samples_without_content_stay_alone():
    assert groups_of(["", "", "x", ""]) == [0, 1, 2, 3]


def test_own_groups_are_kept_and_none_is_alone():
    assert groups_of(["a", "b", "c", "d"], own=[7, -1, 7, -1]) == [0, 1, 0, 2]


def test_chains_of_content_and_own_groups_are_one_group():
    # 0 and 1 look alike, 1 and 2 are of one patient, 2 and 3 look alike.
    assert groups_of(["x", "x", "y", "y", "z"], own=[0, 1, 1, 2, 3]) == [0, 0, 0, 0, 1]


@given(st.lists(st.tuples(st.sampled_from(["", *"abcdef"]), st.integers(-1, 5)), min_size=1, max_size=15))
def test_matches_merging_by_hand(samples):
    content, own = zip(*samples, strict=True)
    expected = list(range(len(samples)))
    for one, (its_content, its_group) in enumerate(samples):
        for other, (content_too, group_too) in enumerate(samples[:one]):
            if (its_content and its_content == content_too) or (its_group >= 0 and its_group == group_too):
                expected = [expected[one] if group == expected[other] else group for group in expected]
    found = groups_of(content, own)
    assert [[a == b for a in found] for b in found] == [[a == b for a in expected] for b in expected]
    assert list(dict.fromkeys(found)) == list(range(max(found) + 1))


def test_copies_in_a_table_share_a_group():
    once = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 3)), columns=list("abc"))
    assert table_groups(pd.concat([once, once], ignore_index=True)) == [*range(50), *range(50)]


@pytest.mark.parametrize("own", [None, [0, 1] * 100])
def test_coarse_tables_are_grouped_by_the_user_alone(own):
    coarse = pd.DataFrame(np.random.default_rng(0).integers(0, 2, (200, 3)), columns=list("abc"))
    assert table_groups(coarse, own) == (own or list(range(200)))


def test_coarse_pictures_are_grouped_all_the_same():
    assert groups_of(["x"] * 10) == [0] * 10


def test_near_duplicates_share_a_group_and_link_others():
    # 0 and 1 look nearly alike, 1 and 2 are equal, 2 and 4 are of one patient.
    near = NearDuplicates(np.array([0, 0, -1, -1, -1]), np.zeros(5, bool), np.full(5, np.nan), ("",) * 5)
    assert groups_of(["w", "x", "x", "y", "z"], own=[-1, -1, 3, -1, 3], near=near) == [0, 0, 0, 1, 0]
