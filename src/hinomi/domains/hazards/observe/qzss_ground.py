"""Satellite reports of the ground: early warnings, hypocentres, intensities, tsunami, volcanoes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hinomi.domains.hazards.collections.quakes import (
    EEW,
    INTENSITIES,
    QUAKE_REPORTS,
    Eew,
    EewArea,
    Intensity,
    QuakeReport,
    TsunamiWord,
)
from hinomi.domains.hazards.collections.tsunami import TSUNAMI, Tsunami, TsunamiKind
from hinomi.domains.hazards.collections.volcanoes import VOLCANOES, AreaRef, Volcano
from hinomi.domains.hazards.observe.qzss_shared import INFO, Reader, Stating, minute
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.records import Interval, instant
from hinomi.vocabulary.areas.codes import key_of

PREFIX = "qzss-"
"""Of events that only the satellite has named."""
EEW_STANDS = timedelta(minutes=3)
"""As of JMA's own early warnings (see eew.py)."""

_INTENSITY = {"5弱": "5-", "5強": "5+", "6弱": "6-", "6強": "6+"}
_LEAST = {"0": 0.0, "1": 0.5, "2": 1.5, "3": 2.5, "4": 3.5, "5-": 4.5, "5+": 5.0, "6-": 5.5,
          "6+": 6.0, "7": 6.5}  # fmt: skip
"""気象庁震度階級表: the least instrumental intensity of each class."""
_WORDS: dict[int, TsunamiWord] = {
    201: "warning",
    217: "checking",
    229: "checking",
    216: "possible",
    212: "slight",
    213: "slight",
    214: "slight",
    203: "none",
    215: "none",
    230: "none",
}
"""Notifications (Table 4.1.2-6) are JMA's additional comments, 0-padded to four digits there."""
_TSUNAMI: dict[int, tuple[TsunamiKind, int]] = {
    1: ("none", 0),
    2: ("none", 0),
    3: ("warning", 3),
    4: ("major_warning", 4),
    5: ("major_warning", 4),
}
"""Table 4.1.2-22 (Dw)."""
_HEIGHTS = {2: 1.0, 3: 3.0, 4: 5.0, 5: 10.0}
"""Table 4.1.2-23 (Th) [m]; the others are words."""


def _class(text: str) -> tuple[str, float | None]:
    plain = text.removeprefix("震度")
    name = _INTENSITY.get(plain, plain)
    return name, _LEAST.get(name)


def _event(at: datetime) -> str:
    return f"{PREFIX}{minute(at)}"


def _origin_time(stating: Stating) -> datetime:
    """Return when the earth shook; of codes that are no time, when it was reported."""
    at: datetime | None = stating.stated["occurrence_time_of_earthquake"]
    if at is None:
        stating.alarm(
            "qzss.no-time",
            str(stating.stated.get("occurrence_time_of_earthquake_raw", "")),
            "地震の発生時刻が読めません。発表時刻で代えました。",
            "The time of the quake cannot be read; taken as when it was reported.",
        )
    return at or stating.report.reported_at


def _number(text: str) -> float | None:
    try:
        return float(text.removesuffix("km"))
    except ValueError:
        return None


def _place(stated: dict[str, Any]) -> Geometry | None:
    raw = stated.get("coordinates_of_hypocenter_raw")
    if not raw:
        return None
    degrees = [raw[f"{a}_d"] + raw[f"{a}_m"] / 60 + raw[f"{a}_s"] / 3600 for a in ("lon", "lat")]
    longitude = -degrees[0] if raw["lon_ew"] else degrees[0]
    latitude = -degrees[1] if raw["lat_ns"] else degrees[1]
    return point(round(longitude, 4), round(latitude, 4))


def _hypocentre(stating: Stating) -> dict[str, Any]:
    stated = stating.stated
    at = _origin_time(stating)
    magnitude = stated.get("magnitude", "")
    return {
        "event_id": _event(at),
        "hypocentre": stated.get("seismic_epicenter", ""),
        "hypocentre_code": str(stated.get("seismic_epicenter_raw", "")),
        "magnitude": _number(magnitude),
        "magnitude_text": f"M{magnitude}" if magnitude else "",
        "depth_km": _number(stated.get("depth_of_hypocenter", "")),
        "origin_time": at,
        "position_text": stated.get("coordinates_of_hypocenter", ""),
    }


def _notes(stating: Stating) -> str:
    return "\n".join(stating.stated.get("notifications_on_disaster_prevention", []))


def hypocentre(stating: Stating) -> None:
    """State 震源・震源情報 as a report of the quake."""
    found = _hypocentre(stating)
    codes = stating.stated.get("notifications_on_disaster_prevention_raw", [])
    word = next((_WORDS[code] for code in codes if code in _WORDS and code != 201), None)
    body = QuakeReport(
        telegram="VXSE52",
        title="震源に関する情報(衛星)",
        headline=_notes(stating),
        info_type=INFO[stating.report.act],
        tsunami=word,
        comment=_notes(stating),
        comment_codes=[f"{code:04}" for code in codes],
        text=stating.report.text,
        **found,
    )
    when = instant(found["origin_time"])
    place = _place(stating.stated)
    stating.add(QUAKE_REPORTS, f"{found['event_id']}/VXSE52", body, when=when, place=place)


def intensity(stating: Stating) -> None:
    """State 震度 by prefecture, and the greatest as a report of the quake."""
    stated = stating.stated
    at = _origin_time(stating)
    event, when = _event(at), instant(at)
    classes = [_class(text) for text in stated["seismic_intensities"]]
    most = max(classes, key=lambda c: c[1] or 0, default=("", None))
    body = QuakeReport(
        event_id=event,
        origin_time=at,
        telegram="VXSE51",
        title="震度速報(衛星)",
        headline="",
        info_type=INFO[stating.report.act],
        max_intensity=most[0],
        max_intensity_at_least=most[1],
        text=stating.report.text,
    )
    stating.add(QUAKE_REPORTS, f"{event}/VXSE51", body, when=when)
    areas = zip(stated["prefectures"], stated["prefectures_raw"], classes, strict=True)
    for name, raw, (shown, least) in areas:
        area = Intensity(
            area_name=name,
            prefecture=name,
            intensity=shown,
            at_least=least,
            event_id=event,
            measure="intensity",
            area_kind="prefecture",
            area_code=f"{raw:02}",
            telegram="VXSE51",
        )
        stating.add(INTENSITIES, f"{event}/intensity/{raw:02}", area, when=when)


def early_warning(stating: Stating) -> None:
    """State 緊急地震速報: the satellite sends warnings (警報) only."""
    stated = stating.stated
    found = _hypocentre(stating)
    low, least = _class(stated["seismic_intensity_lower_limit"])
    high = stated["seismic_intensity_upper_limit"]
    high = "over" if stated["seismic_intensity_upper_limit_raw"] == 11 else _class(high)[0]
    pairs = zip(stated["eew_forecast_regions"], stated["eew_forecast_regions_raw"], strict=True)
    areas = [
        EewArea(
            code=str(raw),
            name=name,
            prefecture="",
            kind="緊急地震速報(警報)",
            kind_code="10",
            intensity_from=low,
            intensity_to=high,
        )
        for name, raw in pairs
    ]
    body = Eew(
        kind="warning",
        telegram="DCR",
        serial=0,
        final=False,
        warned=True,
        headline=f"{found['hypocentre']}で地震 {'・'.join(a.name for a in areas)}で強い揺れ",
        info_type=INFO[stating.report.act],
        max_from=low,
        max_to=high,
        max_at_least=least,
        comment=_notes(stating),
        text=stating.report.text,
        areas=areas,
        quake_condition="仮定震源要素" if stated.get("assumptive") else "",
        **found,
    )
    at = stating.report.reported_at
    stands = Interval(min(at, found["origin_time"]), at + timedelta(minutes=1) + EEW_STANDS)
    stating.add(EEW, f"{found['event_id']}/warning", body, when=stands)


def tsunami(stating: Stating) -> None:
    """State what is in force on each coast that the report lists, by JMA's codes of coasts."""
    stated = stating.stated
    code = stated["tsunami_warning_code_raw"]
    if code not in _TSUNAMI:
        stating.alarm(
            "qzss.unknown-kind",
            f"{code} {stated['tsunami_warning_code']}",
            "知らない津波警報等です。発表中とみなしました。",
            "This kind of tsunami warning is not known; taken as in force.",
        )
    kind, severity = _TSUNAMI.get(code, (None, 3))
    rows = zip(
        stated["tsunami_forecast_regions"],
        stated["tsunami_forecast_regions_raw"],
        stated["tsunami_heights"],
        stated["tsunami_heights_raw"],
        stated["expected_tsunami_arrival_times"],
        strict=True,
    )
    for name, raw, height, height_raw, arrival in rows:
        body = Tsunami(
            part="warning",
            telegram="DCR",
            event_id="",
            code=str(raw),
            name=name,
            area_code=str(raw),
            area_name=name,
            kind=kind,
            kind_name=stated["tsunami_warning_code"],
            severity=severity,
            in_force=severity > 0,
            arrival_at=arrival,
            height_m=_HEIGHTS.get(height_raw),
            height_text=height,
            title="津波(衛星)",
            headline=f"{stated['tsunami_warning_code']}を発表しました。",
            info_type=INFO[stating.report.act],
            text=stating.report.text,
            comment=_notes(stating),
        )
        stating.add(TSUNAMI, f"warning/{raw}", body)


def volcano(stating: Stating) -> None:
    """State a volcano's level, or an eruption."""
    stated = stating.stated
    code = stated["volcanic_warning_code_raw"]
    name, number = stated["volcano_name"], str(stated["volcano_name_raw"])
    flash = code in {52, 62}
    level = code - 10 if 11 <= code <= 15 else None
    at = stated.get("activity_time") or stating.report.reported_at
    pairs = zip(stated["local_governments"], stated["local_governments_raw"], strict=True)
    body = Volcano(
        part="flash" if flash else "level",
        about="volcano",
        telegram="DCR",
        volcano_code=number,
        volcano_name=name,
        area_code=number,
        area_name=name,
        kind=stated["volcanic_warning_code"],
        kind_code=str(code),
        alert_level=level,
        in_force=flash or code not in {11, 21, 35},
        event_id=number,
        title="火山(衛星)",
        headline=f"{name} {stated['volcanic_warning_code']}",
        info_type=INFO[stating.report.act],
        text=stating.report.text,
        happened_at=at if flash else None,
        areas=[AreaRef(code=f"{raw:07}", name=town) for town, raw in pairs],
    )
    # Each eruption is a thing of its own, as in JMA's telegrams; the level is one thing.
    key = f"{number}/flash/{_event(at)}" if flash else f"{number}/level"
    place = stating.place(key_of("volcano", number))
    stating.add(VOLCANOES, key, body, when=instant(at) if flash else None, place=place)


READERS: dict[str, Reader] = {
    "EarthquakeEarlyWarning": early_warning,
    "Hypocenter": hypocentre,
    "SeismicIntensity": intensity,
    "Tsunami": tsunami,
    "Volcano": volcano,
}
