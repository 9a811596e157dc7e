"""All entities that one set of markings shows, but the observations: kept and mended."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import msgspec

from hinomi.apps.web.sta.rows import Row
from hinomi.domains.hazards.collections.gauges import GAUGE_STATIONS, RIVER_LEVELS
from hinomi.domains.hazards.collections.sensors import (
    CATALOGUE,
    DATASTREAMS,
    READINGS,
    STATIONS,
    SensorCatalogueEntry,
    SensorDatastream,
    SensorStation,
)
from hinomi.domains.hazards.observe.sensors import KINDS, MEASURES, thing_id
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Reading, Stored
from hinomi.kernel.store import Latest

DESCRIBED = (STATIONS.id, DATASTREAMS.id, CATALOGUE.id, GAUGE_STATIONS.id)
SERIES = (READINGS.id, RIVER_LEVELS.id)
GEOJSON = "application/geo+json"
_MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
_MOST = 8
"""Towns that are kept: one for each set of markings that asks."""


class Town:
    """The entities by kind and id, and each series' latest reading."""

    def __init__(self) -> None:
        self.position = -1
        self.rows: dict[str, dict[str, Row]] = {}
        self.latest: dict[str, Latest] = {}
        self.streams: dict[str, list[str]] = {}
        """(kind and id of a Thing, Sensor or ObservedProperty) -> datastreams."""
        self._ids: dict[str, list[str]] = {}
        self._told: tuple[str, dict[str, tuple[Reading, bytes]]] = ("", {})

    def told(self, root: str) -> dict[str, tuple[Reading, bytes]]:
        """Return each series' newest reading as it was last written below a root of links.

        One root is kept: whoever makes up names of hosts fills no memory.
        """
        if self._told[0] != root:
            self._told = (root, {})
        return self._told[1]

    def mend(self, reader: Reader) -> None:
        """Bring it up to what the reader sees; only what changed is made anew."""
        head = reader.position()
        if self.position == head:
            return
        since = self.position
        if since < 0 or reader.changes(since, collections=DESCRIBED, limit=1).items:
            self._build(reader)
        else:
            for collection in SERIES:
                for latest in reader.series(collection, since=since):
                    if latest.series.id not in self.latest and collection == RIVER_LEVELS.id:
                        self._build(reader)
                        break
                    self.latest[latest.series.id] = latest
        self.position = head

    def set(self, kind: str) -> dict[str, Row]:
        """Return the entities of one kind, by id."""
        return self.rows.get(kind, {})

    def ordered(self, kind: str) -> list[str]:
        """Return the ids of one kind in order."""
        found = self._ids.get(kind)
        if found is None:
            found = self._ids[kind] = sorted(self.set(kind))
        return found

    def related(self, row: Row, name: str) -> list[Row]:
        """Return what a navigation property leads to; Observations have their own way."""
        target, ids = self._linked(row, name)
        found = self.set(target)
        return [found[i] for i in ids if i in found]

    def feature_of(self, series: str) -> str:
        """Return the feature of interest of a datastream: its own, or where its thing stands."""
        stream = self.set("Datastream").get(series)
        if stream is None:
            return ""
        own: str = stream.links.get("Feature", "")
        thing = self.set("Thing").get(stream.links["Thing"])
        places = thing.links["Locations"] if thing is not None else ()
        return own or (places[0] if places else "")

    def _linked(self, row: Row, name: str) -> tuple[str, Iterable[str]]:
        if name == "FeatureOfInterest" and row.kind == "Datastream":
            return name, (self.feature_of(row.id),)
        if name == "Datastreams":
            return "Datastream", self.streams.get(f"{row.kind} {row.id}", ())
        if name == "Things":
            return "Thing", self.streams.get(f"Things {row.id}", ())
        ids = row.links.get(name, ())
        target = {"Locations": "Location"}.get(name, name)
        return target, (ids,) if isinstance(ids, str) else ids

    def _build(self, reader: Reader) -> None:
        self.rows = {
            kind: {}
            for kind in ("Thing", "Location", "Datastream", "Sensor", "ObservedProperty",
                         "FeatureOfInterest")
        }  # fmt: skip
        self.streams, self._ids = {}, {}
        _built_in(self)
        for stored in reader.every(CATALOGUE.id):
            _described(self, stored)
        for stored in reader.every(STATIONS.id):
            _station(self, stored)
        for stored in reader.every(GAUGE_STATIONS.id):
            _gauge(self, stored)
        for stored in reader.every(DATASTREAMS.id):
            _datastream(self, stored)
        self.latest = {}
        for collection in SERIES:
            self.latest.update({one.series.id: one for one in reader.series(collection)})
        for latest in self.latest.values():
            if latest.series.collection == RIVER_LEVELS.id:
                _river_level(self, latest)

    def add(self, row: Row) -> None:
        """Take a row in, and what it links to backwards."""
        self.rows[row.kind][row.id] = row
        if row.kind == "Datastream":
            for name in ("Thing", "Sensor", "ObservedProperty"):
                self.streams.setdefault(f"{name} {row.links[name]}", []).append(row.id)
            feature = f"FeatureOfInterest {self.feature_of(row.id)}"
            self.streams.setdefault(feature, []).append(row.id)
        elif row.kind == "Thing":
            for location in row.links["Locations"]:
                self.streams.setdefault(f"Things {location}", []).append(row.id)


class Towns:
    """The towns of those who asked lately."""

    def __init__(self) -> None:
        self._towns: dict[frozenset[Marking], Town] = {}
        self._lock = threading.Lock()

    def read(self, reader: Reader) -> Town:
        """Return the town as the reader sees it now; at an earlier moment it is made anew."""
        if reader.as_of is not None:
            town = Town()
            town.mend(reader)
            return town
        with self._lock:
            visible = reader.visible()
            town = self._towns.pop(visible) if visible in self._towns else Town()
            town.mend(reader)
            self._towns[visible] = town
            if len(self._towns) > _MOST:
                del self._towns[next(iter(self._towns))]
            return town


class _Feature(msgspec.Struct):
    properties: Any
    geometry: dict[str, Any] | None = None


def _typed(stored: Stored, kind: type[Any]) -> tuple[Any, dict[str, Any] | None]:
    found = msgspec.json.decode(stored.feature, type=_Feature)
    return msgspec.convert(found.properties, kind), found.geometry


def _built_in(town: Town) -> None:
    for kind, (title, _) in KINDS.items():
        text = {"name": title.ja, "description": title.en, "encodingType": "text/plain",
                "metadata": title.en}  # fmt: skip
        town.add(Row("Sensor", kind, text))
    for name, measure in MEASURES.items():
        text = {"name": measure.title.ja, "definition": measure.definition,
                "description": measure.title.en}  # fmt: skip
        town.add(Row("ObservedProperty", name, text))


def _described(town: Town, stored: Stored) -> None:
    entry, place = _typed(stored, SensorCatalogueEntry)
    properties: dict[str, Any] = {"name": entry.name, "description": entry.description}
    if entry.entity == "ObservedProperty":
        properties["definition"] = entry.definition
    else:
        own = {"Sensor": ("metadata", entry.metadata), "Location": ("location", place)}
        name, value = own.get(entry.entity, ("feature", place))
        properties |= {"encodingType": entry.encoding, name: value}
    if entry.details:
        properties["properties"] = entry.details
    town.add(Row(entry.entity, stored.key, properties, record=(CATALOGUE.id, stored.key)))
    if entry.entity == "Location":
        _as_feature(town, stored.key, entry.name, entry.description, place)


def _as_feature(
    town: Town, row_id: str, name: str, text: str, place: dict[str, Any] | None
) -> None:
    properties = {"name": name, "description": text, "encodingType": GEOJSON, "feature": place}
    town.add(Row("FeatureOfInterest", row_id, properties))


def _thing(
    town: Town, stored: Stored, texts: tuple[str, str], details: dict[str, Any], location: str
) -> None:
    row_id = thing_id(stored.collection, stored.key)
    place = stored.place()
    properties = {"name": texts[0], "description": texts[1], "properties": details}
    record = (stored.collection, stored.key)
    if not location and place is not None:
        where = {"name": texts[0], "description": texts[1], "encodingType": GEOJSON,
                 "location": place}  # fmt: skip
        town.add(Row("Location", row_id, where))
        _as_feature(town, row_id, texts[0], texts[1], place)
        location = row_id
    links = {"Locations": (location,) if location else ()}
    town.add(Row("Thing", row_id, properties, links, record))


def _station(town: Town, stored: Stored) -> None:
    station, _ = _typed(stored, SensorStation)
    own = {
        name: value
        for name in ("kind", "device", "heartbeat_s", "municipality")
        if (value := getattr(station, name))
    }
    details = {**own, **station.details}
    _thing(town, stored, (station.name, station.description), details, station.location)


def _gauge(town: Town, stored: Stored) -> None:
    body = stored.body()
    details = {k: v for k, v in body.items() if v not in (None, "") and k != "name"}
    _thing(town, stored, (body["name"], f"水位観測所 {body.get('river', '')}".strip()), details, "")


def _datastream(town: Town, stored: Stored) -> None:
    stream, place = _typed(stored, SensorDatastream)
    if stream.thing not in town.set("Thing"):
        return
    properties: dict[str, Any] = {
        "name": stream.name,
        "description": stream.description,
        "observationType": stream.observation_type,
        "unitOfMeasurement": {
            "name": stream.unit_name or stream.unit,
            "symbol": stream.unit_symbol or stream.unit,
            "definition": f"ucum:{stream.unit}" if stream.unit else "",
        },
    }
    if place is not None:
        properties["observedArea"] = place
    if stream.details:
        properties["properties"] = stream.details
    links = {"Thing": stream.thing, "Sensor": stream.sensor,
             "ObservedProperty": stream.observed_property, "Feature": stream.feature}  # fmt: skip
    town.add(Row("Datastream", stored.key, properties, links, (DATASTREAMS.id, stored.key)))


def _river_level(town: Town, latest: Latest) -> None:
    series = latest.series
    thing = thing_id(GAUGE_STATIONS.id, series.thing)
    if thing not in town.set("Thing"):
        return
    measure = MEASURES["level_m"]
    properties: dict[str, Any] = {
        "name": f"{series.title} {measure.title.ja}",
        "description": measure.title.en,
        "observationType": _MEASUREMENT,
        "unitOfMeasurement": {"name": measure.unit_name, "symbol": "m", "definition": "ucum:m"},
    }
    if series.longitude is not None and series.latitude is not None:
        properties["observedArea"] = {
            "type": "Point", "coordinates": [series.longitude, series.latitude],
        }  # fmt: skip
    links = {"Thing": thing, "Sensor": "water-gauge", "ObservedProperty": "level_m"}
    town.add(Row("Datastream", series.id, properties, links))
