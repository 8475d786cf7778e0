import json

import numpy as np
import pandas as pd
import pytest
from cleanlab.filter import find_label_issues
from made_exports import decision, drop, exported, photos, prices, relabel, said, table

from dataclinic.errors import ExportError
from dataclinic.steps.export_dataset import Known


def probs_of(dataset):
    """Sure of the given label, but for row 1."""
    probs = np.full((len(dataset), len(dataset.classes)), 0.05, np.float32)
    probs[np.arange(len(dataset)), dataset.labels] = 0.9
    probs[1] = np.roll(probs[1], 1)
    return probs


def test_cleanlab_takes_the_arrays_and_finds_what_is_left(tmp_path):
    dataset = photos(tmp_path / "photos")
    known = Known(said(dataset, row_0=decision(dataset, 0, "relabel", "dog")), probs=probs_of(dataset))
    out = exported(dataset, tmp_path / "out", "cleanlab", [relabel(dataset, 0, "dog"), drop(dataset, 4)], known)
    labels, probs = np.load(out / "labels.npy"), np.load(out / "pred_probs.npy")
    assert find_label_issues(labels, probs, n_jobs=1).tolist()[:4] == [True, True, False, False]
    assert json.loads((out / "classes.json").read_text()) == ["cat", "dog", "mouse"]
    issues = pd.read_csv(out / "label_issues.csv")
    assert list(issues)[:4] == ["is_label_issue", "label_quality", "given_label", "predicted_label"]
    assert issues["given_label"].tolist() == labels.tolist()
    np.testing.assert_allclose(issues["label_quality"], probs[np.arange(17), labels])
    assert issues["predicted_label"].tolist() == probs.argmax(axis=1).tolist()
    # Every third sample is a suspect; the first was decided on.
    suspects = [dataset.ids[row] for row in range(3, 18, 3)]
    assert issues["id"][issues["is_label_issue"]].tolist() == suspects
    assert dataset.ids[4] not in set(issues["id"])


def test_samples_that_no_model_judged_are_told_nothing_about(tmp_path):
    dataset = table(tmp_path / "t")
    probs = probs_of(dataset)
    probs[2] = np.nan
    out = exported(dataset, tmp_path / "out", "cleanlab", known=Known(probs=probs))
    np.testing.assert_allclose(np.load(out / "pred_probs.npy")[2], 1 / 3)


def test_without_probabilities_or_classes_there_is_nothing_to_write(tmp_path):
    with pytest.raises(ExportError, match="no out-of-fold probabilities"):
        exported(table(tmp_path / "t"), tmp_path / "out", "cleanlab")
    with pytest.raises(ExportError, match="cannot hold a table with numbers to predict"):
        exported(prices(tmp_path / "p"), tmp_path / "out", "cleanlab")
    assert not (tmp_path / "out").exists()
