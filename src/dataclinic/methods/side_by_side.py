"""Calls side by side in threads: for fits that let go of the interpreter, so that nothing is copied."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

import joblib

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.progress import Progress

Job = TypeVar("Job")
Result = TypeVar("Result")


def side_by_side(
    answer: Callable[[Job, int], Result], jobs: Sequence[Job], task: str, progress: Progress
) -> list[Result]:
    """`answer(job, threads)` for every job, in order, on all cores; `threads` is each job's share of them.

    `progress` is told of `task` how many are done.
    """
    progress(task, 0, len(jobs))
    cores = joblib.cpu_count()
    threads = max(1, cores // max(1, len(jobs)))
    results: list[Result] = []
    calls = (joblib.delayed(partial(answer, job, threads))() for job in jobs)
    for result in joblib.Parallel(n_jobs=cores, prefer="threads", return_as="generator")(calls):
        results.append(result)
        progress(task, len(results), len(jobs))
    return results
