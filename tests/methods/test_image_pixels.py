"""Every kind of picture decodes to upright 8-bit RGB; every broken one says why it does not."""

import io
import os
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dataclinic.methods.image_pixels import UndecodableImage, decode_rgb, decode_with_mode, read_content

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quarters(size=32):
    """Red top left, green top right, blue bottom left, white bottom right; 2 × as wide as high."""
    pixels = np.zeros((size, 2 * size, 3), np.uint8)
    half = size // 2
    pixels[:half, :size], pixels[:half, size:] = RED, GREEN
    pixels[half:, :size], pixels[half:, size:] = BLUE, WHITE
    return pixels


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


PICTURE = Image.fromarray(quarters())


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {"lossless": True})],
)
def test_lossless_formats_give_the_same_pixels(kind, options):
    np.testing.assert_array_equal(decode_rgb(encoded(PICTURE, kind, **options)), quarters())


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (PICTURE.quantize(4), "PNG"),
        (PICTURE.quantize(4), "GIF"),
        (PICTURE.convert("RGBA"), "PNG"),
        (PICTURE.convert("CMYK"), "TIFF"),
    ],
    ids=["palette png", "palette gif", "opaque alpha", "cmyk tiff"],
)
def test_other_modes_give_the_same_pixels(image, kind):
    np.testing.assert_array_equal(decode_rgb(encoded(image, kind)), quarters())


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_jpeg_gives_nearly_the_same_pixels(mode):
    decoded = decode_rgb(encoded(PICTURE.convert(mode), "JPEG", quality=95, subsampling=0))
    assert decoded.shape == (32, 64, 3)
    assert np.abs(decoded.astype(int) - quarters()).mean() < 3


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_black_and_white_become_rgb(mode):
    black_left = np.zeros((8, 8), np.uint8)
    black_left[:, 4:] = 255
    decoded = decode_rgb(encoded(Image.fromarray(black_left).convert(mode), "PNG"))
    np.testing.assert_array_equal(decoded, np.repeat(black_left[..., None], 3, axis=2))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_clipped(kind):
    levels = np.array([[0, 257, 60000, 65535]], np.uint16)
    assert decode_rgb(encoded(Image.fromarray(levels), kind))[0, :, 0].tolist() == [0, 1, 233, 255]


def test_32_bit_grey_that_fits_16_bits_is_read_as_16_bits():
    levels = np.array([[0, 257, 32896]], np.int32)
    assert decode_rgb(encoded(Image.fromarray(levels), "TIFF"))[0, :, 0].tolist() == [0, 1, 128]


def test_32_bit_grey_beyond_16_bits_is_stretched():
    levels = np.array([[-1000, 0, 1000]], np.int32)
    assert decode_rgb(encoded(Image.fromarray(levels), "TIFF"))[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [([0.0, 0.5, 1.0], [0, 128, 255]), ([0.0, 100.0, 200.0], [0, 100, 200]), ([5.0, 5.0, 5000.0], [0, 0, 255])],
    ids=["unit range", "byte range", "any other range"],
)
def test_floating_point_grey_is_scaled_by_its_range(levels, expected):
    content = encoded(Image.fromarray(np.array([levels], np.float32)), "TIFF")
    assert decode_rgb(content)[0, :, 0].tolist() == expected


def test_constant_floating_point_grey_and_nan_decode():
    levels = np.array([[np.nan, 900.0, 900.0]], np.float32)
    assert decode_rgb(encoded(Image.fromarray(levels), "TIFF"))[0, :, 0].tolist() == [0, 0, 0]


def test_transparent_pixels_are_laid_over_white():
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0, :, 3] = [0, 51, 255]
    assert decode_rgb(encoded(Image.fromarray(pixels), "PNG"))[0, :, 0].tolist() == [255, 204, 0]


def test_transparent_palette_entries_are_laid_over_white():
    palette = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    palette.putpalette([*RED, *BLUE])
    decoded = decode_rgb(encoded(palette, "PNG", transparency=0))
    assert decoded[0].tolist() == [list(WHITE), list(BLUE)]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(orientation, kind):
    stored_as = {
        1: lambda image: image,
        2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
        4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
        6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
        7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
        8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode_rgb(encoded(stored_as[orientation](PICTURE), kind, exif=exif))
    assert decoded.shape == (32, 64, 3)
    assert np.abs(decoded.astype(int) - quarters()).mean() < 20


@pytest.mark.parametrize("exif", [b"Exif\x00\x00II*\x00\xff\xff\xff\x7f", b"Exif\x00\x00no header here"])
def test_broken_exif_leaves_the_picture_as_it_stands(exif):
    content = encoded(PICTURE, "PNG", exif=exif)
    np.testing.assert_array_equal(decode_rgb(content), quarters())


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_first_frame_of_an_animation(kind):
    black = Image.new("RGB", PICTURE.size)
    content = encoded(PICTURE, kind, save_all=True, append_images=[black])
    assert np.abs(decode_rgb(content).astype(int) - quarters()).mean() < 8


def test_large_jpeg_is_scaled_but_no_side_falls_below_the_wanted_size():
    content = encoded(PICTURE.resize((1600, 800)), "JPEG")
    assert decode_rgb(content).shape == (800, 1600, 3)
    assert decode_rgb(content, longest_px=200).shape == (200, 400, 3)
    assert decode_rgb(content, longest_px=201).shape == (400, 800, 3)
    assert decode_rgb(content, longest_px=5000).shape == (800, 1600, 3)


def test_wanted_size_does_not_change_other_formats():
    np.testing.assert_array_equal(decode_rgb(encoded(PICTURE, "PNG"), longest_px=4), quarters())


def test_picture_too_large_for_the_memory_says_so(monkeypatch):
    def refuse(_file):
        raise MemoryError

    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(UndecodableImage, match="not enough memory"):
        decode_rgb(b"content")


def noise(kind, **options):
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    return encoded(Image.fromarray(pixels), kind, **options)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP"])
@pytest.mark.parametrize("kept", [0.03, 0.4, 0.9])
def test_truncated_file_is_an_error_not_grey_filling(kind, kept):
    content = noise(kind)
    with pytest.raises(UndecodableImage):
        decode_rgb(content[: int(kept * len(content))])


def test_truncated_progressive_jpeg_is_an_error():
    content = noise("JPEG", progressive=True)
    with pytest.raises(UndecodableImage, match="truncated: "):
        decode_rgb(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"just some text", "not an image"),
        (b"\x89PNG\r\n\x1a\n", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
    ],
)
def test_what_is_no_picture_says_so(content, reason):
    with pytest.raises(UndecodableImage, match=reason):
        decode_rgb(content)


def test_decompression_bomb_is_refused_unread():
    content = bytearray(encoded(Image.new("1", (1, 1)), "BMP"))
    content[18:26] = np.array([20_000, 20_000], "<i4").tobytes()  # width and height in the header
    with pytest.raises(UndecodableImage, match="178,956,970 pixels"):
        decode_rgb(bytes(content))


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP"]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_changed_bytes_decode_or_are_undecodable_but_never_crash(kind, changes):
    content = bytearray(noise(kind))
    for place, byte in changes:
        content[int(place * len(content))] = byte
    outcome = decoded_or_reason(bytes(content))
    if isinstance(outcome, str):
        assert outcome
        assert "\n" not in outcome
    else:
        assert outcome.dtype == np.uint8
        assert outcome.shape[2] == 3


def decoded_or_reason(content):
    try:
        return decode_rgb(content)
    except UndecodableImage as error:
        return str(error)


def test_warnings_of_pillow_stay_inside_and_filters_are_as_before():
    content = bytearray(encoded(Image.new("1", (1, 1)), "BMP"))
    content[18:26] = np.array([10_000, 10_000], "<i4").tobytes()  # above the size that Pillow warns of
    before = list(warnings.filters)
    with pytest.warns(Image.DecompressionBombWarning), Image.open(io.BytesIO(content)):
        pass
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(decoded_or_reason, [bytes(content)] * 64))
    assert all(outcome.startswith("truncated") for outcome in outcomes)
    assert list(warnings.filters) == before


def test_reads_files_and_passes_bytes_on(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"content")
    assert read_content(path) == b"content"
    assert read_content(b"content") == b"content"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "empty cell"),
        (Path("no/such/picture.png"), "no such file"),
        (Path("tests"), "a folder, not a file"),
        (Path("a\0b.png"), "cannot read the file"),
        (Path("x" * 5000), "cannot read the file"),
    ],
)
def test_what_cannot_be_read_says_why(source, reason, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    with pytest.raises(UndecodableImage, match=reason):
        read_content(source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of Unix")
@pytest.mark.parametrize("linked", [False, True])
def test_a_pipe_is_not_waited_for(tmp_path, monkeypatch, linked):
    def opened(_path):
        raise AssertionError("opened")

    monkeypatch.setattr(Path, "read_bytes", opened)
    path = tmp_path / "picture.png"
    os.mkfifo(tmp_path / "pipe" if linked else path)
    if linked:
        path.symlink_to(tmp_path / "pipe")
    with pytest.raises(UndecodableImage, match="is not a regular file"):
        read_content(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="devices with names are of Unix")
def test_a_device_is_not_read_for_ever(monkeypatch):
    monkeypatch.setattr(Path, "read_bytes", lambda _path: b"zeros")
    with pytest.raises(UndecodableImage, match="is not a regular file"):
        read_content(Path("/dev/zero"))


def test_file_without_permission_says_so(tmp_path, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "picture.png").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UndecodableImage, match="no permission"):
        read_content(tmp_path / "picture.png")


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"),
        ("L", "JPEG"),
        ("LA", "PNG"),
        ("P", "GIF"),
        ("RGB", "JPEG"),
        ("RGBA", "PNG"),
        ("CMYK", "JPEG"),
        ("F", "TIFF"),
    ],
)
def test_stored_mode_comes_with_the_same_pixels(mode, kind):
    content = encoded(Image.new(mode, (6, 4)), kind)
    decoded = decode_with_mode(content)
    assert decoded.mode == mode
    np.testing.assert_array_equal(decoded.pixels, decode_rgb(content))


def test_sixteen_bits_a_channel_are_told_though_eight_are_kept():
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + np.full(3 * 3, 40000, ">u2").tobytes() for _ in range(2))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 16, 2, 0, 0, 0))
    content = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert decode_with_mode(content).mode == "RGB;16"
    assert decode_with_mode(encoded(Image.new("I;16", (3, 2)), "PNG")).mode == "I;16"
