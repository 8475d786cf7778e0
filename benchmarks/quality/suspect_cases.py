"""Cases for `suspects.py`: given labels, known errors among them and out-of-fold probabilities, kept on disk.

Errors are planted in three ways. *uniform*: any other class. *class-dependent*: a transition matrix is drawn for each
seed, in which classes err at different rates and mostly into one other class. *nearest-class*: a sample takes the class
that a model trained on the true labels finds likeliest after the true one; left out for two classes, where it is
uniform. Models are trained on the labels as given.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from suspect_sets import UNKNOWN, LabelledSet, SetSource
from threadpoolctl import threadpool_limits

from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataclinic.arrays import Labels, Mask, Probs, Scores, Vectors

RECIPE = "1"
"""Changed whenever the code here would make other cases, so that old ones are not read."""

SHARES = (0.0, 0.01, 0.03, 0.08, 0.2, 0.4)
SHARES_OF_OTHER_MODELS = (0.0, 0.08, 0.2)
PLANTED_KINDS = ("uniform", "class-dependent", "nearest-class")
FOLDS = 5

HIGHEST_RATE = 0.55
HIGHEST_RATE_OF_TWO = 0.45
STRONG = (2 / 3, 4 / 5)
"""Share of a class's errors that goes to one other class; with the rates above the true one stays the likeliest, up to
chance in small classes."""


@dataclass(frozen=True)
class Plan:
    """A case before it is made. `kind` is how its labels became wrong; of shares that were not planted it is NaN."""

    source: SetSource
    model: str
    kind: str
    share: float
    seed: int

    @property
    def group(self) -> str:
        if self.kind in ("published", "judged"):
            return self.kind
        if self.kind == "clean" or self.kind in PLANTED_KINDS:
            return "planted" if self.model == "logistic" else "planted, other models"
        return "given with the data"

    @property
    def human(self) -> bool:
        """True if people made the errors."""
        return self.source.human and self.group in ("given with the data", "judged")

    @property
    def noise(self) -> str:
        return self.kind if np.isnan(self.share) or not self.share else f"{self.kind} {self.share:.0%}"


@dataclass(frozen=True)
class Case:
    """What the detector is given (labels, probs, vectors), and the truth: codes, UNKNOWN where nobody knows."""

    labels: Labels
    truth: Labels
    probs: Probs
    vectors: Vectors | None

    @property
    def known(self) -> Mask:
        return self.truth != UNKNOWN

    @property
    def wrong(self) -> Mask:
        """Which of the known ones are wrong: (known samples,)."""
        return (self.labels != self.truth)[self.known]


def plans(source: SetSource, seeds: int, shares: tuple[float, ...], *, other_models: bool) -> Iterator[Plan]:
    """All cases of a set, seeds of the same case one after another."""
    models = ("logistic", *(source.models if other_models else ()))
    for model in models:
        for kind in source.given:
            fixed = kind in ("published", "judged")
            yield from (Plan(source, model, kind, np.nan, seed) for seed in range(1 if fixed else seeds))
        for share in shares if source.planted else ():
            if model == "logistic" or share in SHARES_OF_OTHER_MODELS:
                yield from (
                    Plan(source, model, kind, share, seed)
                    for kind in _kinds(source, share, model)
                    for seed in range(seeds)
                )


def _kinds(source: SetSource, share: float, model: str) -> tuple[str, ...]:
    if not share:
        return ("clean",)
    if source.classes == 2 or model != "logistic":
        return PLANTED_KINDS[:2]
    return PLANTED_KINDS


def case_of(plan: Plan, data: Path | None, kept: Path) -> Case:
    """The case of a plan, read from the folder `kept` if it was made before."""
    path = kept / f"{case_name(plan, data)}.npz"
    if not path.exists():
        _write(path, plan, _make(plan, data, kept))
    with np.load(path) as arrays:
        vectors = arrays["vectors"]
        probs = arrays["probs"].astype(np.float64)
        probs /= probs.sum(axis=1, keepdims=True)
        return Case(arrays["labels"], arrays["truth"], probs, vectors if vectors.size else None)


def case_name(plan: Plan, data: Path | None) -> str:
    """File name that is the same only for the same set, model, noise, seed, recipe and version of scikit-learn."""
    origin = (RECIPE, version("scikit-learn"), *(_digest(data / file) for file in plan.source.files if data))
    parts = (plan.source.name, plan.model, plan.noise.replace("%", "pc"), f"seed{plan.seed}")
    key = hashlib.blake2b(repr((origin, parts)).encode(), digest_size=6).hexdigest()
    return "__".join((*parts, key)).replace(" ", "-")


@cache
def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def _write(path: Path, plan: Plan, case: Case) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        np.savez(
            file,
            labels=case.labels,
            truth=case.truth,
            probs=case.probs.astype(np.float32),
            vectors=np.empty((0, 0), np.float32) if case.vectors is None else case.vectors,
            name=plan.source.name,
            model=plan.model,
            group=plan.group,
            kind=plan.kind,
            share=case.wrong.mean() if np.isnan(plan.share) else plan.share,
            seed=plan.seed,
            human=plan.human,
            verified=plan.source.verified,
        )
    Path(file.name).replace(path)


def _make(plan: Plan, data: Path | None, kept: Path) -> Case:
    loaded = _loaded(plan.source, data)
    if plan.kind in loaded.given:
        labels = loaded.given[plan.kind]
    elif plan.kind == "clean":
        labels = loaded.true
    else:
        labels = _planted(plan, loaded.true, data, kept)
    probs = _out_of_fold(plan, loaded, labels) if loaded.probs is None else loaded.probs
    return Case(labels, loaded.true, probs, loaded.vectors)


@cache
def _loaded(source: SetSource, data: Path | None) -> LabelledSet:
    return source.make(data or Path())


def _planted(plan: Plan, true: Labels, data: Path | None, kept: Path) -> Labels:
    rng = rng_for(plan.seed, "plant", plan.source.name, plan.kind, str(plan.share))
    if plan.kind == "class-dependent":
        return _by_matrix(true, plan.share, plan.source.classes, rng)
    wrong = rng.choice(len(true), size=round(plan.share * len(true)), replace=False)
    given = true.copy()
    if plan.kind == "uniform":
        given[wrong] = (true[wrong] + rng.integers(1, plan.source.classes, size=len(wrong))) % plan.source.classes
        return given
    others = case_of(Plan(plan.source, "logistic", "clean", 0.0, 0), data, kept).probs.copy()
    others[np.arange(len(true)), true] = -1
    given[wrong] = others.argmax(axis=1)[wrong]
    return given


def _by_matrix(true: Labels, share: float, classes: int, rng: np.random.Generator) -> Labels:
    """Rates of classes differ by up to half of the share; a strong and a weak other class take a class's errors."""
    highest = HIGHEST_RATE_OF_TWO if classes == 2 else HIGHEST_RATE
    rates = share * (1 + min(0.5, highest / share - 1) * rng.uniform(-1, 1, size=classes))
    given = true.copy()
    for code, count in enumerate(_counts(rates, true, round(share * len(true)))):
        wrong = rng.choice(np.flatnonzero(true == code), size=count, replace=False)
        strong, weak = rng.permutation(np.delete(np.arange(classes), code))[[0, min(1, classes - 2)]]
        given[wrong] = np.where(rng.random(len(wrong)) < rng.uniform(*STRONG), strong, weak)
    return given


def _counts(rates: Scores, true: Labels, total: int) -> Labels:
    """(classes,) whole numbers in proportion to rate × size that sum to `total`, by largest remainders."""
    exact = rates * np.bincount(true, minlength=len(rates))
    exact *= total / exact.sum()
    counts = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact)[: total - counts.sum()]] += 1
    return counts


def _out_of_fold(plan: Plan, loaded: LabelledSet, labels: Labels) -> Probs:
    """(samples, classes) probabilities by models that did not see the sample, trained on `labels`."""
    probs = np.zeros((len(labels), int(max(labels.max(), loaded.true.max())) + 1))
    draw = StratifiedKFold(FOLDS, shuffle=True, random_state=seed_for(plan.seed, "folds"))
    features: Any = loaded.features
    with threadpool_limits(1):
        for train, test in draw.split(labels, labels):
            model = _model(plan.model, seed_for(plan.seed, "model"), sparse=not isinstance(features, np.ndarray))
            model.fit(features[train], labels[train])
            probs[np.ix_(test, model.classes_)] = model.predict_proba(features[test])
    return probs


def _model(name: str, seed: int, *, sparse: bool) -> Any:
    if name == "forest":
        return RandomForestClassifier(100, min_samples_leaf=2, random_state=seed)
    if name == "boosting":
        return HistGradientBoostingClassifier(max_iter=60, random_state=seed)
    scaler = FunctionTransformer() if sparse else StandardScaler()  # TF-IDF has its scale
    if name == "knn":
        return make_pipeline(scaler, KNeighborsClassifier(15))
    return make_pipeline(scaler, LogisticRegression(max_iter=1000))
