"""What the page may ask for: filters, verdicts and rows, each checked to have its form."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import InstanceOf, StrictBool, StrictInt, TypeAdapter, ValidationError

from dataclinic.errors import ReviewError
from dataclinic.review.queue import Filters

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

Text = InstanceOf[str]
"""Labels may hold bytes that are no text; pydantic's own str refuses them."""

MOST_DIGITS = 15
"""Of a row: Python takes its time over thousands of them, and then refuses."""


@dataclass(frozen=True)
class AskedFilters:
    label: Text | None = None
    check: Text | None = None
    beyond: StrictBool = False

    @property
    def filters(self) -> Filters:
        return Filters(self.label or None, self.check or None, self.beyond)


@dataclass(frozen=True)
class AskedVerdict:
    row: StrictInt
    verdict: Text
    label: Text | None = None
    filters: AskedFilters = field(default_factory=AskedFilters)


@dataclass(frozen=True)
class AskedSkip:
    row: StrictInt
    filters: AskedFilters = field(default_factory=AskedFilters)


@dataclass(frozen=True)
class AskedUndo:
    filters: AskedFilters = field(default_factory=AskedFilters)


def filters_of(query: Mapping[str, str]) -> Filters:
    """The filters in an address; what is empty filters nothing."""
    return Filters(query.get("label") or None, query.get("check") or None, query.get("beyond") == "1")


def row_of(text: str, samples: int) -> int:
    """The row in an address.

    Raises:
        ReviewError: it is none of `samples`.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS) or int(text) >= samples:
        raise ReviewError.unknown_row(text[:MOST_DIGITS], samples)
    return int(text)


def parsed(body: bytes, form: type[T]) -> T:
    """The body of a request as `form`.

    Raises:
        ReviewError: it is no JSON, or of another form.
    """
    try:
        content: Any = json.loads(body)
        return TypeAdapter(form).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise ReviewError.bad_request(".".join(map(str, first["loc"])) or "it", first["msg"].lower()) from error
    except (ValueError, RecursionError) as error:
        raise ReviewError.bad_request("it", "it is no JSON") from error
