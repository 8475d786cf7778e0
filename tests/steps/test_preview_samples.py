"""Previews are small, faithful, and say why a sample cannot be shown."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dataclinic.dataset import Dataset, Images, Table, Texts
from dataclinic.seeding import rng_for
from dataclinic.steps.preview_samples import preview_samples


def encoded(pixels: np.ndarray, form: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, form)
    return content.getvalue()


def dataset_of(payload) -> Dataset:
    size = len(payload)
    ids = tuple(f"sample {row}" for row in range(size))
    return Dataset(Path("data"), "made", payload, ids, np.zeros(size, np.int64), ("a",), np.arange(size))


def read(folder: Path, entry: dict) -> np.ndarray:
    return np.asarray(Image.open(folder / entry["thumbnail"]).convert("RGB"))


def flat_picture(height: int, width: int, colour=(200, 40, 90)) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def test_a_large_picture_is_shrunk_and_keeps_its_shape_and_colour(tmp_path):
    images = Images((encoded(flat_picture(300, 600), "JPEG"),))
    entry = preview_samples(dataset_of(images), [0], tmp_path)[0]
    assert entry == {"thumbnail": "thumbnails/000/0.jpg", "width_px": 160, "height_px": 80}
    pixels = read(tmp_path, entry)
    assert pixels.shape == (80, 160, 3)
    assert np.abs(pixels.astype(int) - (200, 40, 90)).max() < 8


def test_a_tiny_picture_is_enlarged_pixel_by_pixel(tmp_path):
    pixels = rng_for(0, "tiny").integers(0, 256, (28, 20, 3), dtype=np.uint8)
    entry = preview_samples(dataset_of(Images((encoded(pixels),))), [0], tmp_path)[0]
    assert entry == {"thumbnail": "thumbnails/000/0.png", "width_px": 100, "height_px": 140}
    np.testing.assert_array_equal(read(tmp_path, entry), pixels.repeat(5, axis=0).repeat(5, axis=1))


def test_a_middling_picture_keeps_its_size(tmp_path):
    entry = preview_samples(dataset_of(Images((encoded(flat_picture(50, 90)),))), [0], tmp_path)[0]
    assert (entry["width_px"], entry["height_px"]) == (90, 50)


def test_a_very_long_picture_still_has_a_side(tmp_path):
    entry = preview_samples(dataset_of(Images((encoded(flat_picture(1, 2000)),))), [0], tmp_path)[0]
    assert (entry["width_px"], entry["height_px"]) == (160, 1)


def test_longest_side_can_be_chosen(tmp_path):
    images = Images((encoded(flat_picture(300, 600)),))
    entry = preview_samples(dataset_of(images), [0], tmp_path, longest_px=64)[0]
    assert (entry["width_px"], entry["height_px"]) == (64, 32)


def test_what_cannot_be_decoded_says_why_and_stops_nothing(tmp_path):
    good = tmp_path / "good.png"
    good.write_bytes(encoded(flat_picture(50, 50)))
    images = Images((b"no picture", None, tmp_path / "gone.png", good))
    entries = preview_samples(dataset_of(images), [0, 1, 2, 3], tmp_path / "run")
    assert [set(entries[row]) for row in (0, 1, 2)] == [{"unreadable"}] * 3
    assert all(entries[row]["unreadable"] for row in (0, 1, 2))
    assert entries[3]["thumbnail"] == "thumbnails/000/3.jpg"
    assert [path.name for path in (tmp_path / "run" / "thumbnails" / "000").iterdir()] == ["3.jpg"]


def test_only_the_asked_rows_are_written(tmp_path):
    images = Images((encoded(flat_picture(50, 50)),) * 5)
    assert list(preview_samples(dataset_of(images), [4, 1], tmp_path)) == [4, 1]
    assert {path.name for path in (tmp_path / "thumbnails" / "000").iterdir()} == {"4.jpg", "1.jpg"}


def test_no_folder_of_thumbnails_holds_more_than_a_thousand(tmp_path):
    shared = encoded(flat_picture(8, 8))
    entries = preview_samples(dataset_of(Images((shared,) * 3001)), [0, 999, 1000, 3000], tmp_path)
    folders = [Path(entry["thumbnail"]).parent.name for entry in entries.values()]
    assert folders == ["000", "000", "001", "003"]
    assert read(tmp_path, entries[3000]).shape == (160, 160, 3)


@pytest.fixture
def table():
    return Table(
        pd.DataFrame(
            {
                "whole": pd.Series([1, 2, 1234567], dtype="int64"),
                "float": [0.1 + 0.2, np.nan, 1234567.0],
                "text": ["a", None, "x" * 500],
                "truth": [True, False, True],
                "when": pd.to_datetime(["2026-01-02 00:00:00", None, "2026-03-04 05:06:07"]),
                "kind": pd.Categorical(["u", "v", None]),
            }
        )
    )


def test_cells_read_as_they_were(tmp_path, table):
    entries = preview_samples(dataset_of(table), [2, 0], tmp_path)
    assert list(entries) == [2, 0]
    assert entries[0] == {
        "values": {
            "whole": "1",
            "float": "0.3",
            "text": "a",
            "truth": "True",
            "when": "2026-01-02 00:00:00",
            "kind": "u",
        },
        "columns": 6,
    }
    assert (entries[2]["values"]["whole"], entries[2]["values"]["float"]) == ("1234567", "1234567")


def test_missing_cells_are_empty(tmp_path, table):
    values = preview_samples(dataset_of(table), [1], tmp_path)[1]["values"]
    assert [name for name, text in values.items() if text == ""] == ["float", "text", "when"]


def test_long_cells_and_wide_tables_are_cut(tmp_path, table):
    wide = Table(pd.DataFrame(np.zeros((2, 500)), columns=[f"c{place}" for place in range(500)]))
    entry = preview_samples(dataset_of(wide), [1], tmp_path)[1]
    assert (len(entry["values"]), entry["columns"]) == (40, 500)
    long = preview_samples(dataset_of(table), [2], tmp_path)[2]["values"]["text"]
    assert (len(long), long[-1]) == (120, "…")


def test_previews_are_json(tmp_path, table):
    json.dumps(preview_samples(dataset_of(table), [0, 1, 2], tmp_path), allow_nan=False)


def test_texts_are_kept_up_to_a_length_and_say_how_long_they_are(tmp_path):
    texts = Texts(("short", "  <b>spaces\naround</b> \n", "x" * 5000, ""))
    entries = preview_samples(dataset_of(texts), [3, 1, 2], tmp_path)
    assert list(entries) == [3, 1, 2]
    assert entries[1] == {"text": "<b>spaces\naround</b>", "characters": 20}
    assert entries[2] == {"text": "x" * 4000, "characters": 5000}
    assert entries[3] == {"text": "", "characters": 0}
    json.dumps(entries, allow_nan=False)
