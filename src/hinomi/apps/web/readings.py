"""Series of readings: their latest values, one series over time, all in a box over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from msgspec import Raw

from hinomi.apps.web import pages, parameters, tables
from hinomi.apps.web.http import CSV, HTML, JSON, Answer, Ask, encode, segment
from hinomi.apps.web.latest import Stamps, latest_json, list_json
from hinomi.kernel.collections import Kind
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Reading, micros
from hinomi.kernel.store import Latest
from hinomi.vocabulary.quality import QUALITIES

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

MOST = 100_000
"""Readings in one answer of /readings."""


def series(web: Web, ask: Ask) -> Answer:
    """Answer the series of a collection with their latest readings, from kept bytes."""
    collection = ask.query.get("collection", "")
    reader = web.reader(ask)
    _check_collection(web, collection)
    box = parameters.bbox_of(ask)
    etag = web.stamp(ask, reader)

    def make() -> Answer:
        if ask.media == "json" and box is None:
            return Answer(body=web.latest.read(web.service.store, reader, collection))
        found = reader.series(collection, bbox=box)
        if ask.media == "html":
            page = pages.series_page(ask, web.catalog.collection(collection), reader, found)
            return Answer(body=page.encode(), media_type=HTML)
        stamps = Stamps()
        if ask.media == "csv":
            rows = (_latest_row(latest, stamps) for latest in found)
            return Answer(body=tables.write(_LATEST, rows), media_type=CSV)
        return Answer(body=list_json([latest_json(latest, stamps) for latest in found]))

    return web.again(ask, etag, make)


def one_series(web: Web, ask: Ask) -> Answer:
    """Answer one series with its latest reading."""
    reader = web.reader(ask)
    found = find_series(web, reader, ask.arguments["series"])
    here = f"{ask.base}/series/{segment(found.series.id)}"
    status = found.series.marking.status.value
    tail = "" if status == "actual" else f"?status={status}"
    links = [
        {"rel": "self", "type": JSON, "href": f"{here}{tail}"},
        {"rel": "data", "type": JSON, "href": f"{here}/readings{tail}"},
    ]
    return Answer(body=b'%b,"links":%b}' % (latest_json(found, Stamps())[:-1], encode(links)))


def series_readings(web: Web, ask: Ask) -> Answer:
    """Answer one series' readings in [from, to), in time order."""
    reader = web.reader(ask)
    name = ask.arguments["series"]
    limit = parameters.limit_of(ask, 1_000)
    after = parameters.whole(ask, "token", -1, 0, 2**62) if "token" in ask.query else None
    start, end = parameters.time_of(ask, "from"), parameters.time_of(ask, "to")
    _check_order(start, end)
    found = find_series(web, reader, name)
    rows = reader.readings(name, start=start, end=end, limit=limit, after=after)
    token = str(rows[-1].time) if len(rows) == limit else None
    stamps = Stamps()
    if ask.media == "csv":
        cells = ((stamps[r.time], r.value, QUALITIES[r.quality]) for r in rows)
        header = (
            ()
            if token is None
            else ((b"link", f'<{ask.with_query(token=token)}>; rel="next"'.encode()),)
        )
        return Answer(
            body=tables.write(["time", "value", "quality"], cells), media_type=CSV, headers=header
        )
    links = [{"rel": "self", "type": JSON, "href": ask.here}]
    if token is not None:
        links.append({"rel": "next", "type": JSON, "href": ask.with_query(token=token)})
    body = {
        "series": Raw(latest_json(found, stamps)),
        "numberReturned": len(rows),
        "columns": _COLUMNS,
        "readings": list(_rows(rows, stamps)),
        "links": links,
    }
    if ask.media == "html":
        title = found.series.title or found.series.id
        page = pages.readings_page(ask, reader, title, found.series, body)
        return Answer(body=page.encode(), media_type=HTML)
    return Answer(body=encode(body))


def readings(web: Web, ask: Ask) -> Answer:
    """Answer the readings of all series in a box over a time."""
    collection = ask.query.get("collection", "")
    reader = web.reader(ask)
    _check_collection(web, collection)
    box = parameters.bbox_of(ask)
    if box is None or "datetime" not in ask.query:
        raise InputError(
            "/readings needs bbox and datetime=start/end.",
            "/readingsにはbboxとdatetime=開始/終了が必要です。",
        )
    start, end = parameters.span(ask.query["datetime"], web.service.now())
    if start is None or end is None:
        raise InputError("datetime needs both ends here.", "datetimeの両端が必要です。")
    # The store's intervals leave their end out; OGC's datetime has it in.
    end = min(end, datetime.max.replace(tzinfo=UTC) - _TICK) + _TICK
    limit = parameters.whole(ask, "limit", MOST, 1, MOST)
    etag = web.stamp(ask, reader)

    def make() -> Answer:
        found = reader.readings_in(collection, box, start, end, limit=limit)
        stamps = Stamps()
        if ask.media == "csv":
            rows = ((name, stamps[r.time], r.value, QUALITIES[r.quality]) for name, r in found)
            return Answer(
                body=tables.write(["series", "time", "value", "quality"], rows), media_type=CSV
            )
        body = {
            "collection": collection,
            "numberReturned": len(found),
            "complete": len(found) < limit,
            "columns": _COLUMNS,
            "readings": _by_series(found, stamps),
        }
        return Answer(body=encode(body))

    return web.again(ask, etag, make)


_TICK = timedelta(microseconds=1)
_COLUMNS = ("time", "value", "quality")
_LATEST = ["series", "thing", "property", "unit", "source", "status", "title", "longitude",
           "latitude", "time", "value", "quality"]  # fmt: skip


def _by_series(
    found: Sequence[tuple[str, Reading]], stamps: Stamps
) -> dict[str, list[tuple[str, float, str]]]:
    return {
        name: [(stamps[r.time], r.value, QUALITIES[r.quality]) for _, r in rows]
        for name, rows in groupby(found, itemgetter(0))
    }


def _rows(rows: Iterable[Reading], stamps: Stamps) -> Iterable[tuple[str, float, str]]:
    return ((stamps[r.time], r.value, QUALITIES[r.quality]) for r in rows)


def _latest_row(latest: Latest, stamps: Stamps) -> tuple[Any, ...]:
    of, reading = latest.series, latest.reading
    last = (
        ("", "", "")
        if reading is None
        else (stamps[reading.time], reading.value, QUALITIES[reading.quality])
    )
    return (
        of.id, of.thing, of.property, of.unit, of.source, of.marking.status.value, of.title,
        of.longitude, of.latitude, *last,
    )  # fmt: skip


def find_series(web: Web, reader: Reader, name: str) -> Latest:
    """Return a series by id from whichever collection has it, or raise MissingError."""
    kinds = [c.id for c in web.catalog.collections.values() if c.kind is Kind.SERIES]
    # A series' id begins with its collection's: look there first.
    for collection in sorted(kinds, key=lambda c: not name.startswith(f"{c}.")):
        found = reader.series(collection, ids=(name,))
        if found:
            return found[0]
    raise MissingError(Text("系列", "series"), name)


def _check_collection(web: Web, name: str) -> None:
    known = [c.id for c in web.catalog.collections.values() if c.kind is Kind.SERIES]
    if not name:
        raise InputError(
            f"collection= names one of {', '.join(known)}.",
            f"collection=に{'、'.join(known)}のいずれかを指定してください。",
        )
    if name not in known:
        raise MissingError(Text("系列コレクション", "series collection"), name, known)


def _check_order(start: datetime | None, end: datetime | None) -> None:
    if start is not None and end is not None and micros(end) < micros(start):
        raise InputError("to= lies before from=.", "to=がfrom=より前です。")
