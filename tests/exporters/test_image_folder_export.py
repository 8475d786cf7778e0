import json
import os

import pandas as pd
import pytest
from made_exports import (
    HOSTILE,
    corner,
    corners,
    drop,
    expected,
    exported,
    hostile_table,
    photos,
    prices,
    relabel,
    state,
    table,
)
from PIL import Image
from torchvision.datasets import ImageFolder

from dataclinic.dataset import ColumnRoles
from dataclinic.errors import ExportError
from dataclinic.outgoing.file_names import folded
from dataclinic.outgoing.manifest import BESIDE
from dataclinic.outgoing.placed_files import copy_file
from dataclinic.steps.export_dataset import Outlet, export_dataset
from dataclinic.steps.load_dataset import load_dataset


def read_again(folder):
    """Label by corner, as torchvision sees it; classes.json gives back the true names."""
    true_name = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
    found = ImageFolder(folder)
    return {corner(Image.open(path)): true_name[found.classes[code]] for path, code in found.samples}


def by_corner(dataset, edits):
    places = corners(dataset)
    return {places[sample]: label for sample, label in expected(dataset, edits).items()}


def test_pictures_named_by_a_table_become_class_folders_that_torchvision_reads(tmp_path):
    dataset = hostile_table(tmp_path / "data", ("cat", "dog"))
    edits = [relabel(dataset, 0, "dog"), drop(dataset, 1)]
    before = state(tmp_path / "data")
    out = exported(dataset, tmp_path / "out", "image-folder", edits)
    assert read_again(out) == by_corner(dataset, edits)
    assert state(tmp_path / "data") == before


def test_hostile_classes_stay_apart_and_below_the_folder(tmp_path):
    dataset = hostile_table(tmp_path / "data", [name for name in HOSTILE if "\x00" not in name and name != "e\u0301"])
    # Case and composition: both are told apart in the data.
    assert {"Case", "case"} <= set(dataset.classes)
    everything = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    out = exported(dataset, tmp_path / "out", "image_folder")
    assert read_again(out) == by_corner(dataset, [])
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(out)} == everything
    folders = [path.name for path in out.iterdir() if path.is_dir()]
    assert len({folded(name) for name in folders}) == len(folders) == len(dataset.classes)
    for path in out.rglob("*"):
        assert len(os.fsencode(path.name)) <= 130
        assert not path.name.startswith((".", "-", "~"))
        assert path.name.isprintable()


def test_ids_name_the_files_of_encoded_pictures_without_leaving_the_folder(tmp_path):
    source = hostile_table(tmp_path / "data")
    frame = pd.DataFrame(
        {
            "image": [path.read_bytes() for path in source.payload.sources],
            "name": source.ids,
            "label": ["cat" if row % 2 else "dog" for row in range(len(source))],
        }
    )
    frame.to_parquet(tmp_path / "data" / "p.parquet")
    dataset = load_dataset(tmp_path / "data" / "p.parquet", ColumnRoles(id="name", image="image", label="label"))
    everything = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    out = exported(dataset, tmp_path / "out", "image_folder")
    assert len(read_again(out)) == len(HOSTILE)
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(out)} == everything


def test_files_are_links_of_the_originals_or_copies(tmp_path):
    dataset = hostile_table(tmp_path / "data")
    originals = {path.stat().st_ino for path in dataset.payload.sources}
    linked = exported(dataset, tmp_path / "linked", "image_folder")
    copied = exported(dataset, tmp_path / "copied", "image_folder", place=copy_file)
    assert {path.stat().st_ino for path in linked.rglob("*.png")} == originals
    assert not {path.stat().st_ino for path in copied.rglob("*.png")} & originals
    assert read_again(linked) == read_again(copied)


def test_a_class_named_like_a_file_beside_the_data_gets_another_folder(tmp_path):
    dataset = hostile_table(tmp_path / "data", BESIDE)
    out = exported(dataset, tmp_path / "out", "image_folder")
    assert read_again(out) == by_corner(dataset, [])


def test_folders_of_splits_stand_above(tmp_path):
    source = hostile_table(tmp_path / "data")
    frame = pd.read_csv(tmp_path / "data" / "t.csv")
    frame["split"] = ["train" if row % 3 else "test" for row in range(len(frame))]
    frame.loc[4, "split"] = None
    frame.to_csv(tmp_path / "data" / "t.csv", index=False)
    dataset = load_dataset(source.source, ColumnRoles(id="name", image="file", label="label", split="split"))
    out = exported(dataset, tmp_path / "out", "image_folder")
    assert {path.name for path in out.iterdir() if path.is_dir()} == {"train", "test", "unsplit"}
    assert len(list((out / "test").rglob("*.png"))) == sum(part == "test" for part in dataset.split)


def test_pictures_that_are_gone_are_left_out(tmp_path):
    dataset = hostile_table(tmp_path / "data")
    dataset.payload.sources[3].unlink()
    out = exported(dataset, tmp_path / "out", "image_folder")
    assert len(list(out.rglob("*.png"))) == len(dataset) - 1


@pytest.mark.parametrize("exporter", ["image_folder", "parquet", "label_studio", "fiftyone", "huggingface"])
def test_a_file_that_is_no_picture_does_not_go_out_whoever_names_it(tmp_path, exporter):
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    dataset = hostile_table(tmp_path / "data")
    rows = pd.read_csv(dataset.source)
    (tmp_path / "data" / "0.png").rename(tmp_path / "data" / "no suffix")
    rows.loc[0, "file"] = "no suffix"
    rows.loc[1, "file"] = "../secret"
    rows.loc[2, "file"] = str(secret)
    rows.to_csv(dataset.source, index=False)
    dataset = load_dataset(dataset.source, ColumnRoles(id="name", image="file", label="label"))
    plan = export_dataset(dataset, [], tmp_path / "out", outlet=Outlet(exporter), write=True)
    assert plan.notes == ("samples without a picture file, which are left out: 2",)
    assert not any(b"root:x" in path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    if exporter == "image_folder":
        assert 0 in read_again(tmp_path / "out")


def test_what_is_no_classified_picture_is_refused_with_formats_that_can_hold_it(tmp_path):
    for dataset, what in ((table(tmp_path / "t"), "a table"), (prices(tmp_path / "p"), "with numbers to predict")):
        with pytest.raises(ExportError, match=what) as caught:
            exported(dataset, tmp_path / "out", "image-folder")
        assert "parquet" in caught.value.hint
        assert "fiftyone" not in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_class_folders_are_written_as_the_source_has_them(tmp_path):
    dataset = photos(tmp_path / "photos")
    edits = [relabel(dataset, 0, "dog"), drop(dataset, 4)]
    out = exported(dataset, tmp_path / "out", "image-folder", edits)
    assert not (out / "classes.json").exists()
    again = load_dataset(out, ColumnRoles())
    places, labels = corners(again), expected(again, [])
    assert {places[sample]: label for sample, label in labels.items()} == by_corner(dataset, edits)
