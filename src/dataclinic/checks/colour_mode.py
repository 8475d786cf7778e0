"""Pictures that are stored in another colour mode than the rest, or are grey among coloured ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.dataset import Images
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.methods.blank_pictures import known, unless_blank
from dataclinic.methods.unlike_the_rest import FEWEST_TO_COMPARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dataclinic.arrays import Mask, Scores
    from dataclinic.evidence import Evidence

_KINDS = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with transparency",
    "I;16": "16-bit grey",
    "I": "32-bit grey",
    "F": "floating-point grey",
    "P": "a palette",
    "PA": "a palette with transparency",
    "RGB": "colour",
    "RGBA": "colour with transparency",
    "RGB;16": "16-bit colour",
    "RGBA;16": "16-bit colour with transparency",
    "LA;16": "16-bit grey with transparency",
    "CMYK": "printing inks",
}

_GREY_STORED = ("1", "L", "LA", "LA;16", "I;16", "I", "F")


@dataclass(frozen=True)
class ColourMode:
    """Pictures that are stored in another colour mode than the rest, or are grey among coloured ones.

    What it finds:
        Grey, palette, CMYK, transparent and 16-bit files in a data set that otherwise has none, or the reverse;
        pictures stored in colour that are grey all the same, among coloured ones; and coloured ones among grey ones.

    Why it matters:
        Loaders treat modes differently: a channel too many stops a training run, 16-bit grey becomes all white, inks
        come out inverted, transparency turns black. And where a class or source comes in another mode, the mode tells
        the label.

    How it decides:
        The most frequent stored mode is the norm. Pictures in a mode that at most `most_share` have are named one by
        one; a more frequent one brings a single finding for the whole data set. Without colour is a picture of which
        no pixel's red, green and blue differ by more than `grey_chroma`, with a mean saturation of no more than
        `grey_saturation` (dark pictures have small differences, yet saturated ones); with colour one where they differ
        by `colour_chroma` somewhere. Where at most `most_share` of the pictures are without colour, and nearly all
        others with it, those stored in a colour mode are named; and the reverse. Blank pictures are neither.

    Known limits:
        Modes are those that Pillow tells: GIF is a palette, and lossless WebP colour, always. A grey picture with a
        coloured stamp, or toned brown, counts as coloured.

    Fixes:
        Convert all to one mode on export, with a conversion that suits it; fetch the coloured original of a grey copy.

    References:
        Pillow handbook, *Concepts: modes*. Chroma: A. R. Smith, *Color gamut transform pairs*, SIGGRAPH 1978.

    Attributes:
        most_share: share of the pictures up to which a mode is unlike the rest.
        grey_chroma: largest difference between the channels of a pixel, in [0, 1], of a picture without colour.
        grey_saturation: largest mean saturation, in [0, 1], of a picture without colour.
        colour_chroma: least such difference, somewhere in it, of a picture with colour.
    """

    most_share: Annotated[float, Field(ge=0, le=0.5, strict=True, allow_inf_nan=False)] = 0.1
    grey_chroma: Annotated[float, Field(ge=0, lt=1, strict=True, allow_inf_nan=False)] = 0.03
    grey_saturation: Annotated[float, Field(ge=0, lt=1, strict=True, allow_inf_nan=False)] = 0.02
    colour_chroma: Annotated[float, Field(gt=0, le=1, strict=True, allow_inf_nan=False)] = 0.15

    summary: ClassVar[str] = "pictures stored in another colour mode than the rest, or grey among coloured ones"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.MEASUREMENTS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        assert evidence.measurements is not None  # noqa: S101 - named in `needs`
        if not isinstance(evidence.dataset.payload, Images):
            return DidNotApply("only pictures have a colour mode")
        modes = tuple("I;16" if mode.startswith("I;16") else mode for mode in evidence.measurements.modes)
        counts = dict(sorted(Counter(filter(None, modes)).items(), key=lambda kind: (-kind[1], kind[0])))
        if sum(counts.values()) < FEWEST_TO_COMPARE:
            return DidNotApply(f"fewer than {FEWEST_TO_COMPARE} pictures to compare")
        ids, values = evidence.dataset.ids, evidence.measurements.values
        chroma = unless_blank(values, "largest_chroma")
        without = (chroma <= self.grey_chroma) & (known(values, "saturation") <= self.grey_saturation)
        findings = [*self._of_modes(modes, counts, ids), *self._of_colours(modes, counts, chroma, without, ids)]
        findings.sort(key=lambda finding: (-finding.score, finding.subject))
        grey = int(without.sum())
        stored = ", ".join(f"{count:,} as {_named(mode)}" for mode, count in counts.items())
        told = f"pictures are stored: {stored}; {grey:,} {'shows' if grey == 1 else 'show'} no colour"
        return Ran(tuple(findings), told, {"modes": counts, "without_colour": grey})

    def _of_modes(self, modes: Sequence[str], counts: Mapping[str, int], ids: Sequence[str]) -> Iterator[Finding]:
        """One for every picture in a rare mode, and one for every other mode that is neither rare nor the norm."""
        total = sum(counts.values())
        norm, *others = counts
        usual = f"{told_share(counts[norm] / total)} of the pictures are stored as {_named(norm)}"
        for mode in others:
            share = counts[mode] / total
            if share > self.most_share:
                reason = f"{told_share(share)} of the pictures are stored as {_named(mode)}, while {usual}"
                yield Finding("colour_mode", f"mode {mode}", reason, 1 + share)
                continue
            for row in (row for row, own in enumerate(modes) if own == mode):
                yield Finding("colour_mode", ids[row], f"stored as {_named(mode)}, while {usual}", 1 - share, row)

    def _of_colours(
        self, modes: Sequence[str], counts: Mapping[str, int], chroma: Scores, without: Mask, ids: Sequence[str]
    ) -> Iterator[Finding]:
        """Pictures without colour among coloured ones, or the reverse, of those whose mode is as usual."""
        usual = np.array([counts.get(mode, 0) > self.most_share * sum(counts.values()) for mode in modes])
        coloured = chroma >= self.colour_chroma
        if self._few_among(without, coloured, chroma):
            rows, others = without & usual & ~np.isin(modes, _GREY_STORED), coloured
            told, while_others = "stored as {}, yet without colour", "have some"
        elif self._few_among(coloured, without, chroma):
            rows, others = coloured & usual, without
            told, while_others = "stored as {}, and with colours", "have none"
        else:
            return
        share = float(others.sum() / (~np.isnan(chroma)).sum())
        for row in np.flatnonzero(rows).tolist():
            levels = f"red, green and blue differ by up to {round(255 * chroma[row])} of 255 levels"
            reason = f"{told.format(_named(modes[row]))} ({levels})"
            reason = f"{reason}, while {told_share(share)} of the pictures {while_others}"
            yield Finding("colour_mode", ids[row], reason, share, row)

    def _few_among(self, few: Mask, others: Mask, chroma: Scores) -> bool:
        """Whether hardly any picture is of the first sort, and nearly all are of the other."""
        most = self.most_share * (~np.isnan(chroma)).sum()
        return bool(few.sum() <= most and (~others & ~np.isnan(chroma)).sum() <= 2 * most)


def _named(mode: str) -> str:
    return f"{_KINDS[mode]} ({mode})" if mode in _KINDS else mode
