"""What every fix owes, whoever wrote it: built in or from an entry point."""

import inspect
import re
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pytest

from dataclinic.findings import DidNotApply
from dataclinic.registry import CHECKS, FIXES
from dataclinic.testing.contracts import assert_never_peeks, heard_by, read_only, same_proposal
from dataclinic.testing.held_out import (
    EVERY_RECIPE,
    held_out_pictures,
    held_out_regression,
    held_out_table,
    held_out_vectors,
)
from dataclinic.testing.parts import regression_part, table_part, vector_part
from dataclinic.testing.planted import confident_probs, gaussian_classes
from dataclinic.treatments import Treatment

WORLDS = {
    "vectors": held_out_vectors,
    "pictures": held_out_pictures,
    "table": held_out_table,
    "regression": held_out_regression,
}
SECTIONS = ("What it changes", "When it helps", "When it harms", "How its gain is measured", "References")


def clean_vectors():
    return vector_part(*gaussian_classes(120, 3, dims=6, apart=6.0))


def clean_table():
    vectors, labels = gaussian_classes(120, 3, dims=4, apart=6.0)
    return table_part(pd.DataFrame(vectors.astype(float)).add_prefix("number_"), labels)


def clean_regression():
    vectors, _ = gaussian_classes(120, 3, dims=4)
    frame = pd.DataFrame(vectors.astype(float)).add_prefix("number_")
    return regression_part(frame, frame.sum(axis=1).to_numpy())


def tiny_vectors():
    """Five rows; no model can judge the one row of the second class, and the third has none."""
    labels = np.array([0, 0, 1, 0, 0])
    probs = confident_probs(labels, classes=3)
    probs[2] = np.nan
    return vector_part(gaussian_classes(5, 2)[0], labels, classes=("a", "b", "c"), probs=probs)


def tiny_table():
    labels = np.array([0, 0, 1, 0, 0])
    probs = confident_probs(labels, classes=2)
    probs[2] = np.nan
    frame = pd.DataFrame({"x": [1.0, np.nan, 3, 4, 900], "empty": [np.nan] * 5, "kind": ["a", None, "a", "b", "b"]})
    return table_part(frame, labels, probs=probs)


def nothing_but_copies():
    return vector_part(np.ones((40, 3), np.float32), np.arange(40) % 2)


def categories_alone():
    frame = pd.DataFrame({"kind": list("abcd") * 10, "colour": list("rgrrb") * 8})
    return table_part(frame, np.arange(40) % 2, trusted=np.full(40, -1))


SPECIAL = (
    clean_vectors,
    clean_table,
    clean_regression,
    tiny_vectors,
    tiny_table,
    nothing_but_copies,
    categories_alone,
)


@dataclass(frozen=True)
class Case:
    """A part, and what a fix makes of it."""

    name: str
    fix: object
    part: object

    @cached_property
    def proposal(self):
        return self.fix.propose(self.part)

    @property
    def classification(self):
        return self.part.evidence.dataset.task == "classification"


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds")
    made = {name: world(folder).part() for name, world in WORLDS.items()}
    return made | {special.__name__: replace(special(), honours=EVERY_RECIPE) for special in SPECIAL}


@pytest.fixture(scope="module", params=FIXES.ids())
def fix(request):
    return FIXES.make(request.param)


@pytest.fixture(scope="module")
def cases(fix, parts):
    """The fix on every part of a task that it is for."""
    return [
        Case(name, fix, read_only(heard_by(fix, part)))
        for name, part in parts.items()
        if part.evidence.dataset.task in fix.tasks
    ]


@pytest.fixture(scope="module")
def treated(cases):
    return [case for case in cases if isinstance(case.proposal, Treatment)]


def test_says_what_it_is(fix):
    assert is_dataclass(fix)
    assert type(fix).__dataclass_params__.frozen
    assert fix.summary
    assert not fix.summary.endswith(".")
    assert fix.tasks
    assert fix.tasks <= {"classification", "regression"}
    assert isinstance(fix.screened, bool)
    assert fix.listens <= set(CHECKS.ids())
    hash(fix)


def test_docstring_has_every_section_and_setting(fix):
    text = inspect.cleandoc(type(fix).__doc__)
    assert re.match(r"[A-Z].*\.\n\n", text)
    found = re.findall(r"^(\S.*):$", text, re.MULTILINE)
    settings = {field.name for field in fields(fix)}
    assert tuple(found) == (*SECTIONS, *(("Attributes",) if settings else ()))
    told = text.partition("\nAttributes:\n")[2]
    assert set(re.findall(r"^    (\w+): ", told, re.MULTILINE)) == settings


def test_proposes_a_treatment_or_says_in_words_why_not(cases):
    assert cases
    for case in cases:
        if isinstance(case.proposal, DidNotApply):
            assert len(case.proposal.reason.split()) >= 3, case.name
            assert not case.proposal.reason.endswith(".")
        else:
            assert isinstance(case.proposal, Treatment), case.name
            assert case.proposal.told
            assert not case.proposal.told.endswith(".")


def test_treats_some_data(treated):
    assert treated


def test_rows_and_labels_are_those_of_the_part(treated):
    for case in treated:
        rows, labels = case.proposal.rows, case.proposal.labels
        assert rows.dtype == np.int64, case.name
        assert len(rows) == len(labels) >= 1, case.name
        assert rows.min() >= 0, case.name
        assert rows.max() < len(case.part), case.name
        assert_valid(labels, case)


def assert_valid(labels, case):
    if case.classification:
        assert labels.dtype == np.int64, case.name
        assert labels.min() >= 0, case.name
        assert labels.max() < len(case.part.classes), case.name
    else:
        assert labels.dtype == np.float64, case.name
        assert np.isfinite(labels).all(), case.name


def test_weights_are_finite_and_some_are_above_zero(treated):
    for case in treated:
        weights = case.proposal.weights
        if weights is not None:
            assert weights.shape == case.proposal.rows.shape, case.name
            assert np.isfinite(weights).all(), case.name
            assert (weights >= 0).all(), case.name
            assert weights.any(), case.name


def test_offsets_are_one_a_class(treated):
    for case in treated:
        if case.proposal.offsets is not None:
            assert case.classification
            assert case.proposal.offsets.shape == (len(case.part.classes),), case.name
            assert np.isfinite(case.proposal.offsets).all(), case.name


def test_synthetic_rows_are_of_the_kind_of_the_others(treated):
    for case in treated:
        made = case.proposal.synthetic
        if made is not None:
            assert len(made.features) == len(made.labels) >= 1, case.name
            assert_valid(made.labels, case)
            joined = case.part.features.joined(made.features)
            assert len(joined) == len(case.part) + len(made.labels)
            vectors = joined.vectors(case.part.rows)
            assert vectors.shape[1] == case.part.features.vectors(case.part.rows).shape[1], case.name
            assert np.isfinite(vectors).all(), case.name


def test_asks_for_no_recipe_that_the_model_does_not_follow(cases):
    for case in cases:
        plain = case.fix.propose(replace(case.part, honours=frozenset()))
        if isinstance(plain, Treatment):
            assert plain.recipe.asked() == {}, case.name


def test_same_part_gives_the_same_proposal(cases, parts):
    for case in cases:
        again = type(case.fix)().propose(heard_by(case.fix, replace(parts[case.name])))
        assert same_proposal(case.proposal, again, case.part), case.name


def test_tables_are_left_alone(treated):
    """Arrays cannot be written to in any of these tests; frames are compared."""
    for case in treated:
        payload = case.part.evidence.dataset.payload
        if hasattr(payload, "frame"):
            before = payload.frame.copy(deep=True)
            case.fix.propose(case.part)
            pd.testing.assert_frame_equal(payload.frame, before)


def test_column_maps_work_row_by_row(treated):
    for case in treated:
        mapping = case.proposal.column_map
        if mapping is None:
            continue
        assert type(mapping).__dataclass_params__.frozen
        numbers = strange_rows(case.part.features.numbers)
        numbers.setflags(write=False)
        whole = mapping.apply(numbers)
        assert whole.dtype == np.float64
        assert whole.shape == (len(numbers), len(mapping.names)), case.name
        assert not np.isinf(whole).any(), case.name
        order = np.random.default_rng(0).permutation(len(numbers))
        np.testing.assert_allclose(mapping.apply(numbers[order]), whole[order], rtol=1e-9, atol=1e-9)
        for row in (0, 7, len(numbers) - 1):
            alone = mapping.apply(numbers[row : row + 1])[0]
            np.testing.assert_allclose(alone, whole[row], rtol=1e-9, atol=1e-9, err_msg=case.name)
        np.testing.assert_array_equal(mapping.apply(numbers), whole)


def strange_rows(numbers):
    """Rows of the part, then such as it never had: huge, negative, zero, and empty throughout."""
    return np.concatenate([numbers, numbers[:3] * 1e6, -numbers[:3], numbers[:2] * 0, numbers[:1] * np.nan])


def test_never_peeks_at_rows_that_are_held_out(fix, tmp_path):
    for make in WORLDS.values():
        world = make(tmp_path)
        if world.whole.evidence.dataset.task in fix.tasks:
            assert_never_peeks(fix, world)
