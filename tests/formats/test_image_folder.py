import os
from pathlib import Path

import pytest

from dataclinic.dataset import ColumnRoles
from dataclinic.edits import Drop, Relabel
from dataclinic.errors import DataError, ExportError
from dataclinic.formats.image_folder import ImageFolder
from dataclinic.outgoing.placed_files import copy_file


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "photos"


def put(folder, *names):
    """Files whose content is their own name: no test here needs a picture, since none is opened."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def load(folder):
    return ImageFolder().read(folder, ColumnRoles())


def labels_by_id(folder):
    dataset = load(folder)
    return {sample: dataset.classes[code] for sample, code in zip(dataset.ids, dataset.labels, strict=True)}


def written(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_first_folders_are_classes_in_natural_order(folder):
    put(folder, "class 10/a.png", "class 2/b.png", "class 2/a10.png", "class 2/a9.png")
    dataset = load(folder)
    assert dataset.classes == ("class 2", "class 10")
    assert dataset.ids == ("class 2/a9.png", "class 2/a10.png", "class 2/b.png", "class 10/a.png")
    assert dataset.labels.tolist() == [0, 0, 0, 1]
    assert dataset.source_rows.tolist() == [0, 1, 2, 3]
    assert dataset.payload.sources == tuple(folder / sample for sample in dataset.ids)
    assert dataset.split is None
    assert dataset.notes == ()


@pytest.mark.parametrize("suffix", ["png", "PNG", "jpg", "JPeG", "bmp", "gif", "tif", "TIFF", "webp"])
def test_image_suffixes_in_any_case(folder, suffix):
    put(folder, f"a/1.{suffix}", f"b/1.{suffix}")
    assert len(load(folder)) == 2


def test_deeper_folders_belong_to_their_class(folder):
    put(folder, "a/x/y/1.png", "a/2.png", "b/train/1.png")
    assert labels_by_id(folder) == {"a/x/y/1.png": "a", "a/2.png": "a", "b/train/1.png": "b"}


def test_split_folders_above_class_folders(folder):
    put(folder, "train/a/1.png", "train/b/1.png", "Val/a/1.png", "Val/b/x/1.png")
    dataset = load(folder)
    assert dataset.classes == ("a", "b")
    assert dict(zip(dataset.ids, dataset.split, strict=True)) == {
        "train/a/1.png": "train",
        "train/b/1.png": "train",
        "Val/a/1.png": "Val",
        "Val/b/x/1.png": "Val",
    }


@pytest.mark.parametrize("other", ["dog/a/1.png", "test/1.png"])
def test_split_names_are_classes_unless_all_first_folders_are_splits_of_classes(folder, other):
    put(folder, "train/a/1.png", other)
    dataset = load(folder)
    assert set(dataset.classes) == {"train", other.split("/")[0]}
    assert dataset.split is None


def test_images_outside_class_folders_have_no_label(folder):
    put(folder, "train/a/1.png", "train/b/1.png", "train/loose.png", "top.png")
    dataset = load(folder)
    assert dataset.unlabelled == ("top.png", "train/loose.png")
    assert dataset.source_rows.tolist() == [1, 2]
    assert dataset.notes == ("2 images lie outside class folders: they have no label and took no part",)


def test_hidden_and_system_files_are_passed_over_and_others_counted(folder):
    put(folder, "a/1.png", "b/1.png", "a/notes.txt", "README.md", "a/png")
    put(folder, ".git/x.png", "a/.hidden.png", "__MACOSX/a/1.png", "a/Thumbs.db")
    dataset = load(folder)
    assert dataset.ids == ("a/1.png", "b/1.png")
    assert dataset.notes == ("3 files are no images and were passed over",)


def test_one_of_a_kind_is_said_in_the_singular(folder):
    put(folder, "a/1.png", "b/1.png", "top.png", "README.md")
    assert load(folder).notes == (
        "1 image lies outside class folders: it has no label and took no part",
        "1 file is no image and was passed over",
    )


@pytest.fixture
def closed(monkeypatch):
    """Makes a folder one that may not be listed, also for those whom permissions do not bind."""
    listing, names = os.scandir, set()

    def scandir(path):
        if str(path) in names:
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return lambda path: names.add(str(path))


def test_folders_that_cannot_be_read_are_passed_over_and_named(folder, closed):
    put(folder, "a/1.png", "b/1.png", "b/secret/2.png")
    closed(folder / "b/secret")
    assert ImageFolder().recognises(folder)
    dataset = load(folder)
    assert dataset.ids == ("a/1.png", "b/1.png")
    assert dataset.notes == ("1 folder cannot be read and was passed over: b/secret",)
    put(folder, "c/1.png")
    closed(folder / "c")
    assert load(folder).notes == ("2 folders cannot be read and were passed over: b/secret, c",)


def test_a_class_that_cannot_be_read_is_named_where_one_is_left(folder, closed):
    put(folder, "a/1.png", "b/1.png")
    closed(folder / "b")
    with pytest.raises(DataError, match="only one class: 'a'") as caught:
        load(folder)
    assert caught.value.hint.endswith("1 folder cannot be read and was passed over: b")


def test_a_source_that_cannot_be_read_is_an_error(folder, closed):
    put(folder, "a/1.png", "b/1.png")
    closed(folder)
    with pytest.raises(PermissionError):
        load(folder)


def test_a_link_to_itself_is_a_file(folder):
    put(folder, "a/1.png", "b/1.png")
    (folder / "a/2.png").symlink_to("2.png")
    assert load(folder).ids == ("a/1.png", "a/2.png", "b/1.png")


def test_run_directories_are_no_data(folder):
    put(folder, "a/1.png", "b/1.png", "dataclinic-runs/photos-001/thumbnails/1.png", "c/1.png", "c/run.json")
    (folder / "dataclinic-runs/photos-001/run.json").write_text('{"schema": 1}')
    assert load(folder).classes == ("a", "b", "c")


def test_a_folder_named_like_a_record_of_a_run_is_a_folder(folder):
    put(folder, "a/1.png", "b/1.png", "b/run.json/2.png")
    assert load(folder).ids == ("a/1.png", "b/1.png", "b/run.json/2.png")


def test_a_record_of_a_run_that_cannot_be_read_is_a_file(folder, monkeypatch):
    put(folder, "a/1.png", "b/1.png", "b/run.json")

    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert load(folder).ids == ("a/1.png", "b/1.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of Unix")
def test_a_pipe_named_like_a_record_of_a_run_is_not_opened(folder, monkeypatch):
    put(folder, "a/1.png", "b/1.png")

    def opened(_path):
        raise AssertionError("opened")

    monkeypatch.setattr(Path, "read_bytes", opened)
    os.mkfifo(folder / "b/run.json")
    assert load(folder).ids == ("a/1.png", "b/1.png")


def test_unicode_names_are_one_class_composed_or_not(folder):
    put(folder, "train/caf\u00e9/猫.png", "test/cafe\u0301/ß.png", "train/b/1.png")
    dataset = load(folder)
    assert dataset.classes == ("b", "caf\u00e9")
    assert all(source.is_file() for source in dataset.payload.sources)


@pytest.mark.skipif(os.name == "nt", reason="Windows names are always Unicode")
def test_names_that_are_no_unicode_get_a_printable_id(folder):
    put(folder, "a/1.png", "b/1.png")
    raw = os.fsencode(folder) + b"/a/\xff.png"
    Path(os.fsdecode(raw)).write_text("raw")
    dataset = load(folder)
    assert "a/\\xff.png" in dataset.ids
    assert dataset.payload.sources[dataset.ids.index("a/\\xff.png")].read_text() == "raw"


def test_linked_folders_are_followed_but_not_in_circles(folder, tmp_path):
    put(folder, "a/1.png", "b/1.png")
    put(tmp_path / "pool", "2.png")
    (folder / "c").symlink_to(tmp_path / "pool", target_is_directory=True)
    (folder / "a" / "round").symlink_to(folder, target_is_directory=True)
    (folder / "b" / "again").symlink_to(folder / "b", target_is_directory=True)
    assert load(folder).ids == ("a/1.png", "b/1.png", "c/2.png")


def test_the_order_of_creation_does_not_matter(folder, tmp_path):
    names = ["b/2.png", "a/1.png", "b/10.png", "a/3.png"]
    put(folder, *names)
    put(tmp_path / "other", *reversed(names))
    assert load(folder).ids == load(tmp_path / "other").ids


def test_recognises_folders_that_hold_an_image_anywhere(folder):
    put(folder, "a/b/c/notes.txt", ".hidden/1.png")
    assert not ImageFolder().recognises(folder)
    put(folder, "a/b/c/1.png")
    assert ImageFolder().recognises(folder)
    assert not ImageFolder().recognises(folder / "a/b/c/1.png")


def test_no_class_folders_is_refused(folder):
    put(folder, "1.png", "2.png")
    with pytest.raises(DataError, match="holds 2 images but no class folders"):
        load(folder)


def test_one_class_is_refused_and_its_inner_folders_suggested(folder):
    put(folder, "images/cat/1.png", "images/dog/1.png")
    with pytest.raises(DataError, match="only one class: 'images'") as caught:
        load(folder)
    assert str(folder / "images") in caught.value.hint


def test_one_class_of_files_is_refused(folder):
    put(folder, "train/cat/1.png", "test/cat/1.png")
    with pytest.raises(DataError, match="only one class: 'cat'"):
        load(folder)


def test_column_options_are_refused(folder):
    put(folder, "a/1.png", "b/1.png")
    with pytest.raises(DataError, match="has no column 'grade'") as caught:
        ImageFolder().read(folder, ColumnRoles(label="grade"))
    assert "--label" in caught.value.hint


def edits_for(dataset, dropped=(), relabelled=None):
    given = {sample: dataset.classes[code] for sample, code in zip(dataset.ids, dataset.labels, strict=True)}
    drops = [Drop(dataset.ids.index(sample), sample, given[sample], "bad") for sample in dropped]
    moves = (relabelled or {}).items()
    return drops + [Relabel(dataset.ids.index(sample), sample, given[sample], to, "wrong") for sample, to in moves]


def export(folder, destination, place=copy_file, **edits):
    destination.mkdir()
    dataset = load(folder)
    ImageFolder().write(dataset, edits_for(dataset, **edits), destination, place)
    return written(destination)


def test_written_copies_leave_out_dropped_and_move_relabelled_images(folder, tmp_path):
    put(folder, "train/a/x/1.png", "train/a/2.png", "train/b/3.png", "test/a/1.png", "test/b/1.png", "loose.png")
    out = export(
        folder, tmp_path / "out", dropped=["train/a/2.png"], relabelled={"train/a/x/1.png": "b", "test/b/1.png": "a"}
    )
    assert out == {
        "train/b/x/1.png": "train/a/x/1.png",
        "train/b/3.png": "train/b/3.png",
        "test/a/1.png": "test/a/1.png",
        "test/a/1-2.png": "test/b/1.png",
        "loose.png": "loose.png",
    }
    assert labels_by_id(tmp_path / "out")["train/b/x/1.png"] == "b"


def test_two_images_moved_to_one_name_both_survive(folder, tmp_path):
    put(folder, "a/1.png", "b/1.png", "c/1.png")
    out = export(folder, tmp_path / "out", relabelled={"a/1.png": "c", "b/1.png": "c"})
    assert sorted(out.values()) == ["a/1.png", "b/1.png", "c/1.png"]
    assert sorted(out) == ["c/1-2.png", "c/1-3.png", "c/1.png"]


def test_a_name_freed_by_a_drop_is_used_again(folder, tmp_path):
    put(folder, "a/1.png", "b/1.png", "b/2.png")
    assert export(folder, tmp_path / "out", dropped=["b/1.png"], relabelled={"a/1.png": "b"}) == {
        "b/1.png": "a/1.png",
        "b/2.png": "b/2.png",
    }


def test_a_class_that_the_split_lacks_gets_its_folder(folder, tmp_path):
    put(folder, "train/a/1.png", "train/b/1.png", "test/a/1.png")
    assert "test/b/1.png" in export(folder, tmp_path / "out", relabelled={"test/a/1.png": "b"})


def test_the_folder_of_the_class_keeps_its_spelling(folder, tmp_path):
    put(folder, "cafe\u0301/1.png", "b/2.png")
    assert "cafe\u0301/2.png" in export(folder, tmp_path / "out", relabelled={"b/2.png": "caf\u00e9"})


def test_each_split_keeps_its_own_spelling_of_a_class(folder, tmp_path):
    put(folder, "test/caf\u00e9/1.png", "test/b/2.png", "train/cafe\u0301/1.png", "train/b/2.png")
    out = export(folder, tmp_path / "out", relabelled={"train/b/2.png": "caf\u00e9", "test/b/2.png": "caf\u00e9"})
    assert {"test/caf\u00e9/2.png", "train/cafe\u0301/2.png"} <= set(out)


def test_times_of_copies_are_those_of_the_originals(folder, tmp_path):
    put(folder, "a/1.png", "b/1.png")
    os.utime(folder / "a/1.png", (1_000_000, 1_000_000))
    export(folder, tmp_path / "out")
    assert (tmp_path / "out/a/1.png").stat().st_mtime == 1_000_000


def test_a_link_that_leads_nowhere_is_an_image_and_is_copied_as_it_is(folder, tmp_path):
    put(folder, "a/1.png", "b/1.png")
    (folder / "a/lost.png").symlink_to(tmp_path / "nowhere.png")
    assert "a/lost.png" in load(folder).ids
    export(folder, tmp_path / "out")
    assert (tmp_path / "out/a/lost.png").is_symlink()


def test_a_source_that_changed_is_not_written(folder, tmp_path):
    put(folder, "a/1.png", "b/1.png")
    dataset = load(folder)
    put(folder, "a/0.png")
    with pytest.raises(ExportError, match="has changed since"):
        ImageFolder().write(dataset, [], tmp_path, copy_file)
