import json
import os

import pytest

from dataclinic.edits import Drop, Relabel
from dataclinic.errors import ExportError
from dataclinic.outgoing.manifest import Manifest, Origin, is_unchanged, read_manifest, write_manifest, written_files

ORIGIN = Origin("/runs/a", {"format": None, "copy": False}, "2026-01-01T00:00:00+00:00", "0.1.0")
EDITS = (
    Relabel(3, "=x", "a", "b", "why", "decision", "anna", "2026-01-01T00:00:00+00:00"),
    Drop(4, 'y"\n', "a", "why", "treatment"),
)


@pytest.fixture
def folder(tmp_path):
    """Three files: one of its own, a hard link, and a symbolic link that leads nowhere."""
    (tmp_path / "data.bin").write_bytes(b"original")
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    (out / "deep" / "own.txt").write_text("own")
    (out / "link.bin").hardlink_to(tmp_path / "data.bin")
    (out / "lost").symlink_to("nowhere")
    return out


def test_what_was_written_is_read_again(folder):
    manifest = Manifest(ORIGIN, "csv", EDITS, written_files(folder))
    write_manifest(folder, manifest)
    assert read_manifest(folder) == manifest
    assert [file.path for file in manifest.files] == ["link.bin", "lost", "deep/own.txt"]


def test_names_of_files_that_are_no_text_are_kept(folder):
    name = os.fsdecode(b"caf\xe9.txt")
    (folder / name).write_text("x")
    write_manifest(folder, Manifest(ORIGIN, "csv", (), written_files(folder)))
    assert name in {file.path for file in read_manifest(folder).files}


def test_a_file_is_unchanged_until_it_is_touched(folder):
    files = {file.path: file for file in written_files(folder)}
    assert all(is_unchanged(folder, file) for file in files.values())
    (folder / "deep" / "own.txt").write_text("owm")
    os.utime(folder / "link.bin", ns=(1, 1))
    (folder / "lost").unlink()
    (folder / "lost").symlink_to("elsewhere")
    assert not any(is_unchanged(folder, file) for file in files.values())


def test_a_copy_that_was_only_touched_is_unchanged(folder):
    file = next(file for file in written_files(folder) if file.path == "deep/own.txt")
    os.utime(folder / "deep" / "own.txt", ns=(1, 1))
    assert is_unchanged(folder, file)


def test_what_became_a_link_or_a_folder_has_changed(folder, tmp_path):
    files = {file.path: file for file in written_files(folder)}
    (folder / "deep").rename(tmp_path / "elsewhere")
    (folder / "deep").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert not is_unchanged(folder, files["deep/own.txt"])
    (folder / "link.bin").unlink()
    (folder / "link.bin").mkdir()
    assert not is_unchanged(folder, files["link.bin"])


@pytest.mark.parametrize("path", ["../data.bin", "/etc/passwd", "deep/../../data.bin", "..", "", "a\0b"])
def test_a_manifest_that_names_files_elsewhere_is_refused(folder, path):
    write_manifest(folder, Manifest(ORIGIN, "csv", (), written_files(folder)))
    content = json.loads((folder / "export.json").read_text())
    content["files"][0]["path"] = path
    (folder / "export.json").write_text(json.dumps(content))
    with pytest.raises(ExportError, match="not below the folder"):
        read_manifest(folder)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "\u00e9", '{"schema": 99}', '{"schema": 1, "origin": 3}', '{"schema": 1, "origin": {}}'],
)
def test_a_broken_manifest_is_said(folder, text):
    (folder / "export.json").write_text(text, encoding="utf-8")
    with pytest.raises(ExportError, match=r"cannot read .*export\.json"):
        read_manifest(folder)


def test_a_folder_without_one_is_no_export(tmp_path):
    with pytest.raises(ExportError, match="there is no export"):
        read_manifest(tmp_path)
