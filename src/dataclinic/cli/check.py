"""dataclinic check: is there more wrong with a run than is allowed?"""

# Typer reads the annotations at run time, so Path cannot hide behind TYPE_CHECKING.
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclinic.cli.options import BaselineOption, FailOnOption, JsonOption, RunArgument

if TYPE_CHECKING:
    from dataclinic.report.gate import Gate
    from dataclinic.rundir import RunDir

FOUND_MORE = 1
"""Exit code where a limit is broken."""


def check(
    run: RunArgument,
    fail_on: FailOnOption = None,
    baseline: BaselineOption = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the limits and checks as JUnit XML.")
    ] = None,
    sarif: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the problems as SARIF 2.1.0.")] = None,
    with_gone: Annotated[
        bool, typer.Option("--with-gone", help="In SARIF, also what only the baseline had; GitHub shows it as open.")
    ] = False,
    json_output: JsonOption = False,
) -> int:
    """Hold a run against limits: exit code 0 where all are held, 1 where one is broken, 2 where it cannot be said."""
    from dataclinic.rundir import RunDir

    opened = RunDir.open_finished(run)
    limits = Limits(fail_on or opened.record["settings"].get("fail_on") or "", _opened(baseline))
    gate = limits.hold(opened)
    if junit is not None:
        from dataclinic.report.junit import junit_xml

        write_file(junit, junit_xml(gate))
    if sarif is not None:
        from dataclinic.report.sarif import sarif_json

        write_file(sarif, sarif_json(gate, root=Path.cwd(), gone=with_gone))
    if json_output:
        from dataclinic.report.gate import gate_json

        typer.echo(json.dumps(gate_json(gate), ensure_ascii=False, indent=2, allow_nan=False))
    return conclude(gate, silent=json_output)


@dataclass(frozen=True)
class Limits:
    """What is too much, and the run that a new one is compared with, if any."""

    expression: str
    baseline: "RunDir | None"

    def hold(self, run: "RunDir") -> "Gate":
        from dataclinic.report.gate import hold

        return hold(run, self.expression, self.baseline)


def read_limits(expression: str | None, baseline: Path | None, out: Path | None) -> Limits | None:
    """The limits of an audit that is about to start in `out`, None where there are none; mistakes are told before it.

    Raises:
        GateError: the expression is none, there is a baseline without one, or the audit would overwrite the baseline.
        RunError: the baseline is no finished run.
    """
    if expression is None and baseline is None:
        return None
    from dataclinic.errors import GateError
    from dataclinic.report.gate import known_names
    from dataclinic.steps.parse_limits import parse_limits

    parse_limits(expression or "", known_names())
    if baseline is not None and out is not None and baseline.resolve() == out.resolve():
        raise GateError.own_baseline(baseline)
    return Limits(expression or "", _opened(baseline))


def conclude(gate: "Gate", *, silent: bool) -> int:
    """Print how the run stands to its limits, unless `silent`; the exit code is 1 where one is broken.

    Raises:
        GateError: none is broken, and of one it cannot be said.
    """
    if not silent:
        from dataclinic.cli.gate_console import print_gate

        print_gate(gate)
    if gate.verdict == "unknown":
        from dataclinic.errors import GateError

        unknown = [judged for judged in gate.limits if judged.kept == "unknown"]
        raise GateError.cannot_say([f"{judged.limit.text} ({judged.measured.note})" for judged in unknown])
    return FOUND_MORE if gate.verdict == "broken" else 0


def _opened(run: Path | None) -> "RunDir | None":
    from dataclinic.rundir import RunDir

    return None if run is None else RunDir.open_finished(run)


def write_file(file: Path, text: str) -> None:
    """Write the text whole or not at all.

    Raises:
        GateError: it cannot be written.
    """
    from dataclinic.errors import GateError
    from dataclinic.rundir.directory import replacing

    try:
        with replacing(file) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GateError.not_written(file, error) from error
