"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that an audit wrote.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to stdout and nothing else there.")]
