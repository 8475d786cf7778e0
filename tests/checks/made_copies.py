"""Evidence with sets of copies as given, without comparing anything."""

from pathlib import Path

import numpy as np

from dataclinic.dataset import Dataset, Images
from dataclinic.evidence import Evidence, NearDuplicates
from dataclinic.predictions import OutOfFold


def copies(*members, samples=None, split=None, targets=None, probs=None, classes=("cats", "dogs", "owls")):
    """`members` are (set, label, likeness, how) in the order of the samples, the first of each set the kept one."""
    samples = len(members)
    sets = np.array([one[0] for one in members], np.int64)
    first = np.unique(sets, return_index=True)[1]
    kept = np.isin(np.arange(samples), first) & (sets >= 0)
    likeness = np.array([one[2] if one[0] >= 0 else np.nan for one in members], np.float64)
    near = NearDuplicates(sets, kept, likeness, tuple(one[3] if one[0] >= 0 else "" for one in members))
    labels = np.zeros(samples, np.int64) if targets is not None else np.array([one[1] for one in members], np.int64)
    dataset = Dataset(
        Path("made"),
        "made",
        Images((None,) * samples),
        tuple(f"s{row}" for row in range(samples)),
        labels,
        () if targets is not None else classes,
        np.arange(samples),
        split=None if split is None else tuple(split),
        targets=None if targets is None else np.array(targets, np.float64),
    )
    out_of_fold = None
    if probs is not None:
        values = np.array(probs, np.float32)[None]
        out_of_fold = OutOfFold(values, np.zeros((1, samples), np.int64), np.ones(samples, bool), 1.0)
    return Evidence(dataset, np.arange(samples), out_of_fold=out_of_fold, near_duplicates=near)


EXACT, NEARLY = (1.0, "same pixels"), (0.97, "resaved")


def alone(label=0):
    return (-1, label, 0.0, "")
