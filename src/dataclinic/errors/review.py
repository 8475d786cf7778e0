"""A review cannot begin or go on."""

from __future__ import annotations

from dataclinic.errors.root import DataclinicError


class ReviewError(DataclinicError):
    """A review cannot begin or go on."""
