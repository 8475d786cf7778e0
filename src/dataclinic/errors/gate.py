"""A run cannot be compared, or checked against limits."""

from __future__ import annotations

from dataclinic.errors.root import DataclinicError


class GateError(DataclinicError):
    """A run cannot be compared, or checked against limits."""
