"""Satellite reports of the weather and of rivers, by JMA's areas, hazards and river codes."""

from __future__ import annotations

from hinomi.domains.hazards.collections.floods import FLOODS, Flood
from hinomi.domains.hazards.collections.warnings import WARNINGS, WarningState
from hinomi.domains.hazards.observe.qzss_shared import INFO, Reader, Stating

_KINDS: dict[int, tuple[str, str, int]] = {
    1: ("snowstorm", "32", 5),
    2: ("rain", "33", 5),
    3: ("storm", "35", 5),
    4: ("snow", "36", 5),
    5: ("wave", "37", 5),
    6: ("surge", "38", 5),
    21: ("record_rain", "", 4),
    22: ("tornado", "", 2),
    23: ("landslide", "", 4),
}
"""IS-QZSS-DCR, Table 4.1.2-40 (Ww): hazard, JMA's kind code of the 特別警報, and level: 5 for
特別警報; 4 for what 避難情報に関するガイドライン puts beside it (土砂災害警戒情報)."""
_LEVELS = {1: (1, "released"), 2: (3, "issued"), 3: (4, "issued"), 4: (5, "issued")}
"""Table 4.1.2-44 (Lv): 警報解除, 氾濫警戒情報 3, 氾濫危険情報 4, 氾濫発生情報 5."""


def weather(stating: Stating) -> None:
    """State warnings per area and hazard; 全ての気象特別警報 speaks of each that it can be."""
    stated = stating.stated
    state = stated["weather_warning_state_raw"]
    if state not in (1, 2):
        _unknown(stating, f"{state} {stated['weather_warning_state']}")
    issued = state != 2
    rows = zip(
        stated["weather_related_disaster_sub_categories"],
        stated["weather_related_disaster_sub_categories_raw"],
        stated["weather_forecast_regions"],
        stated["weather_forecast_regions_raw"],
        strict=True,
    )
    for name, code, area, region in rows:
        kinds = [_KINDS[n] for n in range(1, 7)] if code == 7 else [_KINDS.get(code)]
        for kind in kinds:
            if kind is None:
                _unknown(stating, f"{code} {name}")
            hazard, kind_code, level = kind or ("other", "", 3)
            body = WarningState(
                area_code=f"{region:06}",
                area_name=area,
                area_kind="other",
                hazard=hazard,
                kind_code=kind_code if issued else "",
                kind_name=name,
                level=level if issued else 0,
                level_stated=False,
                in_force=issued,
                phase="issued" if issued else "released",
                phase_name=stated["weather_warning_state"],
                telegram="DCR",
                info_type=INFO[stating.report.act],
                title="気象(衛星)",
                headline=f"{area} {name} {stated['weather_warning_state']}",
                office="",
            )
            key = f"{region:06}"
            stating.add(WARNINGS, f"{key}/{hazard}", body, place=stating.place(key))


def flood(stating: Stating) -> None:
    """State a flood forecast of each river that the report lists."""
    stated = stating.stated
    rows = zip(
        stated["flood_warning_levels"],
        stated["flood_warning_levels_raw"],
        stated["flood_forecast_regions"],
        stated["flood_forecast_regions_raw"],
        strict=True,
    )
    for name, code, river, raw in rows:
        if code not in _LEVELS:
            _unknown(stating, f"{code} {name}")
        level, phase = _LEVELS.get(code, (None, "issued"))
        body = Flood(
            river_name=river,
            river_code=f"{raw:012}",
            kind=name,
            kind_code="",
            level=level,
            in_force=phase != "released",
            phase=phase,
            condition="",
            title="洪水(衛星)",
            headline=f"{river} {name}",
            office="",
            telegram="DCR",
            event_id=f"{raw:012}",
            serial="",
            info_type=INFO[stating.report.act],
        )
        stating.add(FLOODS, f"{raw:012}", body, place=stating.place(f"river-{raw:012}"))


def _unknown(stating: Stating, found: str) -> None:
    stating.alarm(
        "qzss.unknown-kind",
        found,
        "知らない種別です。発表中とみなしました。",
        "This kind is not known; taken as in force.",
    )


READERS: dict[str, Reader] = {"Weather": weather, "Flood": flood}
