"""Docs pages of checks and fixes, made from their docstrings: `python -m dataclinic.testing.docs docs`."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataclinic.registry import CHECKS, FIXES

if TYPE_CHECKING:
    from dataclinic.registry import Registry

DOCUMENTED: tuple[Registry[Any], ...] = (CHECKS, FIXES)
"""Kinds of plug-ins with a folder of pages, one a plug-in."""


def check_page(name: str) -> str:
    """Markdown page of the check called `name`."""
    return plugin_page(CHECKS, name)


def plugin_page(plugins: Registry[Any], name: str) -> str:
    """Markdown page of the plug-in called `name`; its sections are those of the docstring."""
    text = inspect.cleandoc(plugins.find(name).__doc__ or "")
    first, _, rest = text.partition("\n")
    lines = [f"# {name}", "", first]
    for line in rest.splitlines():
        section = re.fullmatch(r"(\S.*):", line)
        if section:
            title = "Settings" if section[1] == "Attributes" else section[1]
            lines += [f"## {title}", ""]
        else:
            setting = re.fullmatch(r"    (\w+): (.*)", line) if lines and "## Settings" in lines else None
            lines.append(f"- `{setting[1]}`: {setting[2]}" if setting else line.removeprefix("    "))
    return "\n".join(lines).strip() + "\n"


def write_pages(folder: Path) -> None:
    """Write the page of every check and fix into `folder`: checks/ID.md and fixes/ID.md."""
    for plugins in DOCUMENTED:
        (folder / plugins.kind).mkdir(parents=True, exist_ok=True)
        for name in plugins.ids():
            page = folder / plugins.kind / f"{name}.md"
            page.write_text(plugin_page(plugins, name), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
