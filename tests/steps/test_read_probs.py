"""Probabilities of an own model, from either kind of file, and what does not fit."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dataclinic.errors import ProbsError
from dataclinic.steps.read_probs import read_probs
from dataclinic.testing.planted import table_dataset

CLASSES = ("cat", "dog", "yak")
LABELS = np.array([0, 1, 2, 0, 1, 2])
PROBS = np.array(
    [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.3, 0.4, 0.3], [0.05, 0.9, 0.05], [0.5, 0.25, 0.25]]
)
DATASET = table_dataset(np.zeros((6, 1), np.float32), LABELS, CLASSES)


@pytest.fixture
def save(tmp_path):
    def write(what, name="probs"):
        file = tmp_path / f"{name}{'.npy' if isinstance(what, np.ndarray) else '.parquet'}"
        if isinstance(what, np.ndarray):
            np.save(file, what)
        else:
            what.to_parquet(file)
        return file

    return write


def frame(probs=PROBS, columns=CLASSES, **others):
    return pd.DataFrame(probs, columns=list(columns)).assign(**others)


def require_same(found, expected=PROBS):
    assert found.repeat_probs.shape == (1, 6, 3)
    assert found.repeat_probs.dtype == np.float32
    assert found.repeat_probs[0] == pytest.approx(expected, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_npy_has_rows_and_classes_in_order(save, dtype):
    found = read_probs(save(PROBS.astype(dtype)), DATASET)
    assert found.repeat_probs[0] == pytest.approx(PROBS, abs=1e-3)
    assert found.judged.all()
    assert found.folds.tolist() == [[0] * 6]
    assert found.temperature > 0


def test_parquet_columns_are_found_by_class(save):
    require_same(read_probs(save(frame()[["yak", "cat", "dog"]].assign(note="x")), DATASET))


def test_rows_with_ids_may_stand_in_any_order_among_others(save):
    order = [3, 1, 5, 0, 2, 4]
    shuffled = frame(id=list(map(str, range(6)))).iloc[order]
    others = frame(np.full((2, 3), 1 / 3), id=["77", "78"])
    require_same(read_probs(save(pd.concat([others, shuffled])), DATASET))
    require_same(read_probs(save(shuffled.assign(id=order)), DATASET))  # ids that are numbers


def test_a_class_may_be_called_id(save):
    dataset = replace(DATASET, classes=("cat", "dog", "id"))
    require_same(read_probs(save(frame(columns=dataset.classes)), dataset))


def test_classes_may_be_numbers(save):
    dataset = replace(DATASET, classes=("0", "1", "2"))
    require_same(read_probs(save(frame(columns=["2", "0", "1"], probs=PROBS[:, [2, 0, 1]])), dataset))


def test_rows_are_made_to_sum_to_one(save):
    require_same(read_probs(save(PROBS * 100), DATASET))


@pytest.mark.parametrize("kind", ["npy", "parquet", "null"])
def test_rows_of_nan_are_not_judged(save, kind):
    probs = PROBS.copy()
    probs[2], probs[4, 1] = np.nan, np.nan
    tables = {"npy": probs, "parquet": frame(probs), "null": frame(probs).convert_dtypes()}
    found = read_probs(save(tables[kind]), DATASET)
    assert found.judged.tolist() == [True, True, False, True, False, True]
    assert found.folds.tolist() == [[0, 0, -1, 0, -1, 0]]
    expected = np.where(found.judged[:, None], PROBS, np.nan)
    require_same(found, expected)
    assert not np.isnan(found.probs[found.judged]).any()


def test_certainty_is_fine(save):
    found = read_probs(save(np.eye(3)[LABELS]), DATASET)
    assert np.isfinite(found.probs).all()
    assert (found.probs.argmax(axis=1) == LABELS).all()


@pytest.mark.parametrize("shape", [(5, 3), (6, 2), (6,), (6, 3, 1)])
def test_npy_of_another_shape_is_refused(save, shape):
    with pytest.raises(ProbsError, match=r"6 samples × 3 classes are needed") as caught:
        read_probs(save(np.full(shape, 0.5)), DATASET)
    assert str(shape) in str(caught.value)


def test_parquet_of_fewer_rows_without_ids_is_refused(save):
    with pytest.raises(ProbsError, match=r"holds an array of \(5, 3\); 6 samples × 3 classes"):
        read_probs(save(frame().head(5)), DATASET)


def test_a_class_without_a_column_is_refused(save):
    with pytest.raises(ProbsError, match=r"has no column for class dog \(columns: cat, Dog, yak\)") as caught:
        read_probs(save(frame(columns=["cat", "Dog", "yak"])), DATASET)
    assert "named" in str(caught.value.hint) or "name" in caught.value.hint


def test_a_sample_without_a_row_is_refused(save):
    with pytest.raises(ProbsError, match=r"has no row for 2 samples, e\.g\. '3'"):
        read_probs(save(frame(id=["0", "1", "2", "x", "y", "5"])), DATASET)


def test_an_id_that_stands_twice_is_refused(save):
    twice = pd.concat([frame(id=list(map(str, range(6)))), frame(PROBS[::-1], id=list(map(str, range(6))))])
    with pytest.raises(ProbsError, match="has several rows for sample '0'"):
        read_probs(save(twice), DATASET)


@pytest.mark.parametrize("bad", [-0.1, np.inf])
def test_numbers_that_are_no_probabilities_are_refused(save, bad):
    probs = PROBS.copy()
    probs[3, 0] = bad
    for table in (probs, frame(probs)):
        with pytest.raises(ProbsError, match="negative, infinite, or all 0"):
            read_probs(save(table), DATASET)


@pytest.mark.parametrize("probs", [np.where(np.arange(6)[:, None] == 2, 0, PROBS), np.full((6, 3), np.nan)])
def test_nothing_but_zeros_or_nan_is_refused(save, probs):
    with pytest.raises(ProbsError, match="all 0 in a row"):
        read_probs(save(probs), DATASET)


def test_pickled_npy_is_never_unpickled(tmp_path):
    file = tmp_path / "probs.npy"
    np.save(file, PROBS.astype(object), allow_pickle=True)
    with pytest.raises(ProbsError, match=r"cannot read probabilities from .*probs\.npy") as caught:
        read_probs(file, DATASET)
    assert ".npy array" in caught.value.hint


def archive():
    buffer = io.BytesIO()
    np.savez(buffer, PROBS)
    return buffer.getvalue()


def cut_short():
    buffer = io.BytesIO()
    np.save(buffer, PROBS)
    return buffer.getvalue()[:-20]


@pytest.mark.parametrize("suffix", [".npy", ".parquet", ".csv", ""])
@pytest.mark.parametrize("content", [b"", b"cat,dog\n0.5,0.5\n", archive(), cut_short()], ids=["", "csv", "npz", "cut"])
def test_other_files_are_refused(tmp_path, suffix, content):
    file = tmp_path / f"probs{suffix}"
    file.write_bytes(content)
    with pytest.raises(ProbsError, match="cannot read probabilities from"):
        read_probs(file, DATASET)


@pytest.mark.parametrize("suffix", [".npy", ".parquet"])
def test_a_file_that_is_not_there_is_refused(tmp_path, suffix):
    with pytest.raises(ProbsError, match="cannot read probabilities from"):
        read_probs(tmp_path / f"none{suffix}", DATASET)


def test_cells_that_are_no_numbers_are_refused(save):
    for table in (frame(cat="sure"), np.full((6, 3), "sure"), np.zeros((6, 3), [("a", float), ("b", float)])):
        with pytest.raises(ProbsError, match="cannot read probabilities from"):
            read_probs(save(table), DATASET)
