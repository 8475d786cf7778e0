"""Pictures and texts that lie far from all others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.dataset import Table
from dataclinic.evidence import Need
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.robust_z import middle_and_spread
from dataclinic.methods.tukey_fences import tukey_fences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Mask, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Evidence

_FEWEST = 30
"""Quartiles of fewer distances say little about the rest."""

_COPIES = 1e-6
"""Mean distances below this are of samples among copies, which say nothing about how far apart samples usually are."""

_SMALLEST_SPREAD = 1e-9
"""Of log distances: below it all are equal but for rounding, and nothing stands out."""

_NAMED = 10
"""Farthest samples that the details name."""

_LARGEST_LOG = 700.0
"""Cap of a threshold's logarithm, so that the threshold is a number; no distance comes near it."""


@dataclass(frozen=True)
class EmbeddingOutliers:
    """Pictures and texts that lie far from all others in the space of their embeddings.

    What it finds:
        Samples whose nearest neighbours are unusually far: pictures of something else, broken or empty ones, texts in
        another language. Their label is not accused, since no class may fit.

    Why it matters:
        What does not belong to the task teaches a model nothing and is scored all the same. Some are rare but right:
        those are the cases to collect more of.

    How it decides:
        By the mean cosine distance to the `neighbours` nearest samples, near duplicates of the sample itself left out.
        Distances are skewed to the right, so their logarithms are judged. A sample is found where its distance passes
        two thresholds at once, the upper Tukey fence, Q3 + `factor` × (Q3 − Q1), and a robust z-score above `z`:
        among all samples, or among those of its class if it also lies above the upper quartile of all. The first
        misses what is odd for a dense class, the second what stands in a small one. Where more than `most_share` of a
        class passes the thresholds of all, the class is spread wide, and only its own thresholds count for it; classes
        with fewer than 30 samples have none.

        Of 40 noise pictures and shuffled digits, planted among 1,797 handwritten digits, it found all by their pixels,
        and 2 others; on the digits alone 3.

    Known limits:
        Ten or more odd samples that resemble one another are each other's neighbours and stay unseen. Features of
        photographs often spread so widely that nothing passes: of 5 handwritten digits planted among MobileNetV2
        features of 3,781 photographs of clothing none did, though 3 were among the 10 farthest, which `details` name
        all the same. It does not apply to tables: on six with known anomalies the distance ranked them with an area
        under the ROC curve of .30 to .89, and the thresholds found 13 of 1,381 beside 32 ordinary rows; columns are
        judged one by one by `iqr_outliers` and `zscore_outliers`.

    Fixes:
        Look at them: what does not belong to the task, drop; what is rare but right, keep.

    References:
        S. Ramaswamy, R. Rastogi and K. Shim, *Efficient Algorithms for Mining Outliers from Large Data Sets*, SIGMOD
        2000. J. Kuan and J. Mueller, *Back to the Basics: Revisiting Out-of-Distribution Detection Baselines*, 2022
        (mean cosine distance to ten neighbours in embeddings). Tukey, *Exploratory Data Analysis*, 1977. B. Iglewicz
        and D. C. Hoaglin, *How to Detect and Handle Outliers*, 1993.

    Attributes:
        neighbours: nearest samples whose mean distance is judged; 30 at most are known.
        factor: the fence lies this many inter-quartile ranges above the third quartile.
        z: robust standard deviations above the median where a distance starts to be out.
        most_share: share of a class outside above which it counts as spread wide.
    """

    neighbours: Annotated[int, Field(ge=1, le=30, strict=True)] = 10
    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 1.5
    z: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 3.5
    most_share: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "pictures and texts that lie far from all others (nearest neighbours)"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.NEIGHBOURS})
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        dataset = evidence.dataset
        if isinstance(dataset.payload, Table):
            return DidNotApply("distances between rows of a table say little about outliers; its columns are checked")
        distances = _mean_distances(evidence, self.neighbours)
        known = np.flatnonzero(distances > _COPIES)
        if len(known) < _FEWEST:
            return DidNotApply(f"fewer than {_FEWEST} samples have neighbours that are no copies of them")
        circles = self._circles(dataset, distances)
        findings = [self._finding(dataset, distances, row, circle) for row, circle in _outside(circles).items()]
        findings.sort(key=lambda finding: (-finding.score, finding.subject))
        verb = "lies" if len(findings) == 1 else "lie"
        summary = f"{len(findings):,} of {len(dataset):,} samples {verb} far from all others"
        return Ran(tuple(findings), summary, _details(dataset, distances, circles))

    def _circles(self, dataset: Dataset, distances: Scores) -> list[_Circle]:
        """All samples first, without those that only their class judges; then every class that is large enough."""
        logs = np.log(np.maximum(distances, _COPIES))
        everyone = self._circle("all samples", logs, distances > _COPIES)
        far = logs > everyone.upper_quartile
        judged_alone = np.zeros(len(logs), bool)
        own = []
        for code, name in enumerate(dataset.classes if len(dataset.classes) > 1 else ()):
            members = (dataset.labels == code) & (distances > _COPIES)
            if members.sum() < _FEWEST:
                continue
            if everyone.outside[members].mean() > self.most_share:
                judged_alone |= members
            circle = self._circle(f"'{name}'", logs, members)
            own.append(replace(circle, outside=circle.outside & far))
        return [replace(everyone, outside=everyone.outside & ~judged_alone), *own]

    def _circle(self, name: str, logs: Scores, members: Mask) -> _Circle:
        fences = tukey_fences(logs[members], self.factor)
        middle, spread = middle_and_spread(logs[members])
        threshold = max(fences.high, middle + self.z * spread)
        z = (logs - middle) / max(spread, _SMALLEST_SPREAD)
        outside = members & (logs > threshold) & (spread > _SMALLEST_SPREAD)
        return _Circle(name, middle, fences.q3, min(threshold, _LARGEST_LOG), z, outside)

    def _finding(self, dataset: Dataset, distances: Scores, row: int, circle: _Circle) -> Finding:
        z = float(circle.z[row])
        reason = (
            f"mean cosine distance {distances[row]:.3g} to its {self.neighbours} nearest samples, above the threshold "
            f"{np.exp(circle.threshold):.3g} of {circle.name} (median {np.exp(circle.middle):.3g}, robust z {z:.1f})"
        )
        return Finding("embedding_outliers", dataset.ids[row], reason, z, row)


@dataclass(frozen=True)
class _Circle:
    """Samples judged together: on the log scale their median, upper quartile and threshold.

    `z` is every sample's robust z-score by them, `outside` who is found.
    """

    name: str
    middle: float
    upper_quartile: float
    threshold: float
    z: Scores
    outside: Mask


def _mean_distances(evidence: Evidence, k: int) -> Scores:
    """(samples,) mean of the k nearest distances but those to near duplicates; NaN where there is none."""
    assert evidence.neighbours is not None  # noqa: S101 - named in `needs`
    near = evidence.neighbours.distances.astype(np.float64)
    counted = np.isfinite(near)
    if evidence.near_duplicates is not None:
        sets = evidence.near_duplicates.sets
        counted &= (sets[:, None] < 0) | (sets[evidence.neighbours.rows] != sets[:, None])
    counted &= np.cumsum(counted, axis=1) <= k
    count = counted.sum(axis=1)
    total = np.where(counted, near, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(near), np.nan), where=count > 0), np.float64)


def _outside(circles: Sequence[_Circle]) -> dict[int, _Circle]:
    """By row the circle that it stands out of, the one that it is farther out of where there are two."""
    found: dict[int, _Circle] = {}
    for circle in circles:
        for row in np.flatnonzero(circle.outside).tolist():
            found[row] = max(found.get(row, circle), circle, key=lambda one: float(one.z[row]))
    return found


def _details(dataset: Dataset, distances: Scores, circles: Sequence[_Circle]) -> dict[str, Any]:
    farthest = np.argsort(-np.nan_to_num(distances), kind="stable")[:_NAMED]
    return {
        "thresholds": {circle.name.strip("'"): float(np.exp(circle.threshold)) for circle in circles},
        "median": float(np.exp(circles[0].middle)),
        "farthest": [
            {"id": dataset.ids[row], "row": row, "distance": float(distances[row])}
            for row in farthest.tolist()
            if distances[row] > 0
        ],
    }
