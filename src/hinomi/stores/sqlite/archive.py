"""Old readings as Parquet (extra ``archive``): one row group after the other, on disk on return."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        ("collection", pa.dictionary(pa.int32(), pa.string())),
        ("series", pa.dictionary(pa.int32(), pa.string())),
        ("source", pa.dictionary(pa.int32(), pa.string())),
        ("marking", pa.dictionary(pa.int32(), pa.string())),
        ("time", pa.timestamp("us", tz="UTC")),
        ("value", pa.float64()),
        ("quality", pa.int8()),
        ("batch", pa.int64()),
    ]
)


def write_archive(archive: Path, batches: Iterable[list[tuple[Any, ...]]]) -> int:
    """Write the rows (in :data:`SCHEMA`'s columns) and return how many there were."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    new = archive.with_name(f".{archive.name}.new")
    total = 0
    with pq.ParquetWriter(new, SCHEMA, compression="zstd") as writer:
        for rows in batches:
            columns = [
                pa.array(column, type=field.type)
                for column, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
            total += len(rows)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.replace(archive)
    return total
