"""Evidence measured on made samples by the steps that measure real ones."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from dataclinic.dataset import ColumnRoles, Dataset, Images, Table, Texts
from dataclinic.evidence import Evidence
from dataclinic.progress import silent
from dataclinic.steps.group_duplicates import group_duplicates
from dataclinic.steps.measure_samples import measure_samples


def evidence_of(payload, labels=None, *, classes=("cats", "dogs"), ids=None, split=None, unlabelled=(), roles=None):
    if isinstance(payload, pd.DataFrame):
        payload = Table(payload)
    elif not isinstance(payload, Images | Texts):
        payload = Images(tuple(payload))
    samples = len(payload)
    dataset = Dataset(
        source=Path("made"),
        format="made",
        payload=payload,
        ids=tuple(ids or (f"s{row:05d}" for row in range(samples))),
        labels=np.zeros(samples, np.int64) if labels is None else np.array(labels, np.int64),
        classes=classes,
        source_rows=np.arange(samples),
        roles=roles or ColumnRoles(),
        split=None if split is None else tuple(split),
        unlabelled=tuple(unlabelled),
    )
    measurements = measure_samples(dataset, workers=1, progress=silent)
    return Evidence(dataset, group_duplicates(dataset, measurements), measurements)


def shuffled(evidence, seed=0):
    """The same samples in another order."""
    rows = np.random.default_rng(seed).permutation(len(evidence.dataset))
    dataset = evidence.dataset.take(rows)
    measurements = measure_samples(dataset, workers=1, progress=silent)
    return Evidence(dataset, group_duplicates(dataset, measurements), measurements)


def told(outcome):
    """What was found, without places in the dataset."""
    return [(finding.subject, finding.reason, finding.score) for finding in outcome.findings]


def png(seed, size=(8, 8), level=128, spread=60):
    rng = np.random.default_rng(seed)
    pixels = np.clip(rng.normal(level, spread, (*size, 3)), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
