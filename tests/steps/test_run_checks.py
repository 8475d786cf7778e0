import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from dataclinic.errors import CheckError, OptionError
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Failed, Ran, Skipped
from dataclinic.progress import silent
from dataclinic.registry import CHECKS, Registry
from dataclinic.steps import run_checks as step
from dataclinic.testing.planted import evidence_of, table_dataset

EVIDENCE = evidence_of(table_dataset(np.zeros((6, 1), np.float32), np.arange(6) % 2))


def run(only=(), skip=(), settings=None, evidence=EVIDENCE):
    records = step.run_checks(
        evidence,
        only=only,
        skip=skip,
        settings=settings or {},
        clock=itertools.count().__next__,
        progress=silent,
    )
    return {record.check: record for record in records}


def test_every_check_of_the_registry_has_a_record():
    assert tuple(run()) == CHECKS.ids()


def test_missing_evidence_is_said_not_hidden():
    outcome = run()["label_errors"].outcome
    assert outcome == DidNotApply("there are no out-of-fold predictions of classes")


def test_only_and_skip_leave_out_and_take_hyphens():
    records = run(only=["class-imbalance", "unreadable"], skip=["unreadable"])
    assert isinstance(records["class_imbalance"].outcome, Ran)
    others = [record.outcome for name, record in records.items() if name != "class_imbalance"]
    assert all(isinstance(outcome, Skipped) for outcome in others)


def test_settings_reach_the_check_and_wrong_ones_are_refused():
    assert run(settings={"class_imbalance": {"ratio": 0.5}})["class_imbalance"].settings == "ClassImbalance(ratio=0.5)"
    with pytest.raises(OptionError, match="cannot be 'much'"):
        run(settings={"class_imbalance": {"ratio": "much"}})


@pytest.mark.parametrize("fault", [ValueError("Input contains NaN"), CheckError("no", "hint"), MemoryError("8 GB")])
def test_data_faults_fail_one_check_and_the_others_go_on(monkeypatch, fault):
    records = run_with_double(monkeypatch, fault)
    assert records["breaks"].outcome == Failed(f"{type(fault).__name__}: {fault}")
    assert isinstance(records["works"].outcome, Ran)


def test_a_bug_looks_like_a_bug(monkeypatch):
    with pytest.raises(AttributeError):
        run_with_double(monkeypatch, AttributeError("no such attribute"))


def run_with_double(monkeypatch, fault):
    @dataclass(frozen=True)
    class Works:
        summary: ClassVar[str] = "works"
        needs: ClassVar[frozenset[Need]] = frozenset()
        accuses_label: ClassVar[bool] = False

        def run(self, evidence):
            return Ran((), "nothing")

    @dataclass(frozen=True)
    class Breaks(Works):
        def run(self, evidence):
            raise fault

    doubles = {"breaks": Breaks(), "works": Works()}

    class Doubles(Registry):
        def ids(self):
            return tuple(doubles)

        def make(self, name, settings=None):
            return doubles[name]

    monkeypatch.setattr(step, "CHECKS", Doubles("checks"))
    return run()
