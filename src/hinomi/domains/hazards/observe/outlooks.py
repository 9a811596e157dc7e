"""気象警報・注意報時系列情報 (VPWP50): what is expected per area and element, step by step."""

from __future__ import annotations

from datetime import datetime

from hinomi.domains.hazards.collections.warnings import OUTLOOKS, Line
from hinomi.domains.hazards.collections.warnings import Outlook as Body
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Complete, Interval, Record
from hinomi.standards.jmaxml import outlooks
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.standards.jmaxml.outlooks import Outlook, OutlookItem
from hinomi.standards.jmaxml.properties import Property, Value
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
    "着氷危険度": "icing",
    "着雪危険度": "snow_accretion",
    "乾燥危険度": "dry",
    "乾燥": "dry",
    "なだれ危険度": "avalanche",
    "低温危険度": "cold",
    "霜危険度": "frost",
}
"""The property's type -> hazard id."""


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return one record for each area, element and set of time steps."""
    decoded = outlooks.decode(telegram.body)
    problems: list[Problem] = list(decoded.problems)
    areas = Areas(gazetteer, telegram, problems)
    records: dict[str, Record] = {}
    covers: dict[str, None] = {}
    for number, outlook in enumerate(decoded.outlooks, start=1):
        steps = _steps(outlook, number, problems)
        for item in outlook.items:
            if not item.area_code:
                continue
            path = (
                f"/Report/Body/MeteorologicalInfos/TimeSeriesInfo[{number}]/Item[{item.position}]"
            )
            place = areas.place(item.area_code, item.area_name, path)
            covers[f"{item.area_code}/*"] = None
            for _, element in item.elements:
                # The days' totals come in a series of their own: 雨 by 3 h and 雨 by 24 h.
                key = f"{item.area_code}/{element.type}/{_length(outlook)}"
                body = _body(telegram, outlook, item, element, steps)
                records[key] = Record(
                    collection=OUTLOOKS.id,
                    key=key,
                    said_at=telegram.head.reported_at,
                    body=body,
                    source=SOURCE,
                    when=_span(outlook),
                    place=place,
                    origin=origin(payload, path),
                    marking=marking(telegram),
                    serial=order(telegram),
                    retracts=telegram.head.act == "cancel",
                )
    complete = Complete(
        collection=OUTLOOKS.id,
        source=SOURCE,
        said_at=telegram.head.reported_at,
        covers=tuple(covers),
        keys=tuple(records),
        marking=marking(telegram),
        origin=origin(payload),
    )
    return Parsed(
        records=list(records.values()),
        complete=[complete] if covers and telegram.head.act != "cancel" else [],
        problems=problems,
        kind=telegram.type,
    )


def _length(outlook: Outlook) -> str:
    return outlook.steps[-1].duration if outlook.steps else ""


def _span(outlook: Outlook) -> Interval:
    starts = [step.start for step in outlook.steps if step.start is not None]
    return Interval(min(starts) if starts else None, None)


def _steps(outlook: Outlook, number: int, problems: list[Problem]) -> dict[str, int]:
    """Return refID -> index of the step; ids that occur twice are read by their order."""
    ids = [step.id for step in outlook.steps]
    if len(set(ids)) < len(ids):
        problems.append(
            Problem(
                "jmaxml.repeated-step",
                f"/Report/Body/MeteorologicalInfos/TimeSeriesInfo[{number}]/TimeDefines",
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


def _body(
    telegram: Telegram,
    outlook: Outlook,
    item: OutlookItem,
    element: Property,
    steps: dict[str, int],
) -> Body:
    lines: dict[tuple[str, str, str, str], list[Value | None]] = {}
    for value in element.values:
        line = lines.setdefault(
            (value.what, value.place, value.unit, value.stage), [None] * len(outlook.steps)
        )
        if value.step in steps:
            line[steps[value.step]] = value
        else:
            line.append(value)
    highest, at = _highest(element.values, steps, [step.start for step in outlook.steps])
    return Body(
        area_code=item.area_code,
        area_name=item.area_name,
        element=element.type,
        hazard=ELEMENTS.get(element.type, "other"),
        level_max=highest,
        level_max_at=at,
        step_starts=[step.start for step in outlook.steps],
        step_durations=[step.duration for step in outlook.steps],
        step_names=[step.name for step in outlook.steps],
        lines=[_line(key, values) for key, values in lines.items()],
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
