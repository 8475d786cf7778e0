"""Boosted trees of LightGBM, small and slow, the same way for classes and for numbers.

G. Ke et al., *LightGBM: A Highly Efficient Gradient Boosting Decision Tree*, NeurIPS 2017. LightGBM is not always
installed and not always loads (OSError is a system without libgomp), so it is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.seeding import seed_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dataclinic.arrays import Mask, Scores, Vectors

LEARNING_RATE = 0.06
LEAVES = 15
BAGGED_SHARE = 0.8
"""Small and slow boosting: larger trees learn wrong labels by heart."""


def lightgbm_version() -> str | None:
    """Version of the LightGBM that loads here; None where there is none."""
    try:
        import lightgbm
    except (ImportError, OSError):
        return None
    return str(lightgbm.__version__)


def lightgbm_scores(
    objective: Mapping[str, Any],
    values: Vectors,
    categorical: Mask,
    targets: NDArray[Any],
    weights: Scores | None,
    score: Vectors,
    *,
    trees: int,
    seed: int,
) -> NDArray[np.float64]:
    """What trees grown on one thread say of the rows of `score`.

    One thread, since OpenMP threads wait for each other in a busy loop: where other work holds a core, two threads took
    a hundred times as long as one.

    Args:
        objective: LightGBM's parameters of the task: its loss, and the number of classes where it needs it.
        values: (rows, columns) to learn from, NaN = missing.
        categorical: (columns,) whose values are category numbers.
        targets: (rows,) class codes or numbers.
        weights: (rows,) or None for 1 each.
        score: (scored rows, columns).
        trees: rounds of boosting.
        seed: decides which rows a tree sees.
    """
    import lightgbm

    parameters = {
        **objective,
        "learning_rate": LEARNING_RATE,
        "num_leaves": LEAVES,
        "bagging_fraction": BAGGED_SHARE,
        "bagging_freq": 1,
        "num_threads": 1,
        "seed": seed_for(seed, "boosting"),
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    rows = lightgbm.Dataset(
        values,
        targets,
        weight=weights,
        categorical_feature=np.flatnonzero(categorical).tolist(),
        params=parameters,
    )
    return np.asarray(lightgbm.train(parameters, rows, trees).predict(score), np.float64)
