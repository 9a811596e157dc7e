"""Which datastreams and devices there are: by id and by DevEUI, kept up to date from the feed."""

from __future__ import annotations

import threading
from typing import Any

import msgspec

from hinomi.domains.hazards.collections.sensors import (
    DATASTREAMS,
    STATIONS,
    SensorDatastream,
    SensorStation,
)
from hinomi.domains.hazards.observe.sensors import series_of
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Series
from hinomi.kernel.store import MAX_LIMIT, Query, Store


class _Stream(msgspec.Struct):
    properties: SensorDatastream
    geometry: dict[str, Any] | None = None


class _Station(msgspec.Struct):
    properties: SensorStation


_STREAM = msgspec.json.Decoder(_Stream)
_STATION = msgspec.json.Decoder(_Station)


class Device(msgspec.Struct, frozen=True):
    """A post that sends frames."""

    key: str
    decoder: str
    marking: Marking


class Registry:
    """All datastreams' series and all devices, whatever their marking; who asks is checked after.

    A thing that stands in several statuses (a real sensor that takes part in a drill) is found by
    (id, status).
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._position = -1
        self.series: dict[tuple[str, str], Series] = {}
        self.devices: dict[tuple[str, str], Device] = {}

    def refresh(self) -> None:
        """Read what was said of posts and datastreams since the last time."""
        head = self._store.position()
        if head == self._position:
            return
        with self._lock:
            if self._touched():
                self._read()
            self._position = head

    def _touched(self) -> bool:
        if self._position < 0:
            return True
        after = self._position
        markings = self._store.markings()
        names = (STATIONS.id, DATASTREAMS.id)
        return bool(self._store.changes(after, visible=markings, collections=names, limit=1).items)

    def _read(self) -> None:
        series: dict[tuple[str, str], Series] = {}
        devices: dict[tuple[str, str], Device] = {}
        for marking in self._store.markings():
            status = marking.status.value
            for stored in self._every(STATIONS.id, marking):
                station = _STATION.decode(stored.feature).properties
                if station.device:
                    device = Device(stored.key, station.decoder, marking)
                    devices[station.device, status] = device
            for stored in self._every(DATASTREAMS.id, marking):
                found = _STREAM.decode(stored.feature)
                key = found.properties.thing.removeprefix(f"{STATIONS.id}.")
                series[stored.key, status] = series_of(
                    found.properties, stored.key, key, found.geometry, marking
                )
        self.series, self.devices = series, devices

    def _every(self, collection: str, marking: Marking) -> Any:
        after = None
        while True:
            page = self._store.find(
                Query(
                    collection=collection,
                    visible=frozenset({marking}),
                    limit=MAX_LIMIT,
                    after=after,
                )
            )
            yield from page.items
            if page.next is None:
                return
            after = page.next
