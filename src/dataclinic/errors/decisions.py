"""Decisions of people cannot be read, joined or taken over."""

from __future__ import annotations

from dataclinic.errors.root import DataclinicError


class DecisionsError(DataclinicError):
    """Decisions of people cannot be read, joined or taken over."""
