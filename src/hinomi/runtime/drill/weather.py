"""Weather telegrams of a drill: warnings of the 2026 reform (R06) and river flood forecasts.

Structure, names and codes as in JMA's published sample telegrams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from hinomi.runtime.drill.envelope import DRILL_NOTE, WIDE_DIGITS, basis, head, jst, maker, report
from hinomi.runtime.drill.prefecture import (
    DISTRICTS,
    PREFECTURE_CODE,
    PREFECTURE_NAME,
    Gauge,
    Prefecture,
)


class Product(msgspec.Struct, frozen=True):
    """One R06 warning product: its title, hazard's name and the kinds by level."""

    title: str
    hazard: str
    significancy: str
    kinds: dict[int, tuple[str, str]]
    """Level -> name, code."""


RAIN = Product(
    "気象警報・注意報（Ｒ０６）（大雨）",
    "大雨",
    "大雨浸水危険度",
    {
        2: ("レベル２大雨注意報", "10"),
        3: ("レベル３大雨警報", "03"),
        4: ("レベル４大雨危険警報", "43"),
        5: ("レベル５大雨特別警報", "33"),
    },
)
LANDSLIDE = Product(
    "気象警報・注意報（Ｒ０６）（土砂災害）",
    "土砂災害",
    "土砂災害危険度",
    {
        2: ("レベル２土砂災害注意報", "29"),
        3: ("レベル３土砂災害警報", "09"),
        4: ("レベル４土砂災害危険警報", "49"),
    },
)
STORM = Product(
    "気象警報・注意報（Ｒ０６）（暴風）",
    "暴風",
    "風危険度",
    {2: ("強風注意報", "15"), 3: ("暴風警報", "05")},
)
FLOODS = {
    2: ("レベル２氾濫注意報", "21"),
    3: ("レベル３氾濫警報", "31"),
    4: ("レベル４氾濫危険警報", "41"),
    5: ("レベル５氾濫特別警報", "51"),
}


def warning(
    product: Product,
    at: datetime,
    prefecture: Prefecture,
    levels: Mapping[str, int],
    before: Mapping[str, int],
) -> bytes:
    """Return a warning telegram from the levels in force by town (absent: none), now and before."""
    groups = _area_groups(prefecture)
    make = maker("informationBasis1/")
    headline = make.Headline(make.Text(f"{DRILL_NOTE}{_headline(product, prefecture, levels)}"))
    for kind, code_type, areas in groups:
        information = make.Information(type=f"気象警報・注意報（{kind}）")
        for name, code, towns in areas:
            level, last = _highest(levels, towns), _highest(before, towns)
            if level or last:
                item = make.Item(_kind(make, product, level), make.Areas(codeType=code_type))
                item[-1].append(make.Area(make.Name(name), make.Code(code)))
                information.append(item)
        headline.append(information)
    top = head(
        at, f"{PREFECTURE_NAME}{product.hazard}警報・注意報", "気象警報・注意報", "1.5_0", headline
    )
    body_maker = maker("body/meteorology1/")
    warnings = []
    for kind, _, areas in groups:
        element = body_maker.Warning(type=f"気象警報・注意報（{kind}）")
        for name, code, towns in areas:
            element.append(
                _warning_item(
                    body_maker,
                    product,
                    (name, code),
                    _highest(levels, towns),
                    _highest(before, towns),
                )
            )
        warnings.append(element)
    return report(product.title, at, top, body_maker.Body(*warnings))


def flood(
    at: datetime, river: tuple[str, str], gauge: Gauge, level: int, level_m: float, serial: int
) -> bytes:
    """Return a designated-river flood forecast (VXKO) for a river (code, name) at one gauge."""
    code, name = river
    kind, kind_code = FLOODS.get(level, ("氾濫注意報解除", "10"))
    make = maker("informationBasis1/")

    def information(of: str, code_type: str, area_name: str, area_code: str) -> Any:
        return make.Information(
            make.Item(
                make.Kind(make.Name(kind), make.Code(kind_code)),
                make.Areas(
                    make.Area(make.Name(area_name), make.Code(area_code)), codeType=code_type
                ),
            ),
            type=f"指定河川洪水予報（{of}）",
        )

    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{name}の{gauge.name}水位観測所の水位は{level_m:.2f}メートルです。"),
        information("予報区域", "指定河川洪水予報（予報区域）", name, code),
        information("河川", "河川", name, code[:10]),
        information(
            "府県予報区等", "気象情報／府県予報区・細分区域等", PREFECTURE_NAME, PREFECTURE_CODE
        ),
    )
    top = head(at, f"{name}{kind}", "指定河川洪水予報", "1.1_1", headline, code, serial)
    body = maker("body/meteorology1/")
    station = body.Station(
        body.Name(f"{gauge.name}水位観測所"),
        body.Code(f"{gauge.code:0>17}", type="水位観測所"),
        body.Location(f"{PREFECTURE_NAME}{gauge.town.name}"),
    )
    text = (
        f"【警戒レベル{level}相当】{name}の{gauge.name}水位観測所では水位が{level_m:.2f}メートルです。"
        if level
        else f"{name}の{gauge.name}水位観測所では、水位が氾濫注意水位を下回りました。"
    )
    main = body.Item(
        body.Kind(body.Property(body.Type("主文"), body.Text(f"{DRILL_NOTE}{text}"))),
        body.Areas(body.Area(body.Name(name), body.Code(code[:10])), codeType="河川"),
        body.Stations(station),
    )
    return report(
        "指定河川洪水予報",
        at,
        top,
        body.Body(
            body.Notice(DRILL_NOTE),
            body.Warning(main, type="指定河川洪水予報"),
            _water_levels(body, at, gauge, level, level_m),
        ),
    )


def _area_groups(prefecture: Prefecture) -> list[tuple[str, str, list[tuple[str, str, list[str]]]]]:
    every = [town.code for town in prefecture.towns]
    within = {code: [t.code for t in prefecture.towns if t.district == code] for code in DISTRICTS}
    wide = "気象情報／府県予報区・細分区域等"
    return [
        ("府県予報区等", wide, [(PREFECTURE_NAME, PREFECTURE_CODE, every)]),
        ("一次細分区域等", wide, [(n, c, within[c]) for c, n in DISTRICTS.items()]),
        (
            "市町村等",
            "気象・地震・火山情報／市町村等",
            [(t.name, t.code, [t.code]) for t in prefecture.towns],
        ),
    ]


def _highest(levels: Mapping[str, int], towns: Sequence[str]) -> int:
    return max((levels.get(code, 0) for code in towns), default=0)


def _kind(make: Any, product: Product, level: int) -> Any:
    name, code = product.kinds[level] if level else ("解除", "00")
    return make.Kind(make.Name(name), make.Code(code))


def _warning_item(make: Any, product: Product, area: tuple[str, str], level: int, last: int) -> Any:
    place = make.Area(make.Name(area[0]), make.Code(area[1]))
    if not level and not last:
        return make.Item(make.Kind(make.Status("発表警報・注意報はなし")), place)
    name, code = product.kinds[level or last]
    kind = make.Kind(make.Name(name), make.Code(code))
    kind.append(make.Status("解除" if not level else "継続" if level == last else "発表"))
    if last:
        kind.append(
            make.LastKind(
                *[make(t, v) for t, v in zip(("Name", "Code"), product.kinds[last], strict=True)]
            )
        )
    if level:
        base = make.Base(
            make.Significancy(
                make.Name(
                    f"警戒レベル{str(level).translate(WIDE_DIGITS)}" + ("" if level < 3 else "相当")
                ),
                make.Code(f"{level}1"),
                type=product.significancy,
            )
        )
        kind.append(make.Property(make.Type(product.significancy), make.SignificancyPart(base)))
    change = "変化無" if level == last else "警報・注意報種別に変化有"
    return make.Item(kind, place, make.ChangeStatus(change))


def _headline(product: Product, prefecture: Prefecture, levels: Mapping[str, int]) -> str:
    highest = max(levels.values(), default=0)
    if not highest:
        return f"{PREFECTURE_NAME}の{product.hazard}に関する警報・注意報を解除します。"
    names = "、".join(t.name for t in prefecture.towns if levels.get(t.code) == highest)
    return f"{names}に{product.kinds[highest][0]}を発表しています。"


def _water_levels(body: Any, at: datetime, gauge: Gauge, level: int, level_m: float) -> Any:
    eb = basis()
    now = {"refID": "1"}
    return body.MeteorologicalInfos(
        body.TimeSeriesInfo(
            body.TimeDefines(
                body.TimeDefine(body.DateTime(jst(at)), body.Name("現況"), timeId="1")
            ),
            body.Item(
                body.Kind(
                    body.Name("水位"),
                    body.Property(
                        body.Type("水位"),
                        body.WaterLevelPart(
                            eb.WaterLevel(f"{level_m:.2f}", type="水位", unit="m", **now),
                            eb.WaterLevel(str(level), type="レベル", **now),
                        ),
                    ),
                ),
                body.Station(
                    body.Name(f"{gauge.name}水位観測所"),
                    body.Code(f"{gauge.code:0>17}", type="水位観測所"),
                    body.Location(gauge.town.name),
                ),
            ),
        ),
        type="水位・流量情報",
    )
