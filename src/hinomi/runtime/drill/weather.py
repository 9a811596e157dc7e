"""Warnings of the 2026 reform (R06, VPWW55 to 61) of a drill.

Structure, names and codes as in JMA's published sample telegrams (技術資料, 15_16 and 15_17).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from hinomi.runtime.drill.envelope import DRILL_NOTE, WIDE_DIGITS, head, maker, report
from hinomi.runtime.drill.stage import Named, Stage

Levels: TypeAlias = Mapping[tuple[str, str], int]
"""(hazard, municipality) -> the level in force; what is not in it is none."""
Groups: TypeAlias = list[tuple[str, str, list[tuple[Named, list[str]]]]]
"""Kind of area, its code table, and each area with its municipalities."""

WIDE_AREAS = "気象情報／府県予報区・細分区域等"
TOWN_AREAS = "気象・地震・火山情報／市町村等"


class Hazard(msgspec.Struct, frozen=True):
    """What one product warns of: the danger's type, and the kinds by level (name, code)."""

    name: str
    significancy: str
    kinds: dict[int, tuple[str, str]]
    by_level: bool = False
    """The danger is told as 警戒レベル; otherwise as 注意報級, 警報級, 特別警報級."""


class Product(msgspec.Struct, frozen=True):
    """One type of telegram."""

    type: str
    subject: str
    hazards: tuple[Hazard, ...]


def _advisory(name: str, code: str) -> Hazard:
    return Hazard(name, f"{name}危険度", {2: (f"{name}注意報", code)})


PRODUCTS = (
    Product(
        "VPWW55",
        "大雨",
        (
            Hazard(
                "大雨",
                "大雨浸水危険度",
                {
                    2: ("レベル２大雨注意報", "10"),
                    3: ("レベル３大雨警報", "03"),
                    4: ("レベル４大雨危険警報", "43"),
                    5: ("レベル５大雨特別警報", "33"),
                },
                by_level=True,
            ),
        ),
    ),
    Product(
        "VPWW56",
        "土砂災害",
        (
            Hazard(
                "土砂災害",
                "土砂災害危険度",
                {
                    2: ("レベル２土砂災害注意報", "29"),
                    3: ("レベル３土砂災害警報", "09"),
                    4: ("レベル４土砂災害危険警報", "49"),
                    5: ("レベル５土砂災害特別警報", "39"),
                },
                by_level=True,
            ),
        ),
    ),
    Product(
        "VPWW57",
        "高潮",
        (
            Hazard(
                "高潮",
                "高潮危険度",
                {
                    2: ("レベル２高潮注意報", "19"),
                    3: ("レベル３高潮警報", "08"),
                    4: ("レベル４高潮危険警報", "48"),
                    5: ("レベル５高潮特別警報", "38"),
                },
                by_level=True,
            ),
        ),
    ),
    Product(
        "VPWW58",
        "暴風",
        (
            Hazard(
                "暴風",
                "風危険度",
                {2: ("強風注意報", "15"), 3: ("暴風警報", "05"), 5: ("暴風特別警報", "35")},
            ),
        ),
    ),
    Product(
        "VPWW59",
        "波浪",
        (
            Hazard(
                "波浪",
                "波危険度",
                {2: ("波浪注意報", "16"), 3: ("波浪警報", "07"), 5: ("波浪特別警報", "37")},
            ),
        ),
    ),
    Product(
        "VPWW60",
        "大雪",
        (
            Hazard(
                "大雪",
                "雪危険度",
                {2: ("大雪注意報", "12"), 3: ("大雪警報", "06"), 5: ("大雪特別警報", "36")},
            ),
        ),
    ),
    Product(
        "VPWW61",
        "その他注意報",
        tuple(
            _advisory(name, code)
            for name, code in (
                ("雷", "14"),
                ("融雪", "17"),
                ("濃霧", "20"),
                ("乾燥", "21"),
                ("なだれ", "22"),
                ("低温", "23"),
                ("霜", "24"),
                ("着氷", "25"),
                ("着雪", "26"),
            )
        ),
    ),
)
HAZARDS = {hazard.name: (product, hazard) for product in PRODUCTS for hazard in product.hazards}
"""What a scenario may call it -> its product and itself."""
_GRADES = {2: ("注意報級", "20"), 3: ("警報級", "30"), 5: ("特別警報級", "50")}


def warning(stage: Stage, product: Product, at: datetime, levels: Levels, before: Levels) -> bytes:
    """Return a warning telegram from the levels in force, now and before."""
    groups = area_groups(stage)
    make = maker("informationBasis1/")
    headline = make.Headline(make.Text(f"{DRILL_NOTE}{_headline(product, stage, levels)}"))
    for kind, code_type, areas in groups:
        information = make.Information(type=f"気象警報・注意報（{kind}）")
        for area, towns in areas:
            kinds = _headline_kinds(make, product, towns, levels, before)
            if kinds:
                place = make.Area(make.Name(area.name), make.Code(area.code))
                information.append(make.Item(*kinds, make.Areas(place, codeType=code_type)))
        headline.append(information)
    subject = product.subject.removesuffix("注意報")
    title = f"{stage.office.name}{subject}{'' if 'その他' in subject else '警報・'}注意報"
    top = head(at, title, "気象警報・注意報", "1.5_0", headline)
    body = maker("body/meteorology1/")
    warnings = []
    for kind, _, areas in groups:
        element = body.Warning(type=f"気象警報・注意報（{kind}）")
        for area, towns in areas:
            element.append(_item(body, product, area, towns, (levels, before)))
        warnings.append(element)
    name = f"気象警報・注意報（Ｒ０６）（{product.subject}）"
    return report(name, at, stage.publisher, top, body.Body(*warnings))


def area_groups(stage: Stage) -> Groups:
    """Return the lists of areas that a telegram walks, the widest first."""
    found: Groups = [
        ("府県予報区等", WIDE_AREAS, [(stage.office, [t.code for t in stage.towns])]),
        (
            "一次細分区域等",
            WIDE_AREAS,
            [(d, [t.code for t in stage.towns if t.district == d.code]) for d in stage.districts],
        ),
    ]
    if stage.groups:
        parts = [(g, [t.code for t in stage.towns if t.group == g.code]) for g in stage.groups]
        found.append(("市町村等をまとめた地域等", WIDE_AREAS, parts))
    towns = [(Named(t.code, t.name), [t.code]) for t in stage.towns]
    return [*found, ("市町村等", TOWN_AREAS, towns)]


def _highest(levels: Levels, hazard: Hazard, towns: Sequence[str]) -> int:
    return max((levels.get((hazard.name, code), 0) for code in towns), default=0)


def _headline_kinds(
    make: Any, product: Product, towns: Sequence[str], levels: Levels, before: Levels
) -> list[Any]:
    found = []
    for hazard in product.hazards:
        level = _highest(levels, hazard, towns)
        if level:
            name, code = hazard.kinds[level]
            found.append(make.Kind(make.Name(name), make.Code(code)))
    if not found and any(_highest(before, h, towns) for h in product.hazards):
        found.append(make.Kind(make.Name("解除"), make.Code("00")))
    return found


def _item(
    make: Any, product: Product, area: Named, towns: Sequence[str], levels: tuple[Levels, Levels]
) -> Any:
    place = make.Area(make.Name(area.name), make.Code(area.code))
    kinds = []
    changed = False
    for hazard in product.hazards:
        level, last = (_highest(of, hazard, towns) for of in levels)
        if level or last:
            kinds.append(_kind(make, hazard, level, last))
            changed |= level != last
    if not kinds:
        return make.Item(make.Kind(make.Status("発表警報・注意報はなし")), place)
    change = "警報・注意報種別に変化有" if changed else "変化無"
    return make.Item(*kinds, place, make.ChangeStatus(change))


def _kind(make: Any, hazard: Hazard, level: int, last: int) -> Any:
    name, code = hazard.kinds[level or last]
    kind = make.Kind(make.Name(name), make.Code(code))
    kind.append(make.Status("解除" if not level else "継続" if level == last else "発表"))
    if last:
        was, number = hazard.kinds[last]
        kind.append(make.LastKind(make.Name(was), make.Code(number)))
    if level:
        grade, number = (
            (
                f"警戒レベル{str(level).translate(WIDE_DIGITS)}" + ("" if level < 3 else "相当"),
                f"{level}1",
            )
            if hazard.by_level
            else _GRADES[level]
        )
        danger = make.Significancy(make.Name(grade), make.Code(number), type=hazard.significancy)
        part = make.SignificancyPart(make.Base(danger))
        kind.append(make.Property(make.Type(hazard.significancy), part))
    return kind


def _headline(product: Product, stage: Stage, levels: Levels) -> str:
    highest = max(levels.values(), default=0)
    if not highest:
        return f"{stage.office.name}の{product.subject}に関する警報・注意報を解除します。"
    hazard = next(h for (h, _), level in levels.items() if level == highest)
    found = [t.name for t in stage.towns if levels.get((hazard, t.code)) == highest]
    names = "、".join(found[:20]) + ("など" if len(found) > 20 else "")
    kind = next(h for h in product.hazards if h.name == hazard).kinds[highest][0]
    return f"{names}に{kind}を発表しています。"
