"""The program: commands, the error boundary, exit codes (0 done, 2 could not do it, 130 interrupted)."""

from __future__ import annotations

import io
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import typer

from dataclinic import __version__
from dataclinic.cli import (
    audit,
    check,
    compare,
    demo,
    doctor,
    export,
    importing,
    listing,
    merge,
    report,
    review,
    suspects,
    trying,
    tune,
    undo,
)
from dataclinic.errors import DataclinicError

if TYPE_CHECKING:
    from types import FrameType

COULD_NOT = 2
INTERRUPTED = 130

app = typer.Typer(
    name="dataclinic",
    help="Find the wrong labels in your data, with models that never saw the sample they judge.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("audit")(audit.audit)
app.command("suspects")(suspects.suspects)
app.command("report")(report.report)
app.command("review")(review.review)
app.command("export")(export.export)
app.command("undo")(undo.undo)
app.command("import-decisions")(importing.import_decisions)
app.command("merge-decisions")(merge.merge_decisions)
app.command("check")(check.check)
app.command("compare")(compare.compare)
app.command("try")(trying.try_fixes)
app.command("tune")(tune.tune)
app.command("demo")(demo.demo)
app.command("list")(listing.list_plugins)
app.command("doctor")(doctor.doctor)


def main() -> NoReturn:
    """Run the program and exit; every expected failure is two lines on stderr."""
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a name shows its code points instead of stopping the program.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = _run()
    if code == INTERRUPTED:
        sys.stderr.write("interrupted: an audit that had begun goes on with --resume\n")
    sys.exit(code)


def _run() -> int:
    """Exit code of the program."""
    try:
        code = app(standalone_mode=False)
    except DataclinicError as error:
        return _fail(error.message, error.hint)
    except typer.TyperException as error:
        message = getattr(error, "format_message", error.__str__)()
        return _fail(message, "see: dataclinic --help, or dataclinic COMMAND --help")
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`); there is nobody left to tell.
        sys.stderr.close()
        return 0
    except OSError as error:
        return _fail(str(error), "look at disk space and permissions; an audit that had begun goes on with --resume")
    return code if isinstance(code, int) else 0


@app.callback(invoke_without_command=True)
def program(
    *, show_version: bool = typer.Option(False, "--version", help="Print the version and leave.", is_eager=True)
) -> None:
    if show_version:
        typer.echo(f"dataclinic {__version__}")
        raise typer.Exit


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _fail(message: str, hint: str) -> int:
    """Two lines whatever names and values the message carries."""
    sys.stderr.write(f"error: {_one_line(message)}\nhint: {_one_line(hint)}\n")
    return COULD_NOT


def _one_line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
