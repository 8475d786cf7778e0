"""Pictures of chance shapes, and what happens to pictures on their way through the world."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter


def scene(seed, size=(96, 72)):
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(rng.integers(0, 256, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(9):
        left, top = (int(rng.integers(-10, side - 10)) for side in size)
        box = (left, top, left + int(rng.integers(12, 50)), top + int(rng.integers(12, 50)))
        paint = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        paint(box, fill=tuple(rng.integers(0, 256, 3).tolist()))
    return image.filter(ImageFilter.GaussianBlur(1))


def cropped(image, left=0.0, top=0.0, right=0.0, bottom=0.0):
    width, height = image.size
    return image.crop(
        (round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom)))
    )


EDITS = {
    "resaved at quality 30": lambda image: Image.open(io.BytesIO(jpeg(image, 30))),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "another aspect": lambda image: image.resize((image.width, image.width)),
    "cropped a little": lambda image: cropped(image, 0.02, 0.0, 0.02, 0.02),
    "brightened": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "darkened": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "with more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "upside down": lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    "turned by half": lambda image: image.transpose(Image.Transpose.ROTATE_180),
}


def pixels(image):
    return np.asarray(image.convert("RGB"))


def jpeg(image, quality=90):
    return encoded(image, "JPEG", quality=quality)


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()
