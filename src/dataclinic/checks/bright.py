"""Over-exposed or washed-out pictures, in a data set of darker ones."""

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

_LEVEL = 1 / 255
"""What is lacking of white is at least a grey level, since its logarithm is taken."""


@dataclass(frozen=True)
class Bright:
    """Over-exposed or washed-out pictures, in a data set of darker ones.

    What it finds:
        Pictures that are very bright and have no dark part at all, while most of the data set is darker.

    Why it matters:
        Where light is clipped to white nothing is left to see. Often the exposure failed, or a conversion of the value
        range did.

    How it decides:
        By the luma in [0, 1] that all but a twentieth of the pixels exceed. It must be above `limit`, and what it lacks
        of white below the lower fence of its logarithms within the data set. And all but a thousandth of the pixels
        must be brighter than `darkest`: ink on paper, line drawings and small things before a white ground are bright,
        and no fault. Blank pictures are left to `blank`.

    Known limits:
        Over-exposed pictures that keep something dark cannot be told from a dark thing before white, and are not found:
        of ordinary photos with sixteen times the light it is a third that are, with eight times the light an eighth. A
        pale thing before a bright ground is found, though nothing may be wrong. Where a tenth of the pictures or more
        is so bright they count as a second kind, which the summary tells.

    Fixes:
        Convert it again from its source; clipped light cannot be restored, so drop it where too much is lost.

    References:
        J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977 (fences). Luma: ITU-R BT.601.

    Attributes:
        limit: luma in [0, 1]; a picture of which all but a twentieth exceeds it is bright.
        darkest: luma in [0, 1]; a picture that has something darker is not washed out.
        factor: fences lie this many interquartile ranges of the logarithms outside the quartiles.
        most_share: share of the pictures beyond limit and fence above which they are a second kind, not outliers.
    """

    limit: Annotated[float, Field(gt=0, lt=1, strict=True, allow_inf_nan=False)] = 0.6
    darkest: Annotated[float, Field(gt=0, lt=1, strict=True, allow_inf_nan=False)] = 0.3
    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 1.5
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "over-exposed or washed-out pictures, unlike the rest"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        if not isinstance(evidence.dataset.payload, Images):
            return DidNotApply("only pictures have brightness")
        values = evidence.measurements.values
        lacking = np.maximum(1 - unless_blank(values, "brightness_p5"), _LEVEL)
        found = unlike_the_rest(
            lacking,
            1 - self.limit,
            factor=self.factor,
            most_share=self.most_share,
            ordinary=known(values, "darkest") <= self.darkest,
        )
        if found is None:
            return DidNotApply(f"fewer than {FEWEST_TO_COMPARE} pictures to compare")
        ids = evidence.dataset.ids
        findings = tuple(
            Finding("bright", ids[row], self._reason(float(1 - lacking[row]), found), halvings, row)
            for row, halvings in found.worst_first(ids)
        )
        return Ran(findings, found.told("over-exposed or washed out"), found.details)

    def _reason(self, brightness: float, found: Unlike) -> str:
        return (
            f"all but a twentieth is brighter than {brightness:.2f} of 1, above the bound {1 - found.bound:.2f} "
            f"(median of all pictures {1 - found.typical:.2f}), and hardly anything is darker than {self.darkest:g}"
        )
