"""Predict: the highest alert level in force in every municipality."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from hinomi.domains.hazards.collections.warnings import LEVELS, WARNINGS, AlertLevel, InForce
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored
from hinomi.vocabulary.areas import AREAS, find, key_of
from hinomi.vocabulary.areas.codes import ever
from hinomi.vocabulary.hazards import HAZARDS
from hinomi.vocabulary.times import day_in_japan

SOURCE = "hinomi"
_MUNICIPALITY_DIGITS = 7
_BATCH = 200
"""Municipalities asked for at once: 22 keys each, well below what a query may hold."""


class _Said(msgspec.Struct, frozen=True):
    """What the model reads of a warning's properties."""

    area_name: str
    area_kind: str
    hazard: str
    phase: str
    kind_code: str
    kind_name: str
    level: int
    level_stated: bool
    in_force: bool
    said_at: datetime
    end: datetime | None = None
    product: str = ""


class _Feature(msgspec.Struct, frozen=True):
    properties: _Said


class _Before(msgspec.Struct, frozen=True):
    """What the model reads of the level before."""

    area_name: str
    level: int
    in_force: list[InForce]


class _LevelFeature(msgspec.Struct, frozen=True):
    properties: _Before


_LEVEL_FEATURES = msgspec.json.Decoder(_LevelFeature)
_FEATURES = msgspec.json.Decoder(_Feature)


def predict_levels(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the level of each municipality whose warnings changed (of all for no keys)."""
    if not keys:
        return Parsed(records=_levels(reader, reader.every(WARNINGS.id), ()), kind=LEVELS.id)
    codes = sorted({c for c in map(_municipality, keys.get(WARNINGS.id, ())) if c})
    records: list[Record] = []
    for at in range(0, len(codes), _BATCH):
        some = codes[at : at + _BATCH]
        wanted = tuple(f"{code}/{hazard}" for code in some for hazard in HAZARDS)
        records += _levels(reader, reader.every(WARNINGS.id, keys=wanted), some)
    return Parsed(records=records, kind=LEVELS.id)


def _municipality(key: str) -> str:
    code = key.partition("/")[0]
    return code if len(code) == _MUNICIPALITY_DIGITS and code.isdigit() else ""


def _levels(reader: Reader, found: Iterable[Stored], codes: Sequence[str]) -> list[Record]:
    by_area: dict[str, list[Stored]] = {code: [] for code in codes}
    for stored in found:
        code = _municipality(stored.key)
        if code:
            by_area.setdefault(code, []).append(stored)
    before = {stored.key: stored for stored in reader.every(LEVELS.id, keys=tuple(codes) or None)}
    for code in before:
        by_area.setdefault(code, [])
    own = _stated_names(reader, by_area)
    records = (
        _level(code, now, before.get(code), own.get(code, "")) for code, now in by_area.items()
    )
    return [record for record in records if record is not None]


def _stated_names(reader: Reader, codes: Iterable[str]) -> dict[str, str]:
    """Return the English names of towns that no master has but a statement has: a drill's."""
    unknown = (c for c in codes if ever(c, "municipality") is None and ever(c, "part") is None)
    keys = {key_of("municipality", code): code for code in unknown}
    if not keys:
        return {}
    stated = reader.every(AREAS.id, keys=tuple(keys))
    return {keys[area.key]: str(area.properties().get("name_en", "")) for area in stated}


def _level(code: str, now: list[Stored], before: Stored | None, own_en: str) -> Record | None:
    """Return one municipality's level; None where nothing was ever said."""
    read = [_FEATURES.decode(stored.feature).properties for stored in now]
    said = [w for w in read if w.area_kind == "municipality"]  # 高潮予報区間 may have 7 digits.
    if not said and before is None:
        return None
    past = None if before is None else _LEVEL_FEATURES.decode(before.feature).properties
    in_force = sorted(
        (_in_force(w, past) for w in said if w.in_force), key=lambda w: (-w.level, w.hazard)
    )
    lasting = [w for w in in_force if w.until is None]
    level = max((w.level for w in lasting), default=0)
    # A withdrawal leaves older statements; what follows the level before must not be older.
    said_at = max([w.said_at for w in said] + ([before.said_at] if before else []))
    start = before.when.start if before and past and past.level == level else said_at
    name = said[0].area_name if said else past.area_name if past else ""
    known = find(code, day_in_japan(said_at), "municipality", "part")
    return Record(
        collection=LEVELS.id,
        key=code,
        said_at=said_at,
        body=AlertLevel(
            area_code=code,
            area_name=name,
            area_name_en=(known.name_en if known else own_en) or name,
            level=level,
            level_stated=any(w.level == level and w.level_stated for w in lasting),
            count=len(in_force),
            hazards=",".join(w.hazard for w in in_force),
            in_force=in_force,
        ),
        source=SOURCE,
        when=Interval(start, None),
        place=_place(now, before),
        origin=Origin(inputs=tuple(stored.id for stored in (*now, *((before,) if before else ())))),
    )


def _in_force(w: _Said, past: _Before | None) -> InForce:
    since = w.said_at
    if w.phase == "continued" and past is not None:
        same = [p for p in past.in_force if (p.hazard, p.kind_code) == (w.hazard, w.kind_code)]
        since = min([since, *(p.since for p in same if p.since is not None)])
    return InForce(
        hazard=w.hazard,
        kind_name=w.product or w.kind_name,
        kind_code=w.kind_code,
        level=w.level,
        level_stated=w.level_stated,
        since=since,
        stated_at=w.said_at,
        until=w.end,
    )


def _place(now: list[Stored], before: Stored | None) -> Geometry | None:
    for stored in [*now[:1], *([before] if before else [])]:
        place = stored.place()
        if place is not None:
            return place
    return None


ALERT_LEVELS = Model(
    id="hazards.levels",
    title=Text("市町村の警戒レベル相当", "Alert level per municipality"),
    version="1",
    needs=(WARNINGS.id, LEVELS.id),
    gives=(LEVELS.id,),
    predict=predict_levels,
    reference="https://www.jma.go.jp/jma/kishou/know/bosai/alertlevel.html",
    limits=Text(
        "気象庁の警報等だけから求めます。氾濫・避難情報は含みません。時限のある情報(竜巻・"
        "記録的短時間大雨・熱中症)は内訳に示し、レベルには数えません。",
        "Made of JMA's warnings alone: river floods and evacuation orders are not in it. What"
        " ends by the clock (tornado, record rain, heat) is listed but does not count.",
    ),
)
