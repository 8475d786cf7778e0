"""Read `label_errors > 2%, split_leakage > 0` as limits.

limits = term, { ("," | newline), term }        empty terms are passed over
term   = name, operator, number, [ "%" ]
name   = letter, { letter | digit | "_" | "-" | "." }
number = [ "+" | "-" ], ( digits with "_" between them, [ ".", digits ] | ".", digits ), [ "e", exponent ]
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from dataclinic.errors import GateError
from dataclinic.limits import NAMES, NUMBERS, OF_CHECKS, OPERATORS, SHARES, Limit

if TYPE_CHECKING:
    from collections.abc import Collection

SPACES = re.compile(r"[^\S\n]*")
SEPARATORS = re.compile(r"[\s,]*")
NAME = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)
OPERATOR = re.compile("|".join(map(re.escape, OPERATORS)))
NUMBER = re.compile(r"[+-]?(?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d{1,3})?", re.ASCII)


def parse_limits(text: str, known: Collection[str]) -> tuple[Limit, ...]:
    """The limits of an expression, in its order.

    Args:
        text: the expression.
        known: names that limits may have; a check may be written with its prefix too, and with hyphens.

    Raises:
        GateError: it is no such expression, has no term, or a name is not known.
    """
    at = _after(SEPARATORS, text, 0)
    if at == len(text):
        raise GateError.no_limit()
    limits = []
    while at < len(text):
        limit, at = _term(text, at, known)
        limits.append(limit)
        at = _after(SPACES, text, at)
        if at < len(text) and text[at] not in ",\n":
            raise GateError.not_a_limit(text, at, "a comma or the end")
        at = _after(SEPARATORS, text, at)
    return tuple(limits)


def _term(text: str, at: int, known: Collection[str]) -> tuple[Limit, int]:
    """The term that begins at `at`, and where it ends."""
    written, at = _token(NAME, text, at, "the name of a check or number")
    name = _known(written, known)
    at = _after(SPACES, text, at)
    operator, at = _token(OPERATOR, text, at, f"one of {' '.join(OPERATORS)}")
    at = _after(SPACES, text, at)
    number, at = _token(NUMBER, text, at, "a number")
    end = _after(SPACES, text, at)
    percent = text[end : end + 1] == "%"
    bound = Fraction(number) / (100 if percent else 1)
    if percent and name in NUMBERS:
        raise GateError.percent_of_nothing(name)
    if name in SHARES and not 0 <= bound <= 1:
        raise GateError.share_expected(name, number)
    limit = Limit(name, operator, bound, percent, f"{written} {operator} {number}{'%' * percent}")
    return limit, end + 1 if percent else at


def _token(pattern: re.Pattern[str], text: str, at: int, expected: str) -> tuple[str, int]:
    found = pattern.match(text, at)
    if found is None:
        raise GateError.not_a_limit(text, at, expected)
    return found[0], found.end()


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where what `pattern` passes over ends; it matches anywhere, even nothing."""
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _known(written: str, known: Collection[str]) -> str:
    """The name that is meant; a check's prefix is left out where its id means nothing else."""
    name = written.replace("-", "_")
    bare = name.removeprefix(OF_CHECKS)
    if name not in known and bare not in NAMES:
        name = bare
    if name not in known:
        raise GateError.unknown_name(written, name, sorted(known))
    return name
