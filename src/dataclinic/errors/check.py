"""A check cannot finish on this data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError

if TYPE_CHECKING:
    from collections.abc import Sequence


class CheckError(DataclinicError):
    """A check cannot finish on this data."""

    @classmethod
    def some_failed(cls, checks: Sequence[str], report: str) -> Self:
        return cls(
            f"{len(checks)} checks failed: {', '.join(checks)}; everything else is in {report}",
            "the reasons are in the table above and in checks.json; --skip leaves a check out",
        )
