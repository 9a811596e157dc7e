"""Flood forecasts (VXKO50-89, VXSU) to ``hazards.floods``."""

from __future__ import annotations

from hinomi.domains.hazards.collections.floods import FLOODS, AreaRef, Flood
from hinomi.domains.hazards.observe.shapes import collect
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Interval, Record
from hinomi.standards.jmaxml import floods as codec
from hinomi.standards.jmaxml.envelope import Area, Item, Telegram

TYPES = ("VXKO", "VXSU")


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return one record for each forecast stretch of the headline."""
    flood = codec.decode(telegram.body)
    parsed = Parsed(problems=list(flood.problems))
    blocks = {block.type: block.items for block in telegram.informations()}
    stretches = _of(blocks, "予報区域", "発表区間")
    if not stretches and telegram.head.act == "cancel":
        stretches = [Item((), (), (Area(telegram.head.title, telegram.head.event_id),), "")]
    elif not stretches:
        parsed.problems.append(_no_stretch(telegram))
    lookup = Areas(gazetteer, telegram, parsed.problems)
    place = _place(flood, _areas(_of(blocks, "府県予報区等")), lookup)
    for item in stretches:
        for area in item.areas:
            river = _stretch(telegram, area, lookup) or place
            body = _body(telegram, item, area, flood, blocks, parsed.problems)
            parsed.records.append(_record(telegram, payload, body, river))
    return parsed


def _of(blocks: dict[str, tuple[Item, ...]], *words: str) -> list[Item]:
    return [i for kind, items in blocks.items() if any(w in kind for w in words) for i in items]


def _areas(items: list[Item]) -> list[AreaRef]:
    return [AreaRef(a.name, a.code) for item in items for a in item.areas]


def _body(
    telegram: Telegram,
    item: Item,
    area: Area,
    flood: codec.Flood,
    blocks: dict[str, tuple[Item, ...]],
    problems: list[Problem],
) -> Flood:
    kind = item.kinds[0] if item.kinds else None
    name, code, condition = (kind.name, kind.code, kind.condition) if kind else ("", "", "")
    level = codec.level_of(name, code)
    if level is None and telegram.head.act != "cancel":
        problems.append(_unknown_kind(name, code))
    head = telegram.head
    released = codec.is_release(name, code)
    return Flood(
        river_name=area.name,
        river_code=area.code,
        kind=name,
        kind_code=code,
        level=level,
        in_force=not released and head.act != "cancel",
        phase=_phase(name, condition, released=released),
        condition=condition,
        title=head.title,
        headline=head.headline,
        office=telegram.control.publishing_office,
        telegram=telegram.type,
        event_id=head.event_id,
        serial=head.serial,
        info_type=head.info_type,
        rivers=_areas(_of(blocks, "（河川）")),
        prefectures=_areas(_of(blocks, "府県予報区等")),
        observed_level_m=_observed(flood),
        passages=flood.passages,
        stations=flood.stations,
        gauges=flood.gauges,
        inundations=flood.inundations,
        rain=flood.rain,
        arrivals=flood.arrivals,
        notice=flood.notice,
        offices=flood.offices,
    )


def _phase(name: str, condition: str, *, released: bool) -> str:
    if released:
        return "released"
    if "解除" in name or "解除" in condition:
        return "lowered"
    return "issued" if "発表" in condition else "continued"


def _observed(flood: codec.Flood) -> float | None:
    """Return the observed level of the gauge that has reached the highest threshold [m]."""
    now = [s.readings[0] for s in flood.stations if s.quantity == "水位" and s.readings]
    known = [r for r in now if r.value is not None]
    return max(known, key=lambda r: r.level or 0).value if known else None


def _place(flood: codec.Flood, prefectures: list[AreaRef], lookup: Areas) -> Geometry | None:
    """Return the municipalities that may be flooded, else the prefectures of the headline."""
    cities = {i.city_code: i.city for i in flood.inundations if i.city_code}
    found = [lookup.place(c, n, "/Report/Body/Warning/Item/Areas") for c, n in cities.items()]
    if any(found):
        return collect(found)
    wide = [lookup.place(a.code, a.name, "/Report/Head/Headline/Information") for a in prefectures]
    return collect(wide)


def _stretch(telegram: Telegram, area: Area, lookup: Areas) -> Geometry | None:
    """Return the stretch's place; the master has no codes of the rivers of VXSU."""
    if telegram.type == "VXSU":
        return None
    return lookup.place(area.code, area.name, "/Report/Head/Headline/Information")


def _record(telegram: Telegram, payload: Payload, body: Flood, place: Geometry | None) -> Record:
    head = telegram.head
    start = head.target_at or head.reported_at
    return Record(
        collection=FLOODS.id,
        key=body.river_code or head.event_id,
        said_at=head.reported_at,
        body=body,
        source=SOURCE,
        when=Interval(start),
        place=place,
        origin=origin(payload, "/Report"),
        marking=marking(telegram),
        serial=order(telegram),
        retracts=head.act == "cancel",
    )


def _unknown_kind(name: str, code: str) -> Problem:
    return Problem(
        "jmaxml.unknown-kind",
        "/Report/Head/Headline/Information/Item/Kind",
        Text("知らない洪水予報の種別です。", "A flood kind that is not known; its level is open."),
        "alarm",
        found=f"{code} {name}"[:200],
        expected="10, 20-22, 30, 31, 40, 41, 51, 53, or a name with レベルN",
    )


def _no_stretch(telegram: Telegram) -> Problem:
    return Problem(
        "jmaxml.no-river",
        "/Report/Head/Headline",
        Text("予報区域がありません。", "There is no forecast stretch in the headline."),
        "alarm",
        found=telegram.head.title[:200],
        expected="Information 指定河川洪水予報（予報区域）",
    )
