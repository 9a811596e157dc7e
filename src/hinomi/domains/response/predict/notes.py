"""Predict: the chronology's own entries, one for each turn of events; stated once.

A thing's earlier state is what stood before its statement in the feed, so a run needs no memory of
its own and a repeated run adds nothing: an entry's key is the time of its turn and the thing. The
time comes first: entries come without end, and in a store's indexes they then lie where the newest
are, not one beside each thing. (A light node of 47 took a third less of its processor for it.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.response.collections.chronology import CHRONOLOGY, Entry
from hinomi.domains.response.collections.orders import ORDERS
from hinomi.domains.response.collections.shelters import SHELTERS
from hinomi.domains.response.predict.events import (
    Event,
    flood_event,
    gauge_event,
    level_event,
    order_event,
    quake_event,
    shelter_event,
    tsunami_event,
)
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Compare, Filter, In, Property, Value
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Origin, Record, Stored, instant

SOURCE = "hinomi"
WRITER = "Hinomi"
_BATCH = 200
_STEPS = 10
"""A state that was restated so often between two runs counts as noted."""

Said = dict[str, Any]


class Watch(msgspec.Struct, frozen=True):
    """What of a collection is noted: by which property a thing turns, and what is told of it."""

    collection: str
    turns: Callable[[Said], object]
    event: Callable[[Said, Said | None], Event | None]
    """What it is now and what it was before the turn -> what to write, if anything."""
    all: Filter | None = None
    """Of what a run without known changes looks at."""
    revised: bool = False
    """There is one entry a thing; its words change as more is known (quakes)."""


WATCHES: tuple[Watch, ...] = (
    Watch("hazards.levels", lambda s: s["level"], level_event,
          Compare(">=", Property("level"), Value(3))),
    Watch("hazards.floods", lambda s: (s.get("level"), s["in_force"]), flood_event,
          Compare(">=", Property("level"), Value(3))),
    Watch("hazards.gauges", lambda s: s["state"], gauge_event,
          In(Property("state"), ("overflow", "danger", "evacuation", "caution"))),
    Watch("hazards.quakes", lambda s: s.get("event_id"), quake_event, revised=True),
    Watch("hazards.tsunami", lambda s: s.get("kind"), tsunami_event,
          Compare("=", Property("in_force"), Value(value=True))),
    Watch(ORDERS.id, lambda s: s["record"], order_event),
    Watch(SHELTERS.id, lambda s: (s["state"], (s.get("crowding") or 0) >= 1), shelter_event,
          Compare("=", Property("state"), Value("open"))),
)  # fmt: skip

_REVISED = frozenset(watch.collection for watch in WATCHES if watch.revised)


def predict_notes(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the entries for what has turned, and those whose words have changed since."""
    made: dict[str, Record] = {}
    for watch in WATCHES:
        if watch.collection not in reader.catalog.collections:
            continue
        changed = keys.get(watch.collection, ())
        if keys and not changed:
            continue
        for now in _changed(reader, watch, changed):
            record = _entry(reader, watch, now)
            if record is not None:
                made[record.key] = record
    known = {item.key: item for item in _keyed(reader, CHRONOLOGY.id, list(made))}
    records = [r for r in made.values() if not _told(r, known.get(r.key))]
    return Parsed(records=records, kind=CHRONOLOGY.id)


def _told(record: Record, known: Stored | None) -> bool:
    """Tell whether the entry stands; only what names a revised thing may have other words."""
    if known is None:
        return False
    said = known.properties()
    return said["about_collection"] not in _REVISED or said["text"] == record.body.text


def _changed(reader: Reader, watch: Watch, keys: Sequence[str]) -> Iterable[Stored]:
    if keys:
        return _keyed(reader, watch.collection, keys)
    return reader.every(watch.collection, filter=watch.all)


def _keyed(reader: Reader, collection: str, keys: Sequence[str]) -> Iterator[Stored]:
    for at in range(0, len(keys), _BATCH):
        yield from reader.every(collection, keys=tuple(keys[at : at + _BATCH]))


def _entry(reader: Reader, watch: Watch, now: Stored) -> Record | None:
    said = now.properties()
    turned = _turn(reader, watch, now, said)
    if turned is None:
        return None
    first, before = turned
    event = watch.event(said if watch.revised else first.properties(), before)
    if event is None:
        return None
    at: datetime = event.at or first.when.start or first.said_at
    turn = "" if watch.revised else f"{at:%Y%m%dT%H%M%SZ}/"
    return Record(
        collection=CHRONOLOGY.id,
        key=f"{turn}{watch.collection}/{now.key}{event.turn}",
        said_at=now.said_at if watch.revised else first.said_at,
        body=Entry(
            text=event.text.ja,
            text_en=event.text.en,
            kind="system",
            state="noted",
            known_at=first.said_at,
            happened_at=at if at != first.said_at else None,
            area_code=event.area_code,
            written_by=WRITER,
            organisation=SOURCE,
            automatic=True,
            level=event.level,
            about_collection=watch.collection,
            about_key=now.key,
            about_record=now.id,
        ),
        source=SOURCE,
        when=instant(at),
        place=now.place() if event.placed else None,
        origin=Origin(inputs=(now.id,)),
    )


def _turn(
    reader: Reader, watch: Watch, now: Stored, said: Said
) -> tuple[Stored, Said | None] | None:
    """Return the statement with which the present state began, and what was said before it."""
    first, state = now, watch.turns(said)
    for _ in range(_STEPS):
        earlier = reader.at(first.seq - 1).find(watch.collection, keys=(now.key,), limit=1).items
        if not earlier:
            return first, None
        before = earlier[0].properties()
        if watch.turns(before) != state:
            return first, before
        first = earlier[0]
    return None


NOTES = Model(
    id="response.notes",
    title=Text("クロノロジーの自動記録", "The chronology's automatic entries"),
    version="1",
    needs=(*(watch.collection for watch in WATCHES), CHRONOLOGY.id),
    gives=(CHRONOLOGY.id,),
    predict=predict_notes,
    reference="https://www.bousai.go.jp/taisaku/hourei/",
    limits=Text(
        "市町村と河川のレベル3以上の変化、震度3以上の地震、津波注意報以上、避難情報、避難所の開設・満員・閉鎖、"
        "氾濫注意水位以上の変化を記します。1回の実行の間に過ぎた途中の状態は記しません。",
        "Notes changes at level 3 or above, quakes of intensity 3 or more, tsunami advisories and"
        " above, orders, shelters opened, full and closed, gauges at or above 氾濫注意水位. States"
        " that passed within one run are not noted.",
    ),
)
