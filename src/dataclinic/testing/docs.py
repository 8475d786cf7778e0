"""Docs pages of the checks, made from their docstrings: `python -m dataclinic.testing.docs docs/checks`."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from dataclinic.registry import CHECKS


def check_page(name: str) -> str:
    """Markdown page of the check called `name`."""
    text = inspect.cleandoc(CHECKS.find(name).__doc__ or "")
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
    """Write the page of every check into `folder`."""
    for name in CHECKS.ids():
        (folder / f"{name}.md").write_text(check_page(name), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
