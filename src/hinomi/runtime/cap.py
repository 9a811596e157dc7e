"""CAP out: what stands as messages, one message of a record, signed where a key is configured.

And whose signatures on received messages are believed: the source is made anew with the
certificates that the configuration names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.filters import And, Compare, Filter, Property, Value
from hinomi.kernel.ports import Source
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Stored
from hinomi.runtime.cap_settings import Cap
from hinomi.standards.cap import thread
from hinomi.standards.cap.alert import MEDIA_TYPE, Alert
from hinomi.standards.cap.encode import element, written
from hinomi.standards.cap.feeds import FEED_TYPE, RSS_TYPE, Item, feed, rss
from hinomi.standards.cap.thread import Draw, Outline
from hinomi.standards.cap.xml import parse

__all__ = ["FEED_TYPE", "MEDIA_TYPE", "RSS_TYPE", "feed", "rss"]

DEFAULT = (
    "hazards.warnings",
    "hazards.tsunami",
    "hazards.eew",
    "hazards.quakes",
    "hazards.floods",
    "hazards.volcanoes",
    "response.evacuation_orders",
)
"""What the feed lists unless asked otherwise: ``hazards.levels`` says the warnings once more."""
RECENT = timedelta(hours=24)
"""Quakes have no end; so old they are news."""
_MUNICIPAL: dict[str, Filter] = {
    "hazards.warnings": Compare("=", Property("area_kind"), Value("municipality")),
}
"""One alert a municipality: the wider areas of the same telegram say the same once more."""


@cache
def kinds() -> dict[str, Draw]:
    """Return how each collection's statements are said in CAP."""
    # Imported here: only who sends alerts pays for the domains' tables.
    from hinomi.domains.hazards.share.cap import KINDS as HAZARDS  # noqa: PLC0415
    from hinomi.domains.response.share.cap import KINDS as RESPONSE  # noqa: PLC0415

    return {**HAZARDS, **RESPONSE}


def message(reader: Reader, record: str, settings: Cap) -> Alert:
    """Return one statement as a message.

    Raises:
        MissingError: the reader may not see it, or it is no alert.
    """
    stored = reader.record(record)
    draw = kinds().get(stored.collection)
    made = None
    if draw is not None:
        made = thread.compose(stored, _history(reader, stored), draw, settings.sender)
    if made is None:
        raise MissingError(Text("CAPにする警報", "CAP alert of the record"), record)
    return made


def _history(reader: Reader, stored: Stored) -> Iterator[Stored]:
    after: str | None = None
    while True:
        page = reader.history(stored.collection, stored.key, limit=1000, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def document(alert: Alert, settings: Cap) -> bytes:
    """Return a message as bytes, signed where the configuration names a key."""
    if settings.key_file:
        key, certificate = _file(settings.key_file), _file(settings.certificate_file)
        return _signed(written(element(alert)), key, certificate)
    return written(element(alert))


@lru_cache(maxsize=512)
def _signed(plain: bytes, key: bytes, certificate: bytes) -> bytes:
    """Return a message signed; once, since ECDSA's signatures differ each time."""
    from hinomi.standards.cap.signing import sign  # noqa: PLC0415

    return written(sign(parse(plain), key, certificate))


def standing(
    reader: Reader,
    now: datetime,
    collections: Sequence[str] = DEFAULT,
    narrower: Question | None = None,
) -> list[tuple[Stored, Outline]]:
    """Return the statements in force that are alerts, newest first.

    ``narrower`` asks for those in a box, by a filter, of a source.

    Raises:
        InputError: a collection has no form in CAP.
    """
    found: list[tuple[Stored, Outline]] = []
    for name in collections:
        draw = kinds().get(name)
        if draw is None:
            known = ", ".join(kinds())
            raise InputError(f"{name} has no form in CAP; those that have: {known}.")
        question: Question = {**(narrower or {}), "when": (now, now)}
        if name == "hazards.quakes":
            question["when"] = (now - RECENT, now)
        if name in _MUNICIPAL:
            asked = question.get("filter")
            own = _MUNICIPAL[name]
            question["filter"] = own if asked is None else And((own, asked))
        for stored in reader.every(name, **question):
            outline = draw(stored)
            if outline is not None and outline.in_force:
                found.append((stored, outline))
    found.sort(key=lambda one: (one[0].said_at, one[0].seq), reverse=True)
    return found


def item(stored: Stored, outline: Outline, language: str, link: str) -> Item:
    """Return a statement as a line of a feed; 訓練 and 試験 are said in its title."""
    said = next((i for i in outline.infos if i.language.startswith(language)), outline.infos[0])
    status = thread.STATUSES[stored.marking.status]
    shout = "" if status == "Actual" else f"[{status}] "
    return Item(
        id=f"urn:hinomi:cap:{thread.identifier(stored)}",
        title=f"{shout}{said.headline or said.event}",
        updated=stored.recorded_at,
        link=link,
        author=said.sender_name,
        category=status,
        summary=f"{said.event}: {said.urgency}, {said.severity}, {said.certainty}",
    )


def whole_feed(reader: Reader, now: datetime, settings: Cap, language: str) -> bytes:
    """Return what stands as an Atom feed that holds the messages, signed where a key is named."""
    items = []
    for stored, outline in standing(reader, now):
        alert = message(reader, stored.id, settings)
        content = parse(document(alert, settings))
        made = item(stored, outline, language, "")
        items.append(msgspec.structs.replace(made, content=content))
    return feed(items, id="urn:hinomi:cap:feed", title="CAP", here="", author=settings.sender)


def trusting(settings: Cap) -> Source:
    """Return the CAP source that believes the configured certificates."""
    from hinomi.domains.hazards.observe.cap import source  # noqa: PLC0415

    return source([_file(name) for name in settings.trust])


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise InputError(f"[cap] {name}: {error.strerror}", f"[cap] {name}を読めません。") from None
