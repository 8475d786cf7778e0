"""Tree ensemble: a random forest and small gradient-boosted trees, their probabilities averaged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias

import numpy as np
import sklearn
from pydantic import Field
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from threadpoolctl import threadpool_limits

from dataclinic.fits import FitResult
from dataclinic.methods.boosted_trees import LEARNING_RATE, LEAVES, lightgbm_scores, lightgbm_version
from dataclinic.methods.side_by_side import side_by_side
from dataclinic.models import Interval, SearchSpace, require_honoured
from dataclinic.seeding import seed_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Mask, Scores, Vectors
    from dataclinic.dataset import Task
    from dataclinic.features import Features
    from dataclinic.fits import FitJob
    from dataclinic.progress import Progress

LEAF_ROWS = 3
"""Rows in a leaf of the forest at least: one row alone never outvotes its neighbours."""

EARLY_STOPPING_ROWS = 20
"""Training rows of the rarest class from which scikit-learn's boosting can hold a tenth of every class out."""


@dataclass(frozen=True)
class TreeEnsemble:
    """Mean of a random forest and of boosted trees, on raw columns with their missing values and categories.

    The boosted trees are LightGBM's, or scikit-learn's where LightGBM does not load; `description` says which.
    Among forests, boosted trees of three libraries, logistic regression and neural networks on five tables with planted
    label errors, this mean ranked the errors best. Every repeat of a cross-validation adds its own forest, so that
    three repeats judge a sample by three times `forest_trees`. The seed of a job decides which rows and columns a tree
    sees. Cost grows with rows · columns, and the boosted trees' with the classes too.
    """

    summary: ClassVar[str] = "random forest and boosted trees averaged, on raw columns"
    task: ClassVar[Task] = "classification"
    encoder: ClassVar[str | None] = None
    honours: ClassVar[frozenset[str]] = frozenset()
    search_space: ClassVar[SearchSpace] = {"boosted_trees": Interval(25, 600, log=True)}

    forest_trees: Annotated[int, Field(ge=1)] = 100
    boosted_trees: Annotated[int, Field(ge=1)] = 150

    @property
    def description(self) -> str:
        """What runs on this machine, in words."""
        boosting, _ = _boosting()
        return (
            f"random forest ({self.forest_trees} trees) averaged with {boosting} (at most {self.boosted_trees} rounds)"
        )

    def run(
        self, features: Features, jobs: Sequence[FitJob], *, classes: int, device: str, progress: Progress
    ) -> list[FitResult]:
        require_honoured("tree_ensemble", self.honours, jobs)
        _, boost = _boosting()
        answer = partial(self._answer, features, classes, boost)
        return side_by_side(answer, jobs, "train tree_ensemble", progress)

    def _answer(self, features: Features, classes: int, boost: Booster, job: FitJob, threads: int) -> FitResult:
        present, codes = np.unique(job.labels, return_inverse=True)
        probs = np.zeros((len(job.score_rows), classes), np.float32)
        if len(present) == 0:
            probs[:] = 1 / classes
        elif len(present) == 1 or len(job.score_rows) == 0:
            probs[:, present] = 1
        else:
            columns = features.columns(job.train_rows)
            train = _Training(columns.values[job.train_rows], columns.categorical, codes, job.weights, job.seed)
            score = columns.values[job.score_rows]
            forest = _forest_probs(train, score, self.forest_trees, threads)
            probs[:, present] = (forest + boost(train, score, self.boosted_trees)) / 2
        return FitResult(probs)


@dataclass(frozen=True)
class _Training:
    """Training rows of one job; `codes` number the classes that are present."""

    values: Vectors
    categorical: Mask
    codes: Labels
    weights: Scores | None
    seed: int


Booster: TypeAlias = "Callable[[_Training, Vectors, int], NDArray[np.float64]]"
"""(training, rows to score, trees) → (rows, present classes) probabilities, on one thread: jobs run side by side."""


def _forest_probs(train: _Training, score: Vectors, trees: int, threads: int) -> NDArray[np.float64]:
    forest = RandomForestClassifier(
        trees, min_samples_leaf=LEAF_ROWS, n_jobs=threads, random_state=seed_for(train.seed, "forest")
    )
    probs: NDArray[np.float64] = forest.fit(train.values, train.codes, train.weights).predict_proba(score)
    return probs


def _boosting() -> tuple[str, Booster]:
    """Name and function of the best boosting library that loads."""
    if lightgbm := lightgbm_version():
        return f"LightGBM {lightgbm}", _lightgbm_probs
    return f"scikit-learn {sklearn.__version__} boosted trees", _sklearn_probs


def _lightgbm_probs(train: _Training, score: Vectors, trees: int) -> NDArray[np.float64]:
    classes = int(train.codes.max()) + 1
    objective: dict[str, Any] = (
        {"objective": "binary"} if classes == 2 else {"objective": "multiclass", "num_class": classes}
    )
    probs = lightgbm_scores(
        objective, train.values, train.categorical, train.codes, train.weights, score, trees=trees, seed=train.seed
    )
    return np.column_stack([1 - probs, probs]) if classes == 2 else probs


def _sklearn_probs(train: _Training, score: Vectors, trees: int) -> NDArray[np.float64]:
    model = HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_iter=trees,
        max_leaf_nodes=LEAVES,
        l2_regularization=1.0,
        categorical_features=train.categorical,
        early_stopping=bool(np.bincount(train.codes).min() >= EARLY_STOPPING_ROWS),
        random_state=seed_for(train.seed, "boosting"),
    )
    # OpenMP keeps its limit by thread, so this one ends with the job and no other job sees it.
    with threadpool_limits(1, user_api="openmp"):
        probs: NDArray[np.float64] = model.fit(train.values, train.codes, train.weights).predict_proba(score)
    return probs
