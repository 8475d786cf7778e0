"""Errors a person can act on: each says what is wrong and what to type next.

DataclinicError
├── DataError      what was given cannot be audited
├── OptionError    an option or setting is not valid
├── ProbsError     probabilities of an own model do not fit
├── WeightsError   encoder weights cannot be had or do not fit
├── RunError       a run directory cannot be used
├── ExportError    the cleaned data cannot be written
└── CheckError     a check cannot finish on this data
"""

from dataclinic.errors.check import CheckError
from dataclinic.errors.data import DataError
from dataclinic.errors.export import ExportError
from dataclinic.errors.option import OptionError
from dataclinic.errors.probs import ProbsError
from dataclinic.errors.root import DataclinicError, did_you_mean
from dataclinic.errors.run import RunError
from dataclinic.errors.weights import WeightsError

__all__ = [
    "CheckError",
    "DataError",
    "DataclinicError",
    "ExportError",
    "OptionError",
    "ProbsError",
    "RunError",
    "WeightsError",
    "did_you_mean",
]
