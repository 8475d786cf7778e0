"""dataclinic review: decide suspects one by one, on a local page or in the terminal."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dataclinic.cli.options import RunArgument

if TYPE_CHECKING:
    from dataclinic.review.serving import Addresses
    from dataclinic.review.session import Session


class Language(StrEnum):
    """What the page speaks."""

    en = "en"
    zh = "zh"


def review(
    run: RunArgument,
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who decides; your login name if left out.", show_default=False)
    ] = None,
    audit_sample: Annotated[
        int, typer.Option(min=0, metavar="N", help="Mix in N samples drawn at random: their error rate is that of all.")
    ] = 0,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="In the terminal instead of a browser; texts and tables.")
    ] = False,
    language: Annotated[
        Language | None, typer.Option(help="Of the page; your browser's if left out.", show_default=False)
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of this machine; 0 for a free one.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Decide suspects one by one; every verdict is on disk before the next sample is shown."""
    from dataclinic.review.session import Session
    from dataclinic.rundir import RunDir

    opened = RunDir.open_finished(run)
    session = Session(opened, reviewer=_login() if reviewer is None else reviewer, audit_sample=audit_sample)
    if terminal:
        from dataclinic.review.showing import Showing
        from dataclinic.review.terminal import review_in_terminal

        review_in_terminal(session, Showing(opened, session), _spoken(language))
    else:
        _serve(session, port, language, browser=not no_browser)
    _print_end(session)


def _spoken(language: Language | None) -> "Literal['en', 'zh']":
    """What was asked for, else what the terminal is set to."""
    import os

    if language is not None:
        return language.value
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next((name for name in names if name), "").startswith("zh") else "en"


def _login() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return ""


def _serve(session: "Session", port: int, language: Language | None, *, browser: bool) -> None:
    from dataclinic.review.serving import serve
    from dataclinic.review.showing import Showing

    def ready(addresses: "Addresses") -> None:
        typer.echo(addresses.page)
        typer.echo(_hint(addresses.port), err=True)
        if browser:
            _open_browser(addresses.once)

    serve(
        session,
        Showing(session.run, session),
        port=port,
        language=None if language is None else language.value,
        ready=ready,
    )


def _hint(port: int) -> str:
    import os

    lines = ["every verdict is saved at once; stop with Ctrl-C"]
    if "SSH_CONNECTION" in os.environ:
        lines.append(
            f"this machine is a remote one: on yours, run  ssh -N -L {port}:127.0.0.1:{port} USER@HOST  and open the "
            "address there"
        )
    return "\n".join(lines)


def _open_browser(address: str) -> None:
    """In a thread: some browsers return only when they are closed. There is nothing to do where none opens."""
    import os
    import sys
    import webbrowser
    from threading import Thread

    headless = sys.platform == "linux" and not ({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
    if "SSH_CONNECTION" in os.environ or headless:  # a browser in this terminal would take it over
        return
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _print_end(session: "Session") -> None:
    from dataclinic.report.wording import command_line, plural
    from dataclinic.rundir.decisions import DECISIONS

    standing, run = session.standing(), str(session.run.path)
    verdicts = standing.relabelled + standing.kept + standing.dropped + standing.ambiguous
    if not verdicts:
        typer.echo("no verdict was given", err=True)
        return
    told = f"{standing.relabelled:,} relabelled, {standing.kept:,} kept, {standing.dropped:,} dropped"
    typer.echo(f"{plural(verdicts, 'verdict')} ({told}, {standing.ambiguous:,} ambiguous)", err=True)
    typer.echo(f"they are in {session.run.path / DECISIONS}", err=True)
    typer.echo(f"apply them: {command_line(['dataclinic', 'export', run, 'DEST'])}", err=True)
    typer.echo(f"join another reviewer's: {command_line(['dataclinic', 'merge-decisions', run, 'COPY'])}", err=True)
