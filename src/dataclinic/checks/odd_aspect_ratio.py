"""Pictures far more elongated than the rest, or far less."""

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
from dataclinic.methods.unlike_the_rest import FEWEST_TO_COMPARE, Unlike, unlike_on_either_side

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class OddAspectRatio:
    """Pictures far more elongated than the rest, or far less.

    What it finds:
        Panoramas, banners, strips that were cut wrongly; single square pictures among lines of text.

    Why it matters:
        All are brought to one shape before training: what is long is squeezed until nobody would recognise it, or loses
        its ends, where the labelled thing may be.

    How it decides:
        By the longer side as a multiple of the shorter one, so that upright and lying pictures are the same. It must be
        more than `ratio` times that of the median picture, or less than a `ratio`-th of it, and beyond the fence of the
        logarithms within the data set. A width and height that `common_share` of the pictures, five at least, have is
        no fault.

    Known limits:
        A lying picture among upright ones is not odd here. Where more than `most_share` of the pictures are beyond on
        one side, they count as a second kind, which the summary tells.

    Fixes:
        Crop to what the label names, pad instead of squeezing, or drop the picture.

    References:
        J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977 (fences).

    Attributes:
        ratio: how many times more or less elongated than the median an odd picture is.
        common_share: share of the pictures with one and the same width and height that makes this shape common.
        factor: fences lie this many interquartile ranges of the logarithms outside the quartiles.
        most_share: share of the pictures beyond ratio and fence above which they are a second kind, not outliers.
    """

    ratio: Annotated[float, Field(gt=1, le=1e6, strict=True, allow_inf_nan=False)] = 2.0
    common_share: Annotated[float, Field(gt=0, le=1, strict=True, allow_inf_nan=False)] = 0.05
    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 1.5
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "pictures far more elongated than the rest, or far less"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        if not isinstance(evidence.dataset.payload, Images):
            return DidNotApply("only pictures have an aspect ratio")
        values = evidence.measurements.values
        width, height = known(values, "width_px"), known(values, "height_px")
        elongation = np.maximum(width, height) / np.minimum(width, height)
        common = common_shapes(width, height, self.common_share)
        sides = unlike_on_either_side(
            elongation, self.ratio, factor=self.factor, most_share=self.most_share, ordinary=common
        )
        if sides is None:
            return DidNotApply(f"fewer than {FEWEST_TO_COMPARE} pictures to compare")
        less, more = sides
        ids = evidence.dataset.ids
        away = np.abs(np.log2(elongation / less.typical))
        findings = tuple(
            Finding("odd_aspect_ratio", ids[row], _reason(width[row], height[row], less.typical), float(away[row]), row)
            for row in sorted((*less.rows.tolist(), *more.rows.tolist()), key=lambda row: (-away[row], ids[row]))
        )
        return Ran(findings, _told(len(findings), less, more), {"less": less.details, "more": more.details})


def _reason(width: float, height: float, typical: float) -> str:
    elongation = max(width, height) / min(width, height)
    return (
        f"{width:.0f} × {height:.0f} px: its longer side is {elongation:.3g} times the shorter one "
        f"(median of all pictures {typical:.3g})"
    )


def _told(found: int, less: Unlike, more: Unlike) -> str:
    verb = "is" if found == 1 else "are"
    told = (
        f"{found:,} of {less.judged:,} pictures {verb} far more or less elongated than the median of {less.typical:.3g}"
    )
    crowds = ((less, "far less elongated than the median"), (more, "far more elongated than the median"))
    return "; ".join((told, *(one.told(fault) for one, fault in crowds if one.crowd)))
