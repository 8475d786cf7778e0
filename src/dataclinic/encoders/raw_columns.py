"""Raw columns: the table itself, its numbers scaled and its categories encoded on the training rows of each fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from dataclinic.encoders import Encoded
from dataclinic.methods.column_features import ColumnFeatures

if TYPE_CHECKING:
    from dataclinic.dataset import Payload, Table
    from dataclinic.progress import Progress


@dataclass(frozen=True)
class RawColumns:
    """Numbers and categories of a table; nothing is learned before a fit says which rows it trains on."""

    summary: ClassVar[str] = "the columns of the table: numbers scaled, categories encoded, missing values marked"
    payload: ClassVar[str] = "table"

    def identity(self, *, device: str) -> None:
        """None: what is learned from columns is learned inside each fit."""

    def encode(self, payload: Payload, *, device: str, seed: int, progress: Progress) -> Encoded:
        frame = cast("Table", payload).frame
        features = ColumnFeatures.of(frame)
        progress("encode columns", len(frame), len(frame))
        numbers, categories = len(features.number_names), len(features.category_names)
        return Encoded(features, f"raw columns: {numbers} numeric, {categories} categorical")
