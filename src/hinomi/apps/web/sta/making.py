"""Drafts to records and readings: deep inserts, updates, deletions, in our own collections."""

from __future__ import annotations

import math
import re
import uuid
from datetime import datetime
from typing import Any

import msgspec

from hinomi.apps.web.sta.drafts import MAX_DEEP, Draft
from hinomi.apps.web.sta.query import Questions
from hinomi.apps.web.sta.rows import Row
from hinomi.apps.web.sta.stating import Statements
from hinomi.domains.hazards.collections.sensors import (
    CATALOGUE,
    DATASTREAMS,
    READINGS,
    STATIONS,
    SensorCatalogueEntry,
    SensorDatastream,
    SensorStation,
)
from hinomi.domains.hazards.observe.sensors import thing_id
from hinomi.kernel.errors import DataError, InputError, Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Principal, Status
from hinomi.kernel.records import MISSING, Record, Stored, from_micros, micros
from hinomi.runtime.mqtt import messages
from hinomi.standards.sensorthings import observation_id
from hinomi.standards.sensorthings.messages import read_quality, read_result

_CATALOGUED = {
    "Sensor": ("metadata", "encodingType"),
    "ObservedProperty": ("", ""),
    "Location": ("location", "encodingType"),
    "FeatureOfInterest": ("feature", "encodingType"),
}
_SLUG = re.compile(r"[^a-z0-9_]+")


class Maker(Statements):
    """One request's writing: what it states, and what it reads, put together before it is sent."""

    def __init__(
        self, view: Questions, principal: Principal, status: Status, now: datetime
    ) -> None:
        super().__init__(view, principal, status, now)
        self.rows: list[messages.Row] = []
        self._made = 0

    def create(self, kind: str, body: dict[str, Any], path: str, links: dict[str, str]) -> str:
        """Make an entity and all that it brings along; return its id.

        ``links`` are given by the address or by what it is inside of.
        """
        self._made += 1
        if self._made > MAX_DEEP:
            raise InputError(f"More than {MAX_DEEP:,} entities.", "エンティティが多すぎます。")
        draft = Draft(kind, body, path, partly=False)
        for name, row_id in links.items():
            draft.links.setdefault(name, []).append(row_id)
        draft.check()
        made: str = getattr(self, f"_create_{_snake(kind)}")(draft)
        return made

    def update(self, row: Row, body: dict[str, Any]) -> None:
        """State an entity anew, with what the body changes."""
        draft = Draft(row.kind, body, "", partly=True)
        draft.check()
        if row.kind == "Observation":
            self._row(
                row.links["Datastream"], row.properties["phenomenonTime"], draft,
                usual=row.properties["result"],
            )  # fmt: skip
            return
        stored = self.stored(row)
        match row.kind:
            case "Thing":
                self._update_thing(draft, row, stored)
            case "Datastream":
                self._update_datastream(draft, stored)
            case _:
                self._update_entry(draft, row, stored)

    def delete(self, row: Row) -> None:
        """Take an entity back, and what cannot be without it."""
        if row.kind == "Observation":
            time = row.properties["phenomenonTime"]
            stream = row.links["Datastream"]
            self.rows.append(messages.Row(stream, time, math.nan, MISSING))
            return
        self.retract(self.stored(row))
        if row.kind in {"Thing", "Sensor", "ObservedProperty"}:
            for stream in self.view.town.related(row, "Datastreams"):
                self.retract(self.stored(stream))
        if row.kind == "Location":
            for thing in self.view.town.related(row, "Things"):
                stored = self.stored(thing)
                station = self.body(stored, SensorStation)
                self._move(stored, msgspec.structs.replace(station, location=""), None)

    # --- Thing

    def _create_thing(self, draft: Draft) -> str:
        key = uuid.uuid4().hex
        row_id = thing_id(STATIONS.id, key)
        location, place = self._location_of(draft)
        details = dict(draft.properties.get("properties") or {})
        known = {k: details.pop(k) for k in ("kind", "device", "decoder", "heartbeat_s",
                 "municipality", "municipality_code") if k in details}  # fmt: skip
        try:
            station = msgspec.convert(
                {"name": draft.text("name"), "description": draft.text("description"),
                 "location": location, "details": details, **known},
                SensorStation,
            )  # fmt: skip
        except msgspec.ValidationError as error:
            draft.tell("properties", Text(f"値が違います({error})", str(error)), "")
            raise DataError(draft.problems) from None
        self.state(STATIONS, key, station, place)
        for number, inner in enumerate(draft.inner.get("Datastreams", ())):
            path = f"{draft.path}/Datastreams/{number}"
            self.create("Datastream", inner, path, {"Thing": row_id})
        return row_id

    def _location_of(self, draft: Draft) -> tuple[str, Geometry | None]:
        """Return the first location that a thing is given, made if it has to be, and its place."""
        for number, inner in enumerate(draft.inner.get("Locations", ())):
            made = self.create("Location", inner, f"{draft.path}/Locations/{number}", {})
            return made, self.records[CATALOGUE.id, made].place
        for row_id in draft.links.get("Locations", ()):
            return row_id, self._place_of(row_id)
        return "", None

    def _place_of(self, location: str) -> Geometry | None:
        made = self.records.get((CATALOGUE.id, location))
        if made is not None:
            return made.place
        found: Geometry | None = self.view.one("Location", location).properties.get("location")
        return found

    def _update_thing(self, draft: Draft, row: Row, stored: Stored) -> None:
        station = self.body(stored, SensorStation)
        location, place = self._location_of(draft)
        details = draft.properties.get("properties", station.details)
        station = msgspec.structs.replace(
            station,
            name=draft.text("name", station.name),
            description=draft.text("description", station.description),
            details=details,
            location=location or station.location,
        )
        self._move(
            stored, station, place if location else stored.place(), row if location else None
        )

    def _move(
        self, stored: Stored, station: SensorStation, place: Geometry | None, row: Row | None = None
    ) -> None:
        """State a thing at a place, and its datastreams with it."""
        self.restate(STATIONS, stored, station, place)
        for stream in self.view.town.related(row, "Datastreams") if row is not None else ():
            if stream.record is not None and stream.record[0] == DATASTREAMS.id:
                of = self.stored(stream)
                self.restate(DATASTREAMS, of, self.body(of, SensorDatastream), place)

    # --- Location, Sensor, ObservedProperty, FeatureOfInterest

    def _create_entry(self, draft: Draft) -> str:
        kind = draft.kind
        row_id = uuid.uuid4().hex
        member, encoding = _CATALOGUED[kind]
        place = draft.geometry(member) if kind in {"Location", "FeatureOfInterest"} else None
        entry = SensorCatalogueEntry(
            entity=kind,  # type: ignore[arg-type]
            name=draft.text("name"),
            description=draft.text("description"),
            encoding=draft.text(encoding),
            definition=draft.text("definition"),
            metadata=draft.properties.get("metadata"),
            details=draft.properties.get("properties") or {},
        )
        self.state(CATALOGUE, row_id, entry, place)
        for number, inner in enumerate(draft.inner.get("Things", ())):
            self.create("Thing", inner, f"{draft.path}/Things/{number}", {"Locations": row_id})
        for number, inner in enumerate(draft.inner.get("Datastreams", ())):
            self.create("Datastream", inner, f"{draft.path}/Datastreams/{number}", {kind: row_id})
        for thing in draft.links.get("Things", ()):
            self._put_at(thing, row_id, place)
        return row_id

    _create_location = _create_sensor = _create_observed_property = _create_entry
    _create_feature_of_interest = _create_entry

    def _put_at(
        self, thing: str, location: str, place: Geometry | None, time: int | None = None
    ) -> Record:
        key = (STATIONS.id, thing.removeprefix(f"{STATIONS.id}."))
        if key in self.new:
            made = self.records[key]
            body = msgspec.structs.replace(made.body, location=location)
            self.records[key] = msgspec.structs.replace(made, body=body, place=place)
            return self.records[key]
        row = self.view.one("Thing", thing)
        stored = self.stored(row)
        station = msgspec.structs.replace(self.body(stored, SensorStation), location=location)
        if time is None:
            self._move(stored, station, place, row)
        else:
            self.restate(STATIONS, stored, station, place, at=from_micros(time))
        return self.records[STATIONS.id, stored.key]

    def _update_entry(self, draft: Draft, row: Row, stored: Stored) -> None:
        entry = self.body(stored, SensorCatalogueEntry)
        member, encoding = _CATALOGUED[row.kind]
        place = stored.place()
        if member in {"location", "feature"} and member in draft.properties:
            place = draft.geometry(member)
        entry = msgspec.structs.replace(
            entry,
            name=draft.text("name", entry.name),
            description=draft.text("description", entry.description),
            encoding=draft.text(encoding, entry.encoding),
            definition=draft.text("definition", entry.definition),
            metadata=draft.properties.get("metadata", entry.metadata),
            details=draft.properties.get("properties", entry.details),
        )
        self.restate(CATALOGUE, stored, entry, place)
        if row.kind == "Location":
            for thing in self.view.town.related(row, "Things"):
                self._put_at(thing.id, row.id, place)

    def _create_historical_location(self, draft: Draft) -> str:
        time = draft.time("time")
        things, places = draft.links.get("Thing", []), draft.links.get("Locations", [])
        for number, inner in enumerate(draft.inner.get("Locations", ())):
            places.append(self.create("Location", inner, f"{draft.path}/Locations/{number}", {}))
        if not things or not places:
            draft.tell("Thing", Text("ThingとLocationsが必要です", "needs Thing and Locations"), "")
            raise DataError(draft.problems)
        return self._put_at(things[0], places[0], self._place_of(places[0]), time).identity()

    # --- Datastream

    def _create_datastream(self, draft: Draft) -> str:
        ids = {name: self._one(draft, name) for name in ("Thing", "Sensor", "ObservedProperty")}
        draft.check()
        thing = ids["Thing"]
        if not thing.startswith(f"{STATIONS.id}."):
            draft.tell("Thing", Text("このThingには追加できません", "takes no datastreams"), thing)
            raise DataError(draft.problems)
        key = thing.removeprefix(f"{STATIONS.id}.")
        name = self._name_of(ids["ObservedProperty"])
        measured = _SLUG.sub("_", name.lower()).strip("_")[:40] or "value"
        row_id = f"{READINGS.id}.{key}.{measured}-{uuid.uuid4().hex[:8]}"
        unit = draft.properties.get("unitOfMeasurement") or {}
        definition = str(unit.get("definition") or "")
        stream = SensorDatastream(
            name=draft.text("name"),
            thing=thing,
            property=measured,
            unit=definition.removeprefix("ucum:") if definition.startswith("ucum:")
            else str(unit.get("symbol") or ""),
            description=draft.text("description"),
            unit_name=str(unit.get("name") or ""),
            unit_symbol=str(unit.get("symbol") or ""),
            observation_type=draft.text("observationType"),
            sensor=ids["Sensor"],
            observed_property=ids["ObservedProperty"],
            details={**(draft.properties.get("properties") or {}),
                     **({"unitDefinition": definition} if definition else {})},
        )  # fmt: skip
        self.state(DATASTREAMS, row_id, stream, self._thing_place(key))
        for number, inner in enumerate(draft.inner.get("Observations", ())):
            path = f"{draft.path}/Observations/{number}"
            self.create("Observation", inner, path, {"Datastream": row_id})
        return row_id

    def _update_datastream(self, draft: Draft, stored: Stored) -> None:
        stream = self.body(stored, SensorDatastream)
        unit = draft.properties.get("unitOfMeasurement") or {}
        changed = {
            "name": draft.text("name", stream.name),
            "description": draft.text("description", stream.description),
            "observation_type": draft.text("observationType", stream.observation_type),
            "unit_name": str(unit.get("name") or stream.unit_name),
            "unit_symbol": str(unit.get("symbol") or stream.unit_symbol),
            "details": draft.properties.get("properties", stream.details),
        }
        for name, field in (("Sensor", "sensor"), ("ObservedProperty", "observed_property")):
            if draft.links.get(name):
                changed[field] = self.view.one(name, draft.links[name][0]).id
        stream = msgspec.structs.replace(stream, **changed)
        self.restate(DATASTREAMS, stored, stream, stored.place())

    def _one(self, draft: Draft, name: str) -> str:
        """Return the id of the one entity that a draft needs, made if it is brought along."""
        for inner in draft.inner.get(name, ()):
            return self.create(name, inner, f"{draft.path}/{name}", {})
        for row_id in draft.links.get(name, ()):
            if not self._is_made(name, row_id):
                self.view.one(name, row_id)
            return row_id
        draft.tell(name, Text("必要です", "is required"), "")
        return ""

    def _is_made(self, name: str, row_id: str) -> bool:
        if name == "Thing":
            return (STATIONS.id, row_id.removeprefix(f"{STATIONS.id}.")) in self.records
        collection = DATASTREAMS.id if name == "Datastream" else CATALOGUE.id
        return (collection, row_id) in self.records

    def _name_of(self, observed: str) -> str:
        made = self.records.get((CATALOGUE.id, observed))
        if made is not None:
            return str(made.body.name)
        return observed if observed.isascii() and "_" in observed else str(
            self.view.one("ObservedProperty", observed).properties["name"]
        )  # fmt: skip

    def _thing_place(self, key: str) -> Geometry | None:
        made = self.records.get((STATIONS.id, key))
        return made.place if made else self.view.reader.get(STATIONS.id, key).place()

    # --- Observation

    def _create_observation(self, draft: Draft) -> str:
        for name in ("validTime", "parameters"):
            if draft.properties.get(name) not in (None, {}):
                text = Text("保存できない属性です", "cannot be kept with a reading")
                draft.tell(name, text, repr(draft.properties[name]))
        stream = self._one(draft, "Datastream")
        draft.check()
        time = draft.time("phenomenonTime") or draft.time("resultTime") or micros(self.now)
        self._row(stream, time, draft)
        feature = self._feature(draft)
        if feature:
            self._observe(stream, feature, draft)
        return observation_id(stream, time)

    def _row(self, stream: str, time: int, draft: Draft, usual: Any = None) -> None:
        value = read_result(draft.properties.get("result", usual), f"{draft.path}/result")
        quality = read_quality(draft.properties.get("resultQuality"))
        self.rows.append(messages.Row(stream, time, value, quality))

    def _feature(self, draft: Draft) -> str:
        for inner in draft.inner.get("FeatureOfInterest", ()):
            return self.create("FeatureOfInterest", inner, f"{draft.path}/FeatureOfInterest", {})
        for row_id in draft.links.get("FeatureOfInterest", ()):
            return self.view.one("FeatureOfInterest", row_id).id
        return ""

    def _observe(self, stream: str, feature: str, draft: Draft) -> None:
        """Note a datastream's feature of interest: one for all its observations."""
        made = self.records.get((DATASTREAMS.id, stream))
        stored = None if made else self.stored(self.view.one("Datastream", stream))
        body = made.body if made else self.body(stored, SensorDatastream)
        if body.feature == feature:
            return
        if body.feature:
            text = Text("Datastreamの対象と違います", "is not the datastream's own feature")
            problem = Problem("sensorthings.feature", f"{draft.path}/FeatureOfInterest", text)
            raise DataError([problem])
        body = msgspec.structs.replace(body, feature=feature)
        if made:
            self.records[DATASTREAMS.id, stream] = msgspec.structs.replace(made, body=body)
        elif stored is not None:
            self.restate(DATASTREAMS, stored, body, stored.place())


def _snake(kind: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
