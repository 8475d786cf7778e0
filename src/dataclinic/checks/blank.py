"""Pictures of one colour throughout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.dataset import Images
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.blank_pictures import blank_pictures, known

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class Blank:
    """Pictures of one colour throughout.

    What it finds:
        All-black, all-white and one-coloured pictures: lens caps, empty scans, failed renderings, placeholders.

    Why it matters:
        There is nothing in them to learn but the label that stands beside, and every label is as right as any other.

    How it decides:
        Red, green and blue each span ten of 255 levels or less, a thousandth of the pixels left out at either
        end: that is what noise, dust and JPEG leave of an empty page. Where more than `most_share` of the
        pictures are blank, emptiness is one of the things that this data set shows (tiles of a scan, masks):
        none is named, and the summary counts them.

    Known limits:
        An empty page with a stamp, a frame or strong shadows does not.

    Fixes:
        Fetch the picture again from its source; else drop the sample.

    References:
        R. C. Gonzalez and R. E. Woods, *Digital Image Processing*, 4th edition, Pearson, 2018, chapter 3 (histograms).

    Attributes:
        most_share: share of blank pictures above which they belong to the data set.
    """

    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.5

    summary: ClassVar[str] = "pictures of one colour throughout"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        if not isinstance(evidence.dataset.payload, Images):
            return DidNotApply("only pictures can be blank")
        values = evidence.measurements.values
        spans, brightness = known(values, "colour_span"), known(values, "brightness")
        readable = int((~np.isnan(spans)).sum())
        if not readable:
            return DidNotApply("no picture can be read")
        rows = np.flatnonzero(blank_pictures(values))
        told = f"{len(rows):,} of {readable:,} pictures {'is' if len(rows) == 1 else 'are'} of one colour throughout"
        details = {"blank": len(rows), "judged": readable}
        if len(rows) > self.most_share * readable:
            return Ran((), f"{told}: so many belong to the data set, and are not reported one by one", details)
        ids = evidence.dataset.ids
        findings = tuple(
            Finding("blank", ids[row], _reason(float(spans[row]), float(brightness[row])), 1 - float(spans[row]), row)
            for row in sorted(rows.tolist(), key=lambda row: (spans[row], ids[row]))
        )
        return Ran(findings, told, details)


def _reason(spanned: float, brightness: float) -> str:
    levels = round(spanned * 255)
    extent = "one colour" if levels == 0 else f"colours within {levels} of 255 levels"
    return f"of {extent} throughout, with a brightness of {brightness:.2f} of 1"
