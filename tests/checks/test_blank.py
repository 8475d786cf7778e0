"""Pictures of one colour are found in any sort of data, with JPEG, noise and dust; what most are is counted."""

import numpy as np
import pytest
from made_pictures import SORTS, clean, encoded, evidence, rows_found
from PIL import Image

from dataclinic.checks.blank import Blank


def noisy():
    return Image.fromarray(np.random.default_rng(0).normal(240, 1, (60, 60, 3)).round().astype(np.uint8))


def dusty():
    page = Image.new("L", (100, 100), 250)
    page.putpixel((5, 5), 0)
    return page


@pytest.mark.parametrize("sort", SORTS)
def test_finds_all_blank_pictures_and_no_other(sort):
    blanks = [*(Image.new("RGB", (50, 40), colour) for colour in ("black", "white", (200, 60, 30))), noisy(), dusty()]
    jpeg = encoded(Image.new("RGB", (50, 40), (90, 20, 170)), "JPEG", quality=60)
    outcome = Blank().run(evidence([*clean(sort), *blanks, jpeg]))
    assert rows_found(outcome) == set(range(60, 66))
    assert outcome.summary == "6 of 66 pictures are of one colour throughout"


def test_reasons_tell_levels_and_brightness():
    outcome = Blank().run(evidence([*clean("photos", 5), Image.new("RGB", (9, 9), "white"), noisy()]))
    assert [finding.reason for finding in outcome.findings] == [
        "of one colour throughout, with a brightness of 1.00 of 1",
        "of colours within 6 of 255 levels throughout, with a brightness of 0.94 of 1",
    ]


def test_two_colours_of_one_luma_and_faint_pencil_are_not_blank():
    icon = Image.new("RGB", (48, 48), (150, 0, 0))
    icon.paste((0, 77, 0), (10, 10, 30, 30))
    pencil = Image.new("L", (100, 100), 250)
    pencil.paste(225, (20, 50, 80, 51))
    assert Blank().run(evidence([*clean("photos", 5), icon, pencil])).findings == ()


def test_where_most_are_blank_they_are_counted_and_not_named():
    outcome = Blank().run(evidence([*clean("photos", 4), *[Image.new("L", (9, 9))] * 6]))
    assert outcome.findings == ()
    assert outcome.summary.startswith("6 of 10 pictures are of one colour throughout: so many belong to the data set")
