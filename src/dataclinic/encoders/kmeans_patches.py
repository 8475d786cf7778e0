"""Image encoder that needs no downloaded weights: patches learned from the pictures, and their edges."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, cast

import numpy as np
from PIL import Image
from pydantic import Field
from threadpoolctl import threadpool_limits

from dataclinic.encoders import Encoded
from dataclinic.features import Embeddings
from dataclinic.methods.oriented_gradients import oriented_gradients
from dataclinic.methods.patch_features import PatchDictionary, learn_patches, patch_features
from dataclinic.methods.pixel_stream import map_pictures, usable_threads
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Pixels, Vectors
    from dataclinic.dataset import Images, Payload
    from dataclinic.progress import Progress

IMAGE_PX = 32
"""Pictures are stretched to this square: the size the features were published for, and 3 KB a picture."""

LEARN_FROM = 2_000
"""Pictures that patches are taken from; more change nothing."""

BATCH = 64
THUMBNAIL_PX = 4


@dataclass(frozen=True)
class KmeansPatches:
    """Coates' K-means patch features, oriented gradients and a 4 × 4 thumbnail of each picture at 32 × 32 pixels.

    Patches are learned from all pictures of the payload, never from labels, and do not depend on their order; so
    every fold sees the same vectors. It knows no objects: expect good evidence on digits, symbols and textures, fair
    evidence on products, weak evidence on photographs, where pretrained weights are far better.
    """

    summary: ClassVar[str] = "patches learned from the pictures, and edges: needs no downloaded weights"
    payload: ClassVar[str] = "images"

    centroids: Annotated[int, Field(ge=1)] = 96

    def identity(self, *, device: str) -> None:
        """None: the patches are learned from all pictures together."""

    def encode(self, payload: Payload, *, device: str, seed: int, progress: Progress) -> Encoded:
        """(samples, 9 × centroids + 372) vectors; computed on the CPU whatever the device."""
        pictures = _small_pictures(cast("Images", payload), progress)
        with threadpool_limits(1):  # threads share out batches, so numpy's own would only compete
            dictionary = learn_patches(_representatives(pictures), self.centroids, rng_for(seed, "kmeans_patches"))
            matrix = _vectors(pictures, dictionary, progress)
        description = f"{self.centroids} k-means patches, oriented gradients and a thumbnail, {IMAGE_PX} px"
        return Encoded(Embeddings(matrix), description)


def _small_pictures(payload: Images, progress: Progress) -> NDArray[np.uint8]:
    """(samples, 32, 32, 3): smaller than the vectors will be, so they may all stay in memory."""
    pictures = np.empty((len(payload), IMAGE_PX, IMAGE_PX, 3), np.uint8)
    done = 0
    for batch in map_pictures(_stretched, payload.sources, needed_px=IMAGE_PX, batch_size=BATCH):
        pictures[done : done + len(batch)] = batch
        done += len(batch)
        progress("read images", done, len(pictures))
    return pictures


def _stretched(pictures: Sequence[Pixels]) -> NDArray[np.uint8]:
    size = (IMAGE_PX, IMAGE_PX)
    return np.stack([np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)) for pixels in pictures])


def _representatives(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """At most `LEARN_FROM` pictures, chosen and ordered by a hash of their pixels: by chance, but not by row."""
    digests = [hashlib.blake2b(picture.tobytes(), digest_size=16).digest() for picture in pictures]
    return pictures[sorted(range(len(pictures)), key=digests.__getitem__)[:LEARN_FROM]]


def _vectors(pictures: NDArray[np.uint8], dictionary: PatchDictionary, progress: Progress) -> Vectors:
    def vectors(batch: NDArray[np.uint8]) -> Vectors:
        return np.hstack([oriented_gradients(batch), patch_features(batch, dictionary), _thumbnails(batch)])

    batches = [pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH)]
    parts: list[Vectors] = []
    with ThreadPoolExecutor(usable_threads(), thread_name_prefix="encode") as pool:
        for part in pool.map(vectors, batches):
            parts.append(part)
            progress("encode images", min(len(parts) * BATCH, len(pictures)), len(pictures))
    return np.concatenate(parts)


def _thumbnails(pictures: NDArray[np.uint8]) -> Vectors:
    """(pictures, 48) mean colour in [0, 1] of each of 4 × 4 parts: what contrast normalisation takes away."""
    side = IMAGE_PX // THUMBNAIL_PX
    parts = pictures.reshape(len(pictures), THUMBNAIL_PX, side, THUMBNAIL_PX, side, 3)
    return np.asarray(parts.mean(axis=(2, 4), dtype=np.float32).reshape(len(pictures), -1) / 255, np.float32)
