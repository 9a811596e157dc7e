"""種別: what a scenario's rows may be, and how each is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import TypeAlias
from unicodedata import normalize

import msgspec

from hinomi.kernel.errors import Text
from hinomi.runtime.drill import sea, weather
from hinomi.runtime.drill.rows import FaultError, Row, listed, number, numbers, point_of
from hinomi.runtime.drill.scenario import (
    Beginning,
    Count,
    Detail,
    End,
    Level,
    Outage,
    Quake,
    RecordRain,
    Rise,
    River,
    RoadCut,
    Told,
    Tornado,
    Tsunami,
)
from hinomi.runtime.drill.stage import Named, Stage, Town
from hinomi.runtime.drill.typhoon import Fix

EVERYWHERE = ("全域", "全市町村", "全て", "すべて", "*")
LEVEL_WORDS = {"解除": 0, "注意報": 2, "警報": 3, "危険警報": 4, "特別警報": 5}
INTENSITIES = {"1": "1", "2": "2", "3": "3", "4": "4", "5弱": "5-", "5強": "5+", "6弱": "6-",
               "6強": "6+", "5-": "5-", "5+": "5+", "6-": "6-", "6+": "6+", "7": "7"}  # fmt: skip
ROAD_WORDS = {"": "road_close", "全面通行止": "road_close", "大型通行止": "close_road_large",
              "片側交互": "one_sided_alternating_traffic", "解除": ""}  # fmt: skip
"""値 of a 通行止 row -> SIP4D's code (01-005-01); open again is no restriction any more."""
RESTORED, SOME = "復旧", "一部"
CLOSED, FULL = "閉鎖", "満員"
_SHAKE = re.compile(r"\s*([^=＝]+)[=＝](?:震度)?\s*(\S+)\s*")

Read: TypeAlias = Callable[[Row, Stage], tuple[Detail, Sequence[Town]]]


class Kind(msgspec.Struct, frozen=True):
    """One 種別: how it is read, and what it does."""

    read: Read
    text: Text
    inject: bool = False
    """An instructor may inject it at once."""


def floats(text: str) -> list[float]:
    """Return the numbers of a cell such as ``1.2/2.1/2.9``."""
    return [n for part in normalize("NFKC", text).split("/") for n in numbers(part)[:1]]


def with_time(detail: Detail, after: timedelta) -> Detail:
    """Return a typhoon's fix with its time; everything else as it is."""
    return msgspec.structs.replace(detail, after=after) if isinstance(detail, Fix) else detail


def towns_named(name: str, stage: Stage) -> list[Town]:
    """Return the municipalities of a name or code: one, a district's, a group's, or all."""
    if name in EVERYWHERE or name in {stage.office.name, stage.office.code}:
        return list(stage.towns)
    found = [t for t in stage.towns if name in {t.name, t.code, t.code[:5], t.english}]
    if not found:
        areas = {a.code for a in (*stage.districts, *stage.groups) if name in {a.name, a.code}}
        found = [t for t in stage.towns if t.district in areas or t.group in areas]
    if not found:
        # 仙台市 is warned for as 仙台市東部 and 仙台市西部.
        found = [t for t in stage.towns if name.endswith(("市", "区")) and t.name.startswith(name)]
    if found:
        return found
    known = [*(a.name for a in (*stage.districts, *stage.groups)), *(t.name for t in stage.towns)]
    raise _no("where", "市町村", "municipality", name, known, stage.office.name)


def _towns(row: Row, stage: Stage) -> list[Town]:
    names = listed(row["where"])
    if not names:
        raise FaultError(
            "where", "市町村を書いてください(全域なら「全域」)。", "Name municipalities."
        )
    return [town for name in names for town in towns_named(name, stage)]


def _some_towns(row: Row, stage: Stage) -> list[Town]:
    """Return the municipalities that a free row is about: those among its names."""
    return [
        t
        for name in listed(row["where"])
        for t in stage.towns
        if name in {t.name, t.code, t.english}
    ]


def _no(column: str, ja: str, en: str, found: str, known: Sequence[str], within: str) -> FaultError:
    near = get_close_matches(found, known, n=3, cutoff=0.4) or list(known)[:5]
    return FaultError(
        column,
        f"{within}に{ja}「{found}」はありません。近い名前: {'、'.join(near) or 'なし'}",
        f"There is no {en} {found!r}; perhaps {', '.join(near) or 'none is defined'}.",
        found,
        ", ".join(near),
    )


def level_of(text: str, allowed: Sequence[int]) -> int:
    """Return a level from its digit or JMA's word; 0 releases."""
    plain = normalize("NFKC", text).removeprefix("レベル").strip()
    level = LEVEL_WORDS.get(plain, int(plain) if plain.isdigit() else -1)
    if level == 0 or level in allowed:
        return level
    expected = " ".join(map(str, (0, *allowed)))
    raise FaultError(
        "value",
        f"この種別のレベルは {expected} のどれかです(0は解除)。",
        f"A level of this kind is one of {expected}; 0 releases.",
        text,
        expected,
    )


def _warning(hazard: str) -> Read:
    def read(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
        kinds = weather.HAZARDS[hazard][1].kinds
        return Level(hazard, level_of(row["value"], tuple(kinds))), _towns(row, stage)

    return read


def _river(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    name = row["where"]
    river = next((r for r in stage.rivers if name in {r.name, r.code}), None)
    if river is None:
        known = [r.name for r in stage.rivers]
        raise _no("where", "洪水予報の対象河川", "forecast river", name, known, stage.office.name)
    gauge = next((g for g in stage.gauges if g.river == river.name), None)
    if gauge is None:
        raise FaultError(
            "where",
            f"{river.name}の水位計がありません。「水位計の定義」の行で川の名前を"
            f"「{river.name}」として1つ書いてください。",
            f"Define a gauge on {river.name} (a row 水位計の定義).",
            name,
        )
    towns = {g.town for g in stage.gauges if g.river == river.name}
    return River(river, gauge, level_of(row["value"], (2, 3, 4, 5))), sorted(
        towns, key=lambda t: t.code
    )


def _rise(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    found = [
        g
        for name in listed(row["where"])
        for g in stage.gauges
        if name in {g.name, g.river, g.code} or name in EVERYWHERE
    ]
    if not found:
        known = [*{g.river: None for g in stage.gauges}, *(g.name for g in stage.gauges)]
        raise _no("where", "水位計", "gauge", row["where"], known, stage.office.name)
    towns = list({g.town.code: g.town for g in found}.values())
    if "%" in normalize("NFKC", row["value"]):
        share = number("value", row["value"], 0, 200, "%") / 100
        return Rise(tuple(found), share=share), towns
    return Rise(tuple(found), level_m=number("value", row["value"], -10, 30, "m")), towns


def _count(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    found = []
    for name in listed(row["where"]):
        some = [s for s in stage.shelters if name in {s.name, s.code} or name in EVERYWHERE]
        if not some:
            towns = {t.code for t in stage.towns if t.name == name}
            some = [s for s in stage.shelters if s.town.code in towns]
        if not some:
            known = [*(s.name for s in stage.shelters), *(t.name for t in stage.towns)]
            raise _no("where", "避難所", "shelter", name, known, stage.office.name)
        found += some
    if not found:
        raise FaultError("where", "避難所の名前を書いてください。", "Name shelters.")
    shelters = tuple(found)
    towns_of = list({s.town.code: s.town for s in found}.values())
    value = row["value"]
    if value == CLOSED:
        return Count(shelters), towns_of
    if value == FULL or row["what"] == FULL:
        return Count(shelters, share=1.0), towns_of
    if "%" in normalize("NFKC", value):
        return Count(shelters, share=number("value", value, 0, 300, "%") / 100), towns_of
    return Count(shelters, people=number("value", value, 0, 100_000, "人")), towns_of


def _quake(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    shaken: dict[str, str] = {}
    for part in listed(row["where"]):
        found = _SHAKE.fullmatch(normalize("NFKC", part))
        value = INTENSITIES.get(found[2]) if found else None
        if found is None or value is None:
            raise FaultError(
                "where",
                "「七尾市=5強、輪島市=4」のように市町村と震度を書いてください。",
                "Write municipalities with intensities: 七尾市=5強、輪島市=4.",
                part,
            )
        shaken |= {t.code: value for t in towns_named(found[1].strip(), stage)}
    values = numbers(row["value"])
    if not 1 <= len(values) <= 2 or not 1 <= values[0] <= 9.5:
        raise FaultError(
            "value",
            "「M6.3 深さ20km」のようにマグニチュードと深さを書いてください。",
            "Write magnitude and depth: M6.3 深さ20km.",
            row["value"],
        )
    point = point_of(row)
    if point is None or not shaken:
        column = "lon" if point is None else "where"
        raise FaultError(
            column,
            "震央の経度・緯度と、揺れた市町村の震度が必要です。",
            "The epicentre and the intensities are needed.",
        )
    towns = [t for t in stage.towns if t.code in shaken]
    if any(not t.seismic for t in towns):
        missing = next(t for t in towns if not t.seismic)
        raise FaultError(
            "where",
            f"{missing.name}の地震情報の区域が分かりません。外してください。",
            f"The seismic area of {missing.name} is not known; leave it out.",
        )
    depth = values[1] if len(values) > 1 else 10.0
    hypocentre = (*point, min(depth, 700.0))
    intensities = tuple((t.code, shaken[t.code]) for t in towns)
    return Quake(values[0], hypocentre, intensities), towns


def _tsunami(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    coasts: list[Named] = []
    for name in listed(row["where"]):
        found = next((c for c in stage.coasts if name in {c.name, c.code}), None)
        if found is None:
            known = [c.name for c in stage.coasts]
            raise _no("where", "津波予報区", "coast", name, known, stage.office.name)
        coasts.append(found)
    words = normalize("NFKC", row["value"])
    kind = next((k for k in sea.KINDS if k in words), "")
    if not coasts or (not kind and "解除" not in words):
        raise FaultError(
            "value" if coasts else "where",
            f"津波予報区と、{'・'.join(sea.KINDS)}・解除のどれかを書いてください"
            "(高さは「津波注意報 1m」)。",
            "Name coasts and a kind of tsunami warning, or 解除.",
            row["value"],
        )
    heights = numbers(words)
    return Tsunami(tuple(coasts), kind, heights[0] if heights else None), ()


def _fix(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    del stage
    values = numbers(row["value"])
    point = point_of(row)
    if point is None or len(values) != 2 or not 850 <= values[0] <= 1020 or not 0 <= values[1] < 90:
        raise FaultError(
            "lon" if point is None else "value",
            "経度・緯度と、「960hPa 40m/s」のように中心気圧と最大風速を書いてください。",
            "Write the position, and pressure and wind: 960hPa 40m/s.",
            row["value"],
        )
    return Fix(timedelta(), *point, values[0], values[1], row["where"]), ()


def _tornado(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    towns = _towns(row, stage)
    return Tornado(tuple(dict.fromkeys(t.district for t in towns))), towns


def _record_rain(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    return RecordRain(number("value", row["value"], 50, 300, "mm")), _towns(row, stage)


def _told(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    if not row["text"]:
        raise FaultError(
            "text", "参加者に伝える文を書いてください。", "Write what the players are told."
        )
    return Told(), _some_towns(row, stage)


def _road_cut(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    towns = _told(row, stage)[1]
    state = ROAD_WORDS.get(normalize("NFKC", row["value"]).strip())
    if state is None or not row["where"]:
        expected = "、".join(filter(None, ROAD_WORDS))
        raise FaultError(
            "value" if row["where"] else "where",
            f"対象に場所を、値に{expected}のどれかを書いてください(空欄は全面通行止)。",
            f"Name the place, and as value one of {expected} (empty: closed).",
            row["value"],
            expected,
        )
    return RoadCut(state), towns


def _outage(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    towns = _told(row, stage)[1]
    value = normalize("NFKC", row["value"]).strip()
    if value in {"", SOME}:
        return Outage("partial" if value else "out"), towns
    if value == RESTORED:
        return Outage("restored", 0), towns
    households = number("value", value.replace(",", ""), 1, 10_000_000, "戸、または復旧")
    return Outage("partial", round(households)), towns


def _phase(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    del stage
    if not row["where"]:
        raise FaultError("where", "局面の名前を書いてください。", "Name the phase.")
    return Beginning(row["where"]), ()


def _end(row: Row, stage: Stage) -> tuple[Detail, Sequence[Town]]:
    del row, stage
    return End(), ()


KINDS: dict[str, Kind] = {
    "局面": Kind(_phase, Text("局面の始まり", "A phase begins")),
    **{
        name: Kind(
            _warning(name),
            Text(
                f"{name}の警報・注意報({product.type})",
                f"Warnings of {name} ({product.type})",
            ),
            inject=True,
        )
        for name, (product, _) in weather.HAZARDS.items()
    },
    "氾濫": Kind(_river, Text("洪水予報(VXKO)", "River flood forecast (VXKO)"), inject=True),
    "記録的短時間大雨": Kind(_record_rain, Text("1時間雨量(VPOA50)", "Record rain (VPOA50)"),
                     inject=True),
    "竜巻注意": Kind(_tornado, Text("竜巻注意情報(VPHW50)", "Tornado alert (VPHW50)"), inject=True),
    "台風": Kind(_fix, Text("台風の位置(VPTW60)", "The typhoon's fix (VPTW60)")),
    "水位": Kind(_rise, Text("水位計の値", "A gauge's level")),
    "避難所": Kind(_count, Text("避難所の開設と人数", "A shelter's head-count"), inject=True),
    "満員": Kind(_count, Text("避難所の満員", "A shelter is full"), inject=True),
    "地震": Kind(_quake, Text("地震(VXSE51〜53、61)", "Earthquake (VXSE51-53, 61)"), inject=True),
    "津波": Kind(_tsunami, Text("津波警報等(VTSE41)", "Tsunami warning (VTSE41)"), inject=True),
    "通行止": Kind(_road_cut, Text("道路の通行止", "A road is cut"), inject=True),
    "停電": Kind(_outage, Text("停電", "A power failure"), inject=True),
    "流言": Kind(_told, Text("流言・誤情報", "A rumour"), inject=True),
    "電話": Kind(_told, Text("住民などからの電話", "A phone call"), inject=True),
    "状況": Kind(_told, Text("自由な状況付与", "Anything else"), inject=True),
    "終了": Kind(_end, Text("訓練の終了", "The end")),
}  # fmt: skip
