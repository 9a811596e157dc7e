"""Earthquake early warnings (VXSE42-45) to ``hazards.eew``."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from hinomi.domains.hazards.collections.quakes import EEW, Eew, EewArea
from hinomi.domains.hazards.observe.ground import at_least, hypocentre, place_of, position
from hinomi.domains.hazards.observe.telegrams import SOURCE, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Interval, Record
from hinomi.standards.jmaxml import seismology as codec
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.standards.jmaxml.tsunami import Category

Kind = Literal["warning", "forecast", "test"]
TYPES: dict[str, Kind] = {
    "VXSE42": "test",
    "VXSE43": "warning",
    "VXSE44": "forecast",
    "VXSE45": "forecast",
}

STANDS_FOR = timedelta(minutes=3)
"""How long after its last predicted arrival a report is of use. JMA gives no end; this is ours."""

AREA_KINDS = {"00", "01", "09", "10", "11", "19"}
"""Code table 緊急地震速報: 1x is a warning; x0 not arrived, x1 arrived, x9 estimated so."""


def parse(telegram: Telegram, payload: Payload, _gazetteer: Gazetteer) -> Parsed:
    """Return the report: one record for warnings and one for forecasts of each quake.

    VXSE44 and VXSE45 are one series of reports with common serials; of the same serial VXSE45,
    which has long-period motion as well, holds.
    """
    body = codec.decode(telegram.body)
    parsed = Parsed(problems=list(body.problems))
    report = _report(telegram, body, parsed.problems)
    head = telegram.head
    start = report.origin_time or report.detected_at or head.reported_at
    last = max([head.reported_at, *(a.arrival_at for a in report.areas if a.arrival_at)])
    parsed.records.append(
        Record(
            collection=EEW.id,
            key=f"{head.event_id}/{report.kind}",
            said_at=head.reported_at,
            serial=order(telegram) * 2 + (telegram.type == "VXSE45"),
            when=Interval(min(start, last), last + STANDS_FOR),
            place=place_of(position(body)),
            body=report,
            source=SOURCE,
            origin=origin(payload),
            marking=marking(telegram),
            retracts=head.act == "cancel",
        )
    )
    return parsed


def _report(telegram: Telegram, body: codec.Seismology, problems: list[Problem]) -> Eew:
    head = telegram.head
    forecast = (body.intensity.forecast if body.intensity else None) or codec.IntensityDetail()
    greatest = forecast.forecast_int or codec.Range()
    change = forecast.appendix or codec.Appendix()
    areas = [_area(pref, area, problems) for pref in forecast.pref for area in pref.area]
    comments = body.comments or codec.Comments()
    return Eew(
        event_id=head.event_id,
        kind=TYPES[telegram.type],
        telegram=telegram.type,
        serial=head.number,
        final="最終報" in body.next_advisory,
        warned=telegram.type == "VXSE43" or any(_is_warning(a.kind_code) for a in areas),
        headline=head.headline,
        info_type=head.info_type,
        max_from=greatest.from_,
        max_to=greatest.to,
        max_at_least=_least(greatest, problems),
        max_long_period=(forecast.forecast_lg_int or codec.Range()).to,
        change=change.max_int_change,
        change_reason=change.max_int_change_reason,
        land_or_sea=_land_or_sea(body),
        comment=comments.warning_comment.text if comments.warning_comment else "",
        text=body.text,
        areas=areas,
        **hypocentre(body, problems),
    )


def _area(pref: codec.Pref, area: codec.Area, problems: list[Problem]) -> EewArea:
    kind = (area.category or Category()).kind
    if kind.code not in AREA_KINDS:
        problems.append(
            Problem(
                "jmaxml.unknown-kind",
                f"/Report/Body/Intensity/Forecast/{area.code}",
                Text("知らない警報・予報の種別です。", "This kind of early warning is not known."),
                "alarm",
                found=f"{kind.code} {kind.name}"[:200],
                expected=", ".join(sorted(AREA_KINDS)),
            )
        )
    shaking = area.forecast_int or codec.Range()
    slow = area.forecast_lg_int or codec.Range()
    _least(shaking, problems)
    return EewArea(
        code=area.code,
        name=area.name,
        prefecture=pref.name,
        kind=kind.name,
        kind_code=kind.code,
        intensity_from=shaking.from_,
        intensity_to=shaking.to,
        long_period_from=slow.from_,
        long_period_to=slow.to,
        arrival_at=area.arrival_time,
        condition=area.condition,
    )


def _is_warning(code: str) -> bool:
    return code[:1] == "1"


def _least(shaking: codec.Range, problems: list[Problem]) -> float | None:
    """Return the least instrumental intensity of the range; its upper end may be open."""
    if shaking.to not in {"over", "不明"}:
        at_least(shaking.to, problems, "/Report/Body/Intensity/Forecast")
    if shaking.from_ == "不明":
        return None
    return at_least(shaking.from_, problems, "/Report/Body/Intensity/Forecast")


def _land_or_sea(body: codec.Seismology) -> str:
    quake = body.earthquake[0] if body.earthquake else None
    area = quake.hypocenter.area if quake and quake.hypocenter else None
    return area.land_or_sea if area else ""
