"""How many labels are wrong, how right the flags are and what reviews will find: the estimate, and it in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor, log10
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StrictBool

from dataclinic.report.reading import Number, Text, require_form
from dataclinic.report.wording import SPACE, plural

if TYPE_CHECKING:
    from dataclinic.rundir import RunDir

FILE = "judgement.json"

BLIND = 0.5
"""Where fewer of the planted errors were flagged, a clean result says little."""

MOST_DIGITS = 3
"""Of an estimate; its interval makes more of them pretence."""

JOINER = "\N{WORD JOINER}"
"""Keeps an interval on one line."""

Share = Annotated[Number, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, strict=True)]
Amount = Annotated[Number, Field(ge=0)]


@dataclass(frozen=True)
class Bounds:
    """A number of labels, and the range within which it plausibly lies."""

    value: Amount
    low: Amount
    high: Amount


@dataclass(frozen=True)
class Reviews:
    """The first `count` samples of the ranking hold about `found` wrong labels."""

    count: Count
    found: Amount


@dataclass(frozen=True)
class Power:
    """Of `planted` errors in copies of the labels the share `found` was flagged."""

    planted: Count
    found: Share


@dataclass(frozen=True)
class LabelErrors:
    """What judgement.json holds.

    `flagged_right` is the share of the flagged labels that is wrong, None where nothing is flagged. `threshold` is the
    probability of being wrong above which a label is flagged. `known` is false where models know too little of the
    labels to judge them. `weights` are the shares of the signals in the ranking.
    """

    errors: Bounds
    judged: Count
    threshold: Share = 0.5
    flagged: Count = 0
    flagged_right: Share | None = None
    reviews: Reviews | None = None
    power: Power | None = None
    weights: dict[Text, Number] = field(default_factory=dict)
    clean: StrictBool = False
    known: StrictBool = True
    notes: list[Text] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        """Whether wrong labels of this kind would mostly stay unseen."""
        return self.power is not None and self.power.planted > 0 and self.power.found < BLIND


def read_label_errors(run: RunDir) -> LabelErrors | None:
    """The estimate of a run; None where it made none, as for regression and in older runs.

    Raises:
        RunError: judgement.json is broken.
    """
    if not (run.path / FILE).is_file():
        return None
    found: LabelErrors = require_form(run, FILE, run.read_json(FILE), LabelErrors)
    return found


def told(found: LabelErrors) -> str:
    """All of it in one line: "About 143 of 1,797 labels are wrong (120–170); of the 150 flagged about 91 % are; …"."""
    return f"{'; '.join(clauses(found))}."


def clauses(found: LabelErrors) -> tuple[str, ...]:
    """How many labels are wrong, how right the flags are and what reviews find; what says nothing is left out."""
    if not found.judged:
        return ("No given label could be judged",)
    if not found.known:
        return (f"Models know too little to say which of {plural(found.judged, 'label')} are wrong", "none is flagged")
    return tuple(clause for clause in (how_many(found), _flags(found), _reviews(found)) if clause)


def how_many(found: LabelErrors) -> str:
    """About 143 of 1,797 labels are wrong (120–170); with words of their own for labels that look clean."""
    judged, errors = plural(found.judged, "label"), found.errors
    if found.clean:
        start = "No sign of wrong labels, but most would go unseen" if found.hidden else "The labels look clean"
        if errors.value < 0.5:
            return f"{start}: probably none of {judged} is wrong{bracket(errors)}"
        return f"{start}: about {about(errors.value)} of {judged} may be wrong{bracket(errors)}"
    if errors.value < 0.5:
        return f"Hardly any of {judged} is wrong{bracket(errors)}"
    verb = "is" if about(errors.value) == "1" else "are"
    return f"About {about(errors.value)} of {judged} {verb} wrong{bracket(errors)}"


def bracket(errors: Bounds) -> str:
    """The interval behind a number, " (120–170)"; "" where it holds that number alone."""
    span = interval(errors)
    return f" ({span})" if span != about(errors.value) else ""


def interval(errors: Bounds) -> str:
    """120–170; one number where both ends read the same."""
    low, high = about(errors.low), about(errors.high)
    return low if low == high else f"{low}–{high}"


def about(value: float) -> str:
    """A whole number of at most three telling digits: 143, 14,300."""
    whole = round(value)
    if whole < 10**MOST_DIGITS:
        return f"{whole}"
    step = 10 ** (floor(log10(whole)) + 1 - MOST_DIGITS)
    return f"{round(whole / step) * step:,}"


def about_percent(share: float) -> str:
    """91 %; a share that is not quite all or nothing does not read like it."""
    if share >= 0.995 and share < 1:
        return f"more than 99{SPACE}%"
    if 0 < share < 0.005:
        return f"less than 1{SPACE}%"
    return f"{100 * share:.0f}{SPACE}%"


def wrong_percent(probability: float | None) -> str:
    """A probability as short as a column: 91 %, > 99 %, < 1 %; "" where there is none."""
    if probability is None:
        return ""
    return about_percent(probability).replace("more than ", f">{SPACE}").replace("less than ", f"<{SPACE}")


def power_told(found: LabelErrors) -> str:
    """How many planted errors were flagged, in a sentence; "" where none was planted."""
    if found.power is None or not found.power.planted:
        return ""
    planted, share = plural(found.power.planted, "error"), about_percent(found.power.found)
    if found.hidden:
        return f"Of {planted} planted in copies of the labels only {share} were flagged: most wrong labels stay unseen."
    return f"Of {planted} planted in copies of the labels {share} were flagged."


def share_told(found: LabelErrors) -> str:
    """What part of the judged labels the estimate is, with its interval: "8 % of 1,797 labels, plausibly 120–170"."""
    share = found.errors.value / found.judged if found.judged else 0.0
    whole = interval(found.errors).replace("–", f"{JOINER}–{JOINER}")
    return f"{about_percent(share)} of {plural(found.judged, 'label')}, plausibly {whole}"


def _flags(found: LabelErrors) -> str:
    if not found.flagged:
        return "none stands out enough to be flagged"
    if found.flagged_right is None:
        return f"{found.flagged:,} {'is' if found.flagged == 1 else 'are'} flagged"
    right = about_percent(found.flagged_right)
    if found.flagged == 1:
        return f"the one flagged is wrong with a probability of {right}"
    return f"of the {found.flagged:,} flagged {_near(right)} are"


def _reviews(found: LabelErrors) -> str:
    """What the first reviews find; nothing where labels look clean, since nobody is sent to look."""
    if found.clean or found.reviews is None or not found.reviews.count:
        return ""
    count, hits = found.reviews.count, about(found.reviews.found)
    if count == 1:
        return ""
    return f"your first {count:,} reviews will find {'about ' + hits if hits != '0' else 'hardly any'}"


def _near(percent: str) -> str:
    return percent if percent.startswith(("more", "less")) else f"about {percent}"
