"""Run every check on the evidence; each ends as ran, did not apply, skipped or failed, and none stops the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataclinic.errors import DataclinicError, OptionError
from dataclinic.findings import CheckRecord, DidNotApply, Failed, Outcome, Ran, Skipped
from dataclinic.registry import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

    from dataclinic.checks import Check
    from dataclinic.evidence import Evidence
    from dataclinic.progress import Progress

# What broken data makes third-party numerics raise. A TypeError, AttributeError or failed assertion is a bug of ours
# and is not hidden as a failed check.
DATA_FAULTS = (DataclinicError, ValueError, ArithmeticError, LookupError, RuntimeError, OSError, MemoryError)


def run_checks(
    evidence: Evidence,
    *,
    only: Collection[str],
    skip: Collection[str],
    settings: Mapping[str, Mapping[str, Any]],
    clock: Callable[[], float],
    progress: Progress,
) -> tuple[CheckRecord, ...]:
    """One record per check of the registry, in its order.

    Args:
        evidence: what the checks look at.
        only: ids to run; none means all.
        skip: ids to leave out.
        settings: fields of single checks by id.
        clock: seconds since some fixed moment.
        progress: told how many checks are done.

    Raises:
        OptionError: a setting of a check is not valid, or no check is left to run.
    """
    chosen = {CHECKS.require(name) for name in only} or set(CHECKS.ids())
    chosen -= {CHECKS.require(name) for name in skip}
    if not chosen:
        raise OptionError.no_check_left()
    records = []
    for done, name in enumerate(CHECKS.ids()):
        progress("run checks", done, len(CHECKS.ids()))
        check = CHECKS.make(name, settings.get(name))
        started = clock()
        outcome = _run(check, evidence) if name in chosen else Skipped("left out by --only or --skip")
        records.append(CheckRecord(name, outcome, clock() - started, repr(check), check.accuses_label))
    progress("run checks", len(CHECKS.ids()), len(CHECKS.ids()))
    return tuple(records)


def _run(check: Check, evidence: Evidence) -> Outcome:
    for need in sorted(check.needs, key=lambda need: need.value):
        if not evidence.has(need):
            return DidNotApply(f"there are no {need.value}")
    try:
        outcome: Ran | DidNotApply = check.run(evidence)
    except DATA_FAULTS as error:
        return Failed(f"{type(error).__name__}: {error}")
    return outcome
