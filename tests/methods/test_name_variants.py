"""Spellings of one name are found; two names that look alike are not."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.name_variants import Variant, _one_slip, fingerprint, name_variants


def found(*names, counts=None):
    counts = counts or [1000, *[1] * (len(names) - 1)]
    return [(names[one.name], names[one.of], one.how) for one in name_variants(names, counts)]


@pytest.mark.parametrize(
    ("name", "of", "how"),
    [
        ("shirt", "Shirt", "case"),
        ("No", "no", "case"),
        ("T shirt", "T-shirt", "spaces or punctuation"),
        ("St Louis", "St. Louis", "spaces or punctuation"),
        ("ONeil", "O'Neil", "spaces or punctuation"),
        ("12.0 oz", "12.0 oz.", "spaces or punctuation"),
        ("11:40am", "11:40 a.m.", "spaces or punctuation"),
        ("new_york", "New York", "spaces or punctuation"),
        ("malaga", "Málaga", "accents"),
        ("iPhone4", "iPhone 4", "spaces or punctuation"),
    ],
)
@pytest.mark.parametrize("counts", [[1000, 1], [51, 50]])
def test_names_equal_but_for_case_separators_or_accents(name, of, how, counts):
    assert found(of, name, counts=counts) == [(name, of, how)]


@pytest.mark.parametrize(
    ("name", "of", "how"),
    [
        ("trucks", "truck", "a plural"),
        ("boxes", "boxe", "a plural"),
        ("Portalnd", "Portland", "one letter"),
        ("Portand", "Portland", "one letter"),
        ("Portlandd", "Portland", "one letter"),
        ("Portlend", "Portland", "one letter"),
        ("San Fransisco", "San Francisco", "one letter"),
    ],
)
def test_slips_and_plurals_are_asked_to_be_rare(name, of, how):
    assert found(of, name, counts=[20, 1]) == [(name, of, how)]
    assert found(of, name, counts=[19, 1]) == []


@pytest.mark.parametrize(
    "names",
    [
        ("cat", "car"),
        ("horse", "house"),
        ("1", "2"),
        ("1.5", "15"),
        ("1.5 mg", "15 mg"),
        ("A1", "A2"),
        ("A1", "a1"),
        ("a", "A"),
        ("A+", "A-"),
        ("C", "C++", "C#"),
        ("lag -1", "lag 1"),
        ("-1x", "1x"),
        ("10-1 a", "101 a"),
        ("version 1.2", "version 12"),
        ("type viiii", "type viiiii"),
        ("class one", "class two"),
        ("symmetric", "asymmetric"),
        ("Austria", "Australia"),
        ("area_code_415", "area_code_410"),
        ("left hand", "right hand"),
        ("I/O", "IO"),
    ],
)
def test_names_that_only_look_alike_are_left_alone(names):
    assert found(*names) == []


def test_all_spellings_lead_to_the_most_frequent():
    assert name_variants(["shirt", "Shirt", "SHIRT", "coat"], [5, 80, 7, 40]) == (
        Variant(2, 1, "case"),
        Variant(0, 1, "case"),
    )
    assert name_variants([], []) == ()


def test_a_slip_of_a_name_that_is_spelt_in_two_ways_leads_to_its_usual_spelling():
    assert found("New Orleans", "new orleans", "New Orlaens", counts=[100, 60, 2]) == [
        ("new orleans", "New Orleans", "case"),
        ("New Orlaens", "New Orleans", "one letter"),
    ]


@given(st.text("abc", min_size=1, max_size=6), st.text("abc", min_size=1, max_size=6))
def test_one_slip_matches_brute_force(one, other):
    one, other = sorted((one, other), key=len)
    if one == other:
        return
    edits = {one[:place] + letter + one[place:] for place in range(len(one) + 1) for letter in "abc"}
    edits |= {one[:place] + letter + one[place + 1 :] for place in range(len(one)) for letter in "abc"}
    edits |= {one[:place] + one[place + 1] + one[place] + one[place + 2 :] for place in range(len(one) - 1)}
    assert _one_slip(one, other) == (other in edits)


@given(st.lists(st.text("aA b-é1.", min_size=1, max_size=5), unique=True, max_size=12))
def test_variants_of_any_names_point_to_more_frequent_ones(names):
    counts = list(range(1, len(names) + 1))
    variants = name_variants(names, counts)
    assert all(counts[one.name] < counts[one.of] for one in variants)
    assert len({one.name for one in variants}) == len(variants)
    for one, other in itertools.combinations(names, 2):
        if one.casefold() == other.casefold() and sum(map(str.isalpha, one)) >= 2:
            assert fingerprint(one) == fingerprint(other)
