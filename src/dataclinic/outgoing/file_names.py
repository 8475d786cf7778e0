"""Names of classes and samples as names of files: safe on every file system, and never the same for two of them.

Percent signs, separators, characters that Windows forbids, control characters and marks that turn or hide text become
%XX, byte by byte of their UTF-8; so do a dot, dash, tilde or space in front, and a dot or space at the end. The first
letter of a reserved device name (CON, NUL, COM1 …) becomes %XX too. A name that is too long is cut and ends in ~ and
eight digits of its digest, and so does one that only case or composition tells from another.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_FORBIDDEN = frozenset('%/\\:*?"<>|')
_HIDDEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of control, format (direction marks, joiners), surrogate and unassigned characters, and breaks."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
_LONGEST_BYTES = 120
"""File systems allow 255 bytes; archives, encrypted folders and a suffix want their share."""


def safe_name(name: str) -> str:
    """`name` as the name of one file or folder; see `distinct_names` for several in one folder."""
    text = unicodedata.normalize("NFC", name)
    last = len(text) - 1
    pieces = [
        _percent(sign) if _is_unsafe(sign, first=place == 0, last=place == last) else sign
        for place, sign in enumerate(text)
    ]
    if _DEVICES.fullmatch(text):
        pieces[0] = _percent(text[0])
    # "%" alone stands for nothing else, since every other percent sign has digits behind it.
    written = "".join(pieces) or "%"
    return written if len(written.encode()) <= _LONGEST_BYTES else _marked(written, name)


def distinct_names(names: Iterable[str], reserved: Collection[str] = ()) -> dict[str, str]:
    """`safe_name` of each name, told apart also where a file system knows no case; none is one of `reserved`."""
    safe = {name: safe_name(name) for name in names}
    shared = Counter(map(folded, safe.values()))
    taken = set(map(folded, reserved))
    found: dict[str, str] = {}
    for name, written in safe.items():
        free = written if shared[folded(written)] == 1 else _marked(written, name)
        number = 1
        while folded(free) in taken:
            number += 1
            free = f"{_marked(written, name)}-{number}"
        taken.add(folded(free))
        found[name] = free
    return found


def folded(name: str) -> str:
    """Equal for names that some file system takes for one."""
    return unicodedata.normalize("NFC", name.casefold())


def _is_unsafe(sign: str, *, first: bool, last: bool) -> bool:
    if sign in _FORBIDDEN or unicodedata.category(sign) in _HIDDEN_KINDS:
        return True
    return (first and sign in ".-~ ") or (last and sign in ". ")


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogatepass"))


def _marked(written: str, name: str) -> str:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    room = _LONGEST_BYTES - len(digest) - 1
    cut = written.encode()[:room].decode("utf-8", "ignore")
    # Half of a %XX at the end would be no code.
    return f"{re.sub('%[0-9A-F]?$', '', cut)}~{digest}"
