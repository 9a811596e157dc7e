"""Telegrams with one kind: 土砂災害警戒情報, 竜巻注意情報, 記録的短時間大雨情報.

Structure as in JMA's published samples (17_04, 19_08, 18_03).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from hinomi.runtime.drill.envelope import DRILL_NOTE, clock, head, maker, report
from hinomi.runtime.drill.stage import Named, Stage
from hinomi.runtime.drill.weather import TOWN_AREAS, WIDE_AREAS, area_groups
from hinomi.vocabulary.times import JST


def landslide_alert(
    stage: Stage, at: datetime, towns: Collection[str], before: Collection[str], serial: int
) -> bytes:
    """Return a 土砂災害警戒情報 (VXWW50): the municipalities at level 4, and those released."""
    make = maker("informationBasis1/")
    body = maker("body/meteorology1/")
    texts = []
    items = []
    for town in stage.towns:
        kind = _landslide_kind(town.code in towns, town.code in before)
        area = Named(town.code, town.name)
        items.append(_item(body, kind, area))
        if kind[1] != "0":
            texts.append(_headline_item(make, kind, area, TOWN_AREAS))
    named = "、".join(t.name for t in stage.towns if t.code in towns)
    said = f"{named}を警戒対象地域とします。" if named else "警戒を解除します。"
    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{said}"), make.Information(*texts, type="土砂災害警戒情報")
    )
    title = f"{stage.office.name}レベル４土砂災害危険警報"
    event = f"{stage.office.name}土砂災害警戒情報"
    top = head(at, title, "土砂災害警戒情報", "1.0_0", headline, event, serial)
    office = Named(stage.office.code, stage.office.name)
    content = body.Body(
        body.TargetArea(body.Name(office.name), body.Code(office.code)),
        body.Warning(*items, type="土砂災害警戒情報"),
    )
    return report("土砂災害警戒情報", at, stage.publisher, top, content)


def tornado_alert(stage: Stage, at: datetime, districts: Collection[str], serial: int) -> bytes:
    """Return a 竜巻注意情報 (VPHW50) for some forecast districts; it holds for 70 minutes."""
    make = maker("informationBasis1/")
    body = maker("body/meteorology1/")
    named = "、".join(d.name for d in stage.districts if d.code in districts)
    text = f"{DRILL_NOTE}{named}は、竜巻などの激しい突風が発生しやすい気象状況になっています。"
    headline = make.Headline(make.Text(text))
    warnings = []
    warned = {t.code for t in stage.towns if t.district in districts}
    for kind, code_type, areas in area_groups(stage):
        called = f"竜巻注意情報（{'発表細分' if kind == '府県予報区等' else kind}）"
        information = make.Information(type=called)
        warning = body.Warning(type=called)
        for area, towns in areas:
            said = ("竜巻注意情報", "1", "発表") if warned & set(towns) else ("なし", "0", "なし")
            warning.append(_item(body, said, area))
            if said[1] != "0":
                information.append(_headline_item(make, said, area, code_type))
        headline.append(information)
        warnings.append(warning)
    top = head(
        at,
        f"{stage.office.name}気象防災速報（竜巻注意）",
        "竜巻注意情報",
        "1.0_0",
        headline,
        serial=serial,
        valid_until=at + timedelta(minutes=70),
    )
    return report("竜巻注意情報", at, stage.publisher, top, body.Body(*warnings))


def record_rain(
    stage: Stage, at: datetime, towns: Collection[str], amount_mm: float, serial: int
) -> bytes:
    """Return a 記録的短時間大雨情報 (VPOA50): an hour's rain [mm] near some municipalities."""
    make = maker("informationBasis1/")
    body = maker("body/meteorology1/")
    kind = "記録的短時間大雨情報"
    called = f"{kind}（発表細分）"
    hit = {t.district for t in stage.towns if t.code in towns}
    near = "\n".join(f"{t.name}付近で約{amount_mm:.0f}ミリ" for t in stage.towns if t.code in towns)
    texts, items = [], []
    for district in stage.districts:
        said = (kind, "1", "発表") if district.code in hit else ("なし", "0", "なし")
        items.append(_item(body, said, district))
        if said[1] != "0":
            texts.append(_headline_item(make, said, district, WIDE_AREAS))
    text = f"{DRILL_NOTE}\n{clock(at)}{stage.office.name}で記録的短時間大雨\n{near}"
    headline = make.Headline(make.Text(text), make.Information(*texts, type=called))
    event = f"JPHI{at.astimezone(JST):%Y%m%d%H%M%S}"
    top = head(at, f"{stage.office.name}{kind}", kind, "1.0_0", headline, event, serial)
    return report(kind, at, stage.publisher, top, body.Body(body.Warning(*items, type=called)))


def _landslide_kind(now: bool, before: bool) -> tuple[str, str, str]:  # noqa: FBT001
    if now:
        return ("警戒", "3", "継続" if before else "発表")
    return ("解除", "1", "解除") if before else ("なし", "0", "なし")


def _item(make: Any, kind: tuple[str, str, str], area: Named) -> Any:
    name, code, status = kind
    return make.Item(
        make.Kind(make.Name(name), make.Code(code), make.Status(status)),
        make.Area(make.Name(area.name), make.Code(area.code)),
    )


def _headline_item(make: Any, kind: tuple[str, str, str], area: Named, table: str) -> Any:
    name, code, status = kind
    place = make.Area(make.Name(area.name), make.Code(area.code))
    return make.Item(
        make.Kind(make.Name(name), make.Code(code), make.Condition(status)),
        make.Areas(place, codeType=table),
    )
