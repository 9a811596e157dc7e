"""News to a broker: new observations and states, read from the change feed by a kept cursor."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hinomi.domains.hazards.collections.gauges import RIVER_LEVELS
from hinomi.domains.hazards.collections.sensors import DATASTREAMS, READINGS, SENSORS, STATIONS
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.marking import Principal
from hinomi.kernel.records import MISSING, Reading, from_micros
from hinomi.kernel.store import Change, Latest, Store
from hinomi.runtime import policy
from hinomi.runtime.policy import masking
from hinomi.standards.sensorthings import encode_observation

log = logging.getLogger("hinomi.mqtt")

SERIES = (READINGS.id, RIVER_LEVELS.id)
RECORDS = (SENSORS.id, STATIONS.id, DATASTREAMS.id)
BACK_US = 24 * 3_600_000_000
"""Late readings older than that beside a newer one are in the store, not told [µs]."""
_LIMIT = 10_000


class Publisher:
    """Tells a broker what ``principal`` may see in actual; nothing twice, nothing left out.

    The cursor is kept after the broker's client has taken the messages over (QoS 1).
    """

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        principal: Principal,
        path: Path,
        *,
        prefix: str,
        root: str,
    ) -> None:
        self._reader = masking.reader(store, catalog, principal, policy.of(path.parent))
        self._path = path
        self._prefix, self._root = prefix, root
        self._cursor = self._read()

    def tell(self, publish: Any) -> None:
        """Publish what was appended since the last time."""
        head = self._reader.position()
        if head <= self._cursor:
            return
        for topic, data, retain in self._news(head):
            if not publish(topic, data, retain=retain):
                log.debug("part=mqtt told no further than %s", self._cursor)
                return
        self._cursor = head
        self._keep()

    def _news(self, head: int) -> Iterator[tuple[str, bytes, bool]]:
        for collection in SERIES:
            for latest in self._reader.series(collection, since=self._cursor):
                yield from self._readings(latest, head)
        after = self._cursor
        while after < head:
            page = self._reader.changes(after, collections=RECORDS)
            for change in page.items:
                if change.record is not None:
                    yield self._state(change)
            if page.position <= after:
                return
            after = page.position

    def _readings(self, latest: Latest, head: int) -> Iterator[tuple[str, bytes, bool]]:
        name = latest.series.id
        topic = f"{self._prefix}/Datastreams('{name}')/Observations"
        for reading in self._since(latest):
            if self._cursor < reading.batch <= head and reading.quality != MISSING:
                data = encode_observation(
                    name, reading.time, reading.value, reading.quality, self._root
                )
                yield topic, data, False

    def _since(self, latest: Latest) -> list[Reading]:
        """Return the rows near the newest one; most often that one alone is new."""
        newest = latest.reading
        if newest is None:
            return []
        start = from_micros(newest.time - BACK_US)
        found: list[Reading] = []
        after = None
        while True:
            rows = self._reader.readings(latest.series.id, start=start, limit=_LIMIT, after=after)
            found += rows
            if len(rows) < _LIMIT:
                return found
            after = rows[-1].time

    def _state(self, change: Change) -> tuple[str, bytes, bool]:
        record = change.record
        assert record is not None  # noqa: S101 - asked before
        kind = {SENSORS.id: "Sensors", STATIONS.id: "Things"}.get(record.collection, "Datastreams")
        topic = f"{self._prefix}/changes/{kind}/{record.key}"
        return topic, record.feature, True

    def _read(self) -> int:
        try:
            return int(json.loads(self._path.read_text())["position"])
        except (OSError, ValueError, KeyError, TypeError):
            # A broker that is new is told what happens from now on.
            return self._reader.position()

    def _keep(self) -> None:
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({"position": self._cursor}))
        draft.replace(self._path)
