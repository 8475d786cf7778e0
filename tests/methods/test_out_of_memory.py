import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.errors import OptionError
from dataclinic.methods.out_of_memory import SMALLEST, FittingSize, parts


def with_room_for(rows, tried):
    def work(size):
        tried.append(size)
        if size > rows:
            raise torch.OutOfMemoryError
        return f"done with {size}"

    return work


def test_halves_until_it_fits_and_remembers():
    tried = []
    size = FittingSize(64)
    assert size.do(with_room_for(20, tried)) == "done with 16"
    assert size.do(with_room_for(20, tried)) == "done with 16"
    assert tried == [64, 32, 16, 16]


def test_says_so_where_nothing_fits():
    tried = []
    with pytest.raises(OptionError, match="no memory left, with only 2 pictures"):
        FittingSize(10).do(with_room_for(1, tried))
    assert tried == [10, 5, 2]


def test_other_errors_are_not_taken_for_it():
    def work(size):
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        FittingSize(8).do(work)


@given(rows=st.integers(2, 300), size=st.integers(4, 64))
def test_parts_are_all_rows_in_order_and_never_a_single_one(rows, size):
    cut = parts(torch.arange(rows), size)
    assert torch.equal(torch.cat(cut), torch.arange(rows))
    assert all(SMALLEST <= len(part) <= size for part in cut)
