"""Washed-out pictures are found; ink on paper and things before a white ground are not faults."""

import pytest
from made_pictures import clean, evidence, levels, planted, rows_found
from PIL import Image

from dataclinic.checks.bright import Bright

AT = (4, 30, 55)


@pytest.mark.parametrize("sort", ["photos", "greys", "icons"])
def test_finds_every_washed_out_picture_and_no_other(sort):
    pictures = planted(clean(sort), AT, lambda image: levels(image, lambda pixels: 180 + pixels * 0.3))
    assert rows_found(Bright().run(evidence(pictures))) == set(AT)


def test_finds_pictures_clipped_to_white():
    pictures = planted(clean("photos"), AT, lambda image: levels(image, lambda pixels: pixels * 3 + 100))
    outcome = Bright().run(evidence(pictures))
    assert rows_found(outcome) == set(AT)
    assert outcome.summary == "3 of 60 pictures are over-exposed or washed out"
    assert outcome.findings[0].reason.startswith("all but a twentieth is brighter than ")


def test_drawings_and_small_things_before_white_are_left_alone_among_photos():
    thing = Image.new("RGB", (80, 80), "white")
    thing.paste((90, 40, 30), (30, 30, 36, 36))
    pictures = [*clean("photos"), *clean("drawings", 3), thing]
    assert Bright().run(evidence(pictures)).findings == ()
