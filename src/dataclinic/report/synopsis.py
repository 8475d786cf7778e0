"""The run in three sentences: what was looked at and with what, what is wrong, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataclinic.report import estimate
from dataclinic.report.headline import worth, worth_trusted
from dataclinic.report.wording import agreement, audited, doubted, number, percent, plural, shorten, visible

if TYPE_CHECKING:
    from dataclinic.report.summary import Summary

MOST_OF_A_NAME = 60

PROBLEMS = (
    ("split_leakage", "held-out sample has a copy in another split", "held-out samples have a copy in another split"),
    ("exact_duplicates", "sample is an exact copy", "samples are exact copies of one another"),
    ("near_duplicates", "sample is nearly the same as another", "samples are nearly the same as others"),
    ("embedding_outliers", "sample lies far from all others", "samples lie far from all others"),
    ("unreadable", "sample cannot be read", "samples cannot be read"),
)
"""Checks whose findings are told in the second sentence, those that spoil a score first."""

MOST_PROBLEMS = 2


@dataclass(frozen=True)
class Synopsis:
    """`wrong` and `besides` make the second sentence, what is clearest of it first.

    `helps` says whether a fix was found that does; `do` is the third sentence.
    """

    looked: str
    wrong: tuple[str, ...]
    besides: str
    do: str
    helps: bool

    @property
    def sentences(self) -> tuple[str, str, str]:
        """As plain text."""
        wrong = "; ".join(part for part in (*self.wrong, self.besides) if part)
        return self.looked, f"{wrong}.", self.do


def synopsis(summary: Summary) -> Synopsis:
    """The three sentences; each has something to say of every run."""
    found = summary.label_errors
    wrong = estimate.clauses(found) if found else (doubted(summary).removesuffix("."),)
    trusted = worth_trusted(summary.trials) if summary.trials else None
    helps = summary.trials is not None and (worth(summary.trials).helps or (trusted is not None and trusted.helps))
    return Synopsis(_looked(summary), wrong, _besides(summary), _do(summary), helps)


def _looked(summary: Summary) -> str:
    what = f"{audited(summary)}{_by(summary)}"
    if summary.errors is not None:
        models, median = number(summary.errors.models.mae), number(summary.errors.of_median.mae)
        return (
            f"{what}; on samples that it never saw it is off by {models} in the mean, where always saying the median "
            f"is off by {median}."
        )
    if summary.accuracy is None:
        return f"{what}; no model was trained, so no label was judged by prediction."
    share = summary.accuracy.majority_share
    guess = "" if share is None else f", where always naming the largest class would agree with {percent(share)}"
    return f"{what}, which agrees with {agreement(summary.accuracy)} of the labels of samples it never saw{guess}."


def _by(summary: Summary) -> str:
    if summary.model is None:
        return " by out-of-fold predictions" if summary.accuracy or summary.errors else ""
    encoder = f" on {_name(summary.encoder.id)} features" if summary.encoder else ""
    if summary.model.id == "own":
        return " by probabilities of your own model"
    return f" with {_name(summary.model.id)}{encoder}"


def _name(name: str) -> str:
    return shorten(visible(name), MOST_OF_A_NAME)


def _besides(summary: Summary) -> str:
    counts = {line.check: line.count for line in summary.checks if line.outcome == "ran"}
    told = [f"{plural(counts[name], one, several)}" for name, one, several in PROBLEMS if counts.get(name)]
    return " and ".join(told[:MOST_PROBLEMS])


def _do(summary: Summary) -> str:
    """What helps and by how much; where that is not known or nothing does, what to look at."""
    if summary.trials is None:
        look = "Look at the suspects, the most doubtful first" if summary.suspects else "No label has to be looked at"
        return f"{look}; no fix was tried on this data."
    told = worth(summary.trials).told
    return f"{told[:1].upper()}{told[1:]}{'' if told.endswith('.') else '.'}"
