import os

import pytest

from dataclinic.edits import Drop, Relabel
from dataclinic.errors import ExportError
from dataclinic.outgoing.manifest import MANIFEST, Manifest, Origin, write_manifest, written_files
from dataclinic.steps.undo_export import require_untouched, undo_export, without_changes

EDITS = (Relabel(0, "a", "x", "y", "why"), Drop(1, "b", "x", "why"))


@pytest.fixture
def original(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "1.png").write_bytes(b"picture")
    return tmp_path / "data" / "1.png"


@pytest.fixture
def export(tmp_path, original):
    folder = tmp_path / "out"
    (folder / "cat" / "deep").mkdir(parents=True)
    (folder / "cat" / "deep" / "1.png").hardlink_to(original)
    (folder / "t.csv").write_text("x,y\n1,2\n")
    return folder, written(folder)


def written(folder):
    manifest = Manifest(Origin("", {}, "", ""), "csv", EDITS, written_files(folder))
    write_manifest(folder, manifest)
    return manifest


def test_a_dry_run_says_what_would_go_and_removes_nothing(export):
    folder, manifest = export
    plan = undo_export(folder, manifest, write=False)
    assert plan.removed == ("t.csv", "cat/deep/1.png", MANIFEST)
    assert plan.changed == plan.foreign == ()
    assert (folder / "t.csv").exists()


def test_all_that_was_written_goes_and_the_original_stays(export, original):
    folder, manifest = export
    before = original.stat().st_ino, original.stat().st_mtime_ns, original.read_bytes()
    undo_export(folder, manifest, write=True)
    assert not folder.exists()
    assert (original.stat().st_ino, original.stat().st_mtime_ns, original.read_bytes()) == before


def test_changed_and_foreign_files_stay_and_are_named(export):
    folder, manifest = export
    (folder / "t.csv").write_text("x,y\n1,3\n")
    (folder / "cat" / "mine.txt").write_text("mine")
    (folder / "empty").mkdir()
    plan = undo_export(folder, manifest, write=True)
    assert (plan.changed, plan.foreign) == (("t.csv",), ("cat/mine.txt",))
    assert plan.removed == ("cat/deep/1.png", MANIFEST)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == [
        "cat",
        "cat/mine.txt",
        "empty",
        "t.csv",
    ]


def test_what_is_gone_already_is_passed_over(export):
    folder, manifest = export
    (folder / "t.csv").unlink()
    assert undo_export(folder, manifest, write=True).removed == ("cat/deep/1.png", MANIFEST)
    assert not folder.exists()


def test_a_folder_that_became_a_link_is_not_followed(export, tmp_path):
    folder, manifest = export
    (folder / "cat").rename(tmp_path / "cat")
    (folder / "cat").symlink_to(tmp_path / "cat", target_is_directory=True)
    plan = undo_export(folder, manifest, write=True)
    assert plan.foreign == ("cat",)
    assert (tmp_path / "cat" / "deep" / "1.png").exists()


def test_a_file_that_cannot_be_removed_is_said(export, monkeypatch):
    folder, manifest = export

    def refused(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.unlink", refused)
    with pytest.raises(ExportError, match=r"cannot take back .*Permission denied"):
        undo_export(folder, manifest, write=True)


def test_changes_of_samples_are_told_from_the_others(export):
    _, manifest = export
    assert without_changes(manifest, ["b"]) == (EDITS[:1], EDITS[1:])
    with pytest.raises(ExportError, match="changed nothing about sample 'c'") as caught:
        without_changes(manifest, ["b", "c"])
    assert "a, b" in caught.value.hint


def test_an_export_that_was_touched_is_not_written_anew(export):
    folder, manifest = export
    require_untouched(folder, manifest)
    for disturb in (
        lambda: (folder / "mine.txt").write_text("mine"),
        lambda: os.utime(folder / "cat" / "deep" / "1.png", ns=(1, 1)),
        (folder / "t.csv").unlink,
    ):
        disturb()
        with pytest.raises(ExportError, match="not as the export wrote them"):
            require_untouched(folder, manifest)
        (folder / "mine.txt").unlink(missing_ok=True)
