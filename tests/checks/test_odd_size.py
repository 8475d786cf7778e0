"""Thumbnails and giants are found; a second camera and sizes that spread are not faults."""

import numpy as np
import pytest
from made_pictures import clean, evidence, planted, rows_found
from PIL import Image

from dataclinic.checks.odd_size import OddSize

AT = (4, 30, 55)


def of_sizes(sizes):
    return evidence([Image.new("L", size, 7) for size in sizes])


@pytest.mark.parametrize("scale", [0.25, 4])
@pytest.mark.parametrize("sort", ["photos", "drawings", "icons", "digits"])
def test_finds_thumbnails_and_giants_and_no_other(sort, scale):
    def scaled(image):
        return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))

    assert rows_found(OddSize().run(evidence(planted(clean(sort), AT, scaled)))) == set(AT)


def test_reason_tells_size_ratio_and_median():
    outcome = of_sizes([(100, 400)] * 40 + [(20, 45), (800, 800)])
    assert [finding.reason for finding in outcome_findings(outcome)] == [
        "20 × 45 px: 6.7 times smaller than the median of 200 px (geometric mean of the sides)",
        "800 × 800 px: 4.0 times larger than the median of 200 px (geometric mean of the sides)",
    ]


def outcome_findings(evidence_of_sizes):
    return OddSize().run(evidence_of_sizes).findings


def test_two_cameras_are_both_common():
    assert outcome_findings(of_sizes([(120, 90)] * 110 + [(30, 22)] * 10)) == ()
    assert len(outcome_findings(of_sizes([(120, 90)] * 300 + [(30, 22)] * 10))) == 10


def test_sizes_that_spread_are_ordinary_but_for_tiny_ones():
    rng = np.random.default_rng(0)
    sides = np.exp(rng.uniform(np.log(50), np.log(400), (120, 1)) + rng.normal(0, 0.1, (120, 2))).round().astype(int)
    assert outcome_findings(of_sizes(map(tuple, sides.tolist()))) == ()
    assert [finding.row for finding in outcome_findings(of_sizes([*map(tuple, sides.tolist()), (14, 14)]))] == [120]


def test_many_of_many_small_sizes_are_counted_and_not_named():
    outcome = OddSize().run(of_sizes([(400, 300)] * 80 + [(40 + row, 40) for row in range(20)]))
    assert outcome.findings == ()
    assert "20 of 100 pictures are far smaller than the median: too many" in outcome.summary
