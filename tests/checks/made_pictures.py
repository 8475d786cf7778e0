"""Clean pictures of several sorts, and faults to plant in them."""

import io
from functools import cache

import numpy as np
from made_evidence import evidence_of
from PIL import Image, ImageDraw, ImageFilter

SORTS = ("photos", "greys", "digits", "drawings", "icons", "nights", "negatives")
PER_SORT = 60


def clean(sort, pictures=PER_SORT):
    """A new list of the first pictures of one sort, as Pillow images."""
    return [_picture(sort, number) for number in range(pictures)]


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"compress_level": 1} if kind == "PNG" else options))
    return buffer.getvalue()


def evidence(images, **options):
    return evidence_of([image if isinstance(image, bytes) else encoded(image) for image in images], **options)


def planted(images, rows, fault):
    """The pictures, with a fault planted in those at `rows`."""
    return [fault(image) if number in set(rows) else image for number, image in enumerate(images)]


def levels(image, change):
    """With levels of 0 … 255 changed, as floats, and clipped."""
    changed = np.clip(change(np.asarray(image.convert("RGB"), np.float64)), 0, 255)
    return Image.fromarray(changed.astype(np.uint8))


def blurred(image, radius=3):
    return image.filter(ImageFilter.GaussianBlur(radius))


def rows_found(outcome):
    return {finding.row for finding in outcome.findings}


@cache
def _picture(sort, number):
    return _MAKERS[sort](np.random.default_rng([SORTS.index(sort), number]))


def _photo(rng, size=(96, 72)):
    """Smooth colours with a few crisp edges, some noise, and light that differs from picture to picture."""
    coarse = rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        left, top = rng.integers(0, size[0] - 20), rng.integers(0, size[1] - 20)
        corner = (int(left + rng.integers(8, 40)), int(top + rng.integers(8, 40)))
        draw.ellipse(((int(left), int(top)), corner), fill=tuple(int(level) for level in rng.integers(0, 256, 3)))
    light, noise = rng.uniform(0.6, 1.1), rng.normal(0, 3, (size[1], size[0], 3))
    return levels(image, lambda pixels: pixels * light + noise)


def _grey(rng):
    return _photo(rng).convert("L")


def _digit(rng):
    """8 × 8 pixels on black, as in scikit-learn's digits."""
    pixels = np.zeros((8, 8), np.uint8)
    pixels[1:7, rng.integers(2, 6)] = rng.integers(150, 256, 6)
    pixels[rng.integers(1, 7), 2:6] = rng.integers(100, 256, 4)
    return Image.fromarray(pixels)


def _drawing(rng):
    """Two to twelve thin black strokes across white."""
    image = Image.new("L", (120, 120), 255)
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(2, 13)):
        start, end = (5, int(rng.integers(5, 115))), (int(rng.integers(60, 115)), int(rng.integers(5, 115)))
        draw.line([start, end], fill=int(rng.integers(0, 60)))
    return image


def _icon(rng):
    """One shape of one colour on another that is darker or brighter."""
    ground = rng.integers(0, 256, 3)
    shape = ground // 3 if ground.mean() > 100 else 255 - ground
    image = Image.new("RGB", (48, 48), tuple(ground.tolist()))
    corner = rng.integers(4, 16, 2)
    box = [*corner.tolist(), *(corner + rng.integers(14, 28)).tolist()]
    ImageDraw.Draw(image).rectangle(box, fill=tuple(shape.tolist()))
    return image


def _night(rng):
    """A street at night: dark, a few with lamps, and unsharp throughout."""
    return blurred(levels(_photo(rng), lambda pixels: pixels * rng.uniform(0.1, 0.3)), 2)


def _negative(rng):
    """Soft grey on black without a crisp edge, as in X-rays."""
    return blurred(levels(_grey(rng), lambda pixels: pixels * 0.8), 2).convert("L")


_MAKERS = dict(zip(SORTS, (_photo, _grey, _digit, _drawing, _icon, _night, _negative), strict=True))
