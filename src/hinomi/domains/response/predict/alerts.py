"""Predict: which municipalities are newly at level 4 or 5, so that somebody must take it in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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
GRAVE = 4
"""危険警報相当: from here on everyone leaves dangerous places."""
_BATCH = 200
_RAISED: Filter = Compare("=", Property("state"), Value("raised"))


class _Said(msgspec.Struct, frozen=True):
    """What the model reads of a municipality's level."""

    area_code: str
    area_name: str
    level: int
    hazards: str = ""
    area_name_en: str = ""


class _Feature(msgspec.Struct, frozen=True):
    properties: _Said


class _AlertFeature(msgspec.Struct, frozen=True):
    properties: Alert


_LEVEL_FEATURES = msgspec.json.Decoder(_Feature)
_ALERT_FEATURES = msgspec.json.Decoder(_AlertFeature)


def predict_alerts(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the alerts that begin and those that are over."""
    if keys and not keys.get(LEVELS_ID):
        return Parsed(kind=ALERTS.id)
    raised: dict[str, list[Stored]] = {}
    for item in reader.every(ALERTS.id, filter=_RAISED):
        raised.setdefault(item.key.partition("/")[0], []).append(item)
    records: list[Record] = []
    for now in _levels(reader, keys.get(LEVELS_ID, ())):
        records += _area(now, raised.get(now.key, []))
    return Parsed(records=records, kind=ALERTS.id)


def hazards_text(hazards: str) -> Text:
    """Return the hazards' names of ``rain,landslide``."""
    words = [HAZARDS[h] for h in dict.fromkeys(hazards.split(",")) if h in HAZARDS]
    return Text("・".join(w.ja for w in words), ", ".join(w.en for w in words))


def _levels(reader: Reader, keys: Sequence[str]) -> list[Stored]:
    if not keys:
        return list(reader.every(LEVELS_ID))
    return [
        item
        for at in range(0, len(keys), _BATCH)
        for item in reader.every(LEVELS_ID, keys=tuple(keys[at : at + _BATCH]))
    ]


def _area(now: Stored, raised: list[Stored]) -> list[Record]:
    """Return what changes for one municipality.

    A level that falls from 5 to 4 ends no alert and begins none; one that is reached again does.
    """
    said = _LEVEL_FEATURES.decode(now.feature).properties
    start = now.when.start or now.said_at
    alerts = [(item, _ALERT_FEATURES.decode(item.feature).properties) for item in raised]
    if said.level < GRAVE:
        return [_over(item, alert, start, now) for item, alert in alerts]
    for _, alert in alerts:
        if alert.level > said.level or (alert.level == said.level and alert.raised_at == start):
            return []
    return [_begun(said, start, now), *(_over(item, alert, start, now) for item, alert in alerts)]


def _begun(said: _Said, start: datetime, now: Stored) -> Record:
    level = LEVELS[said.level]
    what = hazards_text(said.hazards)
    name_en = said.area_name_en or said.area_name
    return Record(
        collection=ALERTS.id,
        key=f"{said.area_code}/{said.level}/{start:%Y%m%dT%H%M%SZ}",
        said_at=start,
        body=Alert(
            area_code=said.area_code,
            area_name=said.area_name,
            area_name_en=name_en,
            level=said.level,
            text=f"{said.area_name} {level.name.ja}相当({what.ja}): {level.asks.ja}",
            text_en=f"{name_en}: {level.name.en} ({what.en}): {level.asks.en}",
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
    needs=(LEVELS_ID, ALERTS.id),
    gives=(ALERTS.id,),
    predict=predict_alerts,
    reference="https://www.bousai.go.jp/oukyu/hinanjouhou/r3_hinanjouhou_guideline/",
    limits=Text(
        "市町村の警戒レベル相当(気象)だけから作ります。河川・津波・地震の警報音はまだ含みません。",
        "Made of the municipalities' weather levels alone: rivers, tsunami and quakes are not yet"
        " in it.",
    ),
)
