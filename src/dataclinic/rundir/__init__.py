"""The run directory: every file name and format inside it, written whole or not at all, and picked up again."""

from dataclinic.rundir.directory import SCHEMA, UNLOADABLE, RunDir, is_run_dir
from dataclinic.rundir.keys import content_fingerprint, fingerprint, source_fingerprint

__all__ = ["SCHEMA", "UNLOADABLE", "RunDir", "content_fingerprint", "fingerprint", "is_run_dir", "source_fingerprint"]
