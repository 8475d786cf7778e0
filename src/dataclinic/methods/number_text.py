"""Numbers as text: all digits that tell a number from its neighbours, or the first four."""

from __future__ import annotations

import numpy as np

_PLAIN_FROM = 1e-5
_PLAIN_BELOW = 1e15
"""Beyond, an exponent is shorter and says as much."""

_DIGITS = 4


def exact_number(value: float) -> str:
    """The shortest text that reads back as the same number: 4520, 0.1, 1e+300."""
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return np.format_float_positional(value, trim="-")
    return repr(float(value))


def short_number(value: float) -> str:
    """Four significant digits: 1131, 0.01234, 52340 for 52341, 1.8e+300."""
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return np.format_float_positional(value, precision=_DIGITS, unique=False, fractional=False, trim="-")
    return f"{value:.{_DIGITS}g}"
