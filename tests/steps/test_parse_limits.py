from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclinic.errors import GateError
from dataclinic.limits import NAMES, OPERATORS
from dataclinic.steps.parse_limits import parse_limits

KNOWN = frozenset({*NAMES, "dark", "split_leakage", "checks.label_errors"})


def parsed(text):
    return [(limit.name, limit.operator, limit.bound, limit.percent) for limit in parse_limits(text, KNOWN)]


def test_terms_stand_between_commas_and_line_breaks():
    assert parsed("\n label_errors>2% ,split_leakage  >  0,\n\ndark <= 1_000\n") == [
        ("label_errors", ">", Fraction(1, 50), True),
        ("split_leakage", ">", 0, False),
        ("dark", "<=", 1000, False),
    ]


def test_limits_are_told_in_one_spacing_as_they_were_written():
    texts = [limit.text for limit in parse_limits("split-leakage>=1_0,  label_errors  >  2.50 %", KNOWN)]
    assert texts == ["split-leakage >= 1_0", "label_errors > 2.50%"]


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("0.1", "1/10"),
        ("+3", "3"),
        ("-0.5", "-1/2"),
        ("1e-3", "1/1000"),
        ("2_500.25", "10001/4"),
        ("007", "7"),
        (".5", "1/2"),
    ],
)
def test_numbers_keep_their_exact_value(number, value):
    assert parsed(f"r2 < {number}") == [("r2", "<", Fraction(value), False)]


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_read_whole(operator):
    assert parsed(f"dark{operator}1") == [("dark", operator, 1, False)]


def test_the_prefix_tells_the_check_from_the_list_of_suspects():
    assert [name for name, *_ in parsed("label_errors > 1, checks.label-errors > 1, checks.dark > 1")] == [
        "label_errors",
        "checks.label_errors",
        "dark",
    ]


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("label_errors > 2,5%", 18, "the name of a check or number, found '5%'"),
        ("label_errors 2", 14, "one of >= <= == != > <, found '2'"),
        ("label_errors => 2", 14, "one of >= <= == != > <, found '=> 2'"),
        ("label_errors > ", 16, "a number, it ends there"),
        ("label_errors > two", 16, "a number, found 'two'"),
        ("label_errors", 13, "one of >= <= == != > <, it ends there"),
        ("dark > 1 and dark < 3", 10, "a comma or the end, found 'and dark < 3'"),
        ("dark > 1 dark < 3", 10, "a comma or the end"),
        ("dark > 1%%", 10, "a comma or the end, found '%'"),
        ("dark > 1__0", 9, "a comma or the end"),
        ("> 3", 1, "the name of a check or number"),
        ("dark > 1\n& x", 10, "the name of a check or number, found '& x'"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_was_expected(text, position, expected):
    with pytest.raises(GateError) as caught:
        parse_limits(text, KNOWN)
    assert caught.value.message.startswith(f"--fail-on, character {position}: expected {expected}")
    assert "label_errors > 2%" in caught.value.hint


@pytest.mark.parametrize("text", ["", "  ", ",\n,", "\n"])
def test_an_expression_without_a_term_is_no_limit(text):
    with pytest.raises(GateError, match="no limit") as caught:
        parse_limits(text, KNOWN)
    assert "--fail-on" in caught.value.hint


@pytest.mark.parametrize(
    ("written", "near"), [("label_error", "label_errors"), ("checks.darks", "dark"), ("estimated-error", "estimated")]
)
def test_an_unknown_name_is_told_with_the_nearest(written, near):
    with pytest.raises(GateError, match=f"knows no '{written}'") as caught:
        parse_limits(f"{written} > 1", KNOWN)
    assert f"did you mean '{near}" in caught.value.hint


def test_a_prefix_makes_no_number_a_check():
    with pytest.raises(GateError, match=r"knows no 'checks\.accuracy'"):
        parse_limits("checks.accuracy > 1", KNOWN)


def test_shares_are_limited_by_shares():
    assert parsed("accuracy < 90%, balanced_accuracy < 0.9") == [
        ("accuracy", "<", Fraction(9, 10), True),
        ("balanced_accuracy", "<", Fraction(9, 10), False),
    ]
    with pytest.raises(GateError, match="between 0 and 1") as caught:
        parse_limits("accuracy < 90", KNOWN)
    assert caught.value.hint == "write 90% for a percentage"


def test_what_is_no_part_of_the_samples_has_no_percentage():
    with pytest.raises(GateError, match="no part of the samples"):
        parse_limits("failed_checks > 1%", KNOWN)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_told_to_be_none(text):
    with suppress(GateError):
        assert parse_limits(text, KNOWN)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(KNOWN - {"accuracy"})), st.sampled_from(sorted(OPERATORS)), st.integers(0, 99)
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_from_limits_is_read_as_them(terms):
    terms = [(name, operator, number) for name, operator, number in terms if name != "balanced_accuracy"]
    text = ", ".join(f"{name} {operator} {number}" for name, operator, number in terms) or "dark > 1"
    assert ", ".join(limit.text for limit in parse_limits(text, KNOWN)) == text
