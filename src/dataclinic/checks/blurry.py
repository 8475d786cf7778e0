"""Pictures without one crisp edge, in a data set of sharper ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.dataset import Images
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.blank_pictures import unless_blank
from dataclinic.methods.unlike_the_rest import FEWEST_TO_COMPARE, Unlike, unlike_the_rest

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class Blurry:
    """Pictures without one crisp edge, in a data set of sharper ones.

    What it finds:
        Pictures out of focus, shaken in all directions, or enlarged from far fewer pixels.

    Why it matters:
        Fine texture, which tells many classes apart, is gone, and people who label guess. Where one class or source is
        less sharp than the others, sharpness becomes a shortcut.

    How it decides:
        By the steepness of the strongest edges: the largest difference between neighbouring pixels along a row or a
        column, as a share of that over eight pixels; of both the ninth decile over all rows and columns, in a grey
        picture of at most 256 px. It must be below `limit`, and below the lower fence of its logarithms within the
        data set. A tenth of the lines with a crisp edge suffices: a portrait before a soft ground, a calm sky or an
        icon of one colour is no fault here, though it has little energy in its edges overall.

        The limit, 0.27, is that of an edge under a Gaussian blur of 1.5 px. With a blur of 2 px 99 % of 400 photos of
        128 and 32 px came below it, with one of 3 px all, and one of 13,781 as they were.

    Known limits:
        Pictures less than 16 px high or wide, and those without an edge of 16 grey levels, are not judged. Blur that
        vanishes when the picture is shrunk to 256 px is not seen, nor is blur with noise, a frame or a caption on
        top, nor shake along one axis, which leaves the edges along it crisp. Where a tenth of the pictures or more is
        blurred they count as a second kind, which the summary tells.

    Fixes:
        Fetch the original if this is an enlarged thumbnail; drop what nobody can recognise; keep the rest if the model
        will meet such pictures in use.

    References:
        P. Marziliano, F. Dufaux, S. Winkler and T. Ebrahimi, *A no-reference perceptual blur metric*, ICIP 2002 (widths
        of edges). J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977 (fences).

    Attributes:
        limit: steepness of the strongest edges in (0, 1] below which a picture is blurred.
        factor: fences lie this many interquartile ranges of the logarithms outside the quartiles.
        most_share: share of the pictures beyond limit and fence above which they are a second kind, not outliers.
    """

    limit: Annotated[float, Field(gt=0, lt=1, strict=True, allow_inf_nan=False)] = 0.27
    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 1.5
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "pictures without one crisp edge, unlike the rest"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        if not isinstance(evidence.dataset.payload, Images):
            return DidNotApply("only pictures have edges")
        steepness = unless_blank(evidence.measurements.values, "edge_sharpness")
        found = unlike_the_rest(steepness, self.limit, factor=self.factor, most_share=self.most_share)
        if found is None:
            return DidNotApply(f"fewer than {FEWEST_TO_COMPARE} pictures of 16 px or more with an edge to compare")
        ids = evidence.dataset.ids
        findings = tuple(
            Finding("blurry", ids[row], self._reason(float(steepness[row]), found), halvings, row)
            for row, halvings in found.worst_first(ids)
        )
        return Ran(findings, found.told("blurred"), found.details)

    def _reason(self, steepness: float, found: Unlike) -> str:
        return (
            f"its sharpest edges climb {steepness:.0%} of their height within a pixel, below the bound "
            f"{found.bound:.0%} (median of all pictures {found.typical:.0%})"
        )
