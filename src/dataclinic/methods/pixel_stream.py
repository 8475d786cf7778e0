"""Work on decoded pictures, batch by batch in threads, so that a whole set never lies in memory.

Pillow, numpy and torch let go of Python's lock while they compute, so threads use all cores without copying pixels
between processes.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from dataclinic.methods.image_pixels import decode_rgb, read_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from dataclinic.arrays import Pixels

T = TypeVar("T")
Sources: TypeAlias = "Sequence[Path | bytes | None]"

MOST_THREADS = 8
"""Each holds a batch of its own; with more, memory grows faster than speed."""


def map_pictures(
    work: Callable[[Sequence[Pixels]], T], sources: Sources, *, needed_px: int, batch_size: int
) -> Iterator[T]:
    """`work` of each batch of decoded pictures, in the order of `sources`; each batch is decoded by its own thread.

    Args:
        work: called from several threads at a time.
        sources: encoded pictures, all readable.
        needed_px: length that neither side of a large JPEG need exceed, which lets it be decoded at a fraction.
        batch_size: pictures a batch; at most two batches a thread are finished ahead.

    Raises:
        UndecodableImage: a picture cannot be decoded after all, e.g. its file has gone.
    """

    def run(batch: Sources) -> T:
        return work([decode_rgb(read_content(source), needed_px) for source in batch])

    waiting: deque[Future[T]] = deque()
    pool = ThreadPoolExecutor(usable_threads(), thread_name_prefix="pictures")
    try:
        for start in range(0, len(sources), batch_size):
            waiting.append(pool.submit(run, sources[start : start + batch_size]))
            if len(waiting) >= 2 * usable_threads():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def usable_threads() -> int:
    """One a core, up to `MOST_THREADS`."""
    return min(MOST_THREADS, usable_cores())


def usable_cores() -> int:
    """Cores that this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
