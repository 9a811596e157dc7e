"""Shelter lists and gauge snapshots of a drill, in the layouts of the real sources."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from hinomi.runtime.drill.stage import Stage, Town
from hinomi.vocabulary.times import JST

OPEN_COLUMNS = (
    "所在地_連結表記",
    "所在地_都道府県",
    "所在地_市区町村",
    "緯度",
    "経度",
    "想定収容人数",
)


def site_list(stage: Stage) -> bytes:
    """Return the designated sites in the municipal open-data layout (推奨データセット)."""
    rows = [
        {
            "全国地方公共団体コード": organisation_code(s.town),
            "ID": s.code,
            "地方公共団体名": s.town.name,
            "名称": s.name,
            "所在地_連結表記": f"{stage.prefecture.name}{s.town.name}",
            "緯度": f"{s.point[1]:.5f}",
            "経度": f"{s.point[0]:.5f}",
            "災害種別_洪水": "1" if index % 3 else "",
            "災害種別_崖崩れ、土石流及び地滑り": "1",
            "災害種別_地震": "1",
            "指定避難所との重複": "1",
            "想定収容人数": str(s.capacity),
        }
        for index, s in enumerate(stage.shelters)
    ]
    return _csv(list(rows[0]), rows)


def organisation_code(town: Town) -> str:
    """Return the six-digit code: JIS X 0402's five digits and the check digit (modulus 11)."""
    digits = [int(digit) for digit in town.code[:5]]
    total = sum(digit * weight for digit, weight in zip(digits, (6, 5, 4, 3, 2), strict=True))
    return f"{town.code[:5]}{(11 - total % 11) % 10}"


def open_shelters(stage: Stage, people: Mapping[str, int]) -> bytes:
    """Return the open shelters with head-counts (by code), in a municipality's layout.

    The list names no time of its own, so that the moment at which it comes stands for it: lists
    that name the minute would tie when the drill is played fast.
    """
    rows = [
        {
            "全国地方公共団体コード": organisation_code(shelter.town),
            "ID": shelter.code,
            "地区": shelter.town.name,
            "名称": shelter.name,
            "人数": str(people[shelter.code]),
            **dict(
                zip(
                    OPEN_COLUMNS,
                    (
                        f"{stage.prefecture.name}{shelter.town.name}",
                        stage.prefecture.name,
                        shelter.town.name,
                        f"{shelter.point[1]:.5f}",
                        f"{shelter.point[0]:.5f}",
                        f"屋内{shelter.capacity}人",
                    ),
                    strict=True,
                )
            ),
        }
        for shelter in stage.shelters
        if shelter.code in people
    ]
    columns = ["全国地方公共団体コード", "ID", "地区", "名称", "人数", *OPEN_COLUMNS]
    return _csv(columns, rows)


def gauge_snapshot(stage: Stage, at: datetime, levels: Mapping[str, float]) -> bytes:
    """Return all gauges at one moment (levels [m] by code), in the layout of MLIT's snapshots."""
    local = at.astimezone(JST).replace(microsecond=0)
    items = []
    for gauge in stage.gauges:
        level = levels[gauge.code]
        over = sum(level >= limit for limit in (gauge.start_m, gauge.warn_m, gauge.danger_m))
        items.append(
            {
                "code": gauge.code,
                "name": gauge.name,
                "obsTime": local.isoformat(),
                "point": None,
                "level": level,
                "townCode": gauge.town.code[:5],
                "prefCode": f"{stage.prefecture.code}000",
                "over": (0, 1, 11, 21)[over],
                "startLevel": gauge.start_m,
                "warnLevel": gauge.warn_m,
                "fladLevel": gauge.danger_m,
                "qt": None,
                "placeRiver": gauge.river,
                "placePref": stage.prefecture.name,
                "placeCity": f"{stage.prefecture.name}{gauge.town.name}",
                "isWarning": over >= 1,
                "isFlood": over == 3,
                "longitude": gauge.point[0],
                "latitude": gauge.point[1],
            }
        )
    snapshot = {
        "generatedAt": local.isoformat(),
        "timeZone": "Asia/Tokyo",
        "source": "drill",
        "totalItems": len(items),
        "floodCount": sum(bool(i["isFlood"]) for i in items),
        "warningCount": sum(bool(i["isWarning"]) for i in items),
        "items": items,
    }
    return json.dumps(snapshot, ensure_ascii=False).encode()


def _csv(columns: Sequence[str], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
