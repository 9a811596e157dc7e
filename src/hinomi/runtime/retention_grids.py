"""Retention of grids: after their collection's days those on the hour stay, much later none.

The record of a grid is never touched: what was stated, when and of what stays, as does the raw file
it was made from. Only the grid's own bytes go, by the rule that the collection declares
(``keep_days``), and each time it is written down in the log and in the audit.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Kind
from hinomi.kernel.errors import HinomiError
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.records import Stored
from hinomi.kernel.store import Query, Store
from hinomi.runtime import clock
from hinomi.runtime.audit import Audit, Event

log = logging.getLogger("hinomi.retention")

FILE = "grids.positions"
ON_THE_HOUR_TIMES = 10
"""Grids of a whole hour are kept so many times longer."""
_LOOK_S = 60.0
_AT_ONCE = 500


class Freed(NamedTuple):
    """What one collection's rule took away."""

    collection: str
    thinned: int
    """Grids between the hours, past their days."""
    ended: int
    """Grids of whole hours, past ten times their days."""


class GridRetention:
    """Frees the bytes of old grids once a day (UTC)."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        data: Path,
        *,
        audit: Callable[[], Audit] | None = None,
        now: clock.Clock = clock.now,
    ) -> None:
        self._store, self._catalog, self._data, self._now = store, catalog, data, now
        self._audit = audit or (lambda: Audit(data, now=now))

    def run(self, stop: threading.Event) -> None:
        """Free at the start and after each midnight (UTC) until ``stop`` is set."""
        done = None
        while not stop.wait(_LOOK_S if done else 1.0):
            today = self._now().date()
            if today != done:
                self.free(stop)
                done = today

    def free(self, stop: threading.Event | None = None) -> list[Freed]:
        """Erase what is past its rule; return how much of each collection."""
        forget: Callable[[str], None] | None = getattr(self._store, "forget_blob", None)
        if forget is None:
            return []
        done = []
        for collection in self._catalog.collections.values():
            if collection.kind is not Kind.COVERAGES or collection.keep_days is None:
                continue
            try:
                one = self._collection(collection.id, collection.keep_days, forget, stop)
            except HinomiError as error:
                log.error("part=retention collection=%s: %s", collection.id, error.text.en)  # noqa: TRY400 - no fault of ours
                continue
            if one.thinned or one.ended:
                done.append(one)
                self._tell(one, collection.keep_days)
        return done

    def _collection(
        self, name: str, days: int, forget: Callable[[str], None], stop: threading.Event | None
    ) -> Freed:
        midnight = self._now().replace(hour=0, minute=0, second=0, microsecond=0)
        thinned = self._pass(
            name, "thin", midnight - timedelta(days=days), forget, stop, hours_stay=True
        )
        ended = self._pass(
            name, "end", midnight - timedelta(days=days * ON_THE_HOUR_TIMES), forget, stop,
            hours_stay=False,
        )  # fmt: skip
        return Freed(name, thinned, ended)

    def _pass(
        self,
        name: str,
        step: str,
        before: datetime,
        forget: Callable[[str], None],
        stop: threading.Event | None,
        *,
        hours_stay: bool,
    ) -> int:
        """Go on through the feed from where the last pass ended; what is younger waits."""
        positions = self._positions()
        after, freed = positions.get(f"{name}/{step}", 0), 0
        visible = self._store.markings()
        while stop is None or not stop.is_set():
            page = self._store.changes(after, visible=visible, collections=(name,), limit=_AT_ONCE)
            old = [c for c in page.items if c.recorded_at < before]
            for change in old:
                item = change.record
                if item is not None and not (hours_stay and _on_the_hour(item)):
                    freed += self._free(item, before, forget)
            if not old:
                break
            after = page.position if len(old) == len(page.items) else old[-1].seq
            positions[f"{name}/{step}"] = after
            self._keep(positions)
            if len(old) < len(page.items) or page.position <= old[-1].seq - 1:
                break
        return freed

    def _free(self, item: Stored, before: datetime, forget: Callable[[str], None]) -> int:
        digest = str(item.body().get("grid_digest", ""))
        if not digest or self._store.blob(digest) is None or self._younger(item, digest, before):
            return 0
        forget(digest)
        return 1

    def _younger(self, item: Stored, digest: str, before: datetime) -> bool:
        """Tell whether a younger statement (of another marking, say) names the same bytes."""
        query = Query(
            collection=item.collection, visible=self._store.markings(), beside=True,
            filter=Compare("=", Property("grid_digest"), Value(digest)),
        )  # fmt: skip
        return any(other.recorded_at >= before for other in self._store.find(query).items)

    def _tell(self, freed: Freed, days: int) -> None:
        what = (
            f"{freed.collection}: {freed.thinned} grids between the hours older than {days} days,"
            f" {freed.ended} of whole hours older than {days * ON_THE_HOUR_TIMES} days"
        )
        log.info("part=retention %s: bytes erased, records kept", what)
        with closing(self._audit()) as audit:
            audit.write(
                Event(who="retention", verb="changed", how="command", what=f"erased {what}")
            )

    def _positions(self) -> dict[str, int]:
        try:
            return msgspec.json.decode((self._data / FILE).read_bytes(), type=dict[str, int])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}  # From the beginning: what is erased already is passed over.

    def _keep(self, positions: dict[str, int]) -> None:
        beside = self._data / f"{FILE}.new"
        beside.write_bytes(msgspec.json.encode(positions))
        beside.replace(self._data / FILE)


def _on_the_hour(item: Stored) -> bool:
    return item.said_at.minute == 0


def rules(catalog: Catalog) -> Iterator[tuple[str, int, int]]:
    """Yield the collections of grids with a rule: days of all, days of those on the hour."""
    for collection in catalog.collections.values():
        if collection.kind is Kind.COVERAGES and collection.keep_days is not None:
            yield collection.id, collection.keep_days, collection.keep_days * ON_THE_HOUR_TIMES
