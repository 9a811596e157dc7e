"""Earthquake telegrams (VXSE51-53, 61, 62) to reports and intensities."""

from __future__ import annotations

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
from hinomi.domains.hazards.observe.ground import (
    at_least,
    check_code,
    happened_at,
    hypocentre,
    place_of,
    position,
    said_on,
)
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Complete, Interval, Record, instant
from hinomi.standards.jmaxml import seismology as codec
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.vocabulary.areas.codes import key_of

TYPES = ("VXSE51", "VXSE52", "VXSE53", "VXSE61", "VXSE62")

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
        _Intensities(telegram, payload, gazetteer, parsed).read(observed, report)
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

    def __init__(
        self, telegram: Telegram, payload: Payload, gazetteer: Gazetteer, parsed: Parsed
    ) -> None:
        self.telegram = telegram
        self.gazetteer = gazetteer
        self.cities = Areas(gazetteer, telegram, parsed.problems)
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
        place = self.place(kind, area.code, area.name, path)
        body = Intensity(
            event_id=self.telegram.head.event_id,
            measure=self.measure,
            area_kind=kind,
            area_code=area.code,
            area_name=area.name,
            prefecture=prefecture,
            intensity=area.max_int,
            at_least=_strongest(area, problems, f"{path}/{area.code}"),
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

    def place(self, kind: str, code: str, name: str, path: str) -> Geometry | None:
        """Return the municipality or 細分区域 on the map; prefectures are left to the page."""
        if kind == "city":
            return self.cities.place(code, name, path)
        problem = check_code(
            self.telegram, self.gazetteer, "seismic" if kind == "area" else "prefecture", code, name
        )
        if problem is not None:
            self.parsed.problems.append(problem)
        if kind == "prefecture":
            return None
        return self.gazetteer.place(key_of("seismic", code), said_on(self.telegram))

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


def _strongest(area: Any, problems: list[Problem], path: str) -> float | None:
    """Return the least that is known of an area: a value, or what is believed without one."""
    known = [at_least(said, problems, path) for said in (area.max_int, area.condition)]
    return max((value for value in known if value is not None), default=None)


def _repeated(code: str, name: str) -> Problem:
    return Problem(
        "jmaxml.repeated-area",
        "/Report/Body/Intensity/Observation",
        Text("同じ地域が2度あります。まとめました。", "This area occurs twice; joined."),
        "alarm",
        found=f"{code} {name}"[:200],
        expected="one area for each code",
    )
