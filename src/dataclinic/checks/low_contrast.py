"""Pictures with hardly any difference between light and dark, unlike the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.dataset import Images
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.blank_pictures import known, unless_blank
from dataclinic.methods.unlike_the_rest import FEWEST_TO_COMPARE, Unlike, unlike_the_rest

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class LowContrast:
    """Pictures with hardly any difference between light and dark, unlike the rest.

    What it finds:
        Flat pictures: fog, a veil of stray light, a dirty lens, a value range that was squeezed.

    Why it matters:
        What is in them stands in a few grey levels, and much of what distinguishes classes may be lost. A model trained
        on normalised pictures sees them as nearly uniform.

    How it decides:
        By Michelson's contrast, (brightest − darkest) / (brightest + darkest), of the luma that all but a thousandth of
        the pixels reach and do not exceed. Being a ratio it is not lowered by little light, which `dark` reports. It
        must be below `limit`, and below the lower fence of its logarithms within the data set. Thin strokes count in
        full, so a line drawing has contrast 1. A picture of which the red, the green or the blue spans more than
        `most_span` of its range is not flat, whatever its luma, and blank pictures are left to `blank`.

    Known limits:
        A frame or a time stamp gives a flat picture contrast.
        Where a tenth of the pictures or more is flat they count as a second kind, which the summary tells.

    Fixes:
        Stretch the levels where the range was squeezed; drop what nobody can recognise.

    References:
        A. A. Michelson, *Studies in Optics*, University of Chicago Press, 1927. J. W. Tukey, *Exploratory Data
        Analysis*, Addison-Wesley, 1977 (fences).

    Attributes:
        limit: Michelson's contrast in [0, 1] below which a picture is flat.
        most_span: largest span of red, green or blue, in [0, 1], that a flat picture may have.
        factor: fences lie this many interquartile ranges of the logarithms outside the quartiles.
        most_share: share of the pictures beyond limit and fence above which they are a second kind, not outliers.
    """

    limit: Annotated[float, Field(gt=0, lt=1, strict=True, allow_inf_nan=False)] = 0.2
    most_span: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.35
    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 1.5
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "pictures with hardly any difference between light and dark, unlike the rest"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        if not isinstance(evidence.dataset.payload, Images):
            return DidNotApply("only pictures have contrast")
        values = evidence.measurements.values
        brightest, darkest = unless_blank(values, "brightest"), known(values, "darkest")
        contrast = np.maximum(brightest - darkest, 1 / 255) / (brightest + darkest)
        found = unlike_the_rest(
            contrast,
            self.limit,
            factor=self.factor,
            most_share=self.most_share,
            ordinary=known(values, "colour_span") > self.most_span,
        )
        if found is None:
            return DidNotApply(f"fewer than {FEWEST_TO_COMPARE} pictures to compare")
        ids = evidence.dataset.ids
        findings = tuple(
            Finding("low_contrast", ids[row], self._reason(float(contrast[row]), found), halvings, row)
            for row, halvings in found.worst_first(ids)
        )
        return Ran(findings, found.told("flat"), found.details)

    def _reason(self, contrast: float, found: Unlike) -> str:
        return (
            f"contrast {contrast:.2f} of 1 between its darkest and its brightest parts, below the bound "
            f"{found.bound:.2f} (median of all pictures {found.typical:.2f})"
        )
