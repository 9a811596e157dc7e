"""A small batch of readings in one call: gateways send a hundred at a time, all day long.

Whoever appends holds the writers' lock. A transaction of several statements holds it while its
answers travel, its process waits for a core and the disk turns; here the database does all of it
in the procedure ``append_few``, which lets go of the lock before it waits for the disk. It takes
only what needs no decision: known series, rows newer than their latest. For all else it does
nothing, and the caller goes the way of :class:`~hinomi.stores.postgres.series.ReadingsWriter`.
See ``docs/decisions/0007-positions-in-commit-order.md``.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.pq import Format

from hinomi.kernel.records import Readings, micros
from hinomi.kernel.store import Put
from hinomi.stores.encoding import encode_origin
from hinomi.stores.postgres.arrays import Array, Int2s, Int4s, Int8s
from hinomi.stores.postgres.direct import Direct, Statement, number_of
from hinomi.stores.postgres.link import WRITERS_LOCK, unavailable
from hinomi.stores.postgres.series import FEW, Columns, Held, ReadingsWriter, arrays, columns_of

_NONE = (1 << 63) - 1
_APPEND = Statement(
    "append_few",
    "CALL append_few($1::bigint, $2::bigint, $3::text, $4::int[], $5::bigint[], $6::bigint[],"
    " $7::int[], $8::smallint[], $9::smallint[], $10::bigint[], $11::float8[], $12::smallint[],"
    " $13::int[], $14::int[], $15::int[], NULL)",
)


class Few:
    """Appends small batches on the writer's own connection."""

    def __init__(self, readings: ReadingsWriter) -> None:
        self._readings = readings
        self._link = readings.writer.link
        self._direct = Direct(self._link.connection.pgconn)

    def put(self, batch: Readings, at: datetime) -> Put | None:
        """Append a batch, durable on return; None, and nothing done, where that needs decisions."""
        values = _values(batch, self._readings, at)
        if values is None:
            return None
        if self._direct.pgconn is not self._link.connection.pgconn:
            self._direct = Direct(self._link.connection.pgconn)
        try:
            found = self._direct.ask(_APPEND, values, [_form(value) for value in values])
        except psycopg.errors.CheckViolation:
            # A partition that was there has been retired by another process.
            self._readings.partitions.forget()
            return None
        except psycopg.OperationalError as error:
            raise unavailable(error) from error
        position = number_of(found, 0, 0)
        if not position:
            return None
        return Put(position=position, new=0, known=0, readings_new=len(batch.rows))


def _values(batch: Readings, readings: ReadingsWriter, at: datetime) -> list[bytes] | None:
    """Return what ``append_few`` takes; None where we know that it would not take it."""
    held = readings.held(batch) if 0 < len(batch.rows) <= FEW else None
    if held is None:
        return None
    given = columns_of(batch.rows, held)
    rows = given.of(np.lexsort((given.time, given.series)))
    ends = rows.series[1:] != rows.series[:-1]
    if not (ends | (rows.time[1:] != rows.time[:-1])).all():
        return None
    if not readings.partitions.hold(int(rows.time.min()), int(rows.time.max())):
        return None
    return [
        b"%d" % WRITERS_LOCK, b"%d" % micros(at), encode_origin(batch.origin).encode(),
        *_as_seen(rows, held, ends), *_circles(rows, held),
    ]  # fmt: skip


def _form(value: bytes) -> Format:
    return Format.BINARY if isinstance(value, Array) else Format.TEXT


def _as_seen(rows: Columns, held: list[Held], ends: NDArray[np.bool_]) -> list[Array]:
    """Return the series with what we know of them, then the rows."""
    numbers = np.array([one.number for one in held])
    firsts = np.full(len(held), _NONE)
    begins = np.flatnonzero(np.append([True], ends))
    firsts[rows.place[begins]] = rows.time[begins]
    marking = np.array([one.circle[1] for one in held])[rows.place]
    return [
        Int4s.packed(numbers),
        Int8s.packed(np.array([one.touched for one in held])),
        Int8s.packed(firsts),
        *arrays(rows, marking),
        Int2s.packed(np.append(ends, [True])),
    ]


def _circles(rows: Columns, held: list[Held]) -> list[Array]:
    """Return the batch's rows by what decides who may see them: collection, marking, how many."""
    counts: dict[tuple[int, int], int] = {}
    for one, count in zip(held, np.bincount(rows.place, minlength=len(held)).tolist(), strict=True):
        if count:
            counts[one.circle] = counts.get(one.circle, 0) + count
    circles = np.array([(*circle, count) for circle, count in counts.items()])
    return [Int4s.packed(column) for column in circles.T]
