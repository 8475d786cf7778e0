"""What people decided so far: how many suspects they looked at, and how many of those were wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataclinic.edits import IS_WRONG
from dataclinic.methods.exact_interval import exact_interval
from dataclinic.report.reading import DIGESTS
from dataclinic.report.wording import SPACE, percent, plural
from dataclinic.rundir.decisions import DECISIONS, read_decisions
from dataclinic.steps.place_decisions import place_decisions

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dataclinic.edits import DecidedAs, Decision
    from dataclinic.rundir import RunDir

TITLES: dict[DecidedAs, str] = {
    "relabel": "relabelled",
    "keep": "kept as given",
    "drop": "to be dropped",
    "ambiguous": "ambiguous",
}


@dataclass(frozen=True)
class Reviewed:
    """The decisions that stand, by row.

    `told` of the suspects were found right or wrong, `wrong` of them wrong, which is the share `precision` with its
    exact 95 % interval; samples that were drawn at random, imported or found ambiguous do not count there.
    """

    by_row: Mapping[int, Decision]
    counts: Mapping[DecidedAs, int]
    reviewers: int
    suspects: int
    told: int
    wrong: int
    low: float
    high: float

    @property
    def precision(self) -> float | None:
        return self.wrong / self.told if self.told else None


def read_reviewed(run: RunDir, ranking: pd.DataFrame) -> Reviewed | None:
    """What decisions.jsonl says of the samples of a run; None where it says nothing.

    Raises:
        DecisionsError: the file is broken.
        RunError: measurements.parquet is broken.
    """
    decisions = read_decisions(run.path / DECISIONS)
    if not decisions:
        return None
    samples = ranking[["row", "id"]].set_index("row").sort_index()
    decided = place_decisions(samples.assign(content=_digests(run, len(samples))), decisions)
    if not decided:
        return None
    flagged = set(ranking.loc[ranking["flagged"].to_numpy(bool) & ranking["row"].isin(decided), "row"].tolist())
    counted = [one for row, one in decided.items() if row in flagged and one.origin == "queue"]
    told = [IS_WRONG[one.verdict] for one in counted if one.verdict in IS_WRONG]
    low, high = exact_interval(sum(told), len(told))
    return Reviewed(
        by_row=decided,
        counts=dict(Counter(one.verdict for one in decided.values())),
        reviewers=len({one.reviewer for one in decided.values() if one.reviewer}),
        suspects=len(flagged),
        told=len(told),
        wrong=sum(told),
        low=low,
        high=high,
    )


def reviewed_told(reviewed: Reviewed, suspects: int) -> tuple[str, ...]:
    """How many were looked at, and how right the suspects are, in sentences."""
    people = f" by {plural(reviewed.reviewers, 'reviewer')}" if reviewed.reviewers else ""
    known = [(reviewed.counts[name], title) for name, title in TITLES.items() if name in reviewed.counts]
    verdicts = ", ".join(f"{count:,} {title}" for count, title in known)
    looked = (
        f"{plural(len(reviewed.by_row), 'sample')} reviewed{people}: {verdicts}; of {plural(suspects, 'suspect')} "
        f"{reviewed.suspects:,} {'is' if reviewed.suspects == 1 else 'are'} decided."
    )
    if reviewed.precision is None:
        return (looked,)
    interval = f"95{SPACE}% interval {percent(reviewed.low)} to {percent(reviewed.high)}, exact"
    right = (
        f"Of {plural(reviewed.told, 'suspect')} with a clear verdict {reviewed.wrong:,} "
        f"{'was' if reviewed.wrong == 1 else 'were'} wrong: {percent(reviewed.precision)} ({interval})."
    )
    return looked, right


def reviewed_json(reviewed: Reviewed | None) -> dict[str, Any] | None:
    """The same as numbers; None where nobody decided anything."""
    if reviewed is None:
        return None
    return {
        "samples": len(reviewed.by_row),
        "suspects": reviewed.suspects,
        "verdicts": dict(reviewed.counts),
        "told": reviewed.told,
        "wrong": reviewed.wrong,
        "precision": reviewed.precision,
        "interval": [reviewed.low, reviewed.high] if reviewed.told else None,
    }


def decided_told(decision: Decision) -> str:
    """A verdict on one sample, in words."""
    told = TITLES[decision.verdict]
    return f"{told} to {decision.label}" if decision.verdict == "relabel" else told


def _digests(run: RunDir, samples: int) -> pd.Series | str:
    """(samples,) digests of their content, "" where there is none."""
    file = "measurements.parquet"
    found = run.read_columns(file, (DIGESTS,)) if (run.path / file).is_file() else None
    if found is None or DIGESTS not in found or len(found) != samples:
        return ""
    return found[DIGESTS].fillna("")
