"""Old readings as Parquet (extra ``archive``): one row group after the other, on disk on return."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hinomi.kernel.errors import InputError

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


def read_archive(archive: Path) -> Iterator[list[tuple[Any, ...]]]:
    """Yield an archive's rows, one row group at a time, without the positions they had.

    Raises:
        InputError: the file is no archive of readings.
    """
    try:
        with pq.ParquetFile(archive) as file:
            if not set(SCHEMA.names) <= set(file.schema_arrow.names):
                raise _not_one(archive, ", ".join(file.schema_arrow.names))
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=SCHEMA.names[:-1])
                micros = table.column("time").cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
                table = table.set_column(SCHEMA.names.index("time"), "time", micros)
                yield list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    except pa.ArrowException as error:
        raise _not_one(archive, str(error)) from error


def _not_one(archive: Path, found: str) -> InputError:
    return InputError(
        f"{archive} is no archive of readings: {found[:200]}",
        f"{archive}は観測値の保存ファイルではありません: {found[:200]}",
    )
