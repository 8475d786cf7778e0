"""Under-exposed pictures among lit ones are found; nights, black grounds and vivid blue are not faults."""

import pytest
from made_pictures import clean, evidence, levels, planted, rows_found
from PIL import Image

from dataclinic.checks.dark import Dark

AT = (4, 30, 55)


@pytest.mark.parametrize("sort", ["photos", "greys", "icons", "drawings"])
@pytest.mark.parametrize("light", [0.15, 0.3])
def test_finds_every_darkened_picture_and_no_other(sort, light):
    pictures = planted(clean(sort), AT, lambda image: levels(image, lambda pixels: pixels * light))
    assert rows_found(Dark().run(evidence(pictures))) == set(AT)


def test_reason_names_the_level_the_bound_and_the_median():
    pictures = planted(clean("drawings"), [7], lambda image: levels(image, lambda pixels: pixels * 0.2))
    finding = Dark().run(evidence(pictures)).findings[0]
    assert finding.reason == (
        "even its brightest parts reach only 0.20 of 1, below the bound 0.32 (median of all pictures 1.00)"
    )
    assert finding.score == pytest.approx(2.32, abs=0.01)


def test_darkest_comes_first():
    pictures = clean("photos")
    for row, light in ((3, 0.25), (8, 0.1), (5, 0.18)):
        pictures[row] = levels(pictures[row], lambda pixels, light=light: pixels * light)
    assert [finding.row for finding in Dark().run(evidence(pictures)).findings] == [8, 5, 3]


def test_the_night_part_of_a_camera_is_counted_and_not_named():
    pictures = planted(clean("drawings"), range(12), lambda image: levels(image, lambda pixels: pixels * 0.1))
    outcome = Dark().run(evidence(pictures))
    assert outcome.findings == ()
    assert outcome.details["crowd"] == 12
    assert outcome.summary.startswith("12 of 60 pictures are dark throughout: too many to be unlike the rest")


def test_a_lamp_and_vivid_blue_are_light():
    pictures = clean("photos")
    pictures[0] = Image.new("RGB", (60, 60), (0, 0, 200))
    pictures[0].paste((0, 0, 10), (10, 10, 40, 40))
    pictures[1] = Image.new("RGB", (60, 60), (5, 5, 5))
    pictures[1].paste((250, 250, 200), (10, 10, 14, 14))
    assert Dark().run(evidence(pictures)).findings == ()
