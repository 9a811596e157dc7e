"""Earthquake telegrams (VXSE51-53, 61, 62) to reports and intensities."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.hazards.collections.quakes import (
    INTENSITIES,
    QUAKE_REPORTS,
    Intensity,
    QuakeReport,
    Station,
    TsunamiWord,
)
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Complete, Interval, Record, instant
from hinomi.standards.jmaxml import seismology as codec
from hinomi.standards.jmaxml.coordinates import Position, decode_position
from hinomi.standards.jmaxml.envelope import Telegram

TYPES = ("VXSE51", "VXSE52", "VXSE53", "VXSE61", "VXSE62")

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

TSUNAMI: dict[str, TsunamiWord] = {
    "0211": "warning",
    "0217": "checking",
    "0229": "checking",
    "0216": "possible",
    "0212": "slight",
    "0213": "slight",
    "0214": "slight",
    "0203": "none",
    "0215": "none",
    "0230": "none",
}
"""地震火山関連コード表, additional comments: the gravest first."""

OTHER_COMMENTS = {
    *("0221", "0222", "0223", "0224", "0225", "0226", "0227", "0228"),
    *("0241", "0242", "0243", "0244", "0245"),
}
"""Codes of forecast comments that say nothing of a tsunami on Japan's coasts."""


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return the report and the intensities that it lists."""
    body = codec.decode(telegram.body)
    parsed = Parsed(problems=list(body.problems))
    event = telegram.head.event_id
    report = _report(telegram, body, parsed.problems)
    parsed.records.append(
        Record(
            collection=QUAKE_REPORTS.id,
            key=f"{event}/{telegram.type}",
            said_at=telegram.head.reported_at,
            serial=order(telegram),
            when=instant(happened_at(telegram, report)),
            place=place_of(position(body)),
            body=report,
            source=SOURCE,
            origin=origin(payload),
            marking=marking(telegram),
            retracts=telegram.head.act == "cancel",
        )
    )
    observed = body.intensity.observation if body.intensity else None
    if observed is not None:
        areas = Areas(gazetteer, telegram, parsed.problems)
        _Intensities(telegram, payload, areas, parsed).read(observed, report)
    _finish(telegram, payload, parsed)
    return parsed


def _finish(telegram: Telegram, payload: Payload, parsed: Parsed) -> None:
    """Say what is over: all of a withdrawn report, and what a later report no longer lists.

    A 震度速報 lists only areas of 3 and more, so it never ends what another report said.
    """
    withdrawn = telegram.head.act == "cancel"
    again = telegram.type in {"VXSE53", "VXSE62"} and (
        telegram.head.number > 1 or telegram.head.act == "correction"
    )
    if telegram.type in {"VXSE52", "VXSE61"} or not (withdrawn or again):
        return
    measure = _measure(telegram)
    parsed.complete.append(
        Complete(
            collection=INTENSITIES.id,
            source=SOURCE,
            said_at=telegram.head.reported_at,
            covers=(f"{telegram.head.event_id}/{measure}/*",),
            keys=tuple(r.key for r in parsed.records if r.collection == INTENSITIES.id),
            marking=marking(telegram),
            origin=origin(payload),
        )
    )


def _measure(telegram: Telegram) -> Any:
    return "long-period" if telegram.type == "VXSE62" else "intensity"


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


def _report(telegram: Telegram, body: codec.Seismology, problems: list[Problem]) -> QuakeReport:
    head = telegram.head
    comments = body.comments or codec.Comments()
    forecast = comments.forecast_comment or codec.Comment()
    observed = body.intensity.observation if body.intensity else None
    greatest = observed.max_int if observed else ""
    return QuakeReport(
        event_id=head.event_id,
        telegram=telegram.type,
        title=head.title,
        headline=head.headline,
        info_type=head.info_type,
        serial=head.serial,
        office=telegram.control.editorial_office,
        max_intensity=greatest,
        max_intensity_at_least=at_least(greatest, problems, "/Report/Body/Intensity"),
        max_long_period=observed.max_lg_int if observed else "",
        tsunami=_tsunami(forecast, problems),
        comment=forecast.text,
        comment_codes=list(forecast.codes()),
        note=comments.var_comment.text if comments.var_comment else "",
        free_text=comments.free_form_comment,
        text=body.text,
        name=body.naming.value if body.naming else "",
        link=comments.uri,
        **hypocentre(body, problems),
    )


def _tsunami(comment: codec.Comment, problems: list[Problem]) -> TsunamiWord | None:
    codes = comment.codes()
    unknown = [c for c in codes if c not in TSUNAMI and c not in OTHER_COMMENTS]
    if unknown:
        problems.append(
            Problem(
                "jmaxml.unknown-comment",
                "/Report/Body/Comments/ForecastComment/Code",
                Text("知らない固定付加文です。", "This fixed comment is not known."),
                "alarm",
                found=f"{' '.join(unknown)} {comment.text}"[:200],
                expected=" ".join(TSUNAMI),
            )
        )
    return next((word for code, word in TSUNAMI.items() if code in codes), None)


class _Intensities:
    """Walks prefectures, areas, cities and stations of one report."""

    def __init__(self, telegram: Telegram, payload: Payload, areas: Areas, parsed: Parsed) -> None:
        self.telegram = telegram
        self.areas = areas
        self.parsed = parsed
        self.measure = _measure(telegram)
        self.marking = marking(telegram)
        self.origin = origin(payload)
        self.order = order(telegram)
        self.when = Interval()
        self.names: dict[str, str] = {}
        self.at: dict[str, int] = {}

    def read(self, observed: codec.IntensityDetail, report: QuakeReport) -> None:
        self.when = instant(happened_at(self.telegram, report))
        for pref in observed.pref:
            self.add("prefecture", pref, pref.name, [])
            for area in pref.area:
                self.add("area", area, pref.name, area.intensity_station)
                for city in area.city:
                    self.add("city", city, pref.name, city.intensity_station)

    def add(
        self, kind: Any, area: Any, prefecture: str, stations: list[codec.IntensityStation]
    ) -> None:
        path = "/Report/Body/Intensity/Observation"
        problems = self.parsed.problems
        place = self.areas.place(area.code, area.name, path) if kind == "city" else None
        body = Intensity(
            event_id=self.telegram.head.event_id,
            measure=self.measure,
            area_kind=kind,
            area_code=area.code,
            area_name=area.name,
            prefecture=prefecture,
            intensity=area.max_int,
            at_least=at_least(area.max_int or area.condition, problems, f"{path}/{area.code}"),
            long_period=getattr(area, "max_lg_int", ""),
            condition=area.condition,
            revised=area.revise,
            telegram=self.telegram.type,
            stations=[self.station(s) for s in stations],
        )
        key = self.key(area.code, area.name)
        records = self.parsed.records
        if key in self.at:
            earlier = records[self.at[key]]
            joined = msgspec.structs.replace(earlier, body=self.joined(body, earlier.body))
            records[self.at[key]] = joined
            return
        self.at[key] = len(records)
        records.append(
            Record(
                collection=INTENSITIES.id,
                key=key,
                said_at=self.telegram.head.reported_at,
                serial=self.order,
                when=self.when,
                place=place,
                body=body,
                source=SOURCE,
                origin=self.origin,
                marking=self.marking,
            )
        )

    def key(self, code: str, name: str) -> str:
        """Return the area's key. A code that stands for several places has their names beside it.

        JMA gives new municipalities ``…99900`` until their own code is in use.
        """
        key = f"{self.telegram.head.event_id}/{self.measure}/{code}"
        if code.endswith("99900") or self.names.setdefault(key, name) != name:
            key = f"{key}~{name}"
        if key in self.at:
            self.parsed.problems.append(_repeated(code, name))
        return key

    def joined(self, body: Intensity, earlier: Intensity) -> Intensity:
        """Return one statement about a place listed twice: the stronger, with all its stations."""
        stronger = max((earlier, body), key=lambda b: b.at_least or 0)
        return msgspec.structs.replace(stronger, stations=[*earlier.stations, *body.stations])

    def station(self, station: codec.IntensityStation) -> Station:
        at_least(station.int, self.parsed.problems, f"/Report/Body/{station.code}")
        velocity = {s.periodic_band: s.value for s in station.sva_per_period}
        return Station(
            code=station.code,
            name=station.name,
            intensity=station.int,
            revised=station.revise,
            long_period=station.lg_int,
            sva_cm_s=station.sva.value if station.sva else None,
            bands=[
                (b.periodic_band, b.value, velocity.get(b.periodic_band))
                for b in station.lg_int_per_period
            ],
        )


def _repeated(code: str, name: str) -> Problem:
    return Problem(
        "jmaxml.repeated-area",
        "/Report/Body/Intensity/Observation",
        Text("同じ地域が2度あります。まとめました。", "This area occurs twice; joined."),
        "alarm",
        found=f"{code} {name}"[:200],
        expected="one area for each code",
    )


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
