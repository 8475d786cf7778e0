"""Data with known faults, for the tests of plug-ins: ours and those of third parties."""
