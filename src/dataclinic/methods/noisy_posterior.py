"""What class a sample truly is, and how given labels come about, fitted to the given labels by maximum likelihood.

Given label = true class seen through a transition matrix: P(given k | x) = Σ_j c_j(x) T_jk (Natarajan et al.,
*Learning with noisy labels*, NIPS 2013; Patrini et al., *Making deep neural networks robust to label noise: a loss
correction approach*, CVPR 2017). c is a logarithmic opinion pool of what several models say, softmax(Σ_m a_m log p_m
+ b) (Genest & Zidek, *Combining probability distributions*, Statistical Science 1(1), 1986). Sharpness a, class offsets
b and T are fitted together: where models are sure and labels still disagree, only noise explains it; a temperature
alone (Guo et al., ICML 2017) would take the noise for doubt of the models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, softmax

from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Probs

    Floats = NDArray[np.float64]

SMALLEST = 1e-6
"""Probabilities below this are not told apart: no model of some thousand samples knows them so well."""

ENOUGH_ROWS, ENOUGH_CELLS = 20_000, 200_000
"""Samples, and samples × classes, that the parameters are fitted to, drawn at random where there are more."""

FEWEST_ROWS = 4_000
"""Fitted to however many classes there are."""

FIRST_NOISE = 0.1
"""Share of wrong labels that the search starts from; the fit ends at the same place from .02 and from .4."""

PRIOR_SPREAD = 1.0
"""Standard deviation, in log-odds, of a class's own noise about that of all classes, and of the class offsets."""

SHARPNESS_SPREAD = 3.0
"""The same of the logarithm of the summed sharpness about 0."""

ROUNDS = 6
"""Alternations between the parameters and which class wrong labels of a class go to; most data settle in three."""


@dataclass(frozen=True)
class NoisyPosterior:
    """`clean` is (samples, classes): P(true class j | x). `transition` is (classes, classes): P(given k | true j).

    `sharpness` is one exponent for each member of the pool.
    """

    clean: Floats
    transition: Floats
    sharpness: Floats

    @property
    def given(self) -> Floats:
        """(samples, classes): P(given label k | x)."""
        return self.clean @ self.transition


def fit_noisy_posterior(members: Sequence[Probs], labels: Labels, *, seed: int = 0) -> NoisyPosterior:
    """Fit pool and transition matrix to `labels` that none of the members has seen.

    Args:
        members: (samples, classes) each, out-of-sample probabilities without NaN; two classes or more.
        labels: (samples,) codes.
        seed: for the draw of samples where there are many.
    """
    logs = np.stack([np.log(np.clip(member, SMALLEST, 1.0)).astype(np.float64) for member in members])
    logs -= logs.mean(axis=2, keepdims=True)
    rows = np.arange(len(labels))
    enough = min(ENOUGH_ROWS, max(FEWEST_ROWS, ENOUGH_CELLS // logs.shape[2]))
    if len(rows) > enough:
        rows = np.sort(rng_for(seed, "noisy posterior").choice(rows, enough, replace=False))
    fit = _Fit(logs[:, rows], labels[rows])
    parameters, spread = fit.best()
    sharpness, offsets, noise = fit.parts(parameters)
    clean = softmax(np.tensordot(sharpness, logs, 1) + offsets, axis=1)
    return NoisyPosterior(clean, _transition(noise, spread), sharpness)


@dataclass(frozen=True)
class _Fit:
    """Parameters are log sharpness a member, an offset a class, the noise of all in log-odds, and each class's own."""

    logs: Floats
    labels: Labels

    @property
    def members(self) -> int:
        return len(self.logs)

    @property
    def classes(self) -> int:
        return int(self.logs.shape[2])

    def parts(self, parameters: Floats) -> tuple[Floats, Floats, Floats]:
        """Sharpness (members,), offsets (classes,) and share of wrong labels (classes,)."""
        sharp, offsets, common, own = np.split(parameters, np.cumsum([self.members, self.classes, 1]))
        return np.exp(sharp), offsets, expit(common + own)

    def best(self) -> tuple[Floats, Floats]:
        """Parameters, and where wrong labels of each class go: (classes, classes), rows sum to 1, diagonal 0.

        The search starts twice, from errors that go anywhere and from errors that go where labels and models disagree,
        and the more probable end wins: from the first alone it would never find errors that all go one way.
        """
        ends = [self._search(start) for start in (self._evenly(), self._disagreement())]
        _, parameters, spread = min(ends, key=lambda end: end[0])
        return parameters, spread

    def _search(self, spread: Floats) -> tuple[float, Floats, Floats]:
        """Negative log posterior, parameters and spread where the search from `spread` ends."""
        start = np.log(FIRST_NOISE / (1 - FIRST_NOISE))
        parameters = np.concatenate(
            [np.full(self.members, -np.log(self.members)), np.zeros(self.classes), [start], np.zeros(self.classes)]
        )
        bounds = (
            [(-7.0, 3.4)] * self.members + [(-8.0, 8.0)] * self.classes + [(-12.0, 2.2)] + [(-4.0, 4.0)] * self.classes
        )
        for number in range(ROUNDS):
            steps = {"maxiter": 60 if number == 0 else 20}
            found = minimize(self.loss, parameters, (spread,), "L-BFGS-B", jac=True, bounds=bounds, options=steps)
            parameters = found.x
            renewed = self.spread_of_errors(parameters, spread)
            change = np.abs(renewed - spread).max()
            spread = renewed
            if change < 1e-2:
                break
        others = ~np.eye(self.classes, dtype=bool)
        # one error more for each pair is a Dirichlet prior, whose density is the product of the shares
        unlikely = -np.log(np.maximum(spread[others] * (self.classes - 1), 1e-300)).sum()
        return float(self.loss(parameters, spread)[0] * len(self.labels) + unlikely), parameters, spread

    def _evenly(self) -> Floats:
        return np.asarray((1 - np.eye(self.classes)) / (self.classes - 1))

    def _disagreement(self) -> Floats:
        """Which labels the samples bear that models put into another class, one more for each pair."""
        counts = np.ones((self.classes, self.classes))
        np.add.at(counts, (self.logs.mean(axis=0).argmax(axis=1), self.labels), 1.0)
        np.fill_diagonal(counts, 0)
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))

    def loss(self, parameters: Floats, spread: Floats) -> tuple[float, Floats]:
        """Mean negative log posterior of the parameters and its gradient."""
        sharp, offsets, noise = self.parts(parameters)
        clean = softmax(np.tensordot(sharp, self.logs, 1) + offsets, axis=1)
        rows = np.arange(len(self.labels))
        # how each true class would bring about the given label, apart from its share in `clean`
        brought = (noise[:, None] * spread)[:, self.labels].T
        brought[rows, self.labels] += 1 - noise[self.labels]
        total = np.maximum(np.einsum("ij,ij->i", clean, brought), 1e-300)
        blame = clean * brought / total[:, None]
        pull = clean - blame
        away = clean / total[:, None]
        to_noise = -(away * spread[:, self.labels].T).sum(axis=0)
        to_noise += np.bincount(self.labels, away[rows, self.labels], minlength=self.classes)
        to_noise *= noise * (1 - noise)
        own = parameters[-self.classes :]
        summed = sharp.sum()
        prior = (own @ own + offsets @ offsets) / PRIOR_SPREAD**2 + (np.log(summed) / SHARPNESS_SPREAD) ** 2
        gradient = np.concatenate(
            [
                np.einsum("ij,mij->m", pull, self.logs) * sharp + np.log(summed) / SHARPNESS_SPREAD**2 * sharp / summed,
                pull.sum(axis=0) + offsets / PRIOR_SPREAD**2,
                [to_noise.sum()],
                to_noise + own / PRIOR_SPREAD**2,
            ]
        )
        return float(prior / 2 - np.log(total).sum()) / len(rows), gradient / len(rows)

    def spread_of_errors(self, parameters: Floats, spread: Floats) -> Floats:
        """Where wrong labels of each class go, by the samples, with one more error for each (Laplace).

        Without it, a pair of classes would be held possible just because of the one error that is to be judged.
        """
        sharp, offsets, noise = self.parts(parameters)
        clean = softmax(np.tensordot(sharp, self.logs, 1) + offsets, axis=1)
        wrong = clean * (noise[:, None] * spread)[:, self.labels].T
        right = (clean * (1 - noise))[np.arange(len(self.labels)), self.labels]
        wrong /= np.maximum(wrong.sum(axis=1) + right, 1e-300)[:, None]
        counts = np.stack([wrong[self.labels == code].sum(axis=0) for code in range(self.classes)], axis=1)
        counts += 1
        np.fill_diagonal(counts, 0)
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _transition(noise: Floats, spread: Floats) -> Floats:
    return np.asarray(np.diag(1 - noise) + noise[:, None] * spread)
