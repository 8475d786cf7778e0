"""Errors a person can act on: each says what is wrong and what to type next.

DataclinicError
├── DataError      what was given cannot be audited
├── OptionError    an option or setting is not valid
├── ProbsError     probabilities of an own model do not fit
├── WeightsError   encoder weights cannot be had or do not fit
├── RunError       a run directory cannot be used
├── ReviewError    a review cannot begin or go on
├── DecisionsError decisions of people cannot be read or joined
├── ExportError    the cleaned data cannot be written
├── GateError      a run cannot be compared or checked against limits
└── CheckError     a check cannot finish on this data
"""

from dataclinic.errors.check import CheckError
from dataclinic.errors.data import DataError
from dataclinic.errors.decisions import DecisionsError
from dataclinic.errors.export import ExportError
from dataclinic.errors.gate import GateError
from dataclinic.errors.option import OptionError
from dataclinic.errors.probs import ProbsError
from dataclinic.errors.review import ReviewError
from dataclinic.errors.root import DataclinicError, did_you_mean
from dataclinic.errors.run import RunError
from dataclinic.errors.weights import WeightsError

__all__ = [
    "CheckError",
    "DataError",
    "DataclinicError",
    "DecisionsError",
    "ExportError",
    "GateError",
    "OptionError",
    "ProbsError",
    "ReviewError",
    "RunError",
    "WeightsError",
    "did_you_mean",
]
