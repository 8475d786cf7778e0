"""Files that cannot be decoded, and empty texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dataclinic.dataset import Table, Texts
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class Unreadable:
    """Files that cannot be decoded, and empty texts.

    What it finds:
        Image files and cells that give no picture: missing or empty, truncated, broken, not an image at all, or of
        more than 178,956,970 pixels. Texts without anything to read: empty, or nothing but spaces, control characters
        and invisible marks.

    Why it matters:
        They stop a training run hours in, or are skipped in silence, and then nobody knows on what was trained.

    How it decides:
        Every picture is decoded in full, as training would. A file that lacks pixels counts as truncated even if a
        viewer would fill them with grey. Unreadable samples take no part in training, and but for `missing_values`,
        which counts empty cells, in no other check.

    Known limits:
        A file whose bytes were changed so that it still decodes, to a wrong picture, is not seen here. Of an animation
        only the first frame is decoded. A text of a few signs, or garbled by a wrong encoding, counts as readable.

    Fixes:
        Fetch the file again from where it came; else drop the sample in `dataclinic review RUN`.

    References:
        ISO/IEC 10918-1 (JPEG), ISO/IEC 15948 (PNG).
    """

    summary: ClassVar[str] = "files that cannot be decoded, and empty texts"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        dataset = evidence.dataset
        if isinstance(dataset.payload, Table):
            return DidNotApply("rows of a table need no decoding")
        unreadable = evidence.measurements.unreadable
        findings = tuple(
            Finding("unreadable", dataset.ids[row], unreadable[row], 1.0, row)
            for row in sorted(unreadable, key=lambda row: dataset.ids[row])
        )
        told = "texts are empty" if isinstance(dataset.payload, Texts) else "images cannot be decoded"
        summary = f"{len(findings):,} of {len(dataset):,} {told}"
        return Ran(findings, summary, {"unreadable": len(findings)})
