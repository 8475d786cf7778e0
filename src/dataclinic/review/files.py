"""The page's own files, found by name in the package: nothing else can be asked for."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

STATIC = "static"

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}

LANGUAGES = ("en", "zh")


def static_file(name: str) -> tuple[bytes, str]:
    """Content and MIME type of a file of the page.

    Raises:
        HTTPException: 404, there is no file of exactly this name.
    """
    known = {file.name: file for file in (_review() / STATIC).iterdir() if file.is_file()}
    kind = KINDS.get(name[name.rfind(".") :])
    if name not in known or kind is None:
        raise HTTPException(404)
    return known[name].read_bytes(), kind


def words_file(language: str) -> bytes:
    """What the page says, as JSON.

    Raises:
        HTTPException: 404, the page does not speak this language.
    """
    if language not in LANGUAGES:
        raise HTTPException(404)
    return (_review() / "words" / f"page.{language}.json").read_bytes()


def _review() -> Traversable:
    return files("dataclinic.review")
