"""What holds for every check of a picture's properties: silence on clean data of any sort, and reasons for silence."""

import json

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, shuffled, told
from made_pictures import SORTS, blurred, clean, encoded, evidence, levels
from PIL import Image

from dataclinic.dataset import Texts
from dataclinic.findings import DidNotApply, Ran
from dataclinic.registry import CHECKS

PROPERTIES = ("dark", "bright", "low_contrast", "blurry", "blank", "odd_size", "odd_aspect_ratio", "colour_mode")


@pytest.fixture(scope="module")
def measured():
    return {sort: evidence(clean(sort)) for sort in SORTS}


@pytest.fixture(scope="module")
def faulty():
    photos = clean("photos")
    photos[3] = levels(photos[3], lambda pixels: pixels * 0.15)
    photos[5] = photos[5].convert("L")
    photos[7] = Image.new("RGB", photos[7].size, "white")
    photos[9] = blurred(photos[9], 4)
    photos[11] = levels(photos[11], lambda pixels: 153 + pixels * 0.4)
    photos[13] = levels(photos[13], lambda pixels: 120 + pixels * 0.12)
    photos[15] = photos[15].resize((20, 15))
    photos[17] = photos[17].resize((480, 72))
    return evidence([*photos, b"broken", b""])


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("check", PROPERTIES)
def test_clean_pictures_of_one_sort_are_left_alone(check, sort, measured):
    outcome = CHECKS.find(check)().run(measured[sort])
    assert isinstance(outcome, DidNotApply) or outcome.findings == ()


@pytest.mark.parametrize("check", PROPERTIES)
def test_tables_and_texts_have_no_such_property(check):
    for payload in (pd.DataFrame({"width_px": np.arange(50.0)}), Texts(("a", "b") * 20)):
        outcome = CHECKS.find(check)().run(evidence_of(payload))
        assert isinstance(outcome, DidNotApply)
        assert outcome.reason.startswith("only pictures ")


@pytest.mark.parametrize("check", PROPERTIES)
def test_nothing_readable_or_few_pictures_is_a_reason(check):
    assert isinstance(CHECKS.find(check)().run(evidence_of([None, b"x"])), DidNotApply)
    if check != "blank":
        outcome = CHECKS.find(check)().run(evidence(clean("photos", 9)))
        assert outcome.reason.startswith("fewer than 10 pictures")


@pytest.mark.parametrize("check", PROPERTIES)
def test_one_planted_fault_of_each_kind_is_found_among_unreadable_ones(check, faulty):
    expected = dict(zip(PROPERTIES, ({3}, {11}, {13}, {9}, {7}, {15}, {17}, {5}), strict=True))
    outcome = CHECKS.find(check)().run(faulty)
    assert {finding.row for finding in outcome.findings} == expected[check]
    json.dumps([outcome.details, [finding.score for finding in outcome.findings]], allow_nan=False)


@pytest.mark.parametrize("check", PROPERTIES)
def test_order_of_pictures_does_not_matter(check, faulty):
    found, again = CHECKS.find(check)().run(faulty), CHECKS.find(check)().run(shuffled(faulty))
    assert told(found) == told(again)
    assert found.summary == again.summary


@pytest.mark.parametrize("check", PROPERTIES)
def test_equal_pictures_are_all_ordinary(check):
    outcome = CHECKS.find(check)().run(evidence_of([encoded(clean("photos", 1)[0])] * 30))
    assert isinstance(outcome, Ran)
    assert outcome.findings == ()
