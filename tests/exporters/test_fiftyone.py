import json

from made_exports import corner, decision, drop, expected, exported, hostile_table, photos, relabel, said
from PIL import Image

from dataclinic.steps.export_dataset import Known


def read_again(folder):
    """As FiftyOneImageClassificationDatasetImporter does: files by name without suffix, labels by class code."""
    content = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    files = {path.stem: path for path in (folder / "data").iterdir()}
    assert set(files) == set(content["labels"])
    return content["classes"], {files[name]: label for name, label in content["labels"].items()}


def test_pictures_and_labels_are_joined_by_the_names_of_files(tmp_path):
    dataset = photos(tmp_path / "photos")
    edits = [relabel(dataset, 0, "dog"), drop(dataset, 4)]
    classes, labels = read_again(exported(dataset, tmp_path / "out", "fiftyone", edits))
    assert classes == ["cat", "dog", "mouse"]
    wanted = expected(dataset, edits)
    assert {label["attributes"]["id"]: classes[label["label"]] for label in labels.values()} == wanted
    for path, label in labels.items():
        number = int(label["attributes"]["id"].rpartition("/")[2].removesuffix(".png"))
        assert corner(Image.open(path)) == number


def test_what_models_and_people_said_stands_beside_each_label(tmp_path):
    dataset = photos(tmp_path / "photos")
    known = Known(said(dataset, row_0=decision(dataset, 0, "ambiguous")))
    _, labels = read_again(exported(dataset, tmp_path / "out", "fiftyone", known=known))
    first = next(label for label in labels.values() if label["attributes"]["id"] == dataset.ids[0])
    assert first["confidence"] == 0.75
    assert first["attributes"]["suspect"] is True
    assert first["attributes"]["suggested_label"] == "cat"
    assert first["attributes"]["verdict"] == "ambiguous"
    assert "verdict" not in next(label for label in labels.values() if label is not first)["attributes"]


def test_hostile_ids_stay_in_the_json(tmp_path):
    dataset = hostile_table(tmp_path / "data")
    everything = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    out = exported(dataset, tmp_path / "out", "fiftyone")
    _, labels = read_again(out)
    assert {label["attributes"]["id"] for label in labels.values()} == set(dataset.ids)
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(out)} == everything
