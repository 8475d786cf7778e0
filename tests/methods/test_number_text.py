import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.number_text import exact_number, short_number


@pytest.mark.parametrize(
    ("value", "exact", "short"),
    [
        (4520.0, "4520", "4520"),
        (0.1, "0.1", "0.1"),
        (52341.7, "52341.7", "52340"),
        (0.012346, "0.012346", "0.01235"),
        (-3.0, "-3", "-3"),
        (0.0, "0", "0"),
        (1e300, "1e+300", "1e+300"),
        (1.23456e-9, "1.23456e-09", "1.235e-09"),
    ],
)
def test_numbers_read_as_people_write_them(value, exact, short):
    assert exact_number(value) == exact
    assert short_number(value) == short


@given(st.floats(-1e300, 1e300, allow_subnormal=False))
def test_an_exact_number_reads_back_and_a_short_one_nearly(value):
    assert float(exact_number(value)) == value
    assert float(short_number(value)) == pytest.approx(value, rel=5.1e-4)
