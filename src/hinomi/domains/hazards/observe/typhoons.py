"""Typhoon analyses and forecasts (VPTW40-65) to ``hazards.typhoons``."""

from __future__ import annotations

from typing import Any

from hinomi.domains.hazards.collections.typhoons import TYPHOONS, Typhoon
from hinomi.domains.hazards.observe.completion import complete
from hinomi.domains.hazards.observe.shapes import circle, line
from hinomi.domains.hazards.observe.telegrams import SOURCE, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Interval, Record
from hinomi.standards.jmaxml import typhoons as codec
from hinomi.standards.jmaxml.envelope import Telegram

TYPES = ("VPTW40", "VPTW41", "VPTW50", "VPTW51", *(f"VPTW6{i}" for i in range(6)))

_SUPERSEDED = ("VPTW4", "VPTW5")
"""The forecasts for three and five days of before 2018: the newer ones win."""
_ENDED = ("消滅", "可能性が小さく", "域外")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_AREAS = {"暴風域": "storm", "強風域": "gale", "暴風警戒域": "storm-warning"}


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001
    """Return the analysis, each forecast, the wind areas and the track of the typhoon.

    Every telegram states all forecasts anew, so those of an earlier one that it no longer holds
    are over.
    """
    typhoon = codec.decode(telegram.body)
    parsed = Parsed(problems=list(typhoon.problems))
    making = _Making(telegram, payload, typhoon)
    if not making.event:
        parsed.problems.append(_nameless(telegram))
        return parsed
    if telegram.head.act == "cancel" and not typhoon.positions:
        parsed.records = [making.withdrawn()]
    else:
        parsed.records = making.records()
    if not parsed.records:
        parsed.problems.append(_no_analysis(telegram))
        return parsed
    parts = [r for r in parsed.records if "/" in r.key]
    covers = (f"{making.event}/*",)
    parsed.complete.append(complete(telegram, payload, TYPHOONS.id, covers, parts))
    return parsed


class _Making:
    """Makes the records of one telegram."""

    def __init__(self, telegram: Telegram, payload: Payload, typhoon: codec.Typhoon) -> None:
        self.telegram = telegram
        self.payload = payload
        self.typhoon = typhoon
        number = typhoon.number
        self.event = telegram.head.event_id or (f"T{number}" if number else "")
        self.in_force = not any(word in typhoon.remark for word in _ENDED)

    @property
    def called(self) -> tuple[str, str]:
        """Return what people call it: by its number and name, or as the depression that it is."""
        named = self.typhoon
        if named.number[-2:].isdecimal():
            kana = f"（{named.kana}）" if named.kana else ""
            number = str(int(named.number[-2:])).translate(_WIDE)
            return f"台風第{number}号{kana}", f"Typhoon {named.name} ({named.number})"
        return "熱帯低気圧", "Tropical depression"

    def records(self) -> list[Record]:
        analysis = next((p for p in self.typhoon.positions if p.hours == 0), None)
        if analysis is None:
            return []
        everything = self.typhoon.positions
        records = [
            self.record(self.event, "analysis", analysis, _center(analysis), positions=everything)
        ]
        ahead = [p for p in everything if p is not analysis]
        for p in ahead:
            name = f"+{p.hours}h" if p.hours is not None else p.label
            place = _circle(p) or _center(p)
            reach = _reach(p.circle)
            key = f"{self.event}/{name}"
            records.append(self.record(key, "forecast", p, place, radius_km=reach))
        records += self.wind_areas(analysis)
        points = [_position(p) for p in [analysis, *ahead]]
        track = line([p for p in points if p is not None])
        if track is not None:
            records.append(self.record(f"{self.event}/track", "track", analysis, track))
        return records

    def wind_areas(self, analysis: codec.Position) -> list[Record]:
        found = []
        center = _position(analysis)
        for area in analysis.wind_areas:
            place = circle(center, area.axes) if center else None
            if place is not None:
                part = _AREAS.get(area.type, area.type)
                key = f"{self.event}/{part}"
                reach = _reach(area.axes)
                found.append(self.record(key, part, analysis, place, radius_km=reach))
        return found

    def withdrawn(self) -> Record:
        return self.record(self.event, "analysis", codec.Position("", None), None)

    def record(
        self,
        key: str,
        part: str,
        at: codec.Position,
        place: Geometry | None,
        **more: Any,
    ) -> Record:
        head = self.telegram.head
        called, called_en = self.called
        body = Typhoon(
            part=part,
            event_id=head.event_id,
            name=self.typhoon.name,
            name_kana=self.typhoon.kana,
            number=self.typhoon.number,
            called=called,
            called_en=called_en,
            title=head.title,
            in_force=self.in_force and head.act != "cancel",
            remark=self.typhoon.remark,
            label=at.label,
            hours=at.hours,
            valid_at=at.time,
            location=at.location,
            typhoon_class=at.typhoon_class,
            area_class=at.area_class,
            intensity_class=at.intensity_class,
            direction=at.direction,
            speed_kmh=at.speed_kmh,
            speed_text=at.speed_text,
            pressure_hpa=at.pressure_hpa,
            max_wind_ms=at.max_wind_ms,
            gust_ms=at.gust_ms,
            telegram=self.telegram.type,
            serial=head.serial,
            info_type=head.info_type,
            office=self.telegram.control.publishing_office,
            **more,
        )
        start = at.time or head.target_at or head.reported_at
        superseded = self.telegram.type.startswith(_SUPERSEDED)
        return Record(
            collection=TYPHOONS.id,
            key=key,
            said_at=head.reported_at,
            body=body,
            source=SOURCE,
            when=Interval(start, start if part == "forecast" else None),
            place=place,
            origin=origin(self.payload, "/Report/Body/MeteorologicalInfos/MeteorologicalInfo"),
            marking=marking(self.telegram),
            serial=order(self.telegram),
            rank=-1 if superseded else 0,
            retracts=head.act == "cancel",
        )


def _position(at: codec.Position) -> tuple[float, float] | None:
    if at.longitude is None or at.latitude is None:
        return None
    return at.longitude, at.latitude


def _center(at: codec.Position) -> Geometry | None:
    found = _position(at)
    return point(*found) if found else None


def _circle(at: codec.Position) -> Geometry | None:
    found = _position(at)
    return circle(found, at.circle) if found else None


def _reach(axes: list[Any]) -> float | None:
    reaches = [a.reach_km for a in axes if a.reach_km is not None]
    return max(reaches) if reaches else None


def _nameless(telegram: Telegram) -> Problem:
    return Problem(
        "jmaxml.no-event",
        "/Report/Head/EventID",
        Text("台風を区別する番号がありません。", "Nothing tells which typhoon this is."),
        "alarm",
        found=telegram.head.title[:200],
        expected="EventID or TyphoonNamePart/Number",
    )


def _no_analysis(telegram: Telegram) -> Problem:
    return Problem(
        "jmaxml.no-analysis",
        "/Report/Body/MeteorologicalInfos",
        Text("実況の位置がありません。", "There is no analysed position."),
        "alarm",
        found=telegram.head.title[:200],
        expected="MeteorologicalInfo with DateTime type 実況",
    )
