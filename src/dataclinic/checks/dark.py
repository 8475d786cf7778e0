"""Pictures that are dark throughout, in a data set of brighter ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.dataset import Images
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.blank_pictures import known, unless_blank
from dataclinic.methods.unlike_the_rest import FEWEST_TO_COMPARE, Unlike, unlike_the_rest

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence

_VIVID = 0.5
"""Span of red, green or blue that no under-exposed picture has, and pure blue on black, of little luma, has."""


@dataclass(frozen=True)
class Dark:
    """Pictures that are dark throughout, in a data set of brighter ones.

    What it finds:
        Under-exposed pictures: even their brightest parts are dark, while the rest of the data set is lit.

    Why it matters:
        Little can be seen in them, by people who label as by models, and what there is stands in a few grey levels.
        Often they are failures: a closed shutter, a missed flash, a wrong conversion from 16 bit.

    How it decides:
        By the luma in [0, 1] that all but a thousandth of the pixels do not exceed. It must be below `limit`, and below
        the lower fence of the logarithms within the data set: black backgrounds, night scenes with lamps and data
        sets that are dark as a whole are left alone. So are vivid colours, of which blue has little luma: neither red,
        green nor blue may span more than half of its range. Blank pictures are left to `blank`.

        The limit is a third of the scale: pictures taken four stops too dark, with a sixteenth of the light, stay below
        0.29. So all of 120 photos of 128 and 32 px are found that were made so, or whose levels were multiplied by 0.3
        or 0.15, and of 13,781 as they were none.

    Known limits:
        One bright spot, such as a lamp or a time stamp, saves a dark picture. Where a tenth of the pictures or more
        is dark they count as a second kind, which the summary tells.

    Fixes:
        Convert it again from its source, or brighten it; drop it where nothing can be recognised.

    References:
        J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977 (fences). Luma: ITU-R BT.601.

    Attributes:
        limit: luma in [0, 1] below which the brightest parts of a picture are dark.
        factor: fences lie this many interquartile ranges of the logarithms outside the quartiles.
        most_share: share of the pictures beyond limit and fence above which they are a second kind, not outliers.
    """

    limit: Annotated[float, Field(gt=0, lt=1, strict=True, allow_inf_nan=False)] = 0.32
    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 1.5
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "pictures that are dark throughout, unlike the rest"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        if not isinstance(evidence.dataset.payload, Images):
            return DidNotApply("only pictures have brightness")
        values = evidence.measurements.values
        brightest = unless_blank(values, "brightest")
        found = unlike_the_rest(
            brightest,
            self.limit,
            factor=self.factor,
            most_share=self.most_share,
            ordinary=known(values, "colour_span") > _VIVID,
        )
        if found is None:
            return DidNotApply(f"fewer than {FEWEST_TO_COMPARE} pictures to compare")
        ids = evidence.dataset.ids
        findings = tuple(
            Finding("dark", ids[row], self._reason(float(brightest[row]), found), halvings, row)
            for row, halvings in found.worst_first(ids)
        )
        return Ran(findings, found.told("dark throughout"), found.details)

    def _reason(self, brightest: float, found: Unlike) -> str:
        return (
            f"even its brightest parts reach only {brightest:.2f} of 1, below the bound {found.bound:.2f} "
            f"(median of all pictures {found.typical:.2f})"
        )
