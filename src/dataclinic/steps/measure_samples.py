"""Measure samples: one look at each, without any model."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dataclinic.dataset import Dataset, Images, Table, Texts
from dataclinic.evidence import Measurements
from dataclinic.methods.content_digest import pixel_digest, row_digests, text_digest
from dataclinic.methods.image_pixels import UndecodableImage, decode_with_mode, read_content
from dataclinic.methods.image_statistics import image_statistics
from dataclinic.methods.perceptual_hash import NO_HASH, VIEWS, perceptual_hashes
from dataclinic.methods.text_statistics import is_blank, text_statistics

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from multiprocessing.synchronize import Event
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from dataclinic.arrays import Scores
    from dataclinic.progress import Progress

Source: TypeAlias = "Path | bytes | None"

_POOL_PAYS_FROM = 500
"""Fewer pictures are measured sooner than worker processes start."""

_CHUNK = 32
"""Pictures a worker takes at once: a fraction of a second, so that progress and Ctrl-C are prompt."""

_TEXTS_A_REPORT = 1000
"""Texts between two reports of progress, some hundredths of a second."""

_MOST_PROCESSES = 61
"""What Windows can wait for at once."""


@dataclass(frozen=True)
class _Measured:
    """One picture or text: its statistics and digest, or why there are none."""

    statistics: Mapping[str, float]
    digest: str
    unreadable: str = ""
    mode: str = ""
    hashes: NDArray[np.uint64] | None = None


def measure_samples(dataset: Dataset, *, workers: int | None, progress: Progress) -> Measurements:
    """Statistics and a content digest of every sample; for tables, the numeric columns and a digest of every row.

    Pictures have perceptual hashes too. Those that cannot be decoded and texts that are blank have NaN values, the
    digest "", no hash and an entry in `unreadable`. `workers` processes share the pictures, one per core where it is
    None; 1 stays in this process, and so does a small dataset, and texts always do.
    No more decoded pictures are held than there are workers. Ctrl-C stops the workers within one picture each.
    """
    payload = dataset.payload
    if isinstance(payload, Table):
        return _measure_table(payload.frame, progress)
    if isinstance(payload, Texts):
        return _measure_texts(payload, progress)
    return _measure_images(payload, workers or _cores(), progress)


def _measure_table(frame: pd.DataFrame, progress: Progress) -> Measurements:
    names = tuple(map(str, frame.columns))
    columns = [frame.iloc[:, place] for place in range(len(names))]
    values = {name: _numbers(column) for name, column in zip(names, columns, strict=True) if _is_numeric(column)}
    return Measurements(values, row_digests(_reported(columns, progress), len(frame)))


def _is_numeric(column: pd.Series) -> bool:
    from pandas.api.types import is_complex_dtype, is_numeric_dtype

    return is_numeric_dtype(column.dtype) and not is_complex_dtype(column.dtype)


def _numbers(column: pd.Series) -> Scores:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), np.float64)


def _reported(columns: Sequence[pd.Series], progress: Progress) -> Iterator[pd.Series]:
    for done, column in enumerate(columns):
        progress("measure columns", done, len(columns))
        yield column
    progress("measure columns", len(columns), len(columns))


def _measure_texts(payload: Texts, progress: Progress) -> Measurements:
    measured: list[_Measured] = []
    for text in payload.texts:
        if len(measured) % _TEXTS_A_REPORT == 0:
            progress("measure texts", len(measured), len(payload))
        measured.append(_measure_text(text))
    progress("measure texts", len(payload), len(payload))
    return _measurements(measured)


def _measure_text(text: str) -> _Measured:
    if is_blank(text):
        return _Measured({}, "", "empty text")
    return _Measured(text_statistics(text), text_digest(text))


def _cores() -> int:
    """Cores that this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _measure_images(images: Images, workers: int, progress: Progress) -> Measurements:
    chunks = [images.sources[start : start + _CHUNK] for start in range(0, len(images), _CHUNK)]
    alone = workers == 1 or len(images) < _POOL_PAYS_FROM
    measured: list[_Measured] = []
    progress("measure images", 0, len(images))
    # Closed at once: an interrupt whose traceback still holds the generator must not keep the workers busy.
    with closing(_in_this_process(chunks) if alone else _in_processes(chunks, workers)) as parts:
        for part in parts:
            measured.extend(part)
            progress("measure images", len(measured), len(images))
    return replace(_measurements(measured), hashes=_hashes(measured))


def _hashes(measured: Sequence[_Measured]) -> NDArray[np.uint64]:
    hashes = np.full((len(measured), len(VIEWS)), NO_HASH, np.uint64)
    for row, one in enumerate(measured):
        if one.hashes is not None:
            hashes[row] = one.hashes
    return hashes


def _measurements(measured: Sequence[_Measured]) -> Measurements:
    return Measurements(
        _by_name(measured),
        tuple(one.digest for one in measured),
        {row: one.unreadable for row, one in enumerate(measured) if one.unreadable},
        modes=tuple(one.mode for one in measured) if any(one.mode for one in measured) else (),
    )


def _by_name(measured: Sequence[_Measured]) -> dict[str, Scores]:
    names = next((tuple(one.statistics) for one in measured if one.statistics), ())
    return {name: np.array([one.statistics.get(name, np.nan) for one in measured], np.float64) for name in names}


def _in_this_process(chunks: Iterable[Sequence[Source]]) -> Generator[list[_Measured]]:
    for chunk in chunks:
        yield _measure_chunk(chunk)


def _in_processes(chunks: Sequence[Sequence[Source]], workers: int) -> Generator[list[_Measured]]:
    """Results of all chunks, in order. What a pool that broke did not deliver is measured in this process."""
    delivered = 0
    context = get_context("spawn")  # a fork of a process with threads (torch has them) can hang
    stop = context.Event()
    started = min(workers, len(chunks), _MOST_PROCESSES)
    pool = ProcessPoolExecutor(started, mp_context=context, initializer=_start_worker, initargs=(stop,))
    try:
        for part in pool.map(_measure_chunk, chunks):
            delivered += 1
            yield part
    except BrokenProcessPool:  # a worker was killed, for its memory perhaps: one process at a time needs less
        yield from _in_this_process(chunks[delivered:])
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


_stop: Event | None = None  # set in worker processes alone


def _start_worker(stop: Event) -> None:
    global _stop  # noqa: PLW0603 - an initializer has no other way to hand something to its process
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process: the first one ends the others


def _measure_chunk(sources: Sequence[Source]) -> list[_Measured]:
    measured = []
    for source in sources:
        if _stop is not None and _stop.is_set():
            break
        measured.append(_measure(source))
    return measured


def _measure(source: Source) -> _Measured:
    try:
        pixels, mode = decode_with_mode(read_content(source))
    except UndecodableImage as error:
        return _Measured({}, "", str(error))
    return _Measured(image_statistics(pixels), pixel_digest(pixels), mode=mode, hashes=perceptual_hashes(pixels))
