"""Pictures come in order, few at a time, from files and bytes alike."""

import threading
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from dataclinic.methods.image_pixels import UndecodableImage
from dataclinic.methods.pixel_stream import map_pictures, usable_threads


def png(level, size=(4, 3)):
    content = BytesIO()
    Image.new("RGB", size, (level, 0, 0)).save(content, "PNG")
    return content.getvalue()


def levels(pictures):
    return [int(picture[0, 0, 0]) for picture in pictures]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_keeps_the_order_and_the_batch_size(batch_size, tmp_path):
    (tmp_path / "five.png").write_bytes(png(5))
    sources = [*map(png, range(5)), tmp_path / "five.png", png(6)]
    batches = list(map_pictures(levels, sources, needed_px=8, batch_size=batch_size))
    assert sum(batches, []) == [0, 1, 2, 3, 4, 5, 6]  # noqa: RUF017 - seven numbers
    assert all(len(batch) == batch_size for batch in batches[:-1])


def test_nothing_to_do_is_no_batch():
    assert list(map_pictures(levels, [], needed_px=8, batch_size=4)) == []


def test_runs_no_further_ahead_than_two_batches_a_thread():
    begun = []
    stream = map_pictures(begun.append, [png(0)] * 100, needed_px=8, batch_size=1)
    next(stream)
    assert len(begun) <= 2 * usable_threads()
    stream.close()


def test_large_jpegs_are_decoded_at_a_fraction_but_not_below_what_is_needed():
    content = BytesIO()
    Image.new("RGB", (1600, 800)).save(content, "JPEG")
    (shape,) = map_pictures(lambda pictures: pictures[0].shape, [content.getvalue()], needed_px=100, batch_size=1)
    assert shape == (100, 200, 3)


def test_a_file_that_has_gone_stops_it_and_its_threads(tmp_path):
    sources = [png(1), tmp_path / "gone.png", *[png(2)] * 50]
    with pytest.raises(UndecodableImage, match="no such file"):
        list(map_pictures(np.stack, sources, needed_px=8, batch_size=1))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pictures")]
