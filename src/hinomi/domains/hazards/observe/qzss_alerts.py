"""J-Alert, L-Alert and alerts from abroad over the satellite (DCX), and what has no reader yet."""

from __future__ import annotations

import math
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec

from hinomi.domains.hazards.collections.alerts import ALERTS, Code, ReceivedAlert, Said
from hinomi.domains.hazards.observe.qzss_shared import INFO, Reader, Stating, minute
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.records import Interval
from hinomi.standards.cap.shapes import EARTH_KM

_CHANNELS = {
    "JAlert": ("j-alert", "Jアラート", "J-Alert"),
    "LAlert": ("l-alert", "Lアラート", "L-Alert"),
    "MTInfo": ("municipality", "自治体の情報", "Municipality information"),
    "OutsideJapan": ("outside-japan", "海外機関の情報", "From outside Japan"),
}
_TYPES = {"Test": "Alert", "Alert": "Alert", "Update": "Update", "All Clear": "Cancel"}
"""A1 of CAMF -> CAP's message types."""
_HOURS = {"Unknown": 24.0, "Duration < 6H": 6.0, "6H <= Duration < 12H": 12.0,
          "12H <= Duration < 24H": 24.0}  # fmt: skip
"""A8: how long it lasts at most; unknown is taken as a day, as for CAP without ``expires``."""
_STANDS = timedelta(hours=24)
_SIDES = 48


def alert(stating: Stating) -> None:
    """State an alert of DCX with the library's texts.

    DCX has no number and no time of its own: what is said is its identity, the week's onset its
    time. The same message heard again is one statement.
    """
    stated = stating.stated
    channel, ja, en = _CHANNELS[stating.report.kind]
    onset = stated.get("a6a7_hazard_onset_datetime") or stating.report.reported_at
    text_ja, text_en = _instruction(stated)
    hazard = stated.get("a4_hazard_type", "")
    said = sha256("\n".join(f"{k}={v}" for k, v in sorted(stated.items())).encode()).hexdigest()
    kind = stated.get("a1_message_type", "")
    if kind not in _TYPES:
        stating.alarm("qzss.unknown-kind", kind, "知らない種別です。", "This type is not known.")
    areas = stated.get("ex9_target_area_list_ja") or _list(stated.get("ex1_target_area_ja"))
    severity = str(stated.get("a5_severity", "Unknown")).partition(" ")[0]
    sender = stated.get("a3_provider_identifier", "")
    body = ReceivedAlert(
        title=f"{ja}: {text_ja or hazard}",
        title_en=f"{en}: {text_en or hazard}",
        event=hazard,
        sender=f"qzss.{channel}",
        sender_name="" if sender == "Not used" else sender,
        identifier=said[:32],
        message_type=_TYPES.get(kind, "Alert"),
        status_stated="Test" if stating.report.exercise else "Actual",
        scope="Public",
        in_force=kind != "All Clear",
        categories=[_category(stated.get("a4_hazard_category", ""))],
        severity=severity,
        area="、".join(areas) or stated.get("a2_country_region_name", ""),
        onset_at=onset,
        says=[
            Said(language="ja-JP", event=hazard, headline=ja, instruction=text_ja),
            Said(
                language="en-US",
                event=hazard,
                headline=en,
                description=stated.get("a4_hazard_definition", ""),
                instruction=text_en,
            ),
        ],
        parameters=[Code("duration", str(stated.get("a8_hazard_duration", "")))],
        version="DCX",
        channel=channel,
    )
    hours = _HOURS.get(stated.get("a8_hazard_duration", ""), 24.0)
    end = max(onset, stating.report.reported_at) + timedelta(hours=hours)
    # The hour is cut: a repeat some seconds later is the same statement.
    end = end.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    stating.report = _said_at(stating, onset)
    key = f"qzss.{channel},{said[:32]}/1"
    stating.add(ALERTS, key, body, when=Interval(onset, end), place=ellipse(stated))


def _said_at(stating: Stating, onset: Any) -> Any:
    """Return the report dated by its onset, so that its repeats are one; never in the future."""
    at = min(onset, stating.report.reported_at.replace(second=0, microsecond=0))
    return msgspec.structs.replace(stating.report, reported_at=at)


def _instruction(stated: dict[str, Any]) -> tuple[str, str]:
    en = stated.get("a11_japanese_library") or stated.get("a11_international_library") or ""
    return stated.get("a11_japanese_library_ja") or en, en


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _category(camf: str) -> str:
    """Return CAP's category: CAMF's are CAP's in capitals (IS-QZSS-DCX, A4)."""
    known = {"GEO", "MET", "SAFETY", "SECURITY", "RESCUE", "FIRE", "HEALTH", "ENV", "TRANSPORT",
             "INFRA"}  # fmt: skip
    return camf.capitalize() if camf in known else "CBRNE" if camf == "CBRNE" else "Other"


def ellipse(stated: dict[str, Any]) -> Geometry | None:
    """Return the main ellipse (A12 to A16) as a polygon.

    Limits:
        Flat-earth: within 1 % up to some hundred kilometres; none beyond the antimeridian.
    """
    x = stated.get("a13_ellipse_centre_longitude")
    y = stated.get("a12_ellipse_centre_latitude")
    major = stated.get("a14_ellipse_semi_major_axis")
    minor = stated.get("a15_ellipse_semi_minor_axis")
    if x is None or y is None or not major or not minor or abs(y) > 85:
        return None
    azimuth = math.radians(stated.get("a16_ellipse_azimuth") or 0.0)
    ring = []
    for step in range(_SIDES):
        turn = -2 * math.pi * step / _SIDES
        along, across = major * math.cos(turn), minor * math.sin(turn)
        north = along * math.cos(azimuth) - across * math.sin(azimuth)
        east = along * math.sin(azimuth) + across * math.cos(azimuth)
        longitude = x + math.degrees(east / (EARTH_KM * math.cos(math.radians(y))))
        latitude = y + math.degrees(north / EARTH_KM)
        if abs(longitude) > 180 or abs(latitude) > 90:
            return None
        ring.append([round(longitude, 5), round(latitude, 5)])
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def report(stating: Stating) -> None:
    """State a report that has no reader of its own as its text, so that it is seen."""
    made = stating.report
    title = made.text.partition("\n")[0]
    kind = stating.stated.get("disaster_category", made.kind)
    kind_en = stating.stated.get("disaster_category_en", made.kind)
    if not made.dated:
        stating.alarm("qzss.unknown-kind", made.kind, "知らない通報です。", "An unknown report.")
    body = ReceivedAlert(
        title=f"{kind}(衛星)",
        title_en=f"{kind_en} (satellite)",
        event=kind,
        sender="qzss.jma",
        sender_name="気象庁",
        identifier=f"{made.kind}-{minute(made.reported_at)}",
        message_type="Alert",
        status_stated="Exercise" if made.exercise else "Actual",
        scope="Public",
        in_force=made.act != "cancel",
        severity="Unknown",
        area="",
        says=[Said(language="ja-JP", event=kind, headline=title, description=made.text)],
        note=INFO[made.act],
        version="DCR",
        channel="jma-dcr",
    )
    digest = sha256(made.text.encode()).hexdigest()[:12]
    key = f"qzss.jma,{made.kind}-{minute(made.reported_at)}-{digest}/1"
    stating.add(ALERTS, key, body, when=Interval(made.reported_at, made.reported_at + _STANDS))


READERS: dict[str, Reader] = dict.fromkeys(_CHANNELS, alert)
