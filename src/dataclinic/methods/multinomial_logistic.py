"""Multinomial logistic regression: many fits over the same vectors at once, in torch so that it runs where they lie.

Every fit ("job") minimises sum_i w_i · cross-entropy(softmax(x_i V + b), y_i) + l2 / 2 · |V|², as scikit-learn does
with C = 1 / l2, over features brought to mean 0 and variance 1 on the job's own training rows. With label smoothing s
(Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR 2016, section 7) the target is 1 - s
for the given class and s spread evenly over all; over the classes that the job trains on, where they spread it over
every class there is. The jobs' coefficients stand side by side, so that one matrix product serves all of them.

The optimiser is L-BFGS (Liu & Nocedal, "On the limited memory BFGS method for large scale optimization", Mathematical
Programming 45, 1989) with step halving. Its initial inverse Hessian is not the identity but the inverse of
n / classes · Gram + l2: the exact Hessian at V = 0 with even classes and, up to a constant, the bound of Böhning,
"Multinomial logistic regression algorithm", Annals of the Institute of Statistical Mathematics 44, 1992. The Gram
matrix comes from evenly spaced rows and is shared by all jobs: it shapes the path to the optimum, not the optimum,
which every job follows down to its own tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

HISTORY = 10
"""Steps that L-BFGS remembers."""

SUFFICIENT_DECREASE = 1e-4
"""Armijo's constant (Nocedal & Wright, "Numerical Optimization", 2006, equation 3.6)."""

ROUNDING_NATS = 1e-7
"""Rounding of a mean loss whose terms are float32: a rise below it is not held against a step."""

ABSENT_LOGIT = -1e4
"""Intercept of a class without training rows: its probability is exactly 0 in float32, and so is its gradient."""

GRAM_ROWS_PER_DIM = 16
"""Rows per dimension that the Gram matrix is estimated from: whitening by it is then good to a factor of 3."""

CONSTANT_VARIANCE = 1e-10
"""Variance on a job's training rows, where that over all rows is about 1, of a feature that only shows rounding."""

NO_WEIGHT = 1e-30
"""Stands in for the total weight of a job that has none, as a divisor."""

CHUNK_LOGITS = 2**20
"""Logits held at a time on a CPU, 4 MiB of float32 that stay in its cache."""

CHUNK_LOGITS_GPU = 2**26
"""The same on a GPU, which wants large products and has the memory: 256 MiB."""


@dataclass(frozen=True)
class LogisticFit:
    """Coefficients for vectors as they were given: the logits of job j are X @ coefficients[j] + intercepts[j].

    `coefficients` is (jobs, dims, classes), `intercepts` (jobs, classes), both float32. `iterations` (jobs,) counts
    evaluations of the gradient; `converged` (jobs,) is false where they ran out.
    """

    coefficients: Tensor
    intercepts: Tensor
    iterations: Tensor
    converged: Tensor

    def probs(self, X: Tensor, job: int) -> Tensor:
        """(rows, classes) float32 probabilities that one job gives (rows, dims) vectors."""
        return torch.softmax(torch.addmm(self.intercepts[job], X, self.coefficients[job]), dim=1)


def fit_multinomial_logistic(  # noqa: PLR0913 - five of them by name
    X: Tensor,
    codes: Tensor,
    weights: Tensor,
    l2: Tensor,
    *,
    classes: int,
    max_iterations: int = 200,
    tolerance: float = 1e-5,
    label_smoothing: Tensor | None = None,
    on_iteration: Callable[[int], None] = lambda _ended: None,
) -> LogisticFit:
    """One fit per job, on the device of `X`.

    A class without weight in a job gets probability 0 there; a job without any weight gives even probabilities.

    Args:
        X: (rows, dims) float32, finite, of mean near 0 and variance near 1: float32 has no digits for large means.
        codes: (rows, jobs) int64 class of each row; any class where the weight is 0.
        weights: (rows, jobs) float32, 0 where the row is no training row of the job.
        l2: (jobs,) float32 penalty, above 0.
        classes: number of classes.
        max_iterations: evaluations of loss and gradient at most.
        tolerance: a job ends when its mean training loss is estimated to be within this many nats of its minimum.
        label_smoothing: (jobs,) share of every label that is spread over the classes of the job, in [0, 1); none at 0.
        on_iteration: told after each iteration how many jobs have ended.
    """
    counts = X.new_zeros(len(l2), classes).scatter_add_(1, codes.T, weights.T)
    objective = _objective(X, codes, weights, l2, _spread(counts, label_smoothing))
    search = _start(objective, counts)
    coefficients, intercepts = objective.unscaled(search.theta)
    iterations = torch.zeros(len(l2), dtype=torch.int64, device=X.device)
    converged = torch.zeros(len(l2), dtype=torch.bool, device=X.device)
    jobs = torch.arange(len(l2), device=X.device)
    for iteration in range(1, max_iterations + 1):
        search = _advance(objective, search)
        ended = search.excess_nats < tolerance
        iterations[jobs], converged[jobs] = iteration, ended
        leaving = ended if iteration < max_iterations else torch.ones_like(ended)
        if bool(leaving.any()):
            coefficients[jobs[leaving]], intercepts[jobs[leaving]] = objective.take(leaving).unscaled(
                search.theta[leaving]
            )
            jobs, objective, search = jobs[~leaving], objective.take(~leaving), search.take(~leaving)
        on_iteration(len(l2) - len(jobs))
        if len(jobs) == 0:
            break
    return LogisticFit(coefficients, intercepts, iterations, converged)


@dataclass(frozen=True)
class _Objective:
    """Penalised losses of all jobs. `theta` is (jobs, dims + 1, classes): V over scaled features, then b."""

    X: Tensor
    codes: Tensor
    weights: Tensor
    l2: Tensor
    total: Tensor  # (jobs,) weight of all training rows
    mean: Tensor  # (jobs, dims) of the training rows
    scale: Tensor  # (jobs, dims) 1 / standard deviation, 0 for a constant
    basis: Tensor  # (dims, dims) eigenvectors of the Gram matrix of X
    spectrum: Tensor  # (dims,) its eigenvalues
    spread: Tensor | None  # (jobs, classes) what every row's target gives each class whatever its own; None for nothing

    def take(self, jobs: Tensor) -> _Objective:
        return _Objective(
            self.X,
            self.codes[:, jobs],
            self.weights[:, jobs],
            self.l2[jobs],
            self.total[jobs],
            self.mean[jobs],
            self.scale[jobs],
            self.basis,
            self.spectrum,
            None if self.spread is None else self.spread[jobs],
        )

    def unscaled(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(jobs, dims, classes) coefficients and (jobs, classes) intercepts over X as it is."""
        coefficients = theta[:, :-1] * self.scale[:, :, None]
        return coefficients, theta[:, -1] - torch.einsum("jd,jdk->jk", self.mean, coefficients)

    def loss_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(jobs,) float64 sums of loss with penalty, and their gradient in the shape of `theta`."""
        jobs, _, classes = theta.shape
        coefficients, intercepts = self.unscaled(theta)
        flat = coefficients.permute(1, 0, 2).reshape(-1, jobs * classes)
        slope = torch.zeros_like(flat)
        residual_sum = torch.zeros_like(intercepts, dtype=torch.float64)
        loss = 0.5 * self.l2 * theta[:, :-1].square().sum(dim=(1, 2), dtype=torch.float64)
        step = max(1, (CHUNK_LOGITS_GPU if self.X.is_cuda else CHUNK_LOGITS) // (jobs * classes))
        for first in range(0, len(self.X), step):
            rows = slice(first, first + step)
            logits = torch.addmm(intercepts.reshape(-1), self.X[rows], flat).view(-1, jobs, classes)
            chunk_loss, residual = _residual(
                logits, self.codes[rows, :, None], self.weights[rows, :, None], self.spread
            )
            loss += chunk_loss
            residual_sum += residual.sum(dim=0)
            slope.addmm_(self.X[rows].T, residual.reshape(-1, jobs * classes))
        by_job = slope.view(-1, jobs, classes).permute(1, 0, 2)
        bias = residual_sum.to(theta.dtype)[:, None]
        scaled = self.scale[:, :, None] * (by_job - self.mean[:, :, None] * bias)
        return loss, torch.cat([scaled + self.l2[:, None, None] * theta[:, :-1], bias], dim=1)

    def precondition(self, gradient: Tensor) -> Tensor:
        """Inverse of (total / classes · Gram + l2) times `gradient`; the bias has Gram 1 and no penalty."""
        pull = (self.total / gradient.shape[2])[:, None, None]
        damped = pull * self.spectrum[:, None] + self.l2[:, None, None]
        return torch.cat([self.basis @ ((self.basis.T @ gradient[:, :-1]) / damped), gradient[:, -1:] / pull], dim=1)


def _spread(counts: Tensor, smoothing: Tensor | None) -> Tensor | None:
    """(jobs, classes) even shares of the smoothing over the classes that a job has; None where none is asked for."""
    if smoothing is None or not bool(smoothing.any()):
        return None
    present = (counts > 0).to(counts.dtype)
    return smoothing[:, None] * present / present.sum(dim=1, keepdim=True).clamp(min=1)


def _residual(logits: Tensor, codes: Tensor, weights: Tensor, spread: Tensor | None) -> tuple[Tensor, Tensor]:
    """(jobs,) float64 weighted cross-entropy; its gradient by the (rows, jobs, classes) logits, written over them."""
    logits -= logits.amax(dim=2, keepdim=True)
    given, own = logits.gather(2, codes), weights
    if spread is not None:
        kept = (1 - spread.sum(dim=1))[:, None]
        given, own = kept * given + (spread * logits).sum(dim=2, keepdim=True), kept * weights
    odds = logits.exp_()
    normaliser = odds.sum(dim=2, keepdim=True)
    loss = (weights * (normaliser.log() - given)).sum(dim=(0, 2), dtype=torch.float64)
    residual = odds.mul_(weights / normaliser).scatter_add_(2, codes, -own)
    return loss, residual if spread is None else residual.sub_(weights * spread)


def _objective(X: Tensor, codes: Tensor, weights: Tensor, l2: Tensor, spread: Tensor | None) -> _Objective:
    total = weights.sum(dim=0, dtype=torch.float64).clamp(min=NO_WEIGHT)
    mean, variance = torch.zeros(2, weights.shape[1], X.shape[1], dtype=torch.float64, device=X.device)
    dims = max(1, X.shape[1])
    step = max(1, CHUNK_LOGITS // dims)
    for first in range(0, len(X), step):
        # float64: a variance from sums of squares loses twice its digits
        chunk, share = X[first : first + step].double(), (weights[first : first + step] / total).T
        mean += share @ chunk
        variance += share @ chunk.square()
    variance -= mean.square()
    scale = torch.where(variance > CONSTANT_VARIANCE, variance, torch.inf).rsqrt()
    sample = X[:: max(1, len(X) // (GRAM_ROWS_PER_DIM * dims))].double()
    spectrum, basis = torch.linalg.eigh(sample.T @ sample / len(sample))
    return _Objective(
        X,
        codes,
        weights,
        l2,
        total.float(),
        mean.float(),
        scale.float(),
        basis.float(),
        spectrum.clamp(min=0).float(),
        spread,
    )


@dataclass(frozen=True)
class _Search:
    """Where L-BFGS stands in every job: the first axis is jobs, lists are oldest first."""

    theta: Tensor
    loss: Tensor
    gradient: Tensor
    direction: Tensor
    length: Tensor  # (jobs,) of the next step along `direction`
    excess_nats: Tensor  # (jobs,) estimated mean loss above its minimum
    pairs: tuple[_Pair, ...] = ()

    def take(self, jobs: Tensor) -> _Search:
        return _Search(
            self.theta[jobs],
            self.loss[jobs],
            self.gradient[jobs],
            self.direction[jobs],
            self.length[jobs],
            self.excess_nats[jobs],
            tuple(_Pair(pair.step[jobs], pair.change[jobs], pair.inverse[jobs]) for pair in self.pairs),
        )


@dataclass(frozen=True)
class _Pair:
    """A step, the change of gradient along it, and 1 / their product; 0 in jobs that did not take the step."""

    step: Tensor
    change: Tensor
    inverse: Tensor


def _start(objective: _Objective, counts: Tensor) -> _Search:
    """V = 0 and the log share of each class as its bias; `counts` is (jobs, classes), the weight of each."""
    jobs, dims = objective.mean.shape
    classes = counts.shape[1]
    theta = objective.X.new_zeros(jobs, dims + 1, classes)
    theta[:, -1] = torch.where(counts > 0, (counts / objective.total[:, None]).log(), ABSENT_LOGIT)
    loss, gradient = objective.loss_and_gradient(theta)
    direction = -objective.precondition(gradient)
    excess = -0.5 * _dot(gradient, direction) / objective.total
    return _Search(theta, loss, gradient, direction, torch.ones_like(objective.total), excess)


def _advance(objective: _Objective, search: _Search) -> _Search:
    """One evaluation: jobs whose loss falls enough move on, the others halve their step."""
    theta = search.theta + search.length[:, None, None] * search.direction
    loss, gradient = objective.loss_and_gradient(theta)
    promised = SUFFICIENT_DECREASE * search.length * _dot(search.gradient, search.direction)
    took = loss <= search.loss + promised + ROUNDING_NATS * objective.total
    step, change = theta - search.theta, gradient - search.gradient
    product = _dot(step, change)
    inverse = torch.where(took & (product > 0), 1 / product, 0)
    pairs = (*search.pairs, _Pair(step, change, inverse))[-HISTORY:]
    moved = took[:, None, None]
    gradient = torch.where(moved, gradient, search.gradient)
    direction = torch.where(moved, _descent(objective, gradient, pairs), search.direction)
    return _Search(
        torch.where(moved, theta, search.theta),
        torch.where(took, loss, search.loss),
        gradient,
        direction,
        torch.where(took, 1, search.length / 2),
        torch.where(took, -0.5 * _dot(gradient, direction) / objective.total, search.excess_nats),
        pairs,
    )


def _descent(objective: _Objective, gradient: Tensor, pairs: tuple[_Pair, ...]) -> Tensor:
    """Minus the gradient times the inverse Hessian that the pairs tell of (two-loop recursion, algorithm 7.4)."""
    ahead = gradient.clone()
    passed = []
    for pair in reversed(pairs):
        share = (pair.inverse * _dot(pair.step, ahead))[:, None, None]
        ahead -= share * pair.change
        passed.append(share)
    ahead = objective.precondition(ahead) * _measured_scale(objective, pairs[-1])[:, None, None]
    for pair, share in zip(pairs, reversed(passed), strict=True):
        ahead += (share - (pair.inverse * _dot(pair.change, ahead))[:, None, None]) * pair.step
    return -ahead


def _measured_scale(objective: _Objective, last: _Pair) -> Tensor:
    """(jobs,) factor that fits the preconditioner to the curvature of the last step (equation 7.20), 1 without one."""
    expected = last.inverse * _dot(last.change, objective.precondition(last.change))
    return torch.where(expected > 0, 1 / expected, 1)


def _dot(left: Tensor, right: Tensor) -> Tensor:
    """(jobs,) inner products."""
    return (left * right).sum(dim=(1, 2))
