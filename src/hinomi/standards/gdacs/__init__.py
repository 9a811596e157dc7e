"""GDACS's feed of disasters in the world (RSS 2.0 with its own elements), read.

https://www.gdacs.org/xml/rss.xml, described in GDACS' feed reference. An event comes again with
each episode; ``iscurrent`` tells whether GDACS still follows it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec
from lxml import etree

from hinomi.kernel.errors import DataError, Problem, Text

GDACS = "{http://www.gdacs.org}"
GEO = "{http://www.w3.org/2003/01/geo/wgs84_pos#}"
MAX_BYTES = 20_000_000
HEAD_BYTES = 4096


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One disaster as the feed states it, words unchanged."""

    type: str
    """``EQ TC FL VO DR WF TS``."""
    id: str
    episode: int
    version: int
    title: str
    description: str
    name: str
    link: str
    starts_at: datetime
    updated_at: datetime
    """``datemodified`` where it is given (since about 2020), else the episode's end."""
    is_current: bool
    is_temporary: bool
    alert_level: str
    """``Green Orange Red``: GDACS' own estimate of the need for international help."""
    alert_score: float | None
    severity: str
    severity_value: float | None
    severity_unit: str
    population: str
    country: str
    glide: str
    longitude: float
    latitude: float


class Feed(msgspec.Struct, frozen=True):
    """The feed's events by their number in the document, and what could not be read."""

    events: tuple[tuple[int, Event], ...]
    problems: tuple[Problem, ...]


def looks_like(data: bytes) -> bool:
    """Tell whether a file's first bytes are this feed's."""
    head = data[:HEAD_BYTES]
    return b"<rss" in head and b"http://www.gdacs.org" in head


def decode(data: bytes) -> Feed:
    """Return the feed's events; one that is broken becomes a problem and the others go on.

    Raises:
        DataError: no well-formed XML, no RSS, a document type, or more than 20 MB.
    """
    channel = _channel(data)
    events: list[tuple[int, Event]] = []
    problems: list[Problem] = []
    for number, item in enumerate(channel.iterchildren("item"), start=1):
        try:
            events.append((number, _event(item)))
        except ValueError as error:
            path = f"/rss/channel/item[{number}]"
            problems.append(_problem("gdacs.item", path, "項目が読めません。", str(error)))
    return Feed(tuple(events), tuple(problems))


def _channel(data: bytes) -> etree._Element:
    if len(data) > MAX_BYTES:
        raise _refused("gdacs.too-large", f"{len(data)} bytes")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _refused("gdacs.dtd", "a document type or an entity")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise _refused("gdacs.not-xml", str(error)) from None
    channel = root.find("channel") if root.tag == "rss" else None
    if channel is None:
        raise _refused("gdacs.not-a-feed", str(root.tag))
    return channel


def _event(item: etree._Element) -> Event:
    severity = item.find(f"{GDACS}severity")
    end = _time(item, "todate")
    modified = item.find(f"{GDACS}datemodified")
    return Event(
        type=_needed(item, "eventtype"),
        id=_needed(item, "eventid"),
        episode=int(_text(item, f"{GDACS}episodeid") or 0),
        version=int(_text(item, f"{GDACS}version") or 0),
        title=_text(item, "title"),
        description=_text(item, "description"),
        name=_text(item, f"{GDACS}eventname"),
        link=_text(item, "link"),
        starts_at=_time(item, "fromdate"),
        updated_at=end if modified is None else _time(item, "datemodified"),
        is_current=_text(item, f"{GDACS}iscurrent").lower() != "false",
        is_temporary=_text(item, f"{GDACS}temporary").lower() == "true",
        alert_level=_needed(item, "alertlevel"),
        alert_score=_number(_text(item, f"{GDACS}alertscore")),
        severity="" if severity is None else (severity.text or "").strip(),
        severity_value=None if severity is None else _number(severity.get("value", "")),
        severity_unit="" if severity is None else severity.get("unit", ""),
        population=_text(item, f"{GDACS}population"),
        country=_text(item, f"{GDACS}country"),
        glide=_text(item, f"{GDACS}glide"),
        longitude=_degrees(item, "long", 180.0),
        latitude=_degrees(item, "lat", 90.0),
    )


def _text(item: etree._Element, tag: str) -> str:
    return (item.findtext(tag) or "").strip()


def _needed(item: etree._Element, name: str) -> str:
    found = _text(item, f"{GDACS}{name}")
    if not found:
        raise ValueError(f"gdacs:{name} is missing")
    return found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _time(item: etree._Element, name: str) -> datetime:
    text = _needed(item, name)
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"gdacs:{name} is no RFC 822 date: {text[:60]!r}") from None


def _degrees(item: etree._Element, name: str, most: float) -> float:
    text = _text(item, f"{GEO}Point/{GEO}{name}")
    found = _number(text)
    if found is None or not -most <= found <= most:
        raise ValueError(f"geo:{name} is no coordinate within ±{most:g}: {text[:60]!r}")
    return found


def _refused(code: str, why: str) -> DataError:
    return DataError([_problem(code, "/", "GDACSのフィードとして読めません。", why)])


def _problem(code: str, path: str, ja: str, why: str) -> Problem:
    text = Text(ja, f"Not as GDACS' feed has it: {why}")
    return Problem(code, path, text, found=why[:200], expected="RSS 2.0 with gdacs: elements")
