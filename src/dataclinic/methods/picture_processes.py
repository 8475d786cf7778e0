"""Pictures decoded by worker processes into memory that they share, for a device that is faster than one process.

Threads decode in parallel too, but what each picture costs in Python itself they do one after another: a GPU waits
for them. Processes start in seconds, so that they pay for thousands of pictures only.
"""

from __future__ import annotations

import shutil
import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch

from dataclinic.methods.image_pixels import decode_rgb, read_content
from dataclinic.methods.pixel_stream import map_pictures, usable_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from concurrent.futures import Future
    from multiprocessing.synchronize import Event

    from numpy.typing import NDArray

    from dataclinic.methods.pixel_stream import Sources
    from dataclinic.methods.square_pictures import SquareView

T = TypeVar("T")

POOL_PAYS_FROM = 4_000
"""Fewer pictures are decoded sooner than worker processes start."""

MOST_PROCESSES = 32

AHEAD = 4
"""Finished batches that wait for the device at most."""

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps it; containers often have little


def map_squares(
    work: Callable[[NDArray[np.uint8]], T],
    sources: Sources,
    view: SquareView,
    *,
    batch_size: int,
    workers: int | None = None,
) -> Generator[T]:
    """`work` of each batch of squares, (pictures, 3, px, px) uint8, in the order of `sources`.

    The results are the same for any number of workers. Should they be killed, for their memory perhaps, threads of
    this process decode what is left. Ctrl-C ends them within one picture each.

    Args:
        work: called in this process, one batch after another; it must not keep the array, which is filled anew.
        sources: encoded pictures, all readable.
        view: which square of each.
        batch_size: pictures a batch.
        workers: processes, 1 for none; by default one a core where there are enough pictures.

    Raises:
        UndecodableImage: a picture cannot be decoded after all, e.g. its file has gone.
    """
    batches = [sources[start : start + batch_size] for start in range(0, len(sources), batch_size)]
    enough = min(usable_cores(), MOST_PROCESSES) if len(sources) >= POOL_PAYS_FROM else 1
    slots = _slots((workers or enough) + AHEAD, batch_size, view)
    started = min(workers or enough, len(batches), slots - 1)
    delivered = 0
    if started > 1:
        with suppress(BrokenProcessPool), closing(_in_processes(work, batches, view, started, slots)) as results:
            for result in results:
                delivered += 1
                yield result
    rest = sources[delivered * batch_size :]
    for batch in map_pictures(view.batch, rest, needed_px=view.needed_px, batch_size=batch_size):
        yield work(batch)


def _slots(wanted: int, batch_size: int, view: SquareView) -> int:
    """Batches that shared memory has room for, up to `wanted`: to write beyond it would kill the process."""
    if not SHARED_MEMORY.is_dir():
        return wanted
    return min(wanted, shutil.disk_usage(SHARED_MEMORY).free // (2 * 3 * batch_size * view.px**2))


def _in_processes(
    work: Callable[[NDArray[np.uint8]], T], batches: Sequence[Sources], view: SquareView, workers: int, slots: int
) -> Generator[T]:
    shape = (slots, len(batches[0]), 3, view.px, view.px)
    context = get_context("spawn")  # a fork of a process with threads (torch has them) can hang
    stop = context.Event()
    memory = SharedMemory(create=True, size=int(np.prod(shape)))
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start_worker, initargs=(memory.name, shape, view, stop)
    )
    waiting: deque[tuple[Future[None], int, int]] = deque()

    def oldest() -> T:
        future, slot, pictures = waiting.popleft()
        future.result()
        return work(np.ndarray(shape, np.uint8, memory.buf)[slot, :pictures])

    try:
        for number, batch in enumerate(batches):
            if len(waiting) == slots:
                yield oldest()
            waiting.append((pool.submit(_fill, number % slots, batch), number % slots, len(batch)))
        while waiting:
            yield oldest()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
        memory.unlink()
        with suppress(BufferError):  # an error's traceback may still hold a batch: its memory goes with it
            memory.close()


@dataclass(frozen=True)
class _Desk:
    """What a worker process works with."""

    memory: SharedMemory
    batches: NDArray[np.uint8]
    view: SquareView
    stop: Event


_desk: _Desk | None = None  # set in worker processes alone


def _start_worker(name: str, shape: tuple[int, ...], view: SquareView, stop: Event) -> None:
    global _desk  # noqa: PLW0603 - an initializer has no other way to hand something to its process
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process: the first one ends the others
    torch.set_num_threads(1)
    memory = SharedMemory(name)
    _desk = _Desk(memory, np.ndarray(shape, np.uint8, memory.buf), view, stop)


def _fill(slot: int, sources: Sources) -> None:
    desk = _desk
    if desk is None:
        raise RuntimeError("not in a worker process")
    for place, source in enumerate(sources):
        if desk.stop.is_set():
            return
        desk.batches[slot, place] = desk.view.of(decode_rgb(read_content(source), desk.view.needed_px))
