"""Forecasts for areas and stations to ``hazards.forecasts``; what is no forecast is left over."""

from __future__ import annotations

from collections.abc import Iterator

from hinomi.domains.hazards.collections.forecasts import FORECASTS, Element, Forecast, Value
from hinomi.domains.hazards.observe.completion import complete
from hinomi.domains.hazards.observe.elements import elements
from hinomi.domains.hazards.observe.shapes import collect, shape_geometry
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Interval, Record
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.standards.jmaxml.meteorology import Area, Info, Item, Section, Weather

KINDS = {
    "VPFD5": "short-range",
    "VPFW5": "weekly",
    "VPFD6": "warning-possibility",
    "VPFW6": "warning-possibility",
    "VPCK5": "seasonal",
    "VPZK5": "seasonal",
    "VPCK7": "two-week",
    "VPCY": "marine",
    "VPTA": "storm-probability",
    "VPAW": "early-weather",
}
"""Beginning of the type code -> kind; the others forecast as part of information: ``outlook``."""

SECTIONS = {
    "区域予報",
    "地点予報",
    "独自予報",
    "日別平年値",
    "７日間平年値",
    "地方海域の予報",
    "季節予報",
    "早期天候情報",
    "予想",
    "台風情報",
}
_NO_FORECAST = {"VPRN50"}
"""大雨危険度通知 calls its state of danger 区域予報."""
_BY_TITLE = {"VPCK50", "VPZK50"}
"""One code for several forecasts (1か月, 3か月, 暖候期): the title tells them apart."""
_RANKS = ("高", "中", "なし")


def is_forecast(telegram: Telegram, section: Section, item: Item) -> bool:
    """Tell whether an item forecasts for areas (and so is not left for the notice)."""
    return (
        section.type in SECTIONS
        and not section.warning
        and telegram.type not in _NO_FORECAST
        and bool(item.areas)
    )


def add(
    telegram: Telegram, payload: Payload, gazetteer: Gazetteer, weather: Weather, parsed: Parsed
) -> None:
    """Add one record for each area or station that the telegram forecasts for."""
    found: dict[tuple[str, bool], tuple[Area, list[Element]]] = {}
    known: dict[tuple[int, ...], list[Element]] = {}
    for section, info, item in _items(weather):
        if is_forecast(telegram, section, item):
            # The decoder gives what is said of many areas as one object.
            said = (id(section), id(info), *map(id, item.kinds))
            if said not in known:
                known[said] = elements(item.kinds, info, info.type or section.type)
            made = known[said]
            for area in item.areas:
                key = area.code or area.details.get("CodeList", "") or area.name
                found.setdefault((key, area.station), (area, []))[1].extend(made)
    lookup = Areas(gazetteer, telegram, parsed.problems)
    records = [
        _record(telegram, payload, code, area, made, _place(area, code, lookup))
        for (code, _), (area, made) in found.items()
        if made
    ]
    parsed.records += records
    if telegram.head.act == "cancel" and not records and not telegram.head.event_id:
        parsed.problems += _unnamed(telegram)
    # Each serial of an event states its forecasts anew, also where it has none left.
    if telegram.head.event_id and (weather.sections or telegram.head.act == "cancel"):
        covers = (f"{_stem(telegram)}*",)
        parsed.complete.append(complete(telegram, payload, FORECASTS.id, covers, records))


def _unnamed(telegram: Telegram) -> list[Problem]:
    if not telegram.type.startswith(tuple(KINDS)):
        return []
    return [
        Problem(
            "jmaxml.cancels-nothing",
            "/Report/Body",
            Text(
                "取り消す区域が書かれていません。前の予報が残ります。",
                "It withdraws forecasts without naming an area; those of before stay.",
            ),
            "alarm",
            found=telegram.head.title[:200],
            expected="the areas whose forecasts are withdrawn",
        )
    ]


def _items(weather: Weather) -> Iterator[tuple[Section, Info, Item]]:
    for section in weather.sections:
        for info in section.infos:
            for item in info.items:
                yield section, info, item


def kind_of(telegram: Telegram) -> str:
    """Return what begins the keys of its records: the type, or the title of one not known."""
    return telegram.type or telegram.control.title


def _stem(telegram: Telegram) -> str:
    if telegram.type in _BY_TITLE:
        return f"{telegram.type}/{telegram.control.title}/"
    event = telegram.head.event_id
    return f"{kind_of(telegram)}/{event}/" if event else f"{kind_of(telegram)}/"


def _record(
    telegram: Telegram,
    payload: Payload,
    code: str,
    area: Area,
    made: list[Element],
    place: Geometry | None,
) -> Record:
    head = telegram.head
    values = [v for e in made for v in e.values]
    starts = [v.start for v in values if v.start is not None]
    ends = [v.end for v in values if v.end is not None]
    start = min(starts, default=head.target_at or head.reported_at)
    end = max(starts + ends, default=None)
    body = Forecast(
        area_code=code,
        area_name=area.name,
        station=area.station,
        kind=next((k for p, k in KINDS.items() if telegram.type.startswith(p)), "outlook"),
        telegram=telegram.type,
        title=head.title,
        office=telegram.control.publishing_office,
        event_id=head.event_id,
        serial=head.serial,
        info_type=head.info_type,
        summary=_summary(made),
        warning_possibility=_possibility(made),
        max_percent=_percent(made),
        elements=made,
    )
    return Record(
        collection=FORECASTS.id,
        key=f"{_stem(telegram)}{code}",
        said_at=head.reported_at,
        body=body,
        source=SOURCE,
        when=Interval(start, end if end is not None and end > start else None),
        place=place,
        origin=origin(payload, f"/Report/Body//{'Station' if area.station else 'Area'}[{code}]"),
        marking=marking(telegram),
        serial=order(telegram),
        retracts=head.act == "cancel",
    )


def _summary(made: list[Element]) -> str:
    for wanted in ("Sentence", "Weather", "Text", "EventName"):
        for element in made:
            if element.quantity == wanted and element.values:
                return element.values[0].text
    described = (v.description for e in made for v in e.values if v.description)
    return next(described, "")


def _possibility(made: list[Element]) -> str:
    given = {v.text for e in made if e.quantity == "PossibilityRankOfWarning" for v in e.values}
    return next((rank for rank in _RANKS if rank in given), "")


def _percent(made: list[Element]) -> float | None:
    kinds = {"ProbabilityOfPrecipitation", "FiftyKtWindProbability"}
    values: list[Value] = [v for e in made if e.quantity in kinds for v in e.values]
    return max((v.value for v in values if v.value is not None), default=None)


def _place(area: Area, code: str, lookup: Areas) -> Geometry | None:
    if area.shapes:
        return collect([shape_geometry(s) for s in area.shapes])
    if area.station or not code[:1].isdigit():
        return None
    return collect([lookup.place(c, area.name, "/Report/Body//Area/Code") for c in code.split()])
