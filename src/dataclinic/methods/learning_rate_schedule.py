"""Warm-up, then a cosine.

Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, equation 5, without restarts;
the linear warm-up is that of Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 2.2.
"""

from __future__ import annotations

import math


def share_of_rate(step: int, steps: int, warmup_share: float) -> float:
    """Share of the largest learning rate, above 0 and at most 1, for update `step` of 0 … steps - 1."""
    warmup = round(warmup_share * steps)
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))
