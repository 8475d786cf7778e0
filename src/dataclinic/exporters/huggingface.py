"""Parquet files with the features that Hugging Face `datasets` reads, and a card that names them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dataclinic.dataset import Images, Table, Texts
from dataclinic.outgoing.arrow_tables import arrow_parts, arrow_table, struct_column
from dataclinic.outgoing.cleaned_frame import label_column, picture_column

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataclinic.arrays import Rows
    from dataclinic.dataset import Payload, Task
    from dataclinic.outgoing.cleaned import Cleaned
    from dataclinic.outgoing.placed_files import PlaceFile

_SHARD_BYTES = 500_000_000
"""What the hub recommends."""

_DTYPES = {"double": "float64", "float": "float32", "halffloat": "float16", "date32[day]": "date32"}
"""Arrow's names of types that `datasets` calls otherwise."""

CARD = """\
---
configs:
- config_name: default
  data_files:
{files}
---

{samples:,} samples, cleaned with dataclinic; `changes.csv` lists every change.

```python
from datasets import load_dataset

data = load_dataset("path/to/this/folder")
```
"""


@dataclass(frozen=True)
class Huggingface:
    """data/SPLIT-00000.parquet and README.md, for `datasets.load_dataset(folder)` or an upload to the hub.

    Pictures are the feature Image, classes ClassLabel; the other columns of a table stay. Without splits, all is train.
    """

    summary: ClassVar[str] = "parquet parts and a data set card (datasets.load_dataset, the Hugging Face hub)"
    payloads: ClassVar[tuple[type[Payload], ...]] = (Images, Table, Texts)
    tasks: ClassVar[tuple[Task, ...]] = ("classification", "regression")
    shows_suggestions: ClassVar[bool] = False

    def write(self, cleaned: Cleaned, destination: Path, place: PlaceFile) -> None:
        (destination / "data").mkdir()
        table = _with_labels(cleaned, arrow_table(cleaned))
        splits = _splits(cleaned)
        for split, rows in splits.items():
            _write_shards(arrow_parts(cleaned, table, struct_column, rows), destination / "data", split, cleaned)
        files = "\n".join(f"  - split: {split}\n    path: data/{split}-*.parquet" for split in splits)
        (destination / "README.md").write_text(CARD.format(files=files, samples=len(cleaned)), encoding="utf-8")


def _with_labels(cleaned: Cleaned, table: Any) -> Any:
    """The table with codes for classes."""
    if cleaned.task != "classification":
        return table
    name = label_column(cleaned)
    return table.set_column(table.column_names.index(name), name, pa.array(cleaned.codes, pa.int64()))


def _splits(cleaned: Cleaned) -> dict[str, Rows]:
    """Rows by the name of their split, which `datasets` wants to be a word."""
    if cleaned.split is None:
        return {"train": np.arange(len(cleaned))}
    word_of: dict[str, str] = {}
    for name in dict.fromkeys(cleaned.split):
        word = re.sub(r"\W", "_", name, flags=re.ASCII) or "unsplit"
        used = Counter(word_of.values())
        while word in used or word == "all":  # "all" means every split
            word += "_"
        word_of[name] = word
    words = np.array([word_of[name] for name in cleaned.split])
    return {word: np.flatnonzero(words == word) for word in word_of.values()}


def _write_shards(parts: Iterator[Any], folder: Path, split: str, cleaned: Cleaned) -> None:
    writer, number = None, 0
    size = 0
    try:
        for part in parts:
            if writer is None or size > _SHARD_BYTES:
                if writer is not None:
                    writer.close()
                schema = _with_features(part.schema, cleaned)
                writer, size = pq.ParquetWriter(folder / f"{split}-{number:05}.parquet", schema), 0
                number += 1
            writer.write_table(part.replace_schema_metadata(schema.metadata))
            size += part.nbytes
    finally:
        if writer is not None:
            writer.close()


def _with_features(schema: Any, cleaned: Cleaned) -> Any:
    features = {field.name: _feature(field.type) for field in schema}
    if isinstance(cleaned.payload, Images):
        features[picture_column(cleaned)] = {"_type": "Image"}
    if cleaned.task == "classification":
        features[label_column(cleaned)] = {"names": list(cleaned.classes), "_type": "ClassLabel"}
    return schema.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def _feature(kind: Any) -> Any:
    """How `datasets` declares an Arrow type."""
    if pa.types.is_dictionary(kind):
        return _feature(kind.value_type)
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    return {"dtype": _DTYPES.get(str(kind), str(kind)), "_type": "Value"}
