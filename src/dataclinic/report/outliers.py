"""Findings: of each check the first ones, as galleries where they are about samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.report.previews import Preview

MOST_FINDINGS = 20
MOST_ALL_FINDINGS = 120
FEWEST_FINDINGS = 5
"""Of a check, of all checks, and of a check where many found something: the page stays small with dozens of checks."""

SHOWN_AS_SETS = ("exact_duplicates", "near_duplicates", "conflicting_labels", "split_leakage")
"""Checks whose findings are about the sets of copies, which have a gallery of their own."""


@dataclass(frozen=True)
class FoundThing:
    """A finding; `label` is the given one of the sample that it is about, "" where it is about none."""

    subject: str
    reason: str
    label: str
    preview: Preview | None


@dataclass(frozen=True)
class FoundBy:
    """What one check found among the samples: `count` in all, and the first of them."""

    check: str
    told: str
    count: int
    things: tuple[FoundThing, ...]


def first_findings(findings: pd.DataFrame) -> pd.DataFrame:
    """Of each check as many as all of them leave room for."""
    room = MOST_ALL_FINDINGS // max(findings["check"].nunique(), 1)
    each = min(max(room, FEWEST_FINDINGS), MOST_FINDINGS)
    return findings.groupby("check", sort=False).head(each)


def outlying(checks: Sequence[Mapping[str, Any]], findings: pd.DataFrame, *, sets: bool) -> tuple[str, ...]:
    """Checks that found samples which stand out by themselves, those that found most first.

    Checks that accuse labels are left out, and where there are `sets` of copies those that speak of them.
    """
    elsewhere = {entry["check"] for entry in checks if entry.get("accuses_label")} | set(SHOWN_AS_SETS if sets else ())
    of_samples = set(findings.loc[findings["row"].notna().to_numpy(bool), "check"].unique())
    found = [entry for entry in checks if entry["check"] in of_samples - elsewhere and entry["count"]]
    return tuple(entry["check"] for entry in sorted(found, key=lambda entry: -entry["count"]))


def things_of(
    findings: pd.DataFrame, labels: Mapping[int, str], previews: Mapping[int, Preview]
) -> tuple[FoundThing, ...]:
    """Findings as they are shown, with the given labels and previews of their samples by row."""
    rows = [None if missing else int(row) for row, missing in zip(findings["row"], findings["row"].isna(), strict=True)]
    return tuple(
        FoundThing(
            str(subject),
            str(reason),
            "" if row is None else labels.get(row, ""),
            None if row is None else previews.get(row),
        )
        for subject, reason, row in zip(findings["subject"], findings["reason"], rows, strict=True)
    )
