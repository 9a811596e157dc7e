"""Volcano telegrams (VFVO50-60, VFSV) to ``hazards.volcanoes``."""

from __future__ import annotations

from typing import Any

from hinomi.domains.hazards.collections.volcanoes import (
    VOLCANOES,
    AreaRef,
    Volcano,
    VolcanoPart,
    Wind,
)
from hinomi.domains.hazards.observe.ground import check_code, place_of, span
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Complete, Interval, Record
from hinomi.standards.jmaxml import volcanology as codec
from hinomi.standards.jmaxml.coordinates import Position, decode_position, decode_positions
from hinomi.standards.jmaxml.envelope import Telegram

TYPES: dict[str, VolcanoPart] = {
    "VFVO50": "warning",
    "VFVO51": "commentary",
    "VFVO52": "eruption",
    "VFVO53": "ash-scheduled",
    "VFVO54": "ash-flash",
    "VFVO55": "ash-detailed",
    "VFVO56": "flash",
    "VFVO60": "plume",
    "VFSV": "sea-warning",
}
EVENTS = {"eruption", "flash", "plume"}
"""Parts of which each event is a thing of its own; of the others the newest holds."""

VOLCANO, SEA = "火山名", "地方海上予報区"
MUNICIPALITY = "気象・地震・火山情報／市町村等"
"""Code tables of Areas."""

NOT_IN_FORCE = {"04", "05", "11", "21", "33", "35", "45", "55", "65"}
"""Forecasts that nothing is expected, level 1 and its like, the end of an eruption."""

KINDS = {
    *("01", "02", "03", "04", "05", "06", "07", "08"),
    *("11", "12", "13", "14", "15", "21", "22", "23", "24", "25", "31", "33", "35", "36"),
    *("41", "42", "43", "44", "45", "46", "47", "48", "49"),
    *("51", "52", "53", "54", "55", "56", "61", "62", "63", "64", "65", "66"),
    *("70", "71", "72", "73", "74", "75", "91", "99"),
}
"""Code table 火山現象に関する種別."""


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return records for the volcanoes, municipalities, seas and falls of ash it speaks of."""
    body = codec.decode(telegram.body)
    parsed = Parsed(problems=list(body.problems))
    reading = _Reading(telegram, payload, gazetteer, parsed)
    reading.volcanoes(body)
    reading.places(body)
    for number, info in enumerate(body.ash_infos.ash_info if body.ash_infos else [], 1):
        reading.ash(number, info)
    reading.ends()
    return parsed


class _Reading:
    """One telegram on its way to records."""

    def __init__(
        self, telegram: Telegram, payload: Payload, gazetteer: Gazetteer, parsed: Parsed
    ) -> None:
        self.telegram = telegram
        self.gazetteer = gazetteer
        self.payload = payload
        self.areas = Areas(gazetteer, telegram, parsed.problems)
        self.parsed = parsed
        self.part = TYPES[telegram.type]
        # The volcano's code is the EventID, or follows the event's time in it.
        self.code = telegram.head.event_id.rpartition("_")[2]
        self.name = ""
        self.place: Geometry | None = None
        self.withdrawn = telegram.head.act == "cancel"

    @property
    def base(self) -> str:
        """Return the key below which all of this part lies."""
        event = f"/{self.telegram.head.event_id}" if self.part in EVENTS else ""
        return f"{self.code}/{self.part}{event}"

    def volcanoes(self, body: codec.Volcanology) -> None:
        """Give the telegram's own record, and the level of each volcano that it names."""
        named = [
            (info, item, area)
            for info in body.volcano_info
            for item in info.item
            if item.areas.code_type == VOLCANO
            for area in item.areas.area
        ]
        several = len(named) > 1
        first = named[0] if named and not several else None
        if first is not None:
            self.code, self.name = first[2].code, first[2].name
            self.place = place_of(_position(first[2], self.parsed.problems))
        fields = self.kind(first[1]) if first else {}
        position = _position(first[2], []) if first else None
        self.add(
            self.base,
            Interval(self.telegram.head.target_at or self.telegram.head.reported_at, None)
            if self.part not in EVENTS
            else self.moment(first[1] if first else None),
            self.place,
            about="volcano" if first else "text",
            crater=first[2].crater_name if first else "",
            height_m=position.height_m if position else None,
            **fields,
            **_texts(body),
            **_event(first[1] if first else None, body.volcano_observation),
        )
        if self.telegram.type in {"VFVO50", "VFVO51"} and not self.withdrawn:
            for _, item, area in named:
                self.level(item, area)
        elif self.telegram.type == "VFVO50":
            self.add(f"{self.code}/level", self.lasting(), None, about="volcano", part="level")

    def level(self, item: codec.Item, area: codec.Area) -> None:
        problem = check_code(self.telegram, self.gazetteer, "volcano", area.code, area.name)
        if problem is not None:
            self.parsed.problems.append(problem)
        position = _position(area, self.parsed.problems)
        self.add(
            f"{area.code}/level",
            self.lasting(),
            place_of(position),
            # Of one minute the warning comes before the commentary on it.
            bonus=int(self.telegram.type == "VFVO50"),
            about="volcano",
            part="level",
            volcano_code=area.code,
            volcano_name=area.name,
            area_code=area.code,
            area_name=area.name,
            height_m=position.height_m if position else None,
            **self.kind(item),
        )

    def places(self, body: codec.Volcanology) -> None:
        """Give what is said of municipalities and seas: one record for each, with both its kinds.

        Ash forecasts name several kinds for one municipality; there each kind is a record.
        """
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for info in body.volcano_info:
            for item in info.item:
                if item.areas.code_type in {MUNICIPALITY, SEA}:
                    for area in item.areas.area:
                        self.fields_of(info, item, area, found)
                elif item.areas.code_type != VOLCANO:
                    self.parsed.problems.append(_unknown_table(item.areas.code_type))
        for key, (table, fields) in found.items():
            sea = table == SEA
            code, name = fields["area_code"], fields["area_name"]
            place = None if sea else self.areas.place(code, name, "/Report/Body/VolcanoInfo")
            self.add(key, self.lasting(), place, about="sea" if sea else "municipality", **fields)

    def fields_of(
        self,
        info: codec.VolcanoInfo,
        item: codec.Item,
        area: codec.Area,
        found: dict[str, tuple[str, dict[str, Any]]],
    ) -> None:
        key = f"{self.base}/area/{area.code}"
        key += f"/{item.kind.code}" if self.part.startswith("ash") else ""
        fields = found.setdefault(key, (item.areas.code_type, {}))[1]
        fields |= {"area_code": area.code, "area_name": area.name}
        if "防災対応" in info.type:
            fields["action"] = item.kind.name
            fields["action_code"] = item.kind.code
            fields["action_condition"] = item.kind.condition
            self.check(item.kind.code, item.kind.name)
        else:
            fields |= self.kind(item)

    def ash(self, number: int, info: codec.AshInfo) -> None:
        when = span(info.start_time, info.end_time, self.parsed.problems)
        for item in info.item:
            said = item.kind.property or codec.Property()
            size = said.size or codec.Quantity()
            direction = said.plume_direction or codec.Words()
            self.add(
                f"{self.base}/ash/{number}/{item.kind.code}",
                when,
                self.fall(said),
                about="ash",
                step=info.type,
                size=size.value,
                size_unit=size.unit,
                reach_km=said.distance.value if said.distance else None,
                direction=direction.description or direction.value,
                text=said.remark,
                areas=[AreaRef(code=a.code, name=a.name) for a in item.areas.area],
                **self.kind(item),
            )

    def fall(self, said: codec.Property) -> Geometry | None:
        """Return the area under the ash; a ring that cannot be drawn is a problem."""
        rings = []
        for outline in said.polygon:
            ring = [[p.longitude, p.latitude] for p in decode_positions(outline.value)]
            if ring and ring[0] != ring[-1]:
                ring.append(ring[0])
            if len(ring) < 4:
                self.parsed.problems.append(_bad_ring(outline.value))
            else:
                rings.append([ring])
        if len(rings) == 1:
            return {"type": "Polygon", "coordinates": rings[0]}
        return {"type": "MultiPolygon", "coordinates": rings} if rings else None

    def kind(self, item: codec.Item) -> dict[str, Any]:
        kind, last = item.kind, item.last_kind or codec.Kind("")
        self.check(kind.code, kind.name)
        level = int(kind.code[1]) if kind.code in {"11", "12", "13", "14", "15"} else None
        return {
            "kind": kind.name,
            "kind_code": kind.code,
            "condition": kind.condition,
            "last_kind": last.name,
            "last_kind_code": last.code,
            "alert_level": level,
            "keyword": kind.name.partition("（")[2].removesuffix("）") if level else "",
            "in_force": kind.code not in NOT_IN_FORCE and kind.condition != "解除",
        }

    def check(self, code: str, name: str) -> None:
        if code not in KINDS:
            self.parsed.problems.append(
                Problem(
                    "jmaxml.unknown-kind",
                    "/Report/Body/VolcanoInfo",
                    Text("知らない種別です。", "This kind of volcanic statement is not known."),
                    "alarm",
                    found=f"{code} {name}"[:200],
                    expected="火山関連コード表",
                )
            )

    def ends(self) -> None:
        """Say what is over: a telegram names all places and falls of its part."""
        if self.part in {"commentary", "plume"} and not self.withdrawn:
            return
        self.parsed.complete.append(
            Complete(
                collection=VOLCANOES.id,
                source=SOURCE,
                said_at=self.telegram.head.reported_at,
                covers=(f"{self.base}/*",),
                keys=() if self.withdrawn else tuple(r.key for r in self.parsed.records),
                marking=marking(self.telegram),
                origin=origin(self.payload),
            )
        )

    def lasting(self) -> Interval:
        head = self.telegram.head
        return span(head.target_at or head.reported_at, head.valid_until, self.parsed.problems)

    def moment(self, item: codec.Item | None) -> Interval:
        happened = _happened(item)
        at = happened.value if happened and happened.value else self.telegram.head.target_at
        return Interval(at, at)

    def add(
        self, key: str, when: Interval, place: Geometry | None, *, bonus: int = 0, **fields: Any
    ) -> None:
        head = self.telegram.head
        about: dict[str, Any] = {
            "part": self.part,
            "telegram": self.telegram.type,
            "volcano_code": self.code,
            "volcano_name": self.name,
            "event_id": head.event_id,
            "title": head.title,
            "headline": head.headline,
            "info_type": head.info_type,
            "serial": head.serial,
        }
        self.parsed.records.append(
            Record(
                collection=VOLCANOES.id,
                key=key,
                said_at=head.reported_at,
                serial=order(self.telegram) * 2 + bonus,
                when=when,
                place=place,
                body=Volcano(**(about | fields)),
                source=SOURCE,
                origin=origin(self.payload),
                marking=marking(self.telegram),
                retracts=self.withdrawn,
            )
        )


def _texts(body: codec.Volcanology) -> dict[str, Any]:
    said = body.volcano_info_content or codec.VolcanoInfoContent()
    texts = (body.text, said.text, said.other_info, body.notice)
    return {
        "activity": said.volcano_activity,
        "prevention": said.volcano_prevention,
        "next_advisory": said.next_advisory,
        "appendix": said.appendix,
        "text": "\n".join(t for t in texts if t),
    }


def _happened(item: codec.Item | None) -> codec.EventDateTime | None:
    return item.event_time.event_date_time if item and item.event_time else None


def _event(item: codec.Item | None, seen: codec.VolcanoObservation | None) -> dict[str, Any]:
    """Return when it erupted, the plume and the wind, as far as the telegram has them."""
    seen = seen or codec.VolcanoObservation()
    happened = _happened(item)
    if happened is None and seen.event_time is not None:
        happened = seen.event_time.event_date_time
    happened = happened or codec.EventDateTime()
    plume = seen.color_plume or seen.white_plume or codec.Plume()
    above = plume.plume_height_above_crater or codec.Quantity()
    sea = plume.plume_height_above_sea_level or codec.Quantity()
    direction = plume.plume_direction or codec.Words()
    winds = seen.wind_above_crater.wind_above_crater_elements if seen.wind_above_crater else []
    return {
        "happened_at": happened.value,
        "happened_about": happened.dubious,
        "plume_above_crater_m": above.value,
        "plume_above_sea_ft": sea.value,
        "plume_direction": direction.value,
        "plume_condition": above.condition,
        "observation": "\n".join(t for t in (plume.plume_comment, seen.other_observation) if t),
        "winds": [
            Wind(
                height_ft=_value(w.wind_height_above_sea_level),
                degrees=_value(w.wind_degree),
                knots=_value(w.wind_speed),
            )
            for w in winds
        ],
    }


def _value(quantity: codec.Quantity | None) -> float | None:
    return quantity.value if quantity else None


def _position(area: codec.Area, problems: list[Problem]) -> Position | None:
    """Return the crater's position, or the volcano's."""
    for coordinate in (area.crater_coordinate, area.coordinate):
        if coordinate is not None and coordinate.value:
            found = decode_position(coordinate.value)
            if found is not None:
                return found
            problems.append(
                Problem(
                    "jmaxml.position",
                    "/Report/Body/VolcanoInfo/Item/Areas/Area/Coordinate",
                    Text("位置として読めません。", "This is no position."),
                    "alarm",
                    found=coordinate.value[:80],
                    expected="+3624.38+13831.38+2568/ (ISO 6709)",
                )
            )
    return None


def _bad_ring(found: str) -> Problem:
    return Problem(
        "jmaxml.position",
        "/Report/Body/AshInfos/AshInfo/Item/Kind/Property/Polygon",
        Text("範囲として描けません。", "This ring cannot be drawn."),
        "alarm",
        found=found[:200],
        expected="at least 4 positions, ISO 6709",
    )


def _unknown_table(found: str) -> Problem:
    return Problem(
        "jmaxml.unknown-code-type",
        "/Report/Body/VolcanoInfo/Item/Areas/@codeType",
        Text("知らないコード表です。", "This code table is not known; its areas are not read."),
        "alarm",
        found=found[:200],
        expected=f"{VOLCANO}, {MUNICIPALITY}, {SEA}",
    )
