"""What is expected per area and element, step by step: VPWP50, and the like in VPWW54."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hinomi.domains.hazards.collections.warnings import OUTLOOKS, Line
from hinomi.domains.hazards.collections.warnings import Outlook as Body
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, last_word, marking, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry, bounds, point
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Complete, Interval, Record
from hinomi.standards.jmaxml import outlooks
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.standards.jmaxml.outlooks import Outlook, OutlookElement, OutlookItem, Step
from hinomi.standards.jmaxml.properties import Property, Value
from hinomi.vocabulary.hazards import HAZARDS, meaning
from hinomi.vocabulary.levels import equivalent_level, stated_level

TYPES = ("VPWP50",)

ELEMENTS = {
    "大雨浸水危険度": "rain",
    "雨": "rain",
    "土砂災害危険度": "landslide",
    "風危険度": "storm",
    "風": "storm",
    "雪危険度": "snow",
    "雪": "snow",
    "波危険度": "wave",
    "波": "wave",
    "高潮危険度": "surge",
    "高潮": "surge",
    "雷危険度": "thunder",
    "融雪危険度": "snowmelt",
    "濃霧危険度": "fog",
    "濃霧": "fog",
    "着氷危険度": "icing",
    "着雪危険度": "snow_accretion",
    "乾燥危険度": "dry",
    "乾燥": "dry",
    "なだれ危険度": "avalanche",
    "低温危険度": "cold",
    "霜危険度": "frost",
}
"""The property's type -> hazard id."""
_DANGER = "危険度"
_LENGTH = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,3})M)?)?")


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return one record for each area, element and set of time steps."""
    return read(telegram, payload, gazetteer)


def read(
    telegram: Telegram,
    payload: Payload,
    gazetteer: Gazetteer,
    *,
    source: str = SOURCE,
    rank: int = 0,
) -> Parsed:
    """Return the outlooks of a telegram as stated by a source of that rank."""
    decoded = outlooks.decode(telegram.body)
    problems: list[Problem] = list(decoded.problems)
    areas = Areas(gazetteer, telegram, problems)
    said_at, mark, serial = (
        telegram.head.reported_at,
        marking(telegram),
        last_word(telegram, payload),
    )
    cancelled = telegram.head.act == "cancel"
    records: dict[str, Record] = {}
    covers: dict[str, None] = {}
    for number, outlook in enumerate(decoded.outlooks, start=1):
        at = f"/Report/Body/MeteorologicalInfos/TimeSeriesInfo[{number}]"
        steps, when = _Steps(outlook, at, problems), _span(outlook.steps)
        for item in outlook.items:
            if not item.area_code:
                continue
            path = f"{at}/Item[{item.position}]"
            place = _centre(areas.place(item.area_code, item.area_name, path))
            covers[f"{item.area_code}/*"] = None
            for element in item.elements:
                body = _body(telegram, item, element, steps)
                # The days' totals come in a series of their own: 雨 by 3 h and 雨 by 24 h.
                key = f"{item.area_code}/{body.element}/{_length(outlook)}"
                records[key] = Record(
                    collection=OUTLOOKS.id,
                    key=key,
                    said_at=said_at,
                    body=body,
                    source=source,
                    when=when,
                    place=place,
                    origin=origin(payload, path),
                    marking=mark,
                    serial=serial,
                    rank=rank,
                    retracts=cancelled,
                )
    complete = Complete(
        collection=OUTLOOKS.id,
        source=source,
        said_at=said_at,
        covers=tuple(covers),
        keys=tuple(records),
        marking=mark,
        origin=origin(payload),
    )
    return Parsed(
        records=list(records.values()),
        complete=[complete] if covers and not cancelled else [],
        problems=problems,
        kind=telegram.type,
    )


def _centre(place: Geometry | None) -> Geometry | None:
    """Return the middle of an area's bounds: some twenty outlooks of each area need no outline."""
    if place is None:
        return None
    west, south, east, north = bounds(place)
    return point(round((west + east) / 2, 4), round((south + north) / 2, 4))


def _length(outlook: Outlook) -> str:
    return outlook.steps[-1].duration if outlook.steps else ""


def _span(steps: Sequence[Step]) -> Interval:
    """Return from the first step's start to the last one's end; an outlook ends by the clock."""
    starts = [step.start for step in steps if step.start is not None]
    ends = [step.start + _hours(step.duration) for step in steps if step.start is not None]
    return Interval(min(starts, default=None), max(ends, default=None))


def _hours(duration: str) -> timedelta:
    found = _LENGTH.fullmatch(duration)
    days, hours, minutes = (int(n or 0) for n in found.groups()) if found else (0, 0, 0)
    return timedelta(days=days, hours=hours, minutes=minutes)


def _steps(outlook: Outlook, at: str, problems: list[Problem]) -> dict[str, int]:
    """Return refID -> index of the step; ids that occur twice are read by their order."""
    ids = [step.id for step in outlook.steps]
    if len(set(ids)) < len(ids):
        problems.append(
            Problem(
                "jmaxml.repeated-step",
                f"{at}/TimeDefines",
                Text(
                    "時間の番号が重なっています。並び順で読みました。",
                    "Two time steps share a number; they are read in their order.",
                ),
                "alarm",
                found=" ".join(ids)[:200],
                expected="timeId 1, 2, 3, ...",
            )
        )
        ids = [str(n) for n in range(1, len(ids) + 1)]
    return {step: index for index, step in enumerate(ids)}


def _name(element: OutlookElement) -> tuple[str, str]:
    """Return what the element is called and its hazard.

    VPWW54 calls the danger of every kind 危険度; the hazard's name is put before it.
    """
    kind = element.property.type
    if kind != _DANGER:
        return kind, ELEMENTS.get(kind, "other")
    hazard = meaning(element.kind_code, element.kind_name).hazard
    return f"{HAZARDS[hazard].ja}{_DANGER}", hazard


class _Series(NamedTuple):
    """What one property says over the steps."""

    lines: list[Line]
    others: list[Value]
    highest: int
    at: datetime | None


class _Steps:
    """The steps of one outlook, and what its properties say over them."""

    def __init__(self, outlook: Outlook, at: str, problems: list[Problem]) -> None:
        self.index = _steps(outlook, at, problems)
        self.starts = [step.start for step in outlook.steps]
        self.durations = [step.duration for step in outlook.steps]
        self.names = [step.name for step in outlook.steps]
        self._known: dict[int, _Series] = {}

    def series(self, said: Property) -> _Series:
        """Return what is said; of areas that are told the same the decoder gives one object."""
        found = self._known.get(id(said))
        if found is None:
            found = self._known[id(said)] = self._series(said.values)
        return found

    def _series(self, values: tuple[Value, ...]) -> _Series:
        lines: dict[tuple[str, str, str, str], list[Value | None]] = {}
        others: list[Value] = []
        for value in values:
            if value.step not in self.index:
                others.append(value)
                continue
            key = value.what, value.place, value.unit, value.stage
            line = lines.setdefault(key, [None] * len(self.starts))
            line[self.index[value.step]] = value
        highest, at = _highest(values, self.index, self.starts)
        return _Series([_line(key, line) for key, line in lines.items()], others, highest, at)


def _body(telegram: Telegram, item: OutlookItem, element: OutlookElement, steps: _Steps) -> Body:
    said = steps.series(element.property)
    called, hazard = _name(element)
    return Body(
        area_code=item.area_code,
        area_name=item.area_name,
        element=called,
        hazard=hazard,
        level_max=said.highest,
        level_max_at=said.at,
        step_starts=steps.starts,
        step_durations=steps.durations,
        step_names=steps.names,
        lines=said.lines,
        others=said.others,
        telegram=telegram.type,
        office=telegram.control.publishing_office,
    )


def _line(key: tuple[str, str, str, str], values: list[Value | None]) -> Line:
    what, place, unit, stage = key
    numbers = [v.value if v else None for v in values]
    codes = [v.code if v else "" for v in values]
    coded = any(codes)
    texts = [] if coded else [_words(v) for v in values]
    return Line(
        what=f"{what} {stage}" if stage else what,
        place=place,
        unit=unit,
        values=numbers if any(n is not None for n in numbers) else [],
        codes=codes if coded else [],
        names={v.code: v.text for v in values if v and v.code},
        texts=texts if any(texts) else [],
    )


def _words(value: Value | None) -> str:
    if value is None:
        return ""
    return f"{value.condition} {value.text}" if value.condition else value.text


def _highest(
    values: tuple[Value, ...], steps: dict[str, int], starts: list[datetime | None]
) -> tuple[int, datetime | None]:
    """Return the highest level of the classes and when it is first expected.

    警戒レベル３相当 states it; 警報級 and 注意報級 are read as their equivalents.
    """
    highest, at = 0, None
    for value in values:
        if not value.code:
            continue
        level = stated_level(value.text)
        if level is None and "未満" not in value.text:
            level = equivalent_level(value.text.removesuffix("級"))
        if level is not None and level > highest:
            highest = level
            at = starts[steps[value.step]] if value.step in steps else None
    return highest, at
