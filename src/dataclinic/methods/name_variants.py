"""Names that are spelt in several ways: the same but for case, spaces, punctuation or accents, a plural, or a typo.

The fingerprint follows OpenRefine's key collision clustering; single slips are found by the symmetric deletion of
W. Garbe's SymSpell (2012), and one slip is one insertion, deletion, substitution or swap of neighbours
(F. J. Damerau, *A technique for computer detection and correction of spelling errors*, CACM 7(3), 1964).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RATIO = 20
"""A slip or a plural must be so many times rarer than the name it is taken for: two real names seldom are."""

_SLIP_LETTERS = 6
"""Letters of a word below which one changed letter makes another word: cat, car; horse, house has five."""
_PLURAL_LETTERS = 4

_SIGNS = r"[\s_.,'`\u2019\u00b4-]"
_SEPARATORS = re.compile(
    rf"(?<=[^\W\d_])(?!{_SIGNS}*[\s]-[0-9]){_SIGNS}+(?=\w)"  # after a letter, unless it is the minus of "lag -1"
    rf"|(?<=[0-9]){_SIGNS}+(?=[^\W\d_])"  # between a digit and a letter
    r"|(?<=[^\W\d_])[.,]+$"
)
"""Signs that mean nothing beside a letter. Between digits (1.5 and 15), and a sign at the end (A and A-), they do."""
_WORD = re.compile(r"\w+")
_ROMAN = re.compile(r"[ivxlc]+")


@dataclass(frozen=True)
class Variant:
    """Name number `name` is taken for a spelling of the more frequent name number `of`; `how` says by what it differs.

    `how` is "case", "spaces or punctuation", "accents", "a plural" or "one letter".
    """

    name: int
    of: int
    how: str


def name_variants(names: Sequence[str], counts: Sequence[int]) -> tuple[Variant, ...]:
    """Spelling variants among different `names`, those of the most samples first, ties by name.

    Names that are equal but for case, separators or accents are variants however frequent they are; of them, all are
    variants of the most frequent. A plural or a slip must be at least `RATIO` times rarer. Names without a word of two
    letters are left alone: "a" and "A", "1" and "1.0" may be codes.

    Args:
        names: different names, as they stand.
        counts: samples of each.
    """
    keys = [fingerprint(name) for name in names]
    leaders: dict[str, int] = {}
    members: defaultdict[str, list[int]] = defaultdict(list)
    for place in sorted(range(len(names)), key=lambda place: (-counts[place], names[place])):
        if _has_word(names[place]):
            leaders.setdefault(keys[place], place)
            members[keys[place]].append(place)
    found = [
        Variant(place, leaders[key], _difference(names[place], names[leaders[key]]))
        for key, places in members.items()
        for place in places[1:]
    ]
    slips = _slips({key: names[place] for key, place in leaders.items()}, {k: counts[p] for k, p in leaders.items()})
    for key, of, how in slips:
        found += [Variant(place, leaders[of], how) for place in members[key][:1]]
    return tuple(sorted(found, key=lambda one: (-counts[one.name], names[one.name])))


def fingerprint(name: str) -> str:
    """`name` in lower case without accents, and without separators beside letters."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return _SEPARATORS.sub("", bare.casefold().strip())


def _has_word(name: str) -> bool:
    return sum(sign.isalpha() for sign in name) >= 2


def _difference(name: str, of: str) -> str:
    if name.casefold() == of.casefold():
        return "case"
    bare, bare_of = (_without_accents(one.casefold()) for one in (name, of))
    return "accents" if bare == bare_of else "spaces or punctuation"


def _without_accents(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))


def _slips(names: Mapping[str, str], counts: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    """Rare key, the frequent key it is taken for, and how it differs; `names` has each key's usual spelling."""
    rarest = min(counts.values(), default=0)
    near: defaultdict[str, list[str]] = defaultdict(list)
    for key, count in counts.items():
        if count >= RATIO * rarest and len(key) >= _PLURAL_LETTERS:
            for reduced in _shortened(key):
                near[reduced].append(key)
    most = max(counts.values(), default=0)
    for key, count in counts.items():
        if count * RATIO > most or len(key) < _PLURAL_LETTERS:
            continue
        candidates = {of for reduced in _shortened(key) for of in near.get(reduced, ()) if counts[of] >= RATIO * count}
        told = [
            (of, _kind(names[key], names[of])) for of in sorted(candidates - {key}, key=lambda of: (-counts[of], of))
        ]
        fitting = [(of, how) for of, how in told if how]
        if fitting:
            yield key, *fitting[0]


def _shortened(key: str) -> set[str]:
    """The key, and the key without any one of its letters: two keys one slip apart share one of these."""
    return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}


def _kind(name: str, of: str) -> str:
    """How two names differ by one word, "" where they may well be two names."""
    words, words_of = (_WORD.findall(_without_accents(one.casefold())) for one in (name, of))
    if len(words) != len(words_of):
        return ""
    unlike = [(one, other) for one, other in zip(words, words_of, strict=True) if one != other]
    if len(unlike) != 1:
        return ""
    one, other = sorted(unlike[0], key=len)
    if min(len(one), len(other)) >= _PLURAL_LETTERS and other in {one + "s", one + "es"}:
        return "a plural"
    slip = len(one) >= _SLIP_LETTERS and one.isalpha() and other.isalpha() and one[0] == other[0]
    numeral = _ROMAN.fullmatch(one) is not None
    return "one letter" if slip and not numeral and _one_slip(one, other) else ""


def _one_slip(one: str, other: str) -> bool:
    """Whether `other`, at least as long as `one`, differs by one letter, or by two neighbours swapped."""
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    swapped = one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
    return swapped or one[start + 1 :] == other[start + 1 :]
