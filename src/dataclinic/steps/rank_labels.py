"""Rank labels for people who bring their own model: from its out-of-sample probabilities to suspects."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from dataclinic.errors import ProbsError
from dataclinic.methods.label_judgement import judge
from dataclinic.methods.label_signals import Testimony
from dataclinic.methods.nearest_neighbours import nearest_neighbours
from dataclinic.progress import silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from dataclinic.arrays import Codes, Labels, Rows
    from dataclinic.judgement import Judgement

NEIGHBOURS = 30

_Float = TypeVar("_Float", np.float32, np.float64)


def rank_labels(
    labels: Sequence[object] | ArrayLike,
    probs: ArrayLike,
    *,
    vectors: ArrayLike | None = None,
    groups: Sequence[object] | ArrayLike | None = None,
    classes: Sequence[object] | None = None,
    threshold: float = 0.5,
    seed: int = 0,
) -> pd.DataFrame:
    """How suspect every given label is, by out-of-sample probabilities of any model.

    Args:
        labels: (samples,) given labels: codes 0 … classes - 1, or names that `classes` lists.
        probs: (samples, classes) probabilities by models that never saw the sample they judge; NaN in a row means that
            it was not judged. Probabilities of a model that trained on these samples make its errors look right.
        vectors: (samples, dims) descriptions of the samples, such as embeddings: nearest neighbours speak too.
        groups: (samples,) samples of one group (patient, video, duplicates) say nothing about each other.
        classes: names of the columns of `probs`; None means that labels are codes.
        threshold: probability of being wrong above which a label is flagged.
        seed: of the errors that are planted to weigh the signals.

    Returns:
        One row a sample in the given order: suspicion (higher = more suspect, above 0 = probably wrong), probability
        (of the given label being wrong), flagged, suggested_label, suggested_probability, and the signals that were
        fused as signal_*. Null where not judged. `attrs["errors"]` holds {"value", "low", "high"}, the estimated number
        of wrong labels with its plausible range, and `attrs["weights"]` how much each signal counts.

    Raises:
        ProbsError: the arguments do not fit together.
    """
    if not 0 <= threshold <= 1:
        raise ProbsError.no_threshold(threshold)
    given = _numbers("probs", probs, np.float64)
    if given.ndim != 2 or given.shape[1] < 2:
        raise ProbsError.misshapen(given.shape)
    names = list(range(given.shape[1])) if classes is None else list(classes)
    codes = _codes(labels, names, given.shape)
    judged = ~np.isnan(given).any(axis=1)
    _require_probabilities(given[judged])
    rows, present = np.flatnonzero(judged), np.unique(codes[judged])
    if len(present) < 2:
        raise ProbsError.one_class(len(present))
    kept = given[rows][:, present]
    testimony = Testimony(
        np.asarray(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12), np.float32),
        np.searchsorted(present, codes[rows]),
        neighbours=None if vectors is None else _neighbours(vectors, rows, len(codes)),
        groups=None if groups is None else _groups(groups, len(codes))[rows],
        seed=seed,
    )
    return _frame(judge(testimony, threshold=threshold).placed(rows, len(codes), present), names)


def _numbers(what: str, values: ArrayLike, dtype: type[_Float]) -> NDArray[_Float]:
    try:
        with np.errstate(over="ignore"):  # what leaves float32 is infinite, and no vector
            return np.asarray(values, dtype)
    except (ValueError, TypeError) as error:
        raise ProbsError.not_numbers(what) from error


def _codes(labels: Sequence[object] | ArrayLike, names: Sequence[object], shape: tuple[int, ...]) -> Labels:
    given = np.asarray(labels, object)
    if given.ndim != 1:
        raise ProbsError.not_one_each("labels", given.shape)
    if len(given) != shape[0]:
        raise ProbsError.lengths_differ("probs", shape[0], len(given))
    if len(names) != shape[1]:
        raise ProbsError.lengths_differ("classes", len(names), shape[1])
    place = {name: code for code, name in enumerate(names)}
    if len(place) < len(names):
        raise ProbsError.repeated_class(next(name for code, name in enumerate(names) if place[name] != code))
    unknown = [label for label in given.tolist() if label not in place]
    if unknown:
        raise ProbsError.no_such_class(unknown[0], names)
    return np.array([place[label] for label in given.tolist()], np.int64)


def _require_probabilities(probs: NDArray[np.float64]) -> None:
    if len(probs) and (probs.min() < 0 or not np.isfinite(probs).all() or probs.sum(axis=1).min() <= 0):
        raise ProbsError.not_probabilities()


def _neighbours(vectors: ArrayLike, rows: Rows, samples: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    described = _numbers("vectors", vectors, np.float32)
    if described.ndim != 2:
        raise ProbsError.not_one_each("vectors", described.shape)
    if len(described) != samples:
        raise ProbsError.lengths_differ("vectors", len(described), samples)
    usable = np.asarray(np.isfinite(described[rows]).all(axis=1))
    kept = np.where(usable[:, None], described[rows], 0).astype(np.float32)
    return nearest_neighbours(kept, usable, min(NEIGHBOURS, len(rows) - 1), device="cpu", progress=silent)


def _groups(groups: Sequence[object] | ArrayLike, samples: int) -> Codes:
    """(samples,) group numbers; who has no group is alone."""
    import pandas as pd

    numbered, _ = pd.factorize(np.asarray(groups, object))
    if len(numbered) != samples:
        raise ProbsError.lengths_differ("groups", len(numbered), samples)
    return np.where(numbered < 0, samples + np.arange(samples), numbered)


def _frame(judgement: Judgement, names: Sequence[object]) -> pd.DataFrame:
    import pandas as pd

    judged = ~np.isnan(judgement.probability)
    suggested = pd.Series(np.array(names, dtype=object)[judgement.suggested], dtype=object).where(judged, None)
    frame = pd.DataFrame(
        {
            "suspicion": judgement.suspicion,
            "probability": judgement.probability,
            "flagged": judgement.flagged,
            "suggested_label": suggested,
            "suggested_probability": judgement.suggested_probability,
            **{f"signal_{name}": values for name, values in judgement.signals.items()},
        }
    )
    frame.attrs["errors"] = vars(judgement.errors)
    frame.attrs["weights"] = dict(judgement.weights)
    return frame
