"""Rare modes and grey copies are found one by one; a frequent second mode is one finding."""

import io

import numpy as np
import pytest
from made_pictures import clean, encoded, evidence, planted, rows_found
from PIL import Image

from dataclinic.checks.colour_mode import ColourMode

AT = (4, 30, 55)


def stored(mode, kind="PNG"):
    return lambda image: encoded(image.convert(mode), kind)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("CMYK", "JPEG"), ("1", "PNG")],
)
def test_finds_every_picture_in_another_mode_and_no_other(mode, kind):
    outcome = ColourMode().run(evidence(planted(clean("photos"), AT, stored(mode, kind))))
    assert rows_found(outcome) == set(AT)
    assert all(f"({mode})" in finding.reason for finding in outcome.findings)


def test_finds_sixteen_bits_among_eight():
    def deep(image):
        return encoded(Image.fromarray(np.asarray(image, np.uint16) * 257))

    outcome = ColourMode().run(evidence(planted(clean("greys"), AT, deep)))
    assert rows_found(outcome) == set(AT)
    assert (
        outcome.findings[0].reason == "stored as 16-bit grey (I;16), while 95.0% of the pictures are stored as grey (L)"
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_finds_grey_copies_stored_in_colour(kind):
    def grey(image):
        return encoded(image.convert("L").convert("RGB"), kind)

    outcome = ColourMode().run(evidence(planted(clean("photos"), AT, grey)))
    assert rows_found(outcome) == set(AT)
    assert outcome.findings[0].reason.startswith(
        "stored as colour (RGB), yet without colour (red, green and blue differ"
    )
    assert outcome.details["without_colour"] == 3


def test_finds_coloured_pictures_among_grey_ones_stored_in_colour():
    pictures = [image.convert("RGB") for image in clean("greys")]
    outcome = ColourMode().run(evidence([*pictures, *clean("photos", 3)]))
    assert rows_found(outcome) == {60, 61, 62}
    assert "while 95.2% of the pictures have none" in outcome.findings[0].reason


def test_coloured_pictures_among_grey_ones_are_told_by_their_mode():
    outcome = ColourMode().run(evidence([*clean("greys"), *clean("photos", 2)]))
    assert [finding.reason for finding in outcome.findings] == [
        "stored as colour (RGB), while 96.8% of the pictures are stored as grey (L)"
    ] * 2


def test_a_frequent_second_mode_is_one_finding():
    outcome = ColourMode().run(evidence(planted(clean("photos"), range(20), stored("P"))))
    (finding,) = outcome.findings
    assert (finding.row, finding.subject) == (None, "mode P")
    assert finding.reason == (
        "33.3% of the pictures are stored as a palette (P), while 66.7% of the pictures are stored as colour (RGB)"
    )
    assert outcome.details["modes"] == {"RGB": 40, "P": 20}


def test_dark_pictures_keep_their_colours_and_blank_ones_have_none_to_keep():
    pictures = clean("photos")
    pictures[3] = Image.fromarray((np.asarray(pictures[3]) * 0.1).astype(np.uint8))
    pictures[5] = Image.new("RGB", (50, 50), "white")
    assert ColourMode().run(evidence(pictures)).findings == ()


def test_summary_counts_modes():
    buffer = io.BytesIO()
    clean("photos", 1)[0].save(buffer, "JPEG")
    outcome = ColourMode().run(
        evidence([*clean("photos", 19), buffer.getvalue(), *planted(clean("greys", 1), [], None)])
    )
    assert outcome.summary == "pictures are stored: 20 as colour (RGB), 1 as grey (L); 1 shows no colour"
