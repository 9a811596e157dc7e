"""Archived readings back into the store, for as long as somebody works with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.records import Origin, Readings, Record, Series
from hinomi.kernel.store import Put, Store
from hinomi.runtime import clock
from hinomi.runtime.retention import FOLDER, can_archive, hold

_Name = tuple[str, str, str]
_PutRows = Callable[[Sequence[Record], Sequence[Readings]], Put]


class Unarchived(msgspec.Struct, frozen=True, kw_only=True):
    """What came back."""

    new: int
    known: int
    until: dict[str, str] = {}
    """The day (UTC) on which a collection's old readings go into the archive again."""
    unknown: tuple[str, ...] = ()
    """Series that the store has no definition of; their rows stay in the file alone."""


def unarchive(
    store: Store, data: Path, paths: Sequence[Path], days: int, put: _PutRows
) -> Unarchived:
    """Append what archive files hold, and hold back retention for so many days.

    Rows that stand in the store already are known; what comes is recorded now, so an as-of answer
    for a moment before does not show it.

    Raises:
        MissingError: there is no such file.
        InputError: one is no archive of readings, or pyarrow (extra ``archive``) is not installed.
    """
    if not can_archive():
        raise InputError(
            "Archived readings need pyarrow: pip install 'hinomi[archive]'.",
            "保存した観測値を読むにはpyarrowが必要です: pip install 'hinomi[archive]'",
        )
    # Imported here: an extra, and heavy.
    from hinomi.stores.archive import read_archive  # noqa: PLC0415

    new = known = 0
    unknown: dict[str, None] = {}
    until: dict[str, str] = {}
    day = (clock.now() + timedelta(days=days)).date().isoformat()
    defined: dict[str, dict[_Name, Series]] = {}
    for path in paths:
        if not path.is_file():
            near = [str(p) for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise MissingError(Text("保存ファイル", "archive"), str(path), near)
    for path in paths:
        for rows in read_archive(path):
            for collection in sorted({row[0] for row in rows}):
                if collection not in defined:
                    defined[collection] = _series(store, collection)
                    until[collection] = day
                    hold(store, data, collection, day)
                mine = [row for row in rows if row[0] == collection]
                batch = _batch(mine, defined[collection], unknown, path)
                if batch.rows:
                    done = put([], [batch])
                    new, known = new + done.readings_new, known + done.readings_known
    return Unarchived(new=new, known=known, until=until, unknown=tuple(unknown))


def _series(store: Store, collection: str) -> dict[_Name, Series]:
    return {
        (one.series.id, one.series.source, str(one.series.marking)): one.series
        for one in store.series(collection, visible=store.markings())
    }


def _batch(
    rows: list[tuple[Any, ...]], defined: dict[_Name, Series], unknown: dict[str, None], path: Path
) -> Readings:
    places: dict[_Name, int] = {}
    # Of a value that was corrected, the last one: the rows are in the order of recording.
    found: dict[tuple[int, int], tuple[int, int, float, int]] = {}
    for _, *name, time, value, quality in rows:
        key = (name[0], name[1], name[2])
        if key not in defined:
            unknown[key[0]] = None
            continue
        place = places.setdefault(key, len(places))
        found[place, time] = (place, time, value, quality)
    origin = Origin(address=path.resolve().as_uri(), path=FOLDER)
    return Readings(
        series=tuple(defined[key] for key in places), rows=list(found.values()), origin=origin
    )
