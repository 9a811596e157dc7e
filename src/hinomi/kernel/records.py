"""A record: one immutable statement about one thing, with its identity, origin and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import OPEN, Marking

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """Return the instant as microseconds since 1970-01-01 UTC, exactly."""
    return (instant - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """Return the UTC instant of microseconds since 1970-01-01."""
    return EPOCH + timedelta(microseconds=value)


class Interval(msgspec.Struct, frozen=True):
    """[start, end) in the world, UTC; None is open; start == end is an instant."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            value = getattr(self, name)
            if value is not None:
                if value.tzinfo is None:
                    raise InputError(f"Time {value.isoformat()} has no zone; times are aware.")
                if value.tzinfo is not UTC:
                    msgspec.structs.force_setattr(self, name, value.astimezone(UTC))
        if self.start is not None and self.end is not None and self.end < self.start:
            raise InputError(f"The interval ends ({self.end}) before it starts ({self.start}).")

    def overlaps(self, start: datetime | None, end: datetime | None) -> bool:
        """Tell whether this interval and the closed query interval [start, end] share a moment."""
        if end is not None and self.start is not None and self.start > end:
            return False
        if start is None or self.end is None:
            return True
        return self.end > start or (self.end == self.start and self.end >= start)


ALWAYS = Interval()


def instant(at: datetime) -> Interval:
    """Return the interval of an event that happens at one moment."""
    return Interval(at, at)


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a statement came from: the raw bytes (digest, address, path inside) or a model run."""

    digest: str = ""
    """SHA-256 (hex) of the raw payload kept as a blob."""
    address: str = ""
    """File or URL that the payload came from."""
    path: str = ""
    """Place inside the payload: archive member, XML path, CSV row."""
    run: str = ""
    """``model@version`` of the run that made it."""
    inputs: tuple[str, ...] = ()
    """Record ids that the run read (for a run), most important first."""
    position: int = 0
    """The feed position up to which the run's inputs were read."""
    entered_by: str = ""
    """The principal who wrote it through the API."""


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One immutable statement about one thing. Times are aware; geometry is WGS 84, lon lat.

    ``body`` is an instance of the collection's schema (a msgspec Struct). ``said_at`` is when the
    sender stated it; a snapshot without a time of its own takes the file's or the fetch time.
    ``serial`` orders statements of one ``said_at`` (where a serial matters, the body holds it too,
    since it is no part of the id). ``rank`` orders sources: of statements by several sources the
    greatest (rank, said_at, serial, seq) is shown; the default is 0.
    """

    collection: str
    key: str
    said_at: datetime
    body: Any
    source: str
    when: Interval = ALWAYS
    place: Geometry | None = None
    origin: Origin = Origin()
    marking: Marking = OPEN
    serial: int = 0
    rank: int = 0
    retracts: bool = False

    def identity(self) -> str:
        """Return the id: 32 hex digits over what is stated, by whom, for whom; not transport."""
        stated = (
            self.collection,
            self.key,
            micros(self.said_at),
            self.when.start,
            self.when.end,
            self.place,
            self.body,
            self.marking,
            self.source,
            self.retracts,
        )
        return blake2b(_CANONICAL.encode(stated), digest_size=16).hexdigest()


_CANONICAL = msgspec.json.Encoder(order="deterministic")


class Complete(msgspec.Struct, frozen=True, kw_only=True):
    """A sender's word that, at ``said_at``, ``keys`` are all that stands among ``covers``.

    What else it has said in that collection, source and marking before then is over: the store
    retracts it. So a lost release cannot leave a warning in force for ever.
    """

    collection: str
    source: str
    said_at: datetime
    covers: tuple[str, ...]
    """Keys, or prefixes that end in ``*``."""
    keys: tuple[str, ...]
    marking: Marking = OPEN
    origin: Origin = Origin()


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A record as the store gives it back: ``feature`` is its GeoJSON Feature, bytes as stored.

    The feature's ``id`` is the key; its properties are the body's fields and the envelope's
    (:data:`ENVELOPE`).
    """

    seq: int
    id: str
    collection: str
    key: str
    said_at: datetime
    recorded_at: datetime
    when: Interval
    source: str
    marking: Marking
    retracts: bool
    feature: bytes

    def properties(self) -> dict[str, Any]:
        """Return the decoded properties: body and envelope."""
        decoded: dict[str, Any] = msgspec.json.decode(self.feature)
        properties: dict[str, Any] = decoded["properties"]
        return properties

    def body(self) -> dict[str, Any]:
        """Return the body's fields without the envelope's, decoded but not typed."""
        return {k: v for k, v in self.properties().items() if k not in ENVELOPE}

    def place(self) -> Geometry | None:
        """Return the decoded geometry."""
        geometry: Geometry | None = msgspec.json.decode(self.feature)["geometry"]
        return geometry


ENVELOPE = (
    "record",
    "start",
    "end",
    "said_at",
    "recorded_at",
    "source",
    "status",
    "disclosure",
    "audience",
)
"""What the kernel sets in a feature's properties (``record`` is the id); no body may use it."""

_ENCODER = msgspec.json.Encoder()


def compose_feature(record: Record, record_id: str, recorded_at: datetime) -> bytes:
    """Return the GeoJSON Feature that is stored and served: properties first, geometry last."""
    body = _ENCODER.encode(record.body)
    envelope = _ENCODER.encode(
        {
            "record": record_id,
            "start": record.when.start,
            "end": record.when.end,
            "said_at": record.said_at.astimezone(UTC),
            "recorded_at": recorded_at,
            "source": record.source,
            "status": record.marking.status,
            "disclosure": record.marking.disclosure.label,
            "audience": record.marking.audience,
        }
    )
    properties = envelope if body == b"{}" else body[:-1] + b"," + envelope[1:]
    return b'{"type":"Feature","id":%b,"properties":%b,"geometry":%b}' % (
        _ENCODER.encode(record.key),
        properties,
        _ENCODER.encode(record.place),
    )


class Series(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """A sensor's or gauge's line of readings: ``id`` is its address, ``thing`` the record it is of.

    Identity is (id, source, marking): exercise readings are their own series.
    """

    id: str
    """``<collection>.<key>.<property>`` or the like; letters, digits, ``._-`` only."""
    collection: str
    """The series collection that it belongs to, such as ``hazards.levels``."""
    thing: str
    """Key of the feature that is observed (a gauge's code)."""
    property: str
    """What is measured, with its unit in the name: ``level_m``."""
    unit: str
    """UCUM unit: ``m``, ``mm/h``."""
    source: str
    title: str = ""
    longitude: float | None = None
    latitude: float | None = None
    marking: Marking = OPEN


GOOD, ESTIMATED, SUSPECT, UNCHECKED, MISSING = range(5)  # quality, as in WaterML 2.0


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of readings with one origin.

    Rows are (index into ``series``, time [µs since 1970 UTC], value, quality). A correction is a
    new row for the same time in a later batch.
    """

    series: tuple[Series, ...]
    rows: list[tuple[int, int, float, int]]
    origin: Origin = Origin()


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One stored reading: time [µs since 1970 UTC], value in the series' unit, quality, batch."""

    time: int
    value: float
    quality: int
    batch: int
