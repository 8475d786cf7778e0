import csv
from pathlib import Path

import pandas as pd
import pytest

from dataclinic.dataset import ColumnRoles
from dataclinic.edits import Drop, Relabel
from dataclinic.errors import ExportError
from dataclinic.formats.csv import Csv
from dataclinic.outgoing.manifest import BESIDE
from dataclinic.steps.export_dataset import export_dataset
from dataclinic.steps.load_dataset import load_dataset

FRAME = pd.DataFrame(
    {
        "x": [1, 2, 3, 4, 5, 6],
        "colour": ["red", "blue", None, "red", "blue", "red"],
        "label": ["a", "b", None, "b", "a", "b"],
    }
)


def make_csv(folder):
    FRAME.to_csv(folder / "survey.csv", index=False)
    return folder / "survey.csv"


def make_parquet(folder):
    FRAME.to_parquet(folder / "survey.parquet")
    return folder / "survey.parquet"


def make_parts(folder):
    (folder / "survey").mkdir()
    FRAME[:2].to_parquet(folder / "survey" / "0.parquet")
    FRAME[2:].to_parquet(folder / "survey" / "1.parquet")
    return folder / "survey"


def make_images(folder):
    for place, label in enumerate(FRAME["label"].fillna(".")):
        path = folder / "photos" / label / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"picture {place}")
    (folder / "photos" / "notes.txt").write_text("not a picture")
    return folder / "photos"


SOURCES = {"csv": make_csv, "parquet": make_parquet, "parts": make_parts, "images": make_images}


@pytest.fixture(params=SOURCES)
def source(request, tmp_path):
    (tmp_path / "data").mkdir()
    return SOURCES[request.param](tmp_path / "data")


@pytest.fixture
def table(tmp_path):
    (tmp_path / "data").mkdir()
    return make_csv(tmp_path / "data")


def load(source):
    return load_dataset(source, ColumnRoles())


def relabel(dataset, row, to):
    return Relabel(row, dataset.ids[row], dataset.classes[dataset.labels[row]], to, 'looks like "b", not a')


def drop(dataset, row):
    return Drop(row, dataset.ids[row], dataset.classes[dataset.labels[row]], "duplicate, of 0")


def state(folder):
    """Bytes and times of everything in a folder."""
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in [folder, *folder.rglob("*")]
    }


def samples(dataset):
    """Label by content of the sample."""
    names = [dataset.classes[code] for code in dataset.labels]
    if dataset.format == "image_folder":
        return {path.read_text(): name for path, name in zip(dataset.payload.sources, names, strict=True)}
    rows = dataset.payload.frame.astype("str").itertuples(index=False)
    return dict(zip(map(tuple, rows), names, strict=True))


def written_source(destination):
    """What to load at the destination: a table is written under its own name, a folder as the destination itself."""
    tables = [path for path in destination.iterdir() if path.suffix in {".csv", ".parquet"} and path.name not in BESIDE]
    return tables[0] if len(tables) == 1 else destination


def test_the_export_loads_again_with_the_edits_and_nothing_else_changed(source, tmp_path):
    dataset = load(source)
    edits = [drop(dataset, 2), relabel(dataset, 0, "b")]
    plan = export_dataset(dataset, edits, tmp_path / "clean", write=True)
    again = load(written_source(tmp_path / "clean"))
    expected = samples(dataset)
    first, _, third, *_ = expected
    expected[first] = "b"
    del expected[third]
    assert samples(again) == expected
    assert len(again.unlabelled) == len(dataset.unlabelled) == plan.unlabelled
    assert (plan.kept, plan.dropped, plan.relabelled) == (3, 1, 1)
    assert plan.edits == (edits[1], edits[0])
    assert plan.destination == tmp_path / "clean"


def test_the_source_is_untouched(source, tmp_path):
    before = state(source.parent)
    dataset = load(source)
    export_dataset(dataset, [drop(dataset, 3), relabel(dataset, 0, "b")], tmp_path / "clean", write=True)
    assert state(source.parent) == before


def test_changes_are_logged_in_the_order_of_samples(table, tmp_path):
    dataset = load(table)
    export_dataset(dataset, [drop(dataset, 3), relabel(dataset, 0, "b")], tmp_path / "clean", write=True)
    with (tmp_path / "clean" / "changes.csv").open(newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["id", "what", "from", "to", "why", "who", "when", "source"],
            ["0", "relabel", "a", "b", 'looks like "b", not a', "", "", "suggestion"],
            ["4", "drop", "a", "", "duplicate, of 0", "", "", "suggestion"],
        ]


def test_a_dry_run_gives_the_same_plan_and_writes_nothing(source, tmp_path):
    dataset = load(source)
    edits = [relabel(dataset, 0, "b")]
    before = state(tmp_path)
    plan = export_dataset(dataset, edits, tmp_path / "new" / "clean", write=False)
    assert state(tmp_path) == before
    assert export_dataset(dataset, edits, tmp_path / "new" / "clean", write=True) == plan


def test_an_existing_empty_folder_is_used(source, tmp_path):
    (tmp_path / "clean").mkdir()
    export_dataset(load(source), [], tmp_path / "clean", write=True)
    assert samples(load(written_source(tmp_path / "clean"))) == samples(load(source))
    assert not [path for path in (tmp_path / "clean").iterdir() if path.name.startswith(".")]


def test_unedited_tables_come_out_byte_for_byte(table, tmp_path):
    export_dataset(load(table), [], tmp_path / "clean", write=True)
    assert (tmp_path / "clean" / "survey.csv").read_bytes() == table.read_bytes()


@pytest.mark.parametrize("write", [False, True])
def test_destinations_in_use_are_refused(source, tmp_path, write):
    dataset = load(source)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    (tmp_path / "link").symlink_to(source.parent, target_is_directory=True)
    refusals = {
        tmp_path / "full": "is not empty",
        tmp_path / "full" / "mine.txt": "is a file",
        source: "is a file" if source.is_file() else "overlap",
        source.parent: "overlap",
        source.parent.parent: "overlap",
        tmp_path / "link": "overlap",
    }
    if source.is_dir():
        refusals |= {
            source / "clean": "overlap",
            tmp_path / "link" / source.name / "x" / "y": "overlap",
        }
    before = state(tmp_path)
    for destination, problem in refusals.items():
        with pytest.raises(ExportError, match=problem) as caught:
            export_dataset(dataset, [], destination, write=write)
        assert caught.value.hint
    assert state(tmp_path) == before


def test_edits_that_do_not_fit_are_refused(table, tmp_path):
    dataset = load(table)
    cases = [
        ([Drop(0, "7", "a", "")], "there is no sample '7'"),
        ([Drop(99, "99", "a", "")], "there is no sample '99'"),
        ([Drop(-1, dataset.ids[-1], "a", "")], "there is no sample"),
        ([relabel(dataset, 0, "../b")], "there is no class '../b'"),
        ([relabel(dataset, 0, "b"), drop(dataset, 0)], "more than one edit for sample '0'"),
        ([drop(dataset, row) for row in range(len(dataset))], "drop every sample"),
    ]
    for edits, problem in cases:
        with pytest.raises(ExportError, match=problem):
            export_dataset(dataset, edits, tmp_path / "clean", write=True)
    assert not (tmp_path / "clean").exists()


def test_a_source_that_is_gone_is_said(table, tmp_path):
    dataset = load(table)
    table.unlink()
    with pytest.raises(ExportError, match="no longer at"):
        export_dataset(dataset, [], tmp_path / "clean", write=True)


@pytest.mark.parametrize("there", [False, True])
def test_nothing_is_left_when_writing_fails_midway(table, tmp_path, monkeypatch, there):
    dataset = load(table)
    if there:
        (tmp_path / "clean").mkdir()
    before = state(tmp_path)

    def half_written(self, dataset, edits, destination, place):
        (destination / "survey.csv").write_text("x,la")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Csv, "write", half_written)
    with pytest.raises(ExportError, match="No space left on device"):
        export_dataset(dataset, [], tmp_path / "clean", write=True)
    assert {path: content for path, (_, content) in state(tmp_path).items()} == {
        path: content for path, (_, content) in before.items()
    }


def test_a_folder_that_may_not_be_written_is_said(table, tmp_path, monkeypatch):
    dataset = load(table)

    def refused(self, *_args, **_options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(ExportError, match="Permission denied") as caught:
        export_dataset(dataset, [], tmp_path / "clean", write=True)
    assert "may write to" in caught.value.hint


def test_a_table_named_like_the_change_log_is_refused(tmp_path):
    (tmp_path / "data").mkdir()
    FRAME.to_csv(tmp_path / "data" / "changes.csv", index=False)
    with pytest.raises(ExportError, match=r"a file 'changes\.csv' of its own"):
        export_dataset(load(tmp_path / "data" / "changes.csv"), [], tmp_path / "clean", write=True)
    assert not (tmp_path / "clean").exists()


def test_relative_image_paths_are_said_to_stay(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "1.png").touch()
    (tmp_path / "data" / "t.csv").write_text("file,label\n1.png,a\n2.png,b\n3.png,b\n")
    dataset = load_dataset(tmp_path / "data" / "t.csv", ColumnRoles(image="file"))
    plan = export_dataset(dataset, [], tmp_path / "clean", write=False)
    assert plan.notes == (f"image files are not copied: relative paths in 'file' still start at {tmp_path / 'data'}",)
    pictures = pd.DataFrame({"image": [b"\x89PNG"] * 3, "label": list("abb")})
    pictures.to_parquet(tmp_path / "data" / "t.parquet")
    assert export_dataset(load(tmp_path / "data" / "t.parquet"), [], tmp_path / "clean", write=False).notes == ()
    plan = export_dataset(load(make_csv(tmp_path / "data")), [], tmp_path / "clean", write=False)
    assert plan.notes == ("samples without a label, which stay as they are: 1",)
