"""Blur is found whatever else the picture shows; calm scenes, small subjects and flat icons are sharp."""

import numpy as np
import pytest
from made_pictures import blurred, clean, evidence, planted, rows_found
from PIL import Image

from dataclinic.checks.blurry import Blurry
from dataclinic.findings import DidNotApply

AT = (4, 30, 55)


@pytest.mark.parametrize("sort", ["photos", "greys", "icons", "drawings"])
@pytest.mark.parametrize("radius", [2, 3, 4])
def test_finds_every_blurred_picture_and_no_other(sort, radius):
    pictures = planted(clean(sort), AT, lambda image: blurred(image, radius))
    assert rows_found(Blurry().run(evidence(pictures))) == set(AT)


def test_finds_enlarged_thumbnails():
    def enlarged(image):
        return image.resize((image.width // 6, image.height // 6)).resize(image.size, Image.Resampling.BICUBIC)

    pictures = planted(clean("photos"), AT, enlarged)
    assert rows_found(Blurry().run(evidence(pictures))) == set(AT)


def test_calm_scenes_with_one_crisp_edge_are_sharp():
    sky = np.tile(np.linspace(150, 220, 200, dtype=np.uint8), (200, 1))
    sky[60:100, 90:115] = 60
    soft_ground = np.asarray(blurred(clean("photos", 1)[0].resize((200, 200)), 6)).copy()
    soft_ground[70:120, 80:130] = (200, 30, 30)
    pictures = [*clean("photos"), Image.fromarray(sky), Image.fromarray(soft_ground), *clean("icons", 3)]
    assert Blurry().run(evidence(pictures)).findings == ()


def test_high_resolution_is_no_blur():
    large = [image.resize((960, 720), Image.Resampling.NEAREST) for image in clean("photos", 4)]
    outcome = Blurry().run(evidence([*clean("photos"), *large, *(blurred(image, 24) for image in large)]))
    assert rows_found(outcome) == {64, 65, 66, 67}


def test_reason_tells_the_steepness_in_per_cent():
    pictures = planted(clean("drawings"), [7], blurred)
    reason = Blurry().run(evidence(pictures)).findings[0].reason
    assert reason.startswith("its sharpest edges climb 1")
    assert "below the bound 27% (median of all pictures 100%)" in reason


def test_tiny_pictures_have_no_room_for_blur():
    assert Blurry().run(evidence(clean("digits"))) == DidNotApply(
        "fewer than 10 pictures of 16 px or more with an edge to compare"
    )
