"""Every sample is looked at once, in any number of processes, and a broken one stops nothing."""

import io
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dataclinic.dataset import Dataset, Images, Table, Texts
from dataclinic.methods.image_pixels import decode_rgb
from dataclinic.methods.image_statistics import image_statistics
from dataclinic.methods.perceptual_hash import NO_HASH, perceptual_hashes
from dataclinic.progress import silent
from dataclinic.steps.measure_samples import measure_samples


def dataset(payload):
    samples = len(payload)
    ids = tuple(f"sample {row}" for row in range(samples))
    return Dataset(Path("made"), "made", payload, ids, np.zeros(samples, np.int64), ("a", "b"), np.arange(samples))


def picture(seed, kind="PNG", size=(12, 16), **options):
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def test_pictures_have_their_statistics_and_digest(tmp_path):
    path = tmp_path / "one.bmp"
    path.write_bytes(picture(1, "BMP"))
    measured = measure_samples(dataset(Images((picture(0), path))), workers=1, progress=silent)
    expected = image_statistics(decode_rgb(path.read_bytes()))
    assert list(measured.values) == list(expected)
    np.testing.assert_array_equal([values[1] for values in measured.values.values()], list(expected.values()))
    assert all(values.dtype == np.float64 for values in measured.values.values())
    assert not measured.unreadable


def test_same_pixels_have_the_same_digest_whatever_the_file():
    upside_down = Image.open(io.BytesIO(picture(0))).transpose(Image.Transpose.ROTATE_180)
    exif = Image.Exif()
    exif[0x0112] = 3
    turned = io.BytesIO()
    upside_down.save(turned, "PNG", exif=exif)
    sources = (picture(0), picture(0, "BMP"), picture(0, "WEBP", lossless=True), turned.getvalue(), picture(1))
    content = measure_samples(dataset(Images(sources)), workers=1, progress=silent).content
    assert len(set(content[:4])) == 1
    assert content[4] != content[0]


def test_unreadable_pictures_say_why_and_stop_nothing():
    sources = (picture(0), None, b"", picture(1)[:200], Path("no/such/file.png"), picture(2))
    measured = measure_samples(dataset(Images(sources)), workers=1, progress=silent)
    assert sorted(measured.unreadable) == [1, 2, 3, 4]
    assert measured.unreadable[4] == "no such file"
    assert measured.content[1:5] == ("", "", "", "")
    assert np.isnan(measured.values["brightness"]).tolist() == [False, True, True, True, True, False]


def test_pictures_have_the_mode_they_are_stored_in():
    grey, text = io.BytesIO(), Texts(("a", "b"))
    Image.open(io.BytesIO(picture(0))).convert("L").save(grey, "JPEG")
    sources = (picture(0), grey.getvalue(), b"broken", None)
    assert measure_samples(dataset(Images(sources)), workers=1, progress=silent).modes == ("RGB", "L", "", "")
    assert measure_samples(dataset(text), workers=1, progress=silent).modes == ()


def test_pictures_have_hashes_and_unreadable_ones_none():
    measured = measure_samples(dataset(Images((picture(0), None, picture(0, "BMP")))), workers=1, progress=silent)
    expected = perceptual_hashes(decode_rgb(picture(0)))
    assert measured.hashes.dtype == np.uint64
    assert measured.hashes.tolist() == [expected.tolist(), [NO_HASH] * 4, expected.tolist()]
    assert measure_samples(dataset(Texts(("a", "b"))), workers=1, progress=silent).hashes is None


def test_nothing_readable_nothing_measured():
    measured = measure_samples(dataset(Images((None, b"x"))), workers=1, progress=silent)
    assert measured.values == {}
    assert sorted(measured.unreadable) == [0, 1]


def test_processes_give_what_one_gives_in_the_same_order():
    sources = (*(picture(seed % 50, size=(4, 4)) for seed in range(600)), None)
    told = []
    shared = measure_samples(dataset(Images(sources)), workers=2, progress=lambda *step: told.append(step))
    alone = measure_samples(dataset(Images(sources)), workers=1, progress=silent)
    assert shared.content == alone.content
    assert shared.unreadable == alone.unreadable
    np.testing.assert_array_equal(shared.values["sharpness"], alone.values["sharpness"])
    assert told[0] == ("measure images", 0, 601)
    assert told[-1] == ("measure images", 601, 601)
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})


def test_interrupt_ends_the_workers_within_a_picture_each():
    # A worker takes 32 pictures at once, of which each takes it about 0.2 seconds.
    sources = (picture(0, "JPEG", size=(2000, 2000)),) * 600
    interrupted = []

    def interrupt():
        interrupted.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(2, interrupt)
    with pytest.raises(KeyboardInterrupt):
        measure_samples(dataset(Images(sources)), workers=2, progress=lambda _step, done, _total: done or timer.start())
    assert time.monotonic() - interrupted[0] < 3
    assert multiprocessing.active_children() == []


def test_failing_progress_ends_the_workers():
    def fail(_step, done, _total):
        if done:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        measure_samples(dataset(Images((picture(0, size=(4, 4)),) * 600)), workers=2, progress=fail)
    assert multiprocessing.active_children() == []


def test_killed_worker_leaves_no_picture_unmeasured():
    killed = []

    def kill_one(_step, done, _total):
        if done and not killed:
            killed.append(multiprocessing.active_children()[0])
            killed[0].kill()
            killed[0].join()

    sources = tuple(picture(seed % 7, size=(100, 100)) for seed in range(1200))
    measured = measure_samples(dataset(Images(sources)), workers=2, progress=kill_one)
    assert killed
    assert len(measured.content) == 1200
    assert measured.content[:7] * 171 == measured.content[: 7 * 171]
    assert len(set(measured.content)) == 7


def test_numeric_columns_become_float64_with_nan_for_missing():
    frame = pd.DataFrame(
        {
            "real": [1.5, None, 3.0],
            "whole": pd.Series([1, None, 3], dtype="Int64"),
            "flag": [True, False, True],
            "maybe": pd.Series([True, None, False], dtype="boolean"),
            "text": ["1", "2", "3"],
            "day": pd.to_datetime(["2020-01-01"] * 3),
            "level": pd.Categorical([1, 2, 1]),
            "complex": [1j, 2j, 3j],
        }
    )
    measured = measure_samples(dataset(Table(frame)), workers=None, progress=silent)
    assert list(measured.values) == ["real", "whole", "flag", "maybe"]
    assert all(values.dtype == np.float64 for values in measured.values.values())
    np.testing.assert_array_equal(measured.values["whole"], [1, np.nan, 3])
    np.testing.assert_array_equal(measured.values["maybe"], [1, np.nan, 0])
    assert measured.unreadable == {}


def test_rows_with_the_same_cells_have_the_same_digest():
    frame = pd.DataFrame({"number": [1.0, 2.0, 1.0, None, None], "text": ["a", "a", "a", None, None]})
    content = measure_samples(dataset(Table(frame)), workers=1, progress=silent).content
    assert content[0] == content[2]
    assert content[3] == content[4]
    assert len(set(content)) == 3


def test_table_without_columns_has_no_content():
    measured = measure_samples(dataset(Table(pd.DataFrame(index=range(3)))), workers=1, progress=silent)
    assert measured.content == ("", "", "")
    assert measured.values == {}


def test_table_reports_its_columns():
    told = []
    frame = pd.DataFrame({"one": [1, 2], "other": [3, 4]})
    measure_samples(dataset(Table(frame)), workers=1, progress=lambda *step: told.append(step))
    assert told == [("measure columns", done, 2) for done in (0, 1, 2)]


def test_texts_have_their_statistics_and_blank_ones_say_so():
    measured = measure_samples(dataset(Texts(("A good film", " \n", "a  good film", ""))), workers=1, progress=silent)
    assert measured.unreadable == {1: "empty text", 3: "empty text"}
    np.testing.assert_array_equal(measured.values["length_words"], [3, np.nan, 3, np.nan])
    np.testing.assert_array_equal(measured.values["length_characters"], [11, np.nan, 12, np.nan])
    assert measured.content[1] == measured.content[3] == ""
    assert measured.content[0] != measured.content[2]


def test_texts_report_how_far_they_are():
    told = []
    measure_samples(dataset(Texts(("a",) * 2500)), workers=None, progress=lambda *step: told.append(step))
    assert told == [("measure texts", done, 2500) for done in (0, 1000, 2000, 2500)]


def test_blank_texts_alone_measure_nothing():
    measured = measure_samples(dataset(Texts(("", " "))), workers=1, progress=silent)
    assert measured.values == {}
