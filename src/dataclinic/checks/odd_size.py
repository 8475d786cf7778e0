"""Pictures far smaller or larger than the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.dataset import Images
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.blank_pictures import known
from dataclinic.methods.common_shapes import common_shapes
from dataclinic.methods.unlike_the_rest import (
    FEWEST_TO_COMPARE,
    Unlike,
    unlike_on_either_side,
    unlike_the_rest,
)

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class OddSize:
    """Pictures far smaller or larger than the rest.

    What it finds:
        Thumbnails, icons and tracking pixels among photos; huge scans among snapshots.

    Why it matters:
        All are brought to one size before training. What was small becomes a blur, and of what was huge the details
        vanish, so that a class or source of another size is known by its blur.

    How it decides:
        By the geometric mean of width and height. It must be `ratio` times smaller or larger than the median, and
        beyond the fence of the logarithms within the data set; or less than `smallest_px` and `ratio` times below the
        median, whatever the fence. A width and height that `common_share` of the pictures, five at least, have is no
        fault, so a second camera is not reported.

    Known limits:
        Of the stored size alone: a thumbnail that was enlarged has an ordinary one (`blurry` may see it). Where more
        than `most_share` of the pictures are beyond on one side, they count as a second kind, which the summary tells.

    Fixes:
        Fetch the full picture in place of the thumbnail; drop icons and placeholders; shrink huge pictures once, well.

    References:
        J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977 (fences).

    Attributes:
        ratio: how many times shorter or longer than the median the mean side of an odd picture is.
        smallest_px: mean side in pixels below which a picture is tiny whatever the fence.
        common_share: share of the pictures with one and the same width and height that makes this size common.
        factor: fences lie this many interquartile ranges of the logarithms outside the quartiles.
        most_share: share of the pictures beyond ratio and fence above which they are a second kind, not outliers.
    """

    ratio: Annotated[float, Field(gt=1, le=1e6, strict=True, allow_inf_nan=False)] = 3.0
    smallest_px: Annotated[float, Field(ge=0, le=1e6, strict=True, allow_inf_nan=False)] = 32.0
    common_share: Annotated[float, Field(gt=0, le=1, strict=True, allow_inf_nan=False)] = 0.05
    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 1.5
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "pictures far smaller or larger than the rest"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        if not isinstance(evidence.dataset.payload, Images):
            return DidNotApply("only pictures have a size in pixels")
        values = evidence.measurements.values
        width, height = known(values, "width_px"), known(values, "height_px")
        side = np.sqrt(width * height)
        common = common_shapes(width, height, self.common_share)
        sides = unlike_on_either_side(side, self.ratio, factor=self.factor, most_share=self.most_share, ordinary=common)
        if sides is None:
            return DidNotApply(f"fewer than {FEWEST_TO_COMPARE} pictures to compare")
        small, large = sides
        limit = min(self.smallest_px, small.typical / self.ratio)
        tiny = unlike_the_rest(side, limit, factor=0, most_share=self.most_share, ordinary=common)
        ids = evidence.dataset.ids
        away = np.abs(np.log2(side / small.typical))
        odd = np.unique(np.concatenate([found.rows for found in (small, large, tiny) if found is not None]))
        findings = tuple(
            Finding("odd_size", ids[row], _reason(width[row], height[row], small.typical), float(away[row]), row)
            for row in sorted(odd.tolist(), key=lambda row: (-away[row], ids[row]))
        )
        return Ran(findings, _told(len(findings), small, large), {"small": small.details, "large": large.details})


def _told(found: int, small: Unlike, large: Unlike) -> str:
    verb = "is" if found == 1 else "are"
    told = (
        f"{found:,} of {small.judged:,} pictures {verb} far smaller or larger than the median of {small.typical:.0f} px"
    )
    crowds = ((small, "far smaller than the median"), (large, "far larger than the median"))
    return "; ".join((told, *(one.told(fault) for one, fault in crowds if one.crowd)))


def _reason(width: float, height: float, typical: float) -> str:
    ratio = np.sqrt(width * height) / typical
    told = f"{1 / ratio:.1f} times smaller" if ratio < 1 else f"{ratio:.1f} times larger"
    return f"{width:.0f} × {height:.0f} px: {told} than the median of {typical:.0f} px (geometric mean of the sides)"
