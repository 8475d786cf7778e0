"""dataclinic list: what checks, encoders, exporters, fixes, formats and models there are."""

from typing import Annotated

import typer


def list_plugins(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="checks, encoders, exporters, fixes, formats, models.", show_default=False),
    ] = None,
) -> None:
    """List the checks, encoders, exporters, fixes, formats or models, with their settings."""
    from dataclinic.errors import OptionError
    from dataclinic.registry import KINDS

    kinds = {registry.kind: registry for registry in KINDS}
    if kind is not None and kind not in kinds:
        raise OptionError.unknown_value("kind", kind, tuple(kinds))
    for name in [kind] if kind else kinds:
        _print_kind(name, [(plugin, kinds[name].find(plugin)) for plugin in kinds[name].ids()])


def _print_kind(kind: str, plugins: list[tuple[str, type]]) -> None:
    from dataclasses import MISSING, fields
    from typing import Any, cast

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", title=kind, title_justify="left")
    table.add_column("Id")
    table.add_column("What it is")
    table.add_column(f"Settings (--set {kind}.ID.NAME=VALUE)")
    for name, plugin in plugins:
        settings = [
            f"{field.name}={field.default!r}"
            for field in fields(cast("Any", plugin))
            if field.default is not MISSING and field.init
        ]
        table.add_row(name, Text(cast("Any", plugin).summary), Text("\n".join(settings)))
    Console().print(table)
