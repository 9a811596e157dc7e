"""``hinomi drill new``: a commented scenario for the user's own municipalities."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date

from hinomi.domains.response.collections.shelters import SHELTERS, SITES
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.runtime.drill.rows import COLUMNS
from hinomi.runtime.drill.stage import Stage, Town, real_stage
from hinomi.vocabulary.areas import AREAS, codes

MAX_SHELTERS = 5
_HEAD = """\
# 訓練のシナリオ。Excelかテキストエディタで直してください(保存は「CSV UTF-8」)。
# 書き方: docs/reference/scenario.md 。直したら: hinomi drill check このファイル
# #で始まる行は読み飛ばします。時刻は開始からの時間(1:30 は1時間30分後)。
# 流した内容は全て「訓練」と記録され、実際の情報とは混ざりません。
"""


def write(reader: Reader | None, area: str, on: date) -> bytes:
    """Return an example scenario, UTF-8 with the mark that Excel looks for.

    Args:
        reader: actual data, for the user's imported areas and shelters; None: there is none.
        area: a 府県予報区 or a municipality; empty takes the first of the imported areas.
        on: the day by whose areas it is written.

    Raises:
        InputError: nothing tells where.
        MissingError: the area is not known.
    """
    stage, town = _place(reader, area, on)
    second = next((t for t in stage.towns if t.code != town.code), town)
    shelters = list(_shelters(reader, town))
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")

    def row(*cells: object) -> None:
        rows.writerow([*map(str, cells), *[""] * (len(COLUMNS) - len(cells))])

    def note(text: str) -> None:
        out.write(f"# {text}\r\n")

    out.write(_HEAD.replace("\n", "\r\n"))
    row(*(column.ja for column in COLUMNS.values()))
    row("", "設定", "題名", f"{town.name}の訓練")
    row("", "設定", "場所", stage.office.name)
    if shelters:
        note("避難所: 取り込み済みの一覧から。対象は「市町村名 施設名」、値は定員。")
    else:
        note("避難所は取り込まれていません。名前・定員・位置を直してください。")
    lon, lat = 0.0, 0.0
    for name, capacity, lon, lat in shelters or [("第一小学校", 200, *_middle(reader, town))]:
        row("", "避難所の定義", f"{town.name} {name}", capacity, lon, lat)
    first = shelters[0][0] if shelters else "第一小学校"
    note("水位計: 対象は「市町村名 川名 観測所名」、値は観測開始/危険/氾濫開始の水位[m]。")
    row("", "水位計の定義", f"{town.name} 中央川 中央橋", "1.2/2.1/2.9", lon, lat)
    _story(row, note, (town, second), first, (lon, lat))
    return out.getvalue().encode("utf-8-sig")


def _story(
    row: Callable[..., None],
    note: Callable[[str], None],
    towns: tuple[Town, Town],
    first: str,
    place: tuple[float, float],
) -> None:
    """Write three hours: warnings rise, people call, an earthquake, all is released."""
    town, second = towns
    lon, lat = place
    note("局面: 進行役はここへ飛べます。")
    row("0:00", "局面", "注意報")
    row("0:00", "避難所", first, 0)
    row("0:00", "大雨", f"{town.name}、{second.name}" if second != town else town.name, 2)
    row("0:00", "水位", "中央橋", "0.5")
    row("0:30", "局面", "警報")
    note("期待する行動を書くと、終わってから記録と突き合わせます(期限は分)。")
    row("0:30", "大雨", town.name, 3, "", "", "", "高齢者等避難", 20)
    row("1:00", "局面", "避難指示")
    row("1:00", "土砂災害", town.name, 4, "", "", "", "避難指示", 15)
    row("1:00", "水位", "中央橋", "2.3")
    row("1:00", "避難所", first, "40%")
    row("1:10", "電話", town.name, "", "", "", "高齢者施設から「避難を手伝ってほしい」",
        "支援を手配する", 15, "施設、支援")  # fmt: skip
    row("1:20", "通行止", town.name, "", lon, lat, "市道で土砂崩れ、全面通行止", "通行止を広報する",
        15, "通行止、市道")  # fmt: skip
    row(
        "1:40",
        "満員",
        first,
        "",
        "",
        "",
        f"{first}が満員",
        "別の避難所へ誘導する",
        15,
        "満員、誘導",
    )
    if town.seismic and second.seismic:  # Okinawa's areas are not in the table.
        note("地震: 対象は「市町村=震度」、値は「M6.0 深さ10km」、経度・緯度は震央。")
        shaken = f"{town.name}=5弱" + (f"、{second.name}=4" if second != town else "")
        row(
            "2:00",
            "地震",
            shaken,
            "M6.0 深さ10km",
            lon,
            lat,
            "",
            "被害状況を確認する",
            15,
            "地震、被害",
        )
    row("2:30", "局面", "解除")
    row("2:30", "水位", "中央橋", "0.6")
    row("2:30", "土砂災害", town.name, 0)
    row("2:45", "避難所", first, "5%")
    row("2:45", "大雨", "全域", 0)
    row("3:00", "終了")


def _place(reader: Reader | None, area: str, on: date) -> tuple[Stage, Town]:
    wanted = area or _imported(reader)
    stage = real_stage(wanted, on)
    if stage is not None:
        return stage, stage.towns[0]
    found = [
        c
        for c in codes.every("municipality")
        if c.valid(on) and wanted in {c.name, c.code, c.code[:5]}
    ]
    for entry in found:
        above = codes.above(entry, on)
        stage = real_stage(above["office"].code, on) if "office" in above else None
        towns = [t for t in stage.towns if t.code[:5] == entry.code[:5]] if stage else []
        if stage is not None and towns:
            return stage, towns[0]
    known = [c.name for kind in ("office", "municipality") for c in codes.every(kind)]
    raise MissingError(Text("府県予報区や市町村", "forecast area or municipality"), wanted, known)


def _imported(reader: Reader | None) -> str:
    kind = Compare("=", Property("kind"), Value("municipality"))
    found = reader.find(AREAS.id, filter=kind, limit=1).items if reader else []
    if not found:
        raise InputError(
            "Say where: --area 石川県 (or a municipality); or import areas first.",
            "--area 石川県 のように府県予報区か市町村を指定するか、先に境界を取り込んでください"
            "(hinomi areas import)。",
        )
    return found[0].key


def _shelters(reader: Reader | None, town: Town) -> Iterable[tuple[str, int, float, float]]:
    if reader is None:
        return
    at_town = Compare("=", Property("municipality_code"), Value(f"{town.code[:5]}00"))
    seen: set[str] = set()
    for collection in (SHELTERS.id, SITES.id):
        for stored in reader.find(collection, filter=at_town, limit=20).items:
            body, point = stored.body(), _point(stored)
            name = "".join(body["name"].split())
            if point is not None and name not in seen and len(seen) < MAX_SHELTERS:
                seen.add(name)
                yield name, body.get("capacity") or 100, *point


def _point(stored: Stored) -> tuple[float, float] | None:
    place = stored.place()
    if place is None or place["type"] != "Point":
        return None
    longitude, latitude = place["coordinates"][:2]
    return round(longitude, 5), round(latitude, 5)


def _middle(reader: Reader | None, town: Town) -> tuple[float, float]:
    """Return a position inside the municipality where its outline is known, else in Japan."""
    found = reader.find(AREAS.id, keys=(town.code,), limit=1).items if reader else []
    place = found[0].place() if found else None
    if place is None:
        return 137.0, 36.5
    # Imported here: only an imported outline needs it.
    from shapely.geometry import shape  # noqa: PLC0415

    inside = shape(place).representative_point()
    return round(inside.x, 5), round(inside.y, 5)
