"""On data with planted faults the fitting fix makes models better on samples apart."""

import numpy as np
import pandas as pd
import pytest

from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.fixes.clip_iqr_outliers import ClipIqrOutliers
from dataclinic.fixes.clip_zscore_outliers import ClipZscoreOutliers
from dataclinic.fixes.drop_high_loss import DropHighLoss
from dataclinic.fixes.drop_label_errors import DropLabelErrors
from dataclinic.fixes.impute_missing import ImputeMissing
from dataclinic.fixes.relabel_reviewed import RelabelReviewed
from dataclinic.fixes.relabel_suspects import RelabelSuspects
from dataclinic.fixes.weight_by_confidence import WeightByConfidence
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.models.linear_head import LinearHead
from dataclinic.progress import silent
from dataclinic.testing.contracts import heard_by
from dataclinic.testing.parts import table_part, vector_part
from dataclinic.testing.planted import gaussian_classes
from dataclinic.treatments import Treatment

TRAINED, CLASSES = 300, 3


def accuracy(part, fix, features, labels):
    """Of `linear_head` on the samples after the first TRAINED, which are trained on as the fix wants."""
    treatment = Treatment(part.rows, part.labels, "as given")
    if fix is not None:
        treatment = fix.propose(heard_by(fix, part))
    if treatment.column_map is not None:
        mapping = treatment.column_map
        features = features.with_numbers(mapping.apply(features.numbers), mapping.names)
    held = np.arange(TRAINED, len(labels))
    job = FitJob(treatment.rows, treatment.labels, held, 0, treatment.weights)
    (result,) = LinearHead().run(features, [job], classes=CLASSES, device="cpu", progress=silent)
    return (result.probs.argmax(axis=1) == labels[held]).mean()


@pytest.fixture(scope="module")
def flipped():
    """A third of the labels of class 0 read class 1; the out-of-fold probabilities are those of `linear_head`."""
    vectors, true = gaussian_classes(1500, CLASSES, dims=30, apart=3.0)
    given = true.copy()
    given[np.flatnonzero(true == 0)[::3]] = 1
    folds = np.arange(TRAINED) // CLASSES % 5
    jobs = [
        FitJob(np.flatnonzero(folds != k), given[:TRAINED][folds != k], np.flatnonzero(folds == k), 0) for k in range(5)
    ]
    probs = np.empty((TRAINED, CLASSES), np.float32)
    answers = LinearHead().run(Embeddings(vectors), jobs, classes=CLASSES, device="cpu", progress=silent)
    for job, answer in zip(jobs, answers, strict=True):
        probs[job.score_rows] = answer.probs
    part = vector_part(vectors[:TRAINED], given[:TRAINED], probs=probs, trusted=true[:TRAINED])
    return part, Embeddings(vectors), true


@pytest.mark.parametrize(
    "fix",
    [DropLabelErrors(), RelabelSuspects(), RelabelReviewed(), WeightByConfidence(), DropHighLoss(share=0.15)],
    ids=lambda fix: type(fix).__name__,
)
def test_switched_labels(flipped, fix):
    assert accuracy(flipped[0], fix, *flipped[1:]) > accuracy(flipped[0], None, *flipped[1:]) + 0.005


@pytest.mark.parametrize("fix", [ClipIqrOutliers(), ClipZscoreOutliers()], ids=lambda fix: type(fix).__name__)
def test_slips_of_the_decimal_point(fix):
    vectors, labels = gaussian_classes(1500, CLASSES, dims=6, apart=3.0)
    frame = pd.DataFrame(vectors.astype(float)).add_prefix("column_")
    slips = np.random.default_rng(0).random(frame.shape) < 0.02
    features = ColumnFeatures.of(frame.where(~slips, frame * 1000))
    part = table_part(frame.where(~slips, frame * 1000).iloc[:TRAINED], labels[:TRAINED])
    assert accuracy(part, fix, features, labels) > accuracy(part, None, features, labels) + 0.1


def test_cells_that_other_cells_tell():
    vectors, labels = gaussian_classes(1500, CLASSES, dims=3, apart=3.0)
    rng = np.random.default_rng(0)
    # A strong column is a difference of two, which no 0/1 column beside a median can make up for.
    drift = rng.normal(0, 10, 1500)
    frame = pd.DataFrame(vectors.astype(float)).add_prefix("column_").add(drift, axis=0)
    frame["drift"] = drift
    frame["drift again"] = drift + rng.normal(0, 0.1, 1500)
    frame.loc[rng.random(1500) < 0.5, "drift"] = np.nan
    frame.loc[rng.random(1500) < 0.3, "drift again"] = np.nan
    part = table_part(frame.iloc[:TRAINED], labels[:TRAINED])
    features = ColumnFeatures.of(frame)
    assert accuracy(part, ImputeMissing(), features, labels) > accuracy(part, None, features, labels) + 0.05
