"""Read out-of-sample probabilities of a model of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.errors import ProbsError
from dataclinic.methods.temperature import fit_temperature
from dataclinic.predictions import OutOfFold

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from dataclinic.dataset import Dataset

ID = "id"


def read_probs(path: Path, dataset: Dataset) -> OutOfFold:
    """Predictions as if one repeat of folds had made them; a row of NaN was not judged.

    Args:
        path: .npy array, (samples, classes) in the order of samples and of sorted class names, or .parquet with a
            column named as each class, its rows in the order of samples or with a column of ids.
        dataset: gives ids, labels and classes.

    Raises:
        ProbsError: the file cannot be read, or does not fit the data.
    """
    probs = _from_npy(path, dataset) if path.suffix == ".npy" else _from_parquet(path, dataset)
    judged = np.asarray(~np.isnan(probs).any(axis=1))
    total = probs.sum(axis=1, keepdims=True)
    if not judged.any() or (probs[judged] < 0).any() or not (np.isfinite(total) & (total > 0))[judged].all():
        raise ProbsError.not_probabilities()
    kept = np.where(judged[:, None], probs / np.where(judged[:, None], total, 1.0), np.nan).astype(np.float32)
    temperature = fit_temperature(kept[judged], dataset.labels[judged])
    return OutOfFold(kept[None], np.where(judged, 0, -1)[None], judged, temperature)


def _from_npy(path: Path, dataset: Dataset) -> NDArray[np.float64]:
    try:
        probs = np.asarray(np.load(path, allow_pickle=False), np.float64)
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise ProbsError.unreadable(path, str(error)) from error
    if probs.shape != (len(dataset), len(dataset.classes)):
        raise ProbsError.does_not_fit(path, probs.shape, (len(dataset), len(dataset.classes)))
    return probs


def _from_parquet(path: Path, dataset: Dataset) -> NDArray[np.float64]:
    import pandas as pd
    from pyarrow import ArrowException

    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError, ArrowException) as error:
        raise ProbsError.unreadable(path, str(error)) from error
    frame = frame.rename(columns=str)
    missing = [name for name in dataset.classes if name not in frame.columns]
    if missing:
        raise ProbsError.lacks_class(path, missing, list(frame.columns))
    if ID in frame.columns and ID not in dataset.classes:
        frame = frame.assign(**{ID: frame[ID].astype(str)}).set_index(ID)
        unknown = [name for name in dataset.ids if name not in frame.index]
        if unknown:
            raise ProbsError.lacks_sample(path, unknown[0], len(unknown))
        repeated = frame.index[frame.index.duplicated() & frame.index.isin(dataset.ids)]
        if len(repeated):
            raise ProbsError.repeats_sample(path, str(repeated[0]))
        frame = frame.loc[list(dataset.ids)]
    elif len(frame) != len(dataset):
        raise ProbsError.does_not_fit(path, frame.shape, (len(dataset), len(dataset.classes)))
    try:
        return np.asarray(frame[list(dataset.classes)].to_numpy(np.float64, na_value=np.nan))
    except (ValueError, TypeError) as error:
        raise ProbsError.unreadable(path, str(error)) from error
