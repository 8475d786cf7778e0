"""Checks: each finds one kind of fault. One file, one id."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence, Need
    from dataclinic.findings import DidNotApply, Ran


class Check(Protocol):
    """Contract of a check: a frozen dataclass whose fields are its settings; its docstring is its docs page."""

    summary: ClassVar[str]
    needs: ClassVar[frozenset[Need]]
    accuses_label: ClassVar[bool]
    """True where a finding says that the given label is probably wrong: those rows become suspects."""

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        """Findings, most serious first. `evidence` has all that `needs` names.

        Raises:
            CheckError: the check cannot finish on this data.
        """
        ...
