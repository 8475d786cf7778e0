"""Exact interval of a share: no normal approximation, so it holds for few samples and for shares near 0 and 1.

C. J. Clopper, E. S. Pearson: The use of confidence or fiducial limits illustrated in the case of the binomial.
Biometrika 26 (1934) 404-413. The limits are quantiles of beta distributions, as in L. D. Brown, T. T. Cai, A. DasGupta:
Interval estimation for a binomial proportion. Statistical Science 16 (2001), section 4.2.1.
"""

from __future__ import annotations

from scipy.special import betaincinv


def exact_interval(hits: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Lowest and highest share, in [0, 1], that `hits` of `of` independent samples are compatible with; (0, 1) of none.

    It holds the true share at least as often as `confidence` says, usually more often.
    """
    if of == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, of - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, of - hits, 1 - tail)) if hits < of else 1.0
    return low, high
