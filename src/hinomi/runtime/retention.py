"""Retention: once a day, readings past their collection's days move into the archive's files."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Kind
from hinomi.kernel.errors import HinomiError
from hinomi.runtime import clock

log = logging.getLogger("hinomi.retention")

FOLDER = "archive"
HELD = "held.json"
"""In that folder: until which day readings that were brought back stay, by collection."""
_HELD = "held/"
_LOOK_S = 60.0


class Retires(Protocol):
    """A store that can move old readings into a file."""

    def retire_readings(
        self, before: datetime, archive: Path, *, collection: str | None = None
    ) -> int:
        """Move readings older than a time into a Parquet file; return how many rows."""


class Kept(NamedTuple):
    """A collection whose readings are kept for some days, and the files of older ones."""

    collection: str
    days: int
    files: list[Path]


class Retention:
    """Retires readings that are older than their collection keeps them, by UTC days."""

    def __init__(
        self, store: Retires, catalog: Catalog, data: Path, *, now: clock.Clock = clock.now
    ) -> None:
        self._store, self._catalog, self._data, self._now = store, catalog, data, now
        self._told = False

    def run(self, stop: threading.Event) -> None:
        """Retire at the start and after each midnight (UTC) until ``stop`` is set."""
        done = None
        while not stop.wait(_LOOK_S if done else 1.0):
            today = self._now().date()
            if today != done:
                self.retire()
                done = today

    def retire(self) -> dict[str, int]:
        """Move what is too old; return how many readings of each collection were moved."""
        moved: dict[str, int] = {}
        midnight = self._now().replace(hour=0, minute=0, second=0, microsecond=0)
        for collection, days, _ in kept(self._catalog, self._data):
            if not can_archive():
                if not self._told:
                    log.warning(
                        "part=retention collection=%s keeps %d days, but nothing is retired: it"
                        " needs pyarrow (pip install 'hinomi[archive]')", collection, days,
                    )  # fmt: skip
                    self._told = True
                break
            before = midnight - timedelta(days=days)
            file = self._data / FOLDER / f"{collection}-{before:%Y-%m-%d}.parquet"
            if file.exists() or is_held(self._store, self._data, collection, self._now()):
                # Done today already, what came late goes into tomorrow's file; or brought back.
                continue
            try:
                count = self._store.retire_readings(before, file, collection=collection)
            except HinomiError as error:
                log.error("part=retention collection=%s: %s", collection, error.text.en)  # noqa: TRY400 - no fault of ours
                continue
            if count:
                moved[collection] = count
                log.info(
                    "part=retention collection=%s moved %d readings from before %s into %s",
                    collection, count, f"{before:%Y-%m-%d}", file,
                )  # fmt: skip
        return moved


def kept(catalog: Catalog, data: Path) -> Iterator[Kept]:
    """Yield the collections that do not keep their readings for ever."""
    for collection in catalog.collections.values():
        if collection.kind is Kind.SERIES and collection.keep_days is not None:
            files = sorted((data / FOLDER).glob(f"{collection.id}-*.parquet"))
            yield Kept(collection.id, collection.keep_days, files)


def can_archive() -> bool:
    """Tell whether the extra ``archive`` is installed."""
    return find_spec("pyarrow") is not None


def hold(store: object, data: Path, collection: str, day: str) -> None:
    """Let a collection's readings stay until a day, whichever server retires them.

    A database is told; with a store of its own the folder's file is.
    """
    work = getattr(store, "work", None)
    if work is not None:
        work.note(f"{_HELD}{collection}", day)
        return
    file = data / FOLDER / HELD
    file.parent.mkdir(parents=True, exist_ok=True)
    told = held(store, data)
    told[collection] = max(day, told.get(collection, ""))
    part = file.with_name(f".{HELD}.new")
    part.write_bytes(msgspec.json.encode(told))
    part.replace(file)


def held(store: object, data: Path) -> dict[str, str]:
    """Return until which day the readings of collections are held."""
    work = getattr(store, "work", None)
    if work is not None:
        states: dict[str, str] = work.states()
        return {n.removeprefix(_HELD): day for n, day in states.items() if n.startswith(_HELD)}
    file = data / FOLDER / HELD
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str]) if file.exists() else {}


def is_held(store: object, data: Path, collection: str, now: datetime) -> bool:
    """Tell whether retention waits for a collection."""
    return held(store, data).get(collection, "") > now.date().isoformat()
