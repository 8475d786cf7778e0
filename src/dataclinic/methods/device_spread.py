"""Fit jobs of networks on one device after another, or on several side by side: one process a device.

Needs torch, which hands pixels to processes without a copy each. Processes are spawned, since CUDA survives no fork; so
a script that gets here on several devices guards its start with `if __name__ == "__main__":`.
"""

from __future__ import annotations

from dataclasses import dataclass
from queue import Empty
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
import torch.multiprocessing
from torch.multiprocessing.spawn import start_processes

from dataclinic.errors import DataclinicError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from dataclinic.fits import FitJob, FitResult

    Told: TypeAlias = Callable[[int, int], None]
    Train: TypeAlias = Callable[[NDArray[np.uint8], FitJob, str, Told], FitResult]
    """(pixels, job, device, told of epochs done and their number) → result; can be pickled."""

LOOK_SECONDS = 0.2
"""Between two looks whether all processes still live."""


def devices_of(name: str) -> list[str]:
    """Every CUDA device where `name` is "cuda" without a number, else the one that is named."""
    if name == "cuda" and torch.cuda.device_count() > 1:
        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return [name]


def train_on_devices(
    train: Train, pixels: NDArray[np.uint8], jobs: Sequence[FitJob], devices: Sequence[str], told: Told
) -> list[FitResult]:
    """One result per job, in order, and the same whichever device it came from.

    A process takes the next job when it is done with one. However this ends, interrupted too, no process is left.

    Args:
        train: answers one job.
        pixels: (samples, px, px, 3) of all samples; with several devices, copied once to shared memory.
        jobs: what to train.
        devices: torch device strings, one process each; a single one needs no further process.
        told: epochs done of all jobs, and their number.

    Raises:
        DataclinicError: a job raised it.
    """
    tally = _Tally(len(jobs), told)
    if min(len(devices), len(jobs)) < 2:
        return [train(pixels, job, devices[0], tally.of(place)) for place, job in enumerate(jobs)]
    return _side_by_side(train, pixels, jobs, devices[: len(jobs)], tally)


class _Tally:
    """Epochs of every job, added up."""

    def __init__(self, jobs: int, told: Told) -> None:
        self._done = [0] * jobs
        self._told = told

    def of(self, place: int) -> Told:
        def hear(done: int, total: int) -> None:
            self._done[place] = done
            self._told(sum(self._done), len(self._done) * total)

        return hear


@dataclass(frozen=True)
class _Ended:
    place: int
    result: FitResult


@dataclass(frozen=True)
class _Refused:
    """An error for the user; in parts, since errors with a hint cannot be pickled."""

    kind: type[DataclinicError]
    message: str
    hint: str


def _side_by_side(
    train: Train, pixels: NDArray[np.uint8], jobs: Sequence[FitJob], devices: Sequence[str], tally: _Tally
) -> list[FitResult]:
    context = torch.multiprocessing.get_context("spawn")
    todo, news = context.Queue(), context.Queue()
    for task in [*enumerate(jobs), *[None] * len(devices)]:
        todo.put(task)
    shared = torch.from_numpy(np.array(pixels)).share_memory_()  # type: ignore[no-untyped-call]  # torch leaves it so
    arguments = (train, shared, tuple(devices), torch.get_num_threads(), todo, news)
    running = start_processes(  # type: ignore[no-untyped-call]  # the same
        _work_off, arguments, len(devices), join=False, daemon=True, start_method="spawn"
    )
    results: dict[int, FitResult] = {}
    try:
        while len(results) < len(jobs):
            item = _next(news, running)
            if isinstance(item, _Refused):
                raise item.kind(item.message, item.hint)
            if isinstance(item, _Ended):
                results[item.place] = item.result
            elif item is not None:
                place, done, total = item
                tally.of(place)(done, total)
    finally:
        for process in running.processes:
            process.terminate()
            process.join()
        for queue in (todo, news):
            queue.cancel_join_thread()
            queue.close()
    return [results[place] for place in range(len(jobs))]


def _next(news: Any, running: Any) -> Any:
    """What the processes say next; None where they have nothing to say yet."""
    try:
        return news.get(timeout=LOOK_SECONDS)
    except Empty:
        running.join(timeout=0)  # raises where one ended badly
        return None


def _work_off(
    number: int, train: Train, pixels: torch.Tensor, devices: Sequence[str], threads: int, todo: Any, news: Any
) -> None:
    """In a process of its own: take jobs until there are none."""
    torch.set_num_threads(threads)  # sums depend on it
    while (task := todo.get()) is not None:
        place, job = task
        try:
            result = train(pixels.numpy(), job, devices[number], _Postman(place, news))
        except DataclinicError as error:
            news.put(_Refused(type(error), error.message, error.hint))
            return
        news.put(_Ended(place, result))


@dataclass(frozen=True)
class _Postman:
    place: int
    news: Any

    def __call__(self, done: int, total: int) -> None:
        self.news.put((self.place, done, total))
