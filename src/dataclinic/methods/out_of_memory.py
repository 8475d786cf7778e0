"""Work on parts that are halved until they fit into the memory of the device.

Needs torch, whose error says that they did not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import torch

from dataclinic.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

SMALLEST = 2
"""Rows: batch norms learn nothing from one."""


class FittingSize:
    """Rows at a time that fit, as far as is known; once halved, it stays so."""

    def __init__(self, rows: int) -> None:
        self.rows = max(rows, SMALLEST)

    def do(self, work: Callable[[int], T]) -> T:
        """What `work(rows)` gives, begun again with half as many rows at a time whenever memory ran out.

        Raises:
            OptionError: it runs out with the fewest, too.
        """
        while True:
            try:
                return work(self.rows)
            except torch.OutOfMemoryError as error:
                if self.rows == SMALLEST:
                    raise OptionError.out_of_memory(self.rows) from error
            # out here, since the error holds on to the frames whose tensors filled the memory
            self.rows = max(self.rows // 2, SMALLEST)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()


def parts(rows: torch.Tensor, size: int) -> tuple[torch.Tensor, ...]:
    """Consecutive parts of at most `size` rows, as equal as can be, so that none is left with a single row."""
    return torch.tensor_split(rows, max(1, -(-len(rows) // size)))
