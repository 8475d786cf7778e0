"""Named random streams: each purpose draws from its own, so adding a check moves no other number."""

import hashlib

import numpy as np


def rng_for(seed: int, *purpose: str | int) -> np.random.Generator:
    """Generator that is the same for the same seed and purpose, and independent of every other purpose."""
    return np.random.default_rng(_entropy(seed, purpose))


def seed_for(seed: int, *purpose: str | int) -> int:
    """31-bit integer seed of the same stream, for libraries that take no generator."""
    return int(rng_for(seed, *purpose).integers(2**31 - 1))


def _entropy(seed: int, purpose: tuple[str | int, ...]) -> list[int]:
    digest = hashlib.blake2b("\x1f".join(map(str, purpose)).encode(), digest_size=16).digest()
    return [seed, *np.frombuffer(digest, dtype=np.uint32).tolist()]
