"""What the hazards say, as CAP: weather, levels, floods, tsunami, quakes, volcanoes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from hinomi.domains.hazards.share import cap_table as table
from hinomi.domains.hazards.share.cap_table import Grade
from hinomi.kernel.errors import Text
from hinomi.kernel.records import Stored
from hinomi.standards.cap import alert as c
from hinomi.standards.cap import shapes
from hinomi.standards.cap.thread import Draw, Outline, expires
from hinomi.vocabulary.areas.codes import FORECAST, MUNICIPAL, Kind, ever
from hinomi.vocabulary.english import area_in_english, river_in_english
from hinomi.vocabulary.hazards import HAZARDS
from hinomi.vocabulary.levels import LEVELS

JMA = Text("気象庁", "Japan Meteorological Agency")
AREA = "jma:area"
"""``valueName`` of JMA's area codes (気象庁防災情報XML コード表)."""
TOWN = "jisx0402"
"""``valueName`` of the five-digit code of municipalities."""
QUAKE_STANDS = timedelta(hours=6)
"""How long a quake that is over is news: ours."""
EPICENTRE_KM = 5.0
"""Receivers want no circle of radius 0; an epicentre is good to about 0.1 degrees."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One event in both languages."""

    event: Text
    headline: Text
    description: Text
    instruction: Text = Text("", "")
    grade: Grade
    categories: tuple[str, ...] = ("Met",)
    codes: tuple[c.Pair, ...] = ()
    parameters: tuple[c.Pair, ...] = ()
    area: Text
    geocodes: tuple[c.Pair, ...] = ()
    in_force: bool = True
    point: bool = True
    """The place stands for the area; of an early warning it is only where the quake is."""


def outline(stored: Stored, told: Told) -> Outline:
    """Return what is told as CAP's infos, Japanese first."""
    place = stored.place()
    circles: tuple[c.Circle, ...] = ()
    if told.point and place is not None and place["type"] == "Point":
        longitude, latitude = place["coordinates"][:2]
        circles = (c.Circle(longitude, latitude, EPICENTRE_KM),)
    end = stored.when.end
    if end == stored.when.start and end is not None:
        end += QUAKE_STANDS
    infos = tuple(
        c.Info(
            language=tag,
            categories=told.categories,
            event=told.event.to(tag),
            responses=told.grade.responses,
            urgency=told.grade.urgency,
            severity=told.grade.severity,
            certainty=told.grade.certainty,
            event_codes=told.codes,
            effective=stored.said_at,
            onset=_onset(stored),
            expires=expires(end, stored.said_at),
            sender_name=JMA.to(tag),
            headline=told.headline.to(tag),
            description=told.description.to(tag),
            instruction=told.instruction.to(tag),
            parameters=(*told.parameters, c.Pair("source", stored.source)),
            areas=(
                c.Area(
                    description=told.area.to(tag) or told.area.ja,
                    polygons=shapes.rings(place),
                    circles=circles,
                    geocodes=told.geocodes,
                ),
            ),
        )
        for tag in ("ja-JP", "en-US")
    )
    return Outline(infos, told.in_force)


def _onset(stored: Stored) -> Any:
    start, end = stored.when.start, stored.when.end
    # A receiver drops what expires before it begins.
    return start if start is not None and (end is None or start <= end) else None


def warning(stored: Stored) -> Outline | None:
    """Return a weather warning of an area."""
    body = stored.body()
    hazard = HAZARDS.get(body["hazard"], HAZARDS["other"])
    level = body["level"]
    name = body["kind_name"] or f"{hazard.ja}(発表なし)"
    known = LEVELS[level].name.en if level else "lifted"
    notes = "。".join(n for n in (body["headline"], body["notice"], *body["notes"]) if n)
    return outline(
        stored,
        Told(
            event=Text(name, f"{hazard.en}: {known}"),
            headline=Text(
                f"{body['area_name']} {name} {body['phase_name']}".strip(),
                f"{_area(body).en}: {hazard.en}, {known}",
            ),
            description=Text(
                notes, f"{hazard.en.capitalize()}; {known}. (JMA's text is Japanese.)"
            ),
            instruction=LEVELS[level].asks,
            grade=table.LEVELS.get(level, table.LEVELS[1]),
            categories=table.CATEGORIES.get(body["hazard"], ("Met",)),
            codes=(c.Pair("jma:kind", body["kind_code"]),) if body["kind_code"] else (),
            parameters=(c.Pair("jma:level", str(level)),),
            area=_area(body),
            geocodes=codes_of(body["area_code"], town=body["area_kind"] == "municipality"),
            in_force=body["in_force"],
        ),
    )


def alert_level(stored: Stored) -> Outline | None:
    """Return a municipality's highest level."""
    body = stored.body()
    level = body["level"]
    names = "、".join(dict.fromkeys(k["kind_name"] for k in body["in_force"]))
    hazards = ", ".join(
        dict.fromkeys(HAZARDS[k["hazard"]].en for k in body["in_force"] if k["hazard"] in HAZARDS)
    )
    area = Text(body["area_name"], body["area_name_en"] or body["area_name"])
    called = LEVELS[level].name
    return outline(
        stored,
        Told(
            event=Text(f"警戒{called.ja}相当", called.en),
            headline=Text(f"{area.ja} {called.ja}", f"{area.en}: {called.en}"),
            description=Text(names, hazards),
            instruction=LEVELS[level].asks,
            grade=table.LEVELS.get(level, table.LEVELS[1]),
            parameters=(c.Pair("jma:level", str(level)),),
            area=area,
            geocodes=codes_of(body["area_code"], town=True),
            in_force=level > 0,
        ),
    )


def tsunami(stored: Stored) -> Outline | None:
    """Return what is in force on a coast; arrivals and observations are no alerts."""
    body = stored.body()
    if body["part"] != "warning":
        return None
    kind = body["kind"] or "warning"
    none = kind == "none"
    name = Text("津波警報等の解除", "Tsunami warning lifted") if none else table.TSUNAMI_NAMES[kind]
    height = body["height_text"]
    words = [w for w in (body["headline"], body["arrival_condition"]) if w]
    words += [f"予想される高さ {height}"] if height else []
    arrival = body["arrival_at"]
    coast = _named("tsunami", body["area_code"], body["area_name"])
    return outline(
        stored,
        Told(
            event=Text(body["kind_name"] or name.ja, name.en),
            headline=Text(
                f"{body['area_name']} {body['kind_name'] or name.ja}", f"{coast.en}: {name.en}"
            ),
            description=Text("。".join(words), f"{name.en}."),
            instruction=_FLEE if kind in {"major_warning", "warning"} else Text("", ""),
            grade=table.TSUNAMI.get(kind, table.TSUNAMI["forecast"]),
            categories=table.EARTH,
            codes=(c.Pair("jma:kind", body["kind_code"]),) if body["kind_code"] else (),
            parameters=(c.Pair("jma:arrival", str(arrival)),) if arrival else (),
            area=coast,
            geocodes=(c.Pair("jma:tsunami-area", body["area_code"]),),
            in_force=body["in_force"] is not False,
        ),
    )


_FLEE = Text(
    "沿岸部や川沿いにいる人はただちに高台や避難ビルなど安全な場所へ避難してください。",
    "Leave the coast and riverbanks at once for high ground or an evacuation building.",
)
"""JMA's own call with a warning (地震火山関連コード表, 固定付加文 0122)."""


def quake(stored: Stored) -> Outline | None:
    """Return an earthquake: what has happened, with its tsunami word."""
    body = stored.body()
    least = body["max_intensity_at_least"]
    grade = next(g for at, g in table.INTENSITIES if (least or 0.0) >= at)
    size = body["magnitude_text"] or ("" if body["magnitude"] is None else f"M{body['magnitude']}")
    most = body["max_intensity"]
    where = _hypocentre(body)
    parameters = [("jma:event", body["event_id"]), ("magnitude", str(body["magnitude"] or ""))]
    parameters += [("depth_km", str(body["depth_km"]))] if body["depth_km"] is not None else []
    parameters += [("jma:max-intensity", most)] if most else []
    return outline(
        stored,
        Told(
            event=Text("地震", "Earthquake"),
            headline=Text(
                f"地震 {where.ja} {size}" + (f" 最大震度{most}" if most else ""),
                f"Earthquake, {where.en}, {size}" + (f", JMA intensity {most}" if most else ""),
            ),
            description=Text(
                f"{body['headline']}{body['tsunami_text']}", _SEA.get(body["tsunami"], "")
            ),
            grade=grade,
            categories=table.EARTH,
            parameters=tuple(c.Pair(n, v) for n, v in parameters if v),
            area=where,
        ),
    )


_SEA = {
    "warning": "Tsunami warnings are in force.",
    "checking": "Whether there is a tsunami is being checked.",
    "possible": "A tsunami is possible.",
    "slight": "Slight sea-level change, no danger of damage.",
    "none": "No danger of a tsunami.",
}


def eew(stored: Stored) -> Outline | None:
    """Return an earthquake early warning (警報); forecasts and JMA's tests are no public alerts."""
    body = stored.body()
    if not body["warned"]:
        return None
    strong = (body["max_at_least"] or 0) >= 5.5
    areas = [a for a in body["areas"] if a["kind_code"][:1] == "1"]
    where = _hypocentre(body)
    named = Text(
        "、".join(a["name"] for a in areas) or where.ja,
        ", ".join(_named("seismic", a["code"], a["name"]).en for a in areas) or where.en,
    )
    return outline(
        stored,
        Told(
            event=Text("緊急地震速報(警報)", "Earthquake early warning"),
            headline=Text(
                f"緊急地震速報 {where.ja}で地震 強い揺れに警戒",
                f"Earthquake early warning: {where.en}; strong shaking expected",
            ),
            description=Text(body["headline"], f"Report {body['serial']}."),
            instruction=Text("身の安全を守ってください。", "Drop, cover, and hold on."),
            grade=Grade("Immediate", "Extreme" if strong else "Severe", "Likely", ("Shelter",)),
            categories=table.EARTH,
            parameters=(c.Pair("jma:event", body["event_id"]),),
            area=named,
            geocodes=tuple(c.Pair("jma:seismic-area", a["code"]) for a in areas),
            point=False,
        ),
    )


def flood(stored: Stored) -> Outline | None:
    """Return a flood forecast of a river."""
    body = stored.body()
    level = body["level"] or 3
    river = Text(body["river_name"], river_in_english(body["river_name"], body["river_code"]))
    return outline(
        stored,
        Told(
            event=Text(body["kind"], "River flood forecast"),
            headline=Text(
                f"{body['river_name']} {body['kind']}",
                f"{river.en}: {LEVELS[level].name.en} (river flood)",
            ),
            description=Text(body["headline"], f"Alert level {level}."),
            instruction=LEVELS[level].asks,
            grade=table.LEVELS[level],
            parameters=(c.Pair("jma:level", str(level)),),
            area=river,
            geocodes=(c.Pair("jma:river", body["river_code"]),),
            in_force=body["in_force"],
        ),
    )


def volcano(stored: Stored) -> Outline | None:
    """Return a volcano's alert level in force, or an eruption just seen; no forecast of ash."""
    body = stored.body()
    if body["part"] not in {"level", "flash"} or body["about"] != "volcano":
        return None
    flash = body["part"] == "flash"
    level = body["alert_level"] or (2 if body["in_force"] else 1)
    grade = Grade("Immediate", "Severe", "Observed", ("Shelter",)) if flash else None
    mountain = _named("volcano", body["volcano_code"], body["volcano_name"])
    said = Text("噴火速報", "Eruption") if flash else Text("噴火警報・予報", "Volcanic warning")
    return outline(
        stored,
        Told(
            event=said,
            headline=Text(
                f"{body['volcano_name']} {body['kind'] or said.ja}",
                f"{mountain.en}: {said.en}" + ("" if flash else f", level {level}"),
            ),
            description=Text(body["headline"] or body["action"], f"{said.en}."),
            grade=grade or table.VOLCANO.get(level, table.LEVELS[1]),
            categories=table.EARTH,
            parameters=() if flash else (c.Pair("jma:volcanic-alert-level", str(level)),),
            area=mountain,
            geocodes=(c.Pair("jma:volcano", body["volcano_code"]),),
            in_force=flash or (body["in_force"] and level > 1),
        ),
    )


def codes_of(code: str, *, town: bool) -> tuple[c.Pair, ...]:
    """Return an area's codes; of a municipality also the five digits that the state uses."""
    pairs = (c.Pair(AREA, code),) if code else ()
    return (*pairs, c.Pair(TOWN, code[:5])) if town and len(code) == 7 else pairs


def _named(kind: Kind, code: str, name: str) -> Text:
    """Return an area's name in both languages, by JMA's table."""
    return Text(name, area_in_english(kind, name, code))


def _area(body: dict[str, Any]) -> Text:
    """Return the name of a forecast area or municipality."""
    name, code = body["area_name"], body["area_code"]
    known = (ever(code, kind) for kind in (*FORECAST, *MUNICIPAL))
    return Text(name, next((e.name_en for e in known if e is not None and e.name_en), name))


def _hypocentre(body: dict[str, Any]) -> Text:
    name = body["hypocentre"]
    if not name:
        return Text("震源調査中", "hypocentre under investigation")
    return _named("hypocentre", body.get("hypocentre_code", ""), name)


KINDS: dict[str, Draw] = {
    "hazards.warnings": warning,
    "hazards.levels": alert_level,
    "hazards.tsunami": tsunami,
    "hazards.quakes": quake,
    "hazards.eew": eew,
    "hazards.floods": flood,
    "hazards.volcanoes": volcano,
}
"""Collection -> how its statements are said."""
