"""Which pictures are of one colour throughout, and what was measured of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.arrays import Mask, Scores

MOST_SPAN = 10 / 255
"""Ten levels: what noise and JPEG leave of an empty page. Fog and faint pencil span more."""


def blank_pictures(values: Mapping[str, Scores]) -> Mask:
    """(samples,) whether red, green and blue each span ten of 255 levels or less.

    A thousandth of the pixels is left out at either end, so dust does not count. Unreadable pictures are not blank.
    """
    return known(values, "colour_span") <= MOST_SPAN


def unless_blank(values: Mapping[str, Scores], name: str) -> Scores:
    """(samples,) what `name` measured, NaN for blank pictures: these have no light, contrast or edge to judge."""
    return np.where(blank_pictures(values), np.nan, known(values, name))


def known(values: Mapping[str, Scores], name: str) -> Scores:
    """(samples,) what `name` measured; empty where no picture could be read, as then there are no measurements."""
    return values.get(name, np.empty(0))
