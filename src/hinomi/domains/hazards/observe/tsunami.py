"""Tsunami telegrams (VTSE41, VTSE51, VTSE52) to ``hazards.tsunami``."""

from __future__ import annotations

from typing import Any

from hinomi.domains.hazards.collections.tsunami import (
    TSUNAMI,
    Part,
    QuakeRef,
    StationArrival,
    Tsunami,
    TsunamiKind,
)
from hinomi.domains.hazards.observe.ground import check_code, span
from hinomi.domains.hazards.observe.telegrams import SOURCE, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Complete, Record
from hinomi.standards.jmaxml import seismology as codec
from hinomi.standards.jmaxml import tsunami as parts
from hinomi.standards.jmaxml.coordinates import decode_position
from hinomi.standards.jmaxml.envelope import Telegram

TYPES = ("VTSE41", "VTSE51", "VTSE52")

KINDS: dict[str, tuple[TsunamiKind, int]] = {
    "00": ("none", 0),
    "50": ("none", 0),
    "60": ("none", 0),
    "51": ("warning", 3),
    "52": ("major_warning", 4),
    "53": ("major_warning", 4),
    "62": ("advisory", 2),
    "71": ("forecast", 1),
    "72": ("forecast", 1),
    "73": ("forecast", 1),
}
"""警報等情報要素／津波警報・注意報・予報: 50 and 60 release a warning and an advisory."""

ENDS: dict[str, tuple[Part, ...]] = {
    "VTSE41": ("warning",),
    "VTSE51": ("arrival", "observation"),
    "VTSE52": ("offshore", "estimate"),
}
"""What a withdrawn telegram of the type takes back."""


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return a record for each coast and station, and one for the telegram's texts.

    Coasts (津波予報区) are lines along the shore of which JMA's codes give no geometry.
    """
    body = codec.decode(telegram.body)
    parsed = Parsed(problems=list(body.problems))
    reading = _Reading(telegram, payload, gazetteer, parsed)
    reading.bulletin(body)
    said = body.tsunami or parts.Tsunami()
    if said.forecast is not None:
        part: Part = "warning" if telegram.type == "VTSE41" else "arrival"
        for item in said.forecast.item:
            reading.coast(part, item)
        reading.ends(part, said.forecast)
    for item in said.observation.item if said.observation else []:
        for station in item.station:
            reading.station(item.area, station)
    for item in said.estimation.item if said.estimation else []:
        reading.coast("estimate", item)
    if telegram.head.act == "cancel":
        reading.over(*ENDS[telegram.type])
    return parsed


class _Reading:
    """One telegram on its way to records."""

    def __init__(
        self, telegram: Telegram, payload: Payload, gazetteer: Gazetteer, parsed: Parsed
    ) -> None:
        self.telegram = telegram
        self.gazetteer = gazetteer
        self.payload = payload
        self.parsed = parsed
        self.events = telegram.head.event_id.split()

    def bulletin(self, body: codec.Seismology) -> None:
        head = self.telegram.head
        comments = body.comments or codec.Comments()
        warning = comments.warning_comment or codec.Comment()
        self.add(
            f"{head.event_id.replace(' ', '+')}/{self.telegram.type}",
            self.body(
                "bulletin",
                name=head.title,
                title=head.title,
                headline=head.headline,
                text=body.text,
                comment=warning.text,
                comment_codes=list(warning.codes()),
                free_text=comments.free_form_comment,
                quakes=[_quake(q) for q in body.earthquake],
            ),
            place=_place(body),
        )

    def coast(self, part: Part, item: parts.Item) -> None:
        fields: dict[str, Any] = {}
        if item.category is not None:
            fields = self.kind(item.area, item.category)
        released = fields.get("in_force") is False
        problem = check_code(
            self.telegram, self.gazetteer, "tsunami", item.area.code, item.area.name
        )
        if problem is not None:
            self.parsed.problems.append(problem)
        self.add(
            item.area.code,
            self.body(
                part,
                code=item.area.code,
                name=item.area.name,
                area_code=item.area.code,
                area_name=item.area.name,
                stations=[_arrival(s) for s in item.station],
                **fields,
                **_heights(item.first_height, item.max_height),
            ),
            ends=not released,
        )

    def kind(self, area: parts.Area, category: parts.Category) -> dict[str, Any]:
        kind = category.kind
        if kind.code not in KINDS:
            self.parsed.problems.append(
                Problem(
                    "jmaxml.unknown-kind",
                    f"/Report/Body/Tsunami/Forecast/{area.code}",
                    Text(
                        "知らない津波警報等の種別です。発表中とみなしました。",
                        "This kind of tsunami warning is not known; taken as in force.",
                    ),
                    "alarm",
                    found=f"{kind.code} {kind.name}"[:200],
                    expected=", ".join(KINDS),
                )
            )
        meaning, severity = KINDS.get(kind.code, (None, 3))
        return {
            "kind": meaning,
            "severity": severity,
            "in_force": severity > 0,
            "kind_name": kind.name,
            "kind_code": kind.code,
            "last_kind_name": category.last_kind.name,
            "last_kind_code": category.last_kind.code,
        }

    def station(self, area: parts.Area, station: parts.Station) -> None:
        part: Part = "offshore" if self.telegram.type == "VTSE52" else "observation"
        self.add(
            station.code,
            self.body(
                part,
                code=station.code,
                name=station.name,
                area_code=area.code,
                area_name=area.name,
                sensor=station.sensor,
                **_heights(station.first_height, station.max_height),
            ),
        )

    def ends(self, part: Part, said: parts.Detail) -> None:
        """Say what is over, since a forecast lists every coast where something is in force.

        With a new list of warnings the arrivals on coasts that it no longer holds are over too.
        """
        keys = {f"{part}/{item.area.code}" for item in said.item}
        covers = [f"{part}/*"]
        if part == "warning":
            standing = (i.area.code for i in said.item if _stands(i))
            keys |= {f"arrival/{code}" for code in standing}
            covers.append("arrival/*")
        self.complete(covers, sorted(keys))

    def over(self, *withdrawn: Part) -> None:
        self.complete([f"{part}/*" for part in withdrawn], [])

    def complete(self, covers: list[str], keys: list[str]) -> None:
        self.parsed.complete.append(
            Complete(
                collection=TSUNAMI.id,
                source=SOURCE,
                said_at=self.telegram.head.reported_at,
                covers=tuple(covers),
                keys=tuple(keys),
                marking=marking(self.telegram),
                origin=origin(self.payload),
            )
        )

    def body(self, part: Part, **fields: Any) -> Tsunami:
        head = self.telegram.head
        return Tsunami(
            part=part,
            telegram=self.telegram.type,
            event_id=self.events[0] if self.events else "",
            event_ids=self.events,
            info_type=head.info_type,
            serial=head.serial,
            **fields,
        )

    def add(
        self, code: str, body: Tsunami, *, place: Geometry | None = None, ends: bool = True
    ) -> None:
        head = self.telegram.head
        self.parsed.records.append(
            Record(
                collection=TSUNAMI.id,
                key=f"{body.part}/{code}",
                said_at=head.reported_at,
                serial=order(self.telegram),
                when=span(
                    head.reported_at, head.valid_until if ends else None, self.parsed.problems
                ),
                place=place,
                body=body,
                source=SOURCE,
                origin=origin(self.payload),
                marking=marking(self.telegram),
                retracts=head.act == "cancel",
            )
        )


def _stands(item: parts.Item) -> bool:
    return item.category is not None and KINDS.get(item.category.kind.code, (None, 3))[1] > 0


def _heights(first: parts.FirstHeight | None, most: parts.MaxHeight | None) -> dict[str, Any]:
    first = first or parts.FirstHeight()
    most = most or parts.MaxHeight()
    height = most.tsunami_height or parts.TsunamiHeight()
    conditions = [*most.condition.split(), *height.condition.split()]
    return {
        "arrival_at": first.arrival_time,
        "arrival_condition": first.condition,
        "arrival_revised": first.revise,
        "initial": first.initial,
        "height_m": height.value,
        "height_text": height.description,
        "height_condition": " ".join(dict.fromkeys(conditions)),
        "height_at": most.date_time,
        "height_revised": most.revise,
        "rising": "上昇中" in conditions,
    }


def _arrival(station: parts.Station) -> StationArrival:
    first = station.first_height or parts.FirstHeight()
    return StationArrival(
        code=station.code,
        name=station.name,
        high_tide_at=station.high_tide_date_time,
        arrival_at=first.arrival_time,
        arrival_condition=first.condition,
        arrival_revised=first.revise,
    )


def _quake(quake: codec.Earthquake) -> QuakeRef:
    area = quake.hypocenter.area if quake.hypocenter else None
    coordinate = area.coordinate[-1] if area and area.coordinate else codec.Coordinate()
    magnitude = quake.magnitude[-1] if quake.magnitude else codec.Magnitude()
    return QuakeRef(
        origin_time=quake.origin_time,
        hypocentre=area.name if area else "",
        position_text=coordinate.description,
        magnitude=magnitude.value,
        magnitude_text=magnitude.description,
    )


def _place(body: codec.Seismology) -> Geometry | None:
    """Return the first quake's epicentre."""
    for quake in body.earthquake:
        area = quake.hypocenter.area if quake.hypocenter else None
        for coordinate in area.coordinate if area else []:
            found = decode_position(coordinate.value)
            if found is not None:
                return point(found.longitude, found.latitude)
    return None
