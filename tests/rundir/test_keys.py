import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataclinic.dataset import Dataset, Images
from dataclinic.rundir import content_fingerprint, fingerprint, source_fingerprint


@pytest.fixture
def pets(tmp_path):
    """A table that names pictures beside it."""
    (tmp_path / "pets.csv").write_text("file,breed\na.png,cat\nb.png,dog\n")
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"picture")
    return Dataset(
        source=tmp_path / "pets.csv",
        format="csv",
        payload=Images((tmp_path / "a.png", tmp_path / "b.png")),
        ids=("0", "1"),
        labels=np.array([0, 1]),
        classes=("cat", "dog"),
        source_rows=np.arange(2),
    )


def test_parts_are_not_run_together():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("ab", "c") == fingerprint("ab", "c")


def test_a_picture_that_a_table_names_counts(pets, tmp_path):
    before = content_fingerprint(pets)
    assert content_fingerprint(pets) == before
    (tmp_path / "b.png").write_bytes(b"another picture")
    assert content_fingerprint(pets) != before
    (tmp_path / "b.png").unlink()
    assert content_fingerprint(pets) != before


def test_the_table_itself_counts(pets):
    before = content_fingerprint(pets)
    stat = pets.source.stat()
    os.utime(pets.source, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert content_fingerprint(pets) != before


def test_labels_do_not_count_and_ids_do(pets):
    before = content_fingerprint(pets)
    assert content_fingerprint(replace(pets, labels=np.array([1, 0]))) == before
    assert content_fingerprint(replace(pets, ids=("0", "2"))) != before


def test_what_lies_beside_the_pictures_of_a_folder_does_not_count(pets, tmp_path):
    folder = replace(pets, source=tmp_path, format="image_folder")
    before = content_fingerprint(folder)
    (tmp_path / "notes.txt").write_text("hello")
    assert content_fingerprint(folder) == before
    assert source_fingerprint(Path(tmp_path)) != source_fingerprint(tmp_path / "pets.csv")
