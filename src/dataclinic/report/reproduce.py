"""What it takes to make a run again: the command, the settings as a file, and how samples were held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataclinic.report.wording import plural, shorten
from dataclinic.rundir.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_TOML = 40_000
"""Characters of the settings in the page; report.json has all."""

NO_COMMAND = "settings.toml"
"""File that settings would be in, where the run was not made by a command."""

ROLES = ("label", "image", "text", "id", "group", "time", "trusted")


def command_of(record: Mapping[str, Any]) -> list[str]:
    """The command that made a run; where a program did, one that does the same with its settings in a file."""
    command = record.get("command")
    return list(command) if command else ["dataclinic", "audit", record.get("source", ""), "--settings", NO_COMMAND]


def settings_toml(record: Mapping[str, Any]) -> str:
    """All settings as a file that `--settings` takes; "" where the run has none."""
    settings = record.get("settings") or {}
    return toml_text(_without_none(settings)) if settings else ""


def held_out(record: Mapping[str, Any]) -> str:
    """How it was decided which models judge a sample: folds, repeats, and the columns that bind them."""
    settings = record.get("settings") or {}
    folds, repeats = settings.get("folds"), settings.get("repeats")
    if not folds or settings.get("probs"):
        return ""
    told = plural(folds, "fold")
    if repeats:
        told += f", drawn {'once' if repeats == 1 else f'{repeats:,} times'}"
    if settings.get("group"):
        told += f"; samples of one {shorten(settings['group'], 60)} (--group) stay together"
    if settings.get("time"):
        told += f"; in the order of {shorten(settings['time'], 60)} (--time), by models of earlier samples alone"
    return told


def columns_told(record: Mapping[str, Any]) -> str:
    """The columns that were named: "label: species, time: day"; "" where none was."""
    settings = record.get("settings") or {}
    named = [f"{role}: {shorten(settings[role], 60)}" for role in ROLES if settings.get(role)]
    return ", ".join(named)


def _without_none(settings: Any) -> Any:
    """What is not set is left out, also within tables and lists."""
    if isinstance(settings, dict):
        return {name: _without_none(value) for name, value in settings.items() if value is not None}
    return settings
