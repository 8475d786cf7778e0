"""How much of a true gain in accuracy does not show where the labels that it is scored on are partly wrong.

Of K classes, let a share η of scored labels be wrong, each another class with equal chance, whatever the model says. A
right prediction then agrees with the label with probability 1 - η, a wrong one with η / (K - 1), so a model of accuracy
a agrees in a · (1 - η) + (1 - a) · η / (K - 1) of samples, and a gain g is seen as g · (1 - η · K / (K - 1)). This is
the symmetric noise of D. Angluin & P. Laird, "Learning From Noisy Examples", Machine Learning 2, 1988, for K classes.
"""

from __future__ import annotations


def hidden_share(noise: float, classes: int) -> float:
    """Share of a gain in accuracy, in [0, 1], that scoring on the given labels hides; 1 where they say nothing.

    It holds for errors that depend on neither class nor model. Errors that follow what models confuse, as people's do,
    can hide more, and even turn the sign: a model that repeats the labels' errors then looks better for it. And where
    one class takes the wrong label more often than another, no single share is right.

    Args:
        noise: share of scored labels that are wrong, in [0, 1].
        classes: at least 2.
    """
    return min(1.0, noise * classes / (classes - 1))
