"""The rows that every server is given: GSI's 115,402 designated sites, or as many made ones."""

from __future__ import annotations

import json
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ARCHIVE = ROOT.parent / "shared/data/exchange/gsi-shelters/gsi_emergency_115402.tar.xz"
COUNT = 115_402


def features() -> Iterator[dict[str, Any]]:
    """Yield GeoJSON features, real ones where the real data is beside the project."""
    if ARCHIVE.exists():
        with tarfile.open(ARCHIVE) as archive:
            for member in archive:
                handle = archive.extractfile(member) if member.name.endswith(".json") else None
                if handle is not None:
                    yield from json.load(handle).get("features", ())
        return
    made = random.Random(1)
    for number in range(COUNT):
        yield {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [made.uniform(129, 146), made.uniform(31, 45)],
            },
            "properties": {
                "NO": number,
                "共通ID": f"E{number:014d}",
                "都道府県名及び市町村名": "火の見県望楼市",
                "施設・場所名": f"避難場所{number}",
                "住所": f"火の見県望楼市{number}番地",
                "洪水": "1",
                "崖崩れ、土石流及び地滑り": "1",
                "高潮": "",
                "地震": "1",
                "津波": "",
                "大規模な火事": "",
                "内水氾濫": "",
                "火山現象": "",
                "指定避難所との住所同一": "",
                "備考": "",
            },
        }


def boxes(count: int, size_deg: float = 2.0, seed: int = 7) -> list[tuple[float, ...]]:
    """Return boxes over Japan that never repeat: west, south, east, north."""
    made = random.Random(seed)
    found = []
    for _ in range(count):
        west, south = made.uniform(130, 143), made.uniform(31.5, 43)
        found.append(
            (round(west, 4), round(south, 4), round(west + size_deg, 4), round(south + size_deg, 4))
        )
    return found
