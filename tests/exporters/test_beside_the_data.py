"""Files that lie beside every export: changes, weights, a resampling plan and the manifest."""

import json

import pandas as pd
import pytest
from made_exports import TABLE, decision, drop, exported, photos, prices, relabel, said, table

from dataclinic.dataset import ColumnRoles
from dataclinic.edits import Drop, Relabel
from dataclinic.errors import ExportError
from dataclinic.outgoing.cleaned import Opinion
from dataclinic.outgoing.manifest import BESIDE, read_manifest
from dataclinic.registry import EXPORTERS
from dataclinic.steps.export_dataset import Known, export_dataset
from dataclinic.steps.load_dataset import load_dataset


def weights(folder):
    frame = pd.read_csv(folder / "sample_weights.csv", dtype={"id": str})
    return dict(zip(frame["id"], frame["weight"], strict=True))


def copies(folder):
    frame = pd.read_csv(folder / "resampling_plan.csv", dtype={"id": str})
    return dict(zip(frame["id"], frame["copies"], strict=True))


def test_class_weights_balance_the_cleaned_labels(tmp_path):
    dataset = table(tmp_path / "t", TABLE.drop(columns="colour"))
    out = exported(dataset, tmp_path / "out", None, [relabel(dataset, 1, "low"), drop(dataset, 2)])
    counts = {"low": 5, "mid": 3, "high": 3}
    told = json.loads((out / "class_weights.json").read_text())
    assert told == {name: pytest.approx(11 / 3 / counts[name], abs=1e-6) for name in ("high", "low", "mid")}


def test_a_sample_weighs_the_probability_that_its_label_is_right(tmp_path):
    dataset = table(tmp_path / "t")
    opinions = said(dataset, row_3=decision(dataset, 3, "keep"), row_5=decision(dataset, 5, "ambiguous"))
    opinions[7] = Opinion()
    suggested = Relabel(4, dataset.ids[4], "mid", "high", "why")
    reviewed = {6: decision(dataset, 6, "relabel", "mid")}
    opinions[6] = Opinion("mid", 0.9, 0.9, flagged=True, decision=reviewed[6])
    out = exported(dataset, tmp_path / "out", None, [suggested, relabel(dataset, 6, "mid")], Known(opinions))
    found = weights(out)
    assert found["k0"] == 0.75  # 1 - probability of being wrong
    assert found["k3"] == found["k6"] == 1  # a person saw to them
    assert found["k4"] == 0.75  # relabelled unseen: the suggestion's own probability
    assert found["k5"] == 0.75  # a person could not tell
    assert found["k7"] == 1  # no model judged it


def test_the_resampling_plan_makes_classes_equal_in_the_training_part_alone(tmp_path):
    dataset = photos(tmp_path / "photos")
    edits = [drop(dataset, row) for row, sample in enumerate(dataset.ids) if sample.startswith("train/cat")][:2]
    out = exported(dataset, tmp_path / "out", None, edits)
    plan = copies(out)
    of_class = {name: [plan[sample] for sample in plan if f"train/{name}/" in sample] for name in ("cat", "dog")}
    assert of_class == {"cat": [3], "dog": [1, 1, 1]}
    assert {plan[sample] for sample in plan if sample.startswith("test/")} == {1}
    told = json.loads((out / "class_weights.json").read_text())
    assert told["cat"] == pytest.approx(3 * told["dog"], abs=1e-5)


def test_numbers_have_no_classes_to_weigh(tmp_path):
    out = exported(prices(tmp_path / "p"), tmp_path / "out", None)
    assert sorted(path.name for path in out.iterdir()) == ["changes.csv", "export.json", "houses.csv"]


def test_cells_of_changes_that_a_spreadsheet_would_run_are_quoted(tmp_path):
    frame = TABLE.assign(key=["=1+1", "@SUM(1)", "-2", "+cmd", "\tx", *[f"k{row}" for row in range(7)]])
    dataset = table(tmp_path / "t", frame)
    edits = [drop(dataset, row) for row in range(5)]
    out = exported(dataset, tmp_path / "out", None, edits)
    changes = pd.read_csv(out / "changes.csv", dtype=str)
    # Ids are stripped when they are read, so the tab is gone.
    assert changes["id"].tolist() == ["'=1+1", "'@SUM(1)", "-2", "'+cmd", "x"]
    assert [edit.id for edit in read_manifest(out).edits] == ["=1+1", "@SUM(1)", "-2", "+cmd", "x"]


def test_the_manifest_tells_what_was_applied_and_written(tmp_path):
    dataset = table(tmp_path / "t")
    edits = (relabel(dataset, 1, "low"), Drop(2, dataset.ids[2], "high", "why", "suggestion"))
    manifest = read_manifest(exported(dataset, tmp_path / "out", "parquet", edits))
    assert (manifest.format, manifest.edits) == ("parquet", edits)
    written = {path.name for path in (tmp_path / "out").iterdir()} - {"export.json"}
    assert {file.path for file in manifest.files} == written
    assert all(file.sha256 for file in manifest.files)


@pytest.mark.parametrize("name", BESIDE)
def test_data_with_a_file_of_such_a_name_are_refused(tmp_path, name):
    folder = tmp_path / "data"
    folder.mkdir()
    TABLE.to_csv(folder / "t.csv", index=False)
    (folder / "t.csv").rename(folder / f"{name.rpartition('.')[0]}.csv")
    dataset = load_dataset(folder / f"{name.rpartition('.')[0]}.csv", ColumnRoles(label="grade"))
    if name.endswith(".csv"):
        with pytest.raises(ExportError, match="of its own"):
            exported(dataset, tmp_path / "out", None)
        assert not (tmp_path / "out").exists()
    else:
        exported(dataset, tmp_path / "out", None)


@pytest.mark.parametrize("name", [None, *EXPORTERS.ids()])
def test_every_format_leaves_the_source_as_it_was_and_nothing_half_done(tmp_path, name, monkeypatch):
    dataset = photos(tmp_path / "photos")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "photos").rglob("*")}
    known = Known(said(dataset), probs=None if name != "cleanlab" else probs_of(dataset))
    with pytest.raises(ExportError, match="overlap"):
        exported(dataset, tmp_path / "photos" / "out", name, known=known)

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("dataclinic.steps.export_dataset.write_manifest", full)
        with pytest.raises(ExportError, match="No space left"):
            exported(dataset, tmp_path / "out", name, known=known)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos"]
    exported(dataset, tmp_path / "out", name, known=known)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "photos").rglob("*")} == before
    assert {"export.json", "changes.csv", "sample_weights.csv"} <= {path.name for path in (tmp_path / "out").iterdir()}


def probs_of(dataset):
    import numpy as np

    return np.full((len(dataset), 3), 1 / 3, np.float32)


def test_a_dry_run_writes_nothing_in_any_format(tmp_path):
    from dataclinic.steps.export_dataset import Outlet

    dataset = photos(tmp_path / "photos")
    for name in EXPORTERS.ids():
        plan = export_dataset(dataset, [drop(dataset, 0)], tmp_path / "x" / "out", outlet=Outlet(name), write=False)
        assert (plan.format, plan.kept, plan.dropped) == (name, 17, 1)
    assert not (tmp_path / "x").exists()
