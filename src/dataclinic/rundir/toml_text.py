"""Settings as the text of a TOML file; the standard library reads TOML but does not write it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(settings: Mapping[str, Any]) -> str:
    """TOML of text, numbers, truth values, lists of them, and mappings in mappings; what is None is left out."""
    return "\n".join(_lines(settings, ())) + "\n"


def _lines(settings: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Plain values first: what follows a table's heading belongs to the table."""
    for key, value in settings.items():
        if value is not None and not isinstance(value, dict):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in settings.items():
        if isinstance(value, dict):
            inner = (*path, key)
            # A table that holds nothing but tables is made by theirs.
            if not value or not all(isinstance(held, dict) for held in value.values()):
                yield from ("", f"[{'.'.join(map(_key, inner))}]")
            yield from _lines(value, inner)


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _text(str(value))


def _text(text: str) -> str:
    """JSON's escapes are TOML's too, but for the one control character that JSON lets through."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
