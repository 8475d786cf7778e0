"""Panoramas and strips are found, squares among lines too; upright and lying pictures are alike."""

import numpy as np
import pytest
from made_pictures import evidence
from PIL import Image

from dataclinic.checks.odd_aspect_ratio import OddAspectRatio


def run(sizes):
    return OddAspectRatio().run(evidence([Image.new("L", size, 7) for size in sizes]))


@pytest.mark.parametrize("usual", [(32, 32), (128, 171), (90, 160)])
def test_finds_panoramas_and_strips_and_no_other(usual):
    outcome = run([usual] * 60 + [(400, 80), (50, 300)])
    assert {finding.row for finding in outcome.findings} == {60, 61}


def test_squares_among_lines_of_text():
    rng = np.random.default_rng(0)
    lines = [(int(width), 30) for width in rng.normal(240, 30, 80)]
    outcome = run([*lines, (30, 30), (30, 240)])
    assert [finding.row for finding in outcome.findings] == [80]
    assert outcome.findings[0].reason.startswith(
        "30 × 30 px: its longer side is 1 times the shorter one (median of all"
    )


def test_upright_and_lying_are_alike_and_ordinary_shapes_are_left_alone():
    assert run([(160, 90)] * 80 + [(90, 160), (120, 90), (90, 90), (100, 70)]).findings == ()


def test_a_common_shape_is_no_fault():
    assert run([(60, 60)] * 90 + [(200, 60)] * 10).findings == ()
    assert len(run([(60, 60)] * 190 + [(200, 60)] * 5).findings) == 5
