"""Verified labels come from a column, a file or class folders, and fit the samples that they were given for."""

import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dataclinic.dataset import ColumnRoles
from dataclinic.errors import DataError
from dataclinic.progress import silent
from dataclinic.steps.load_dataset import load_dataset
from dataclinic.steps.measure_samples import measure_samples
from dataclinic.steps.read_trusted import read_trusted, trusted_column

ROWS = 12
GIVEN = ["cat", "dog", None, "cat", "dog", "cat", "dog", "cat", "dog", "cat", "dog", "cat"]
CHECKED = ["cat", "cat", "dog", None, "", "dog", " dog ", None, "NA", None, None, "cat"]
"""By row; 0, 1, 5, 6 and 11 of those with a label were looked at, 1 and 5 were wrong."""
CODES = [0, 0, -1, -1, 1, 1, -1, -1, -1, -1, 0]
"""Of the samples, which are the rows but the third."""


@pytest.fixture(params=["csv", "parquet"])
def save(request, tmp_path):
    """Writes columns as a table of either format."""

    def write(name, **columns):
        file = tmp_path / f"{name}.{request.param}"
        frame = pd.DataFrame(columns)
        frame.to_csv(file, index=False) if request.param == "csv" else frame.to_parquet(file)
        return file

    return write


@pytest.fixture
def pets(save):
    return save("pets", x=np.arange(ROWS) % 5, checked=CHECKED, breed=GIVEN)


def read(source, trusted, task="classification", **roles):
    dataset = load_dataset(source, ColumnRoles(**roles), task)
    return read_trusted(dataset, measure_samples(dataset, workers=1, progress=silent), str(trusted))


class TestColumn:
    def test_its_labels_are_those_of_the_rows_that_became_samples(self, pets):
        trusted = read(pets, "checked", label="breed")
        assert trusted.labels.tolist() == CODES
        assert trusted.labels.dtype == np.int64
        assert trusted.notes == ("column 'checked' verifies 5 of 11 labels, and says otherwise of 2",)

    def test_it_is_found_by_its_name_and_nothing_else_is(self, pets):
        assert trusted_column("checked", pets) == "checked"
        assert trusted_column("Checked", pets) is None
        (pets.parent / "folder").mkdir()
        assert trusted_column("checked", pets.parent / "folder") is None
        assert trusted_column("checked", pets.parent / "no such file") is None

    def test_with_its_part_it_is_no_feature_and_never_taken_for_the_label(self, save):
        file = save("pets", x=np.arange(ROWS) % 5, true_class=GIVEN, breed_class=GIVEN)
        assert list(load_dataset(file, ColumnRoles(label="breed_class")).payload.frame) == ["x", "true_class"]
        dataset = load_dataset(file, ColumnRoles(trusted="true_class"))
        assert dataset.roles.label == "breed_class"
        assert list(dataset.payload.frame) == ["x"]

    def test_numbers_name_the_same_class_however_they_are_spelled(self, save):
        given = [1.0, 2.0, 2.5] * 4
        checked = [1.0, 2.0, np.nan, np.nan] * 3
        trusted = read(save("grades", x=np.arange(ROWS), checked=checked, grade=given), "checked", label="grade")
        assert trusted.labels.tolist() == [0, 1, -1, -1] * 3

    def test_regression_has_numbers(self, save):
        price = np.linspace(1, 2, ROWS)
        checked = np.where(np.arange(ROWS) < 3, price + [0, 1, 0] * 4, np.nan)
        file = save("houses", x=np.arange(ROWS) % 5, checked=checked, price=price)
        trusted = read(file, "checked", "regression", label="price")
        np.testing.assert_allclose(trusted.labels, checked)
        assert trusted.notes == ("column 'checked' verifies 3 of 12 labels, and says otherwise of 1",)

    def test_cells_that_are_no_number_are_told(self, save):
        checked = ["1", "unclear", "inf", "", "2", "3"] * 2
        file = save("houses", x=np.arange(ROWS) % 5, checked=checked, price=np.arange(ROWS) / 3)
        trusted = read(file, "checked", "regression", label="price")
        assert np.isnan(trusted.labels).sum() == 6
        assert trusted.notes[1] == "cells of column 'checked' that hold no finite number: 4 ('unclear')"

    def test_labels_that_are_no_class_are_told_and_left_out(self, save):
        checked = ["cat", "lion", "cat", "lion", "dog", "puma", *[None] * 6]
        file = save("pets", x=np.arange(ROWS) % 5, checked=checked, breed=["cat", "dog"] * 6)
        trusted = read(file, "checked", label="breed")
        assert trusted.labels.tolist() == [0, -1, 0, -1, 1, *[-1] * 7]
        told = "labels of column 'checked' that are no class of the data, and not scored: 3 ('lion', 'puma')"
        assert trusted.notes[1] == told

    def test_no_class_at_all_is_refused_with_the_nearest(self, save):
        file = save("pets", x=np.arange(ROWS) % 5, checked=["Cat", *[None] * 11], breed=["cat", "dog"] * 6)
        with pytest.raises(
            DataError, match=r"no label of column 'checked' is a class of the data, e\.g\. 'Cat'"
        ) as caught:
            read(file, "checked", label="breed")
        assert caught.value.hint == "did you mean 'cat'? write classes as the data does: cat, dog"

    @pytest.mark.parametrize(("task", "label"), [("classification", ["a", "b"] * 6), ("regression", np.arange(12.0))])
    def test_an_empty_one_is_refused(self, save, task, label):
        file = save("pets", x=np.arange(ROWS) % 5, checked=[None] * ROWS, grade=label)
        with pytest.raises(DataError, match="column 'checked' holds no verified label"):
            read(file, "checked", task, label="grade")

    def test_one_that_only_looked_at_rows_without_a_label_is_refused(self, save):
        checked = [None, None, "cat", *[None] * 9]
        with pytest.raises(DataError, match="holds no verified label"):
            read(save("pets", x=np.arange(ROWS) % 5, checked=checked, breed=GIVEN), "checked", label="breed")

    def test_the_label_cannot_verify_itself(self, pets):
        with pytest.raises(DataError, match="column 'breed' cannot be both --label and --trusted"):
            read(pets, "breed", label="breed")
        with pytest.raises(DataError, match="column 'breed' cannot be both --label and --trusted"):
            load_dataset(pets, ColumnRoles(label="breed", trusted="breed"))

    def test_it_goes_before_a_path_of_the_same_name_and_says_so(self, pets, monkeypatch):
        monkeypatch.chdir(pets.parent)
        (pets.parent / "checked").mkdir()
        trusted = read(pets, "checked", label="breed")
        assert trusted.labels.tolist() == CODES
        assert trusted.notes[1].startswith("--trusted checked: the column was read; ")
        with pytest.raises(DataError, match="is a folder, whose files are matched"):
            read(pets, "./checked", label="breed")


class TestFile:
    def test_its_labels_are_matched_by_id(self, save, pets):
        file = save("verified", id=[11, 0, 1, 99], label=["cat", "cat", "cat", "dog"])
        trusted = read(pets, file, label="breed")
        assert trusted.labels.tolist() == [0, 0, *[-1] * 8, 0]
        assert trusted.notes == (
            f"{file.name} verifies 3 of 11 labels, and says otherwise of 1",
            f"labels of {file.name} whose id is of no sample: 1 ('99')",
        )

    def test_columns_named_as_in_the_data_come_first(self, save):
        names = [f"pet {row}" for row in range(ROWS)]
        source = save("pets", key=names, x=np.arange(ROWS) % 5, breed=["cat", "dog"] * 6)
        file = save("verified", id=names[:2], label=["dog", "dog"], key=names[4:6], breed=["dog", "dog"])
        trusted = read(source, file, label="breed", id="key")
        assert np.flatnonzero(trusted.labels >= 0).tolist() == [4, 5]
        assert trusted.labels[4:6].tolist() == [1, 1]

    def test_any_kind_of_samples_is_matched(self, tmp_path, save):
        picture_folder(tmp_path / "pets", {"cat": [0, 1], "dog": [2, 3]})
        file = save("verified", id=["dog/2.png", "cat/0.png"], label=["cat", "cat"])
        assert read(tmp_path / "pets", file).labels.tolist() == [0, -1, 0, -1]

    def test_labels_that_contradict_each_other_verify_nothing(self, save, pets):
        file = save("verified", id=[0, 0, 1, 1], label=["cat", "dog", "cat", "cat"])
        trusted = read(pets, file, label="breed")
        assert trusted.labels.tolist() == [-1, 0, *[-1] * 9]
        assert trusted.notes[1] == f"ids that {file.name} gives different labels, and so verifies none: 1"

    def test_cells_without_id_or_label_say_nothing(self, save, pets):
        file = save("verified", id=["0", None, "1"], label=["cat", "dog", None])
        assert read(pets, file, label="breed").labels.tolist() == [0, *[-1] * 10]

    def test_regression_has_numbers(self, save):
        source = save("houses", x=np.arange(ROWS) % 5, price=np.arange(ROWS) / 3)
        trusted = read(source, save("verified", id=[2, 1], price=[7.5, np.nan]), "regression", label="price")
        np.testing.assert_array_equal(trusted.labels, [np.nan, np.nan, 7.5, *[np.nan] * 9])

    @pytest.mark.parametrize(
        ("columns", "missing"),
        [({"id": [0], "grade": ["cat"]}, "'breed' or 'label'"), ({"key": [0], "label": ["cat"]}, "'id'")],
    )
    def test_one_without_a_column_that_is_needed_is_refused(self, save, pets, columns, missing):
        with pytest.raises(DataError, match=f"has no column {missing}"):
            read(pets, save("verified", **columns), label="breed")

    def test_one_of_other_samples_is_refused(self, save, pets):
        file = save("verified", id=["a", "b"], label=["cat", "dog"])
        with pytest.raises(DataError, match=rf"no id of {file.name} is that of a sample, e\.g\. 'a'") as caught:
            read(pets, file, label="breed")
        assert "samples.parquet" in caught.value.hint

    def test_the_data_itself_is_refused(self, pets):
        with pytest.raises(DataError, match="is the data itself"):
            read(pets, pets, label="breed")

    def test_a_broken_one_is_refused(self, pets, tmp_path):
        file = tmp_path / "broken.parquet"
        file.write_bytes(b"no parquet")
        with pytest.raises(DataError, match="cannot read"):
            read(pets, file, label="breed")

    def test_another_kind_of_file_is_refused(self, pets, tmp_path):
        file = tmp_path / "notes.txt"
        file.write_text("0 cat")
        with pytest.raises(DataError, match="holds no labels that can be read"):
            read(pets, file, label="breed")

    def test_neither_column_nor_path_is_refused_with_the_nearest_column(self, pets):
        with pytest.raises(DataError, match="--trusted chekced is neither a column of the data nor a file") as caught:
            read(pets, "chekced", label="breed")
        assert caught.value.hint.startswith("did you mean 'checked'? ")


def picture_folder(folder, seeds, suffix=".png"):
    """A picture drawn from each seed, lossless, below the folder of its class."""
    for name, drawn in seeds.items():
        (folder / name).mkdir(parents=True)
        for seed in drawn:
            pixels = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{seed}{suffix}")
    return folder


class TestFolder:
    @pytest.fixture
    def given(self, tmp_path):
        """Cats 0, 1 and 2, dogs 3, 4 and 5."""
        return picture_folder(tmp_path / "given", {"cat": [0, 1, 2], "dog": [3, 4, 5]})

    def test_pictures_are_matched_by_their_pixels(self, given, tmp_path):
        checked = picture_folder(tmp_path / "checked", {"dog": [1, 3], "cat": [0, 77]}, suffix=".bmp")
        trusted = read(given, checked)
        assert trusted.labels.tolist() == [0, 1, -1, 1, -1, -1]
        assert trusted.notes == (
            "checked verifies 3 of 6 labels, and says otherwise of 1",
            "labels of checked whose picture is of no sample: 1 ('cat/77.bmp')",
        )

    def test_one_class_and_deeper_folders_will_do(self, given, tmp_path):
        picture_folder(tmp_path / "checked" / "cat", {"monday": [4]})
        assert read(given, tmp_path / "checked").labels.tolist() == [-1, -1, -1, -1, 0, -1]

    def test_folders_of_a_split_are_no_classes(self, given, tmp_path):
        picture_folder(tmp_path / "checked" / "test", {"cat": [4]})
        assert read(given, tmp_path / "checked").labels.tolist() == [-1, -1, -1, -1, 0, -1]

    def test_a_class_may_be_called_test(self, tmp_path):
        given = picture_folder(tmp_path / "given", {"test": [0, 1], "real": [2, 3]})
        checked = picture_folder(tmp_path / "checked", {"test": [2]})
        assert read(given, checked).labels.tolist() == [1, -1, -1, -1]  # real/2.png comes first

    def test_copies_of_a_picture_share_its_label(self, given, tmp_path):
        shutil.copy(given / "cat" / "0.png", given / "dog" / "copy.png")
        trusted = read(given, picture_folder(tmp_path / "checked", {"cat": [0]}))
        assert np.flatnonzero(trusted.labels == 0).tolist() == [0, 6]

    def test_a_picture_in_two_classes_verifies_nothing(self, given, tmp_path):
        trusted = read(given, picture_folder(tmp_path / "checked", {"cat": [0, 1], "dog": [0]}))
        assert trusted.labels.tolist() == [-1, 0, -1, -1, -1, -1]
        assert trusted.notes[1] == "pictures that checked gives different labels, and so verifies none: 1"

    def test_other_files_are_passed_over_and_broken_pictures_told(self, given, tmp_path):
        checked = picture_folder(tmp_path / "checked", {"cat": [0], ".hidden": [1]})
        (checked / "cat" / "broken.png").write_bytes(b"no picture")
        (checked / "cat" / "notes.txt").write_text("checked on Monday")
        (checked / "cat" / ".trash.png").write_bytes((given / "cat" / "1.png").read_bytes())
        trusted = read(given, checked)
        assert trusted.labels.tolist() == [0, *[-1] * 5]
        assert trusted.notes[1] == "pictures of checked that cannot be read: 1"

    def test_progress_is_told_for_every_picture(self, given, tmp_path):
        told = []
        dataset = load_dataset(given, ColumnRoles())
        measurements = measure_samples(dataset, workers=1, progress=silent)
        checked = picture_folder(tmp_path / "checked", {"cat": [0, 1]})
        read_trusted(dataset, measurements, str(checked), lambda *step: told.append(step))
        assert told == [("read trusted pictures", 1, 2), ("read trusted pictures", 2, 2)]

    def test_other_pictures_are_refused(self, given, tmp_path):
        checked = picture_folder(tmp_path / "checked", {"cat": [50]})
        with pytest.raises(DataError, match=r"no picture of checked is that of a sample, e\.g\. 'cat/50\.png'"):
            read(given, checked)

    def test_other_classes_are_refused(self, given, tmp_path):
        with pytest.raises(DataError, match=r"no label of checked is a class of the data, e\.g\. 'Dogs'") as caught:
            read(given, picture_folder(tmp_path / "checked", {"Dogs": [0]}))
        assert caught.value.hint.startswith("did you mean 'dog'? ")

    def test_a_folder_without_pictures_is_refused(self, given, tmp_path):
        (tmp_path / "checked" / "cat").mkdir(parents=True)
        with pytest.raises(DataError, match="holds no labels that can be read"):
            read(given, tmp_path / "checked")

    def test_a_folder_whose_pictures_are_all_broken_is_refused(self, given, tmp_path):
        (tmp_path / "checked" / "cat").mkdir(parents=True)
        (tmp_path / "checked" / "cat" / "broken.png").write_bytes(b"no picture")
        with pytest.raises(DataError, match="checked holds no verified label"):
            read(given, tmp_path / "checked")

    def test_tables_have_no_pictures_to_match(self, tmp_path, pets):
        with pytest.raises(DataError, match="the samples are no pictures"):
            read(pets, picture_folder(tmp_path / "checked", {"cat": [0]}), label="breed")
