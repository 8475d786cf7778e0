"""Evidence with verdicts as a good judge would give them, on labels whose errors are known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dataclinic.dataset import Table
from dataclinic.judgement import Estimate, Judgement
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import confident_probs, evidence_of, table_dataset

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class Noisy:
    """Labels with a share of them switched evenly; `missed` of the errors stay unseen, `false` labels are accused."""

    samples: int = 1000
    classes: int = 5
    noise: float = 0.05
    balanced: bool = True
    missed: float = 0.1
    false: float = 0.004
    sorted: bool = False
    """By given label, as files in class folders are."""


def judged_evidence(noisy: Noisy, seed: int = 0, *, slices=None, flow=None) -> tuple[Evidence, np.ndarray]:
    """Evidence and which labels are wrong.

    `slices` gives, from the frame of category columns, where 40 % of the labels are wrong; `flow` = (true, given,
    share) moves labels of one class to another.
    """
    rng = rng_for(seed, "noisy labels")
    size = noisy.classes
    shares = np.ones(size) if noisy.balanced else 0.7 ** np.arange(size)
    true = rng.choice(size, noisy.samples, p=shares / shares.sum())
    frame = pd.DataFrame(
        {
            "annotator": rng.choice(list("abcdef"), noisy.samples),
            "colour": [f"c{code if rng.random() < 0.7 else rng.integers(size)}" for code in true],
            "site": rng.integers(0, 4, noisy.samples),
        }
    )
    rate = np.full(noisy.samples, noisy.noise)
    if slices is not None:
        rate[slices(frame)] = 0.4
    switched = rng.random(noisy.samples) < rate
    given = np.where(switched, (true + rng.integers(1, size, noisy.samples)) % size, true)
    if flow is not None:
        given[(true == flow[0]) & (rng.random(noisy.samples) < flow[2])] = flow[1]
    order = np.argsort(given, kind="stable") if noisy.sorted else np.arange(noisy.samples)
    given, true, frame = given[order], true[order], frame.iloc[order].reset_index(drop=True)
    judgement = _judgement(rng, noisy, given, true)
    vectors = rng.normal(size=(size, 6))[true] * 3 + rng.normal(size=(noisy.samples, 6))
    dataset = replace(table_dataset(vectors.astype(np.float32), given), payload=Table(frame))
    dataset = replace(dataset, classes=tuple(f"class {code}" for code in range(size)))
    evidence = evidence_of(dataset, confident_probs(true, classes=size))
    return replace(evidence, judgement=judgement, vectors=vectors.astype(np.float32)), given != true


def _judgement(rng, noisy: Noisy, given, true) -> Judgement:
    wrong = given != true
    samples = len(given)
    found = wrong & (rng.random(samples) >= noisy.missed)
    false = ~wrong & (rng.random(samples) < noisy.false)
    sure, unsure, low = rng.uniform(0.8, 1, samples), rng.uniform(0.5, 0.8, samples), rng.uniform(0, 0.02, samples)
    probability = np.where(found, sure, np.where(false, unsure, low))
    other = (given + rng.integers(1, noisy.classes, samples)) % noisy.classes
    return judgement_of(probability, np.where(found, true, other))


def judgement_of(probability, suggested) -> Judgement:
    total = float(np.nansum(probability))
    flagged = np.nan_to_num(probability) > 0.5
    return Judgement(
        probability, probability, flagged, suggested.astype(np.int64), probability, {}, Estimate(total, total, total)
    )


def reordered(evidence: Evidence, seed: int = 0) -> Evidence:
    """The same samples in another order; where they stand in the source stays what it was."""
    rows = np.random.default_rng(seed).permutation(len(evidence.dataset))
    assert evidence.judgement is not None
    taken = evidence.take(rows)
    return replace(taken, judgement=evidence.judgement.take(rows))


def renamed(evidence: Evidence) -> Evidence:
    """With other class names."""
    names = tuple(f"other {place}" for place in range(len(evidence.dataset.classes)))
    return replace(evidence, dataset=replace(evidence.dataset, classes=names))
