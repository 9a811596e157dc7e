"""hazards.sensors and what they are made of: stations, datastreams, catalogue, readings."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text

LICENCE = "所有者の条件による (the terms of the sensors' owners)"

SensorKind = Literal[
    "flood-switch", "water-gauge", "rain-gauge", "seismometer", "camera", "weather", "other"
]
"""ワンコイン浸水センサ, 水位計, 雨量計, 地震計, カメラ, 気象計."""

SensorState = Literal["wet30", "wet20", "wet10", "dry", "suspect", "silent", "reporting"]
"""Switch at 30, 20, 10 cm under water; dry; a reading that is not believed; nothing heard for
three heartbeats; for other kinds than switches: it reports."""


class SensorStation(msgspec.Struct, frozen=True, kw_only=True):
    """What a sensor post is (SensorThings: Thing): name, kind, device, how often it speaks."""

    name: str
    kind: SensorKind = "other"
    description: str = ""
    device: str = ""
    """LoRaWAN's DevEUI, 16 lower-case hex digits; empty where it has none."""
    decoder: str = ""
    """The payload decoder (observe/sensor_decoders.toml); empty: the network server decodes."""
    heartbeat_s: float = 3600.0
    """At least so often [s] it sends, changed or not; what sends less is not well."""
    municipality_code: str = ""
    municipality: str = ""
    location: str = ""
    """Id of a Location in the catalogue; empty: the place is its own location."""
    details: dict[str, Any] = {}
    """The owner's own properties."""


class SensorDatastream(msgspec.Struct, frozen=True, kw_only=True):
    """What one series of readings means (SensorThings: Datastream). The key is the series' id."""

    name: str
    thing: str
    """``<collection>.<key>`` of the post."""
    property: str
    unit: str
    """UCUM."""
    description: str = ""
    unit_name: str = ""
    unit_symbol: str = ""
    observation_type: str = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
    sensor: str = ""
    """Id of the Sensor in the catalogue, or a kind's."""
    observed_property: str = ""
    """Id of the ObservedProperty in the catalogue, or one that is built in."""
    feature: str = ""
    """Id of a FeatureOfInterest in the catalogue; empty: the post's location."""
    details: dict[str, Any] = {}


class SensorCatalogueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A Sensor, ObservedProperty, Location or FeatureOfInterest that somebody described."""

    entity: Literal["Sensor", "ObservedProperty", "Location", "FeatureOfInterest"]
    name: str
    description: str = ""
    encoding: str = ""
    """encodingType of metadata, location or feature."""
    definition: str = ""
    """URI of an observed property."""
    metadata: Any = None
    """A sensor's data sheet: a link, a text or an object."""
    details: dict[str, Any] = {}


class SensorReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A reading's value, in the unit of its datastream."""

    value: float


class Sensor(msgspec.Struct, frozen=True, kw_only=True):
    """What state a sensor is in, since its ``start``; why it is not believed, where it is not."""

    name: str
    kind: SensorKind = "other"
    state: SensorState
    depth_cm: float | None = None
    """Highest switch under water [cm], as the sensor says it, believed or not."""
    doubt: str = ""
    """Why it is not believed: flapping, jump, neighbours, order, battery; empty: it is."""
    battery: Literal["good", "low", "unknown"] = "unknown"
    municipality_code: str = ""
    municipality: str = ""
    series: str = ""
    """The id of the series that decides."""


SENSORS = Collection(
    id="hazards.sensors",
    title=Text("センサーの状態", "State of sensors"),
    text=Text(
        "浸水センサなどの状態。変わったときだけ新しい記録になります。疑わしい値は浸水としません。",
        "State of flood switches and other sensors; a new record only when it changes. A reading"
        " that is in doubt is shown as such and counts as nothing else.",
    ),
    schema=Sensor,
    verb=Verb.PREDICT,
    licence=LICENCE,
)

STATIONS = Collection(
    id="hazards.sensor_stations",
    title=Text("センサー", "Sensor posts"),
    text=Text("センサーの位置、種類、機器番号。", "Position, kind and device of sensors."),
    schema=SensorStation,
    licence=LICENCE,
)

DATASTREAMS = Collection(
    id="hazards.sensor_datastreams",
    title=Text("センサーの系列", "Datastreams of sensors"),
    text=Text(
        "系列が何を、どの単位で測るか。", "What a series of readings measures, in which unit."
    ),
    schema=SensorDatastream,
    licence=LICENCE,
)

CATALOGUE = Collection(
    id="hazards.sensor_catalogue",
    title=Text("センサーの目録", "Catalogue of sensors"),
    text=Text(
        "機種、観測項目、設置場所、対象。",
        "Sensor models, observed properties, locations, features of interest.",
    ),
    schema=SensorCatalogueEntry,
    verb=Verb.REFER,
    licence=LICENCE,
)

READINGS = Collection(
    id="hazards.sensor_readings",
    title=Text("センサーの値", "Readings of sensors"),
    text=Text("センサーの観測値。単位は系列ごと。", "Sensors' readings, in their series' units."),
    schema=SensorReading,
    kind=Kind.SERIES,
    licence=LICENCE,
    keep_days=730,
)

COLLECTIONS = (SENSORS, STATIONS, DATASTREAMS, CATALOGUE, READINGS)
