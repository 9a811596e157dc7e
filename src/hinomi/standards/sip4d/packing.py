"""Statements as a package: any collection, in its own information type or in the universal one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, Unpack

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Stored
from hinomi.standards.sip4d.markings import flags_of, narrowest
from hinomi.standards.sip4d.outlines import Columns, columns_of_kind, columns_of_schema
from hinomi.standards.sip4d.package import UNIVERSAL
from hinomi.standards.sip4d.rules import default_rules
from hinomi.standards.sip4d.statements import Kind
from hinomi.standards.sip4d.times import write_time
from hinomi.standards.sip4d.write import Content, LayerContent
from hinomi.vocabulary.exchange import Sender

VERSION = "1.1"
"""What is written."""
Family = Literal["point", "line", "polygon"]
FAMILIES: dict[str, Family] = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}
_encode = msgspec.json.Encoder().encode


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """A package ready to be written."""

    content: Content
    name: str
    """File name."""
    code: str
    features: int
    left_out: int
    """Statements without a position, which no package may hold."""


class _Survey:
    """The first pass: what there is, so that the documents can come before the features."""

    def __init__(self) -> None:
        self.kinds: dict[Family, set[str]] = {}
        self.counts: dict[Family, int] = {}
        self.flags: set[str] = set()
        self.statuses: set[str] = set()
        self.said_at: datetime | None = None
        self.recorded_at: datetime | None = None
        self.left_out = 0

    def note(self, stored: Stored, flags: tuple[str, str], geometry: str) -> None:
        self.statuses.add(flags[0])
        self.flags.add(flags[1])
        family = FAMILIES.get(geometry)
        self.said_at = max(self.said_at or stored.said_at, stored.said_at)
        self.recorded_at = max(self.recorded_at or stored.recorded_at, stored.recorded_at)
        if family is None:
            self.left_out += 1
            return
        self.kinds.setdefault(family, set()).add(geometry)
        self.counts[family] = self.counts.get(family, 0) + 1


def pack(
    reader: Reader,
    of: Collection,
    sender: Sender,
    *,
    kind: Kind | None = None,
    at: datetime | None = None,
    **question: Unpack[Question],
) -> Packed:
    """Return the package of what the reader sees of a collection and a package may hold.

    Args:
        reader: one status; bound to whom the package is for.
        of: the collection.
        sender: who sends it.
        kind: its information type; None is the universal one.
        at: when it is made; None takes the newest statement's time, so that equal content gives
            equal bytes.
        question: narrows the collection (a box, a filter).

    Raises:
        InputError: several statuses at once.
        MissingError: there is nothing to send.
    """
    if len(reader.status) != 1:
        raise InputError(
            "A package is of one status (actual, exercise or test).",
            "1つのパッケージに通常・訓練・試験を混ぜることはできません。",
        )
    # Both passes must see the same, whatever is appended in between.
    still = reader.at(reader.position())
    survey = _surveyed(still, of.id, question)
    made = at or survey.recorded_at
    if made is None:
        raise MissingError(Text("送る内容", "content for a package"), of.id)
    code = _code(kind, survey)
    outline = (
        columns_of_kind(kind, code, default_rules())
        if kind is not None and code != UNIVERSAL
        else columns_of_schema(of)
    )
    flags = (next(iter(survey.statuses)), narrowest(sorted(survey.flags)))
    stem = f"{(sender.lgcode or ('00000',))[0]}_{code}_{write_time(made).translate(_DIGITS)}"
    families = sorted(survey.counts)
    layers = [
        LayerContent(
            file=f"{stem}_{number}.geojson",
            columns=outline.document(code),
            style=_plain_style(family, of),
            features=_features(still, of.id, question, outline, (family, survey.kinds[family])),
        )
        for number, family in enumerate(families, 1)
    ]
    metadata = _metadata(of, sender, code, flags, (made, survey.said_at or made))
    metadata["entry_num"] = len(layers)
    metadata["entry"] = [
        {
            "type": "GeoJSON",
            "title": of.title.ja,
            "file": layer.file,
            "updated": metadata["updated"],
        }
        for layer in layers
    ]
    return Packed(
        content=Content(metadata=metadata, layers=layers),
        name=f"{stem}.zip",
        code=code,
        features=sum(survey.counts.values()),
        left_out=survey.left_out,
    )


_DIGITS = {ord(c): None for c in "-T:"}


def _surveyed(reader: Reader, collection: str, question: Question) -> _Survey:
    survey = _Survey()
    for stored, flags in _allowed(reader, collection, question):
        survey.note(stored, flags, _geometry_type(stored))
    if survey.recorded_at is not None and not survey.counts:
        # Statements without a position: there is still nothing that a package may hold.
        survey.recorded_at = None
    return survey


def _allowed(
    reader: Reader, collection: str, question: Question
) -> Iterator[tuple[Stored, tuple[str, str]]]:
    """Yield what the standard has a disclosure for; everything else never leaves."""
    known: dict[Marking, tuple[str, str] | None] = {}
    for stored in reader.every(collection, **question):
        marking = stored.marking
        if marking not in known:
            known[marking] = flags_of(marking)
        flags = known[marking]
        if flags is not None:
            yield stored, flags


class _Typed(msgspec.Struct):
    type: str


class _Placed(msgspec.Struct):
    geometry: _Typed | None


class _Whole(msgspec.Struct):
    geometry: Geometry | None
    properties: dict[str, Any]


_PLACED = msgspec.json.Decoder(_Placed)
_WHOLE = msgspec.json.Decoder(_Whole)


def _geometry_type(stored: Stored) -> str:
    geometry = _PLACED.decode(stored.feature).geometry
    return geometry.type if geometry else ""


def _code(kind: Kind | None, survey: _Survey) -> str:
    """Return the information type; several kinds of geometry go into the universal one."""
    families = list(survey.counts)
    if kind is None or len(families) != 1:
        return UNIVERSAL
    some = next(iter(survey.kinds[families[0]]))
    return kind.codes.get("") or kind.codes.get(some, UNIVERSAL)


def _features(
    reader: Reader,
    collection: str,
    question: Question,
    outline: Columns,
    shape: tuple[Family, set[str]],
) -> Iterator[bytes]:
    family, kinds = shape
    several = len(kinds) > 1
    for stored, _ in _allowed(reader, collection, question):
        whole = _WHOLE.decode(stored.feature)
        place = whole.geometry
        if place is None or FAMILIES.get(place["type"]) != family:
            continue
        yield _encode(
            {
                "type": "Feature",
                "properties": outline.row(stored.key, whole.properties),
                "geometry": _written(place, several=several),
            }
        )


def _written(place: Geometry, *, several: bool) -> Geometry:
    """Return a geometry as the standard wants it: two decimal numbers, one type a file."""
    kind, coordinates = place["type"], _decimal(place["coordinates"])
    if several and not kind.startswith("Multi"):
        return {"type": f"Multi{kind}", "coordinates": [coordinates]}
    return {"type": kind, "coordinates": coordinates}


def _decimal(value: list[Any]) -> list[Any]:
    if isinstance(value[0], list):
        return [_decimal(inner) for inner in value]
    return [float(number) for number in value[:2]]


def _metadata(
    of: Collection,
    sender: Sender,
    code: str,
    flags: tuple[str, str],
    times: tuple[datetime, datetime],
) -> dict[str, Any]:
    testflg, openflg = flags
    about = default_rules().of(VERSION)
    kind = about.types.get(code) if about else None
    same = repr((sender.author, of.id, code, testflg, openflg, sender.disaster))
    disaster = {"name": sender.disaster}
    if sender.disaster_id:
        disaster["id"] = sender.disaster_id
    optional: dict[str, Any] = {"lgcode": list(sender.lgcode), "credit": list(sender.credit)}
    return {
        "version": VERSION,
        "title": of.title.ja,
        "ttid": str(uuid.uuid5(uuid.NAMESPACE_URL, same)),
        "code": code,
        "category": (kind.category if kind else "") or "その他",
        "tags": [of.title.ja],
        "format": "SIP4D-ZIP",
        "payload_type": "VECTOR",
        "updated": write_time(times[0]),
        "information_date": write_time(times[1]),
        "author": {"name": sender.author},
        "maintainer": {"name": sender.maintainer, "e-mail": sender.email},
        "disaster": disaster,
        **{name: value for name, value in optional.items() if value},
        "openflg": openflg,
        "testflg": testflg,
        "character": "UTF-8",
        "license_id": sender.license_id,
        "license_note": sender.license_note,
        "note": of.text.ja,
    }


def _plain_style(family: Family, of: Collection) -> dict[str, Any]:
    drawn: dict[str, Any] = {"title": of.title.ja, "color": "1b2430", "stroke": 1}
    if family != "line":
        drawn |= {"fill": "4c6ef5", "fill_opacity": 0.6}
    if family == "point":
        drawn |= {"point_type": "circle", "size": 10}
    return {"num_class": 1, "type": family, "classes": [drawn]}
