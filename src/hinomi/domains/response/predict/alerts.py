"""Predict: which municipalities and rivers are newly at level 4 or 5: somebody must take it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.response.collections.alerts import ALERTS, Alert
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Compare, Filter, Property, Value
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored
from hinomi.vocabulary.hazards import HAZARDS
from hinomi.vocabulary.levels import LEVELS

SOURCE = "hinomi"
LEVELS_ID = "hazards.levels"
FLOODS_ID = "hazards.floods"
GRAVE = 4
"""危険警報相当: from here on everyone leaves dangerous places."""
_BATCH = 200
_RAISED: Filter = Compare("=", Property("state"), Value("raised"))


class _Thing(msgspec.Struct, frozen=True):
    """A municipality or a river as it stands."""

    id: str
    name: Text
    level: int
    what: Text
    """What of it is at that level."""
    areas: tuple[str, ...]
    reached: bool
    """The statement's start is when the level was reached, not when it was last restated."""


class _AlertFeature(msgspec.Struct, frozen=True):
    properties: Alert


_ALERT_FEATURES = msgspec.json.Decoder(_AlertFeature)


def predict_alerts(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the alerts that begin and those that are over."""
    watched = [c for c in _THINGS if c in reader.catalog.collections]
    if keys and not any(keys.get(name) for name in watched):
        return Parsed(kind=ALERTS.id)
    raised: dict[str, list[Stored]] = {}
    for item in reader.every(ALERTS.id, filter=_RAISED):
        raised.setdefault(item.key.partition("/")[0], []).append(item)
    records: list[Record] = []
    for name in watched:
        if keys and not keys.get(name):
            continue
        for now in _changed(reader, name, keys.get(name, ())):
            thing = _THINGS[name](now.key, now.properties())
            records += _turned(thing, now, raised.get(thing.id, []))
    return Parsed(records=records, kind=ALERTS.id)


def hazards_text(hazards: str) -> Text:
    """Return the hazards' names of ``rain,landslide``."""
    words = [HAZARDS[h] for h in dict.fromkeys(hazards.split(",")) if h in HAZARDS]
    return Text("・".join(w.ja for w in words), ", ".join(w.en for w in words))


def _municipality(key: str, said: dict[str, Any]) -> _Thing:
    name = said["area_name"]
    return _Thing(
        id=key,
        name=Text(name, said.get("area_name_en") or name),
        level=said["level"],
        what=hazards_text(said.get("hazards", "")),
        areas=(said["area_code"],),
        reached=True,
    )


def _river(key: str, said: dict[str, Any]) -> _Thing:
    """Return a river; where its forecast names no municipality, its prefectures are concerned."""
    places = [p.get("city_code", "") for p in said.get("inundations", ())]
    prefectures = [p["code"][:2] for p in said.get("prefectures", ()) if p.get("code")]
    name = said["river_name"]
    return _Thing(
        id=f"river:{key.replace('/', ':')}",
        name=Text(name, name),
        level=(said.get("level") or 0) if said["in_force"] else 0,
        what=Text(said["kind"], said["kind"]),
        areas=tuple(dict.fromkeys([p for p in places if p] or prefectures)),
        reached=False,
    )


_THINGS: dict[str, Callable[[str, dict[str, Any]], _Thing]] = {
    LEVELS_ID: _municipality,
    FLOODS_ID: _river,
}


def _changed(reader: Reader, collection: str, keys: Sequence[str]) -> list[Stored]:
    if not keys:
        return list(reader.every(collection))
    return [
        item
        for at in range(0, len(keys), _BATCH)
        for item in reader.every(collection, keys=tuple(keys[at : at + _BATCH]))
    ]


def _turned(thing: _Thing, now: Stored, raised: list[Stored]) -> list[Record]:
    """Return what changes for one thing.

    A level that falls from 5 to 4 ends no alert and begins none; one that is reached again does.
    """
    start = now.when.start or now.said_at
    alerts = [(item, _ALERT_FEATURES.decode(item.feature).properties) for item in raised]
    if thing.level < GRAVE:
        return [_over(item, alert, start, now) for item, alert in alerts]
    for _, alert in alerts:
        same = alert.raised_at == start or not thing.reached
        if alert.level > thing.level or (alert.level == thing.level and same):
            return []
    return [_begun(thing, start, now), *(_over(item, alert, start, now) for item, alert in alerts)]


def _begun(thing: _Thing, start: datetime, now: Stored) -> Record:
    level = LEVELS[thing.level]
    return Record(
        collection=ALERTS.id,
        key=f"{thing.id}/{thing.level}/{start:%Y%m%dT%H%M%SZ}",
        said_at=start,
        body=Alert(
            area_code=thing.id,
            area_name=thing.name.ja,
            area_name_en=thing.name.en,
            areas=thing.areas,
            level=thing.level,
            text=f"{thing.name.ja} {level.name.ja}相当({thing.what.ja}): {level.asks.ja}",
            text_en=f"{thing.name.en}: {level.name.en} ({thing.what.en}): {level.asks.en}",
            state="raised",
            raised_at=start,
        ),
        source=SOURCE,
        when=Interval(start, None),
        origin=Origin(inputs=(now.id,)),
    )


def _over(item: Stored, alert: Alert, start: datetime, now: Stored) -> Record:
    return Record(
        collection=ALERTS.id,
        key=item.key,
        said_at=max(start, item.said_at),
        body=msgspec.structs.replace(alert, state="over", over_at=start),
        source=SOURCE,
        when=Interval(alert.raised_at, max(start, alert.raised_at)),
        origin=Origin(inputs=(now.id, item.id)),
    )


RAISED_ALERTS = Model(
    id="response.alerts",
    title=Text("警報音の対象", "Alerts"),
    version="1",
    needs=(LEVELS_ID, FLOODS_ID, ALERTS.id),
    gives=(ALERTS.id,),
    predict=predict_alerts,
    reference="https://www.bousai.go.jp/oukyu/hinanjouhou/r3_hinanjouhou_guideline/",
    limits=Text(
        "市町村の警戒レベル相当と指定河川洪水予報から作ります。津波と地震は含みません。",
        "Made of the municipalities' levels and the flood forecasts; tsunami and quakes are not in"
        " it.",
    ),
)
