"""decisions.jsonl: one verdict of a person a line, in the order they were given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dataclinic.edits import Decision
from dataclinic.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

DECISIONS = "decisions.jsonl"


def read_decisions(file: Path) -> tuple[Decision, ...]:
    """Decisions in the order they were given; none where there is no file.

    A last line that is cut off, as a crash leaves it, is passed over.

    Raises:
        RunError: another line is no decision.
    """
    if not file.exists():
        return ()
    decisions: list[Decision] = []
    lines = file.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            decisions.append(Decision(entry["id"], entry["verdict"], entry.get("label"), entry.get("content", "")))
        except (ValueError, LookupError, TypeError) as error:
            if number == len(lines):
                break
            raise RunError.broken_file(file, ValueError(f"line {number} is no decision ({error})")) from error
    return tuple(decisions)
