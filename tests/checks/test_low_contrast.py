"""Fog is found; thin strokes, dark pictures and colours of one luma have contrast."""

import pytest
from made_pictures import clean, evidence, levels, planted, rows_found
from PIL import Image

from dataclinic.checks.low_contrast import LowContrast

AT = (4, 30, 55)


@pytest.mark.parametrize("sort", ["photos", "greys", "icons", "drawings"])
@pytest.mark.parametrize("left", [0.12, 0.17])
def test_finds_every_picture_in_fog_and_no_other(sort, left):
    pictures = planted(clean(sort), AT, lambda image: levels(image, lambda pixels: 128 + (pixels - 128) * left))
    outcome = LowContrast().run(evidence(pictures))
    assert rows_found(outcome) == set(AT)
    assert "of 1 between its darkest and its brightest parts, below the bound 0.20" in outcome.findings[0].reason


def test_dark_pictures_and_colours_of_one_luma_are_not_flat():
    pictures = planted(clean("photos"), AT, lambda image: levels(image, lambda pixels: pixels * 0.2))
    pictures[0] = Image.new("RGB", (60, 60), (150, 0, 0))
    pictures[0].paste((0, 77, 0), (10, 10, 40, 40))
    assert LowContrast().run(evidence(pictures)).findings == ()
