"""Which samples a report shows: the audit keeps previews of them, so that the report never reads the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataclinic.report.copies import read_copies
from dataclinic.report.gallery import pick_suspects
from dataclinic.report.outliers import first_findings

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.rundir import RunDir

MOST_CARDS = 100


@dataclass(frozen=True)
class ShownRows:
    """Rows of the samples in the order in which they need room: `cards` large, the others small."""

    cards: tuple[int, ...]
    copies: tuple[int, ...]
    found: tuple[int, ...]
    gallery: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys((*self.cards, *self.copies, *self.found, *self.gallery)))


def shown_rows(run: RunDir, ranking: pd.DataFrame, findings: pd.DataFrame) -> ShownRows:
    """The rows that a report of `run` shows, whose samples, copies and splits are already on disk.

    Raises:
        RunError: duplicates.parquet or samples.parquet is broken.
    """
    copies = read_copies(run, ranking)
    cards = ranking.loc[ranking["flagged"].to_numpy(bool), ["rank", "row"]].nsmallest(MOST_CARDS, "rank")["row"]
    places = [place for one in pick_suspects(ranking) for place in one.places]
    return ShownRows(
        cards=tuple(cards.astype(int).tolist()),
        copies=copies.rows if copies else (),
        found=tuple(first_findings(findings)["row"].dropna().astype(int).tolist()),
        gallery=tuple(ranking["row"].iloc[places].astype(int).tolist()),
    )
