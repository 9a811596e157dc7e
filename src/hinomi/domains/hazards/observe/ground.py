"""What all readers of earthquakes share: where and how big, intensities, periods, known codes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.ports import Gazetteer
from hinomi.kernel.records import Interval
from hinomi.standards.jmaxml import seismology as codec
from hinomi.standards.jmaxml.coordinates import Position, decode_position
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.vocabulary.areas.codes import Kind, find, key_of
from hinomi.vocabulary.times import day_in_japan

AT_LEAST = {
    "0": 0.0,
    "1": 0.5,
    "2": 1.5,
    "3": 2.5,
    "4": 3.5,
    "5-": 4.5,
    "5+": 5.0,
    "6-": 5.5,
    "6+": 6.0,
    "7": 6.5,
    "震度５弱以上未入電": 4.5,
}
"""気象庁震度階級表: the least instrumental intensity of each class."""


def said_on(telegram: Telegram) -> date:
    """Return the day in Japan on which it was said: areas change by date."""
    return day_in_japan(telegram.head.reported_at)


def check_code(
    telegram: Telegram, gazetteer: Gazetteer, kind: Kind, code: str, name: str
) -> Problem | None:
    """Return a problem where there is no such area of that kind on that day.

    The table of codes knows the real ones, the gazetteer also those of a drill.
    """
    on = said_on(telegram)
    if find(code, on, kind) is not None or gazetteer.knows(key_of(kind, code), on):
        return None
    return Problem(
        "jmaxml.unknown-area",
        "/Report/Body",
        Text(
            f"知らない地域コードです({name})。名前のまま保存しました。",
            f"The area code is not known ({name}); kept by name.",
        ),
        "alarm",
        found=f"{code} {name}"[:200],
        expected=f"a code of the area master, {kind}",
    )


def happened_at(telegram: Telegram, report: Any) -> datetime:
    """Return when the quake was, as well as the telegram says it."""
    head = telegram.head
    return report.origin_time or report.detected_at or head.target_at or head.reported_at


def span(start: datetime | None, end: datetime | None, problems: list[Problem]) -> Interval:
    """Return [start, end); an end before the start is a problem and left open."""
    if start is not None and end is not None and end < start:
        problems.append(
            Problem(
                "jmaxml.interval",
                "/Report",
                Text("終わりが始まりより前です。", "The end is before the start; left open."),
                "alarm",
                found=f"{start.isoformat()} / {end.isoformat()}",
            )
        )
        end = None
    return Interval(start, end)


def position(body: codec.Seismology) -> Position | None:
    """Return the hypocentre; degrees and minutes, where given, are finer than degrees."""
    area = _area(body)
    found = [p for c in (area.coordinate if area else []) if (p := decode_position(c.value))]
    return found[-1] if found else None


def place_of(found: Position | None) -> Geometry | None:
    """Return a position as a place on the map."""
    return point(found.longitude, found.latitude) if found else None


def _area(body: codec.Seismology) -> codec.HypocentreArea | None:
    quake = body.earthquake[0] if body.earthquake else None
    return quake.hypocenter.area if quake and quake.hypocenter else None


def hypocentre(body: codec.Seismology, problems: list[Problem]) -> dict[str, Any]:
    """Return the fields of ``Hypocentre`` but the EventID; of several quakes the first."""
    if not body.earthquake:
        return {}
    if len(body.earthquake) > 1:
        problems.append(_several(body))
    quake, area, at = body.earthquake[0], _area(body), position(body)
    said = [c for c in (area.coordinate if area else []) if c.value or c.description]
    if said and said[-1].value and at is None:
        problems.append(_bad_position(said[-1].value))
    fields: dict[str, Any] = {
        "origin_time": quake.origin_time,
        "detected_at": quake.arrival_time,
        "quake_condition": quake.condition,
        "depth_km": at.depth_km if at else None,
        "position_text": said[-1].description if said else "",
        "determined_by": quake.hypocenter.source if quake.hypocenter else "",
    }
    if area is not None:
        fields |= {
            "hypocentre": area.name,
            "hypocentre_code": area.code.value,
            "hypocentre_detail": area.detailed_name,
            "near": area.name_from_mark,
        }
    return fields | _magnitude(quake)


def _magnitude(quake: codec.Earthquake) -> dict[str, Any]:
    """Return the best magnitude: a number before none, the last before the first."""
    given = sorted(quake.magnitude, key=lambda m: m.value is not None)
    if not given:
        return {}
    best = given[-1]
    return {
        "magnitude": best.value,
        "magnitude_type": best.type,
        "magnitude_text": best.description,
    }


def at_least(intensity: str, problems: list[Problem], path: str) -> float | None:
    """Return the least instrumental intensity of a class; an unknown class is a problem."""
    if intensity and intensity not in AT_LEAST:
        problems.append(
            Problem(
                "jmaxml.unknown-intensity",
                path,
                Text("知らない震度階級です。", "This class of intensity is not known."),
                "alarm",
                found=intensity[:80],
                expected=", ".join(AT_LEAST),
            )
        )
    return AT_LEAST.get(intensity)


def _several(body: codec.Seismology) -> Problem:
    return Problem(
        "jmaxml.several-quakes",
        "/Report/Body/Earthquake[2]",
        Text(
            "複数の地震があります。最初のものだけを読みました。",
            "Several quakes; the first is read.",
        ),
        "alarm",
        found=str(len(body.earthquake)),
        expected="1",
    )


def _bad_position(found: str) -> Problem:
    return Problem(
        "jmaxml.position",
        "/Report/Body/Earthquake/Hypocenter/Area/Coordinate",
        Text("位置として読めません。", "This is no position."),
        "alarm",
        found=found[:80],
        expected="+36.8+135.1-10000/ (ISO 6709)",
    )
