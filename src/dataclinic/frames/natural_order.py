"""The order in which a person lists names: "class 2" before "class 10"."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"([0-9]+)")


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sort key that compares digits by their number and letters without case; the name itself breaks ties."""
    pieces = _DIGITS.split(name.casefold())
    # A split at a group alternates text and digits, text first, so two keys never compare a text with a number.
    return [int(piece) if place % 2 else piece for place, piece in enumerate(pieces)], name
