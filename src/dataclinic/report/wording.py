"""How numbers, names and times read on the page; text from the data is made harmless to look at, not trusted."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclinic.report.summary import Accuracy, Summary

NONE = "–"

SPACE = "\N{NO-BREAK SPACE}"
"""Between a number and its unit: they stay on one line."""

CONTROL_PICTURES = {code: 0x2400 + code for code in range(32)} | {
    0x7F: 0x2421,
    0x09: 0x21E5,
    0x0A: 0x21B5,
    0x0D: 0x21B5,
}
"""Line breaks and other control characters as visible signs (mostly of Unicode block 2400)."""

TURNS_TEXT = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")
"""Marks that override the direction of writing: a name could read as another one."""

SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
"""Bytes of file names that are not text: they cannot be encoded into a page."""

MOST_OF_A_NAME = 48
"""Characters of a class name inside a text."""

MOST_SPLITS = 6

SPELLED = {
    "chi2": "Chi²",
    "cutmix": "CutMix",
    "ema": "EMA",
    "enn": "ENN",
    "iqr": "IQR",
    "johnson": "Johnson",
    "mixup": "MixUp",
    "nc": "NC",
    "pca": "PCA",
    "randaugment": "RandAugment",
    "rfe": "RFE",
    "smote": "SMOTE",
    "smotenc": "SMOTE-NC",
    "tomek": "Tomek",
    "yeo": "Yeo",
    "zscore": "Z-score",
}

_KINDS = {"images": "image", "texts": "text"}


def number(value: float | None) -> str:
    """12,345, 3.142, 0.00012, 1.7e+308."""
    if value is None:
        return NONE
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def percent(share: float | None) -> str:
    """A share of [0, 1] with as many digits as tell it from 0 and 1."""
    if share is None:
        return NONE
    if 0 < share < 0.001:
        return f"< 0.1{SPACE}%"
    if 0.999 < share < 1:
        return f"> 99.9{SPACE}%"
    return f"{100 * share:.1f}{SPACE}%"


def nats(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def duration(seconds: float | None) -> str:
    """0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds is None:
        return NONE
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def moment(iso: str | None) -> str:
    """3 August 2026, 14:05 UTC."""
    if not iso:
        return ""
    when = datetime.fromisoformat(iso)
    return f"{when.day} {when:%B %Y, %H:%M} {when.tzname() or ''}".strip()


def visible(text: object) -> str:
    """The text with every character that could hide, reorder or break it shown as a sign."""
    return str(text).translate(CONTROL_PICTURES).translate(TURNS_TEXT).translate(SURROGATES)


def readable(text: object) -> str:
    """As `visible`, but line breaks and tabs stay what they are: for texts that are shown as texts."""
    kept = str(text).replace("\r\n", "\n").replace("\r", "\n").splitlines()
    return "\n".join("\t".join(map(visible, line.split("\t"))) for line in kept)


def shorten(text: object, limit: int) -> str:
    """At most `limit` characters, the middle left out: ids differ at their ends."""
    whole = visible(text)
    if len(whole) <= limit:
        return whole
    tail = limit // 2
    return f"{whole[: limit - tail - 1]}…{whole[-tail:]}"


def with_short_names(text: str, names: Collection[str]) -> str:
    """The text with every one of `names` in it cut in the middle where it is longer than MOST_OF_A_NAME."""
    for name in sorted((name for name in names if len(name) > MOST_OF_A_NAME and name in text), key=len, reverse=True):
        text = text.replace(name, shorten(name, MOST_OF_A_NAME))
    return text


def sentence(text: str) -> str:
    """A reason or note as a sentence of its own: a capital in front, a full stop behind."""
    whole = visible(text).strip()
    return whole[:1].upper() + whole[1:] + ("" if whole.endswith((".", "!", "?", "…")) else ".")


def check_title(name: str) -> str:
    """`near_duplicates` → `Near duplicates`, `iqr_outliers` → `IQR outliers`."""
    words = [SPELLED.get(word, word) for word in visible(name).split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def command_line(command: list[str]) -> str:
    """The command as one would type it into a shell."""
    return shlex.join(command)


def flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Settings with dotted names, in order; what was not set is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            pairs += flat(value, f"{prefix}{name}.")
        elif value not in (None, [], ()):
            pairs.append((f"{prefix}{name}", ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return pairs


def plural(count: int, singular: str, several: str | None = None) -> str:
    """1 label, 2 labels, 1,200 classes."""
    return f"{count:,} {singular if count == 1 else several or singular + 's'}"


def agreement(accuracy: Accuracy) -> str:
    """91.2 % ± 0.3."""
    spread = "" if accuracy.spread is None else f"{SPACE}±{SPACE}{100 * accuracy.spread:.1f}"
    return f"{100 * accuracy.mean:.1f}{spread}{SPACE}%"


def audited(summary: Summary) -> str:
    """What was audited, without a full stop: "1,797 images in 10 classes were audited"."""
    what = plural(summary.samples, _KINDS.get(summary.kind, "row"))
    splits = _listed([f"{count:,} {shorten(name, 30)}" for name, count in (summary.split or {}).items()])
    unlabelled = f"{summary.unlabelled:,} more without a label left out" if summary.unlabelled else ""
    told = "; ".join(part for part in (splits, unlabelled) if part)
    kinds = "with a number each"
    if summary.task == "classification":
        kinds = f"in {plural(len(summary.classes), 'class', 'classes')}"
    return f"{what} {kinds}{f' ({told})' if told else ''} {'was' if summary.samples == 1 else 'were'} audited"


def doubted(summary: Summary) -> str:
    """How many labels are doubted, where their number was not estimated."""
    if not summary.suspects:
        return "No given label stands out as wrong."
    verb = "is" if summary.suspects == 1 else "are"
    labels = plural(summary.suspects, "given label")
    return f"{labels} ({percent(summary.suspect_share)}) {verb} worth a second look, the most doubtful first."


def _listed(parts: list[str]) -> str:
    """The first few, and how many more."""
    more = [f"{len(parts) - MOST_SPLITS:,} more"] if len(parts) > MOST_SPLITS else []
    return ", ".join([*parts[:MOST_SPLITS], *more])
