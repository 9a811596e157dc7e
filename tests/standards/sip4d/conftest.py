"""A package that conforms, made by hand, and ways to spoil it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

META: dict[str, Any] = {
    "version": "1.1",
    "title": "避難所",
    "ttid": "326c70a0-65c3-4f34-b94e-8bd591395e72",
    "code": "01-001-01",
    "category": "避難",
    "tags": ["避難所"],
    "format": "SIP4D-ZIP",
    "payload_type": "VECTOR",
    "updated": "2026-05-20T10:10:00",
    "information_date": "2026-05-20T10:05:02",
    "author": {"name": "岩倉市"},
    "maintainer": {"name": "岩倉市", "e-mail": "bosai@city.example.jp"},
    "disaster": {"name": "令和8年大雨"},
    "lgcode": ["23000"],
    "openflg": "一般公開可能",
    "testflg": "通常",
    "character": "UTF-8",
    "license_id": "cc-by",
    "note": "",
    "entry_num": 1,
    "entry": [
        {
            "type": "GeoJSON",
            "title": "避難所",
            "file": "a.geojson",
            "updated": "2026-05-20T10:10:00",
        }
    ],
}
COLUMNS: dict[str, Any] = {
    "version": "1",
    "code": "01-001-01",
    "num_column": 7,
    "columns": [
        {"name": "no", "jname": "番号", "connid": "id", "show": True, "type": "String"},
        {"name": "mei", "jname": "名称", "connid": "name", "show": True, "type": "String"},
        {"name": "shi", "jname": "市", "connid": "cityname", "show": True, "type": "String"},
        {
            "name": "jokyo",
            "jname": "開設",
            "connid": "eststts",
            "show": True,
            "type": "List",
            "num_key": 3,
            "key_list": ["0", "1", "9"],
            "value_list": ["未開設", "開設", "閉鎖"],
            "conn_attr_list": ["notopen", "open", "close"],
        },
        {"name": "evacueeno", "show": True, "type": "Integer"},
        {"name": "sevacueeno", "show": True, "type": "Integer"},
        {"name": "kaisetsu", "connid": "starttime", "show": True, "type": "Datetime"},
    ],
}
STYLE: dict[str, Any] = {
    "num_class": 2,
    "type": "point",
    "column": "jokyo",
    "classes": [
        {
            "title": "未開設", "value": "0", "point_type": "circle", "color": "000000",
            "fill": "CCCCCC", "stroke": 1, "size": 10,
        },
        {
            "title": "開設", "value": "1", "point_type": "circle", "color": "000000",
            "fill": "00AA00", "stroke": 1, "size": 16,
        },
    ],
}  # fmt: skip


def feature(number: int = 1, **changes: Any) -> dict[str, Any]:
    properties = {
        "no": f"2322800{number:02}",
        "mei": f"第{number}小学校",
        "shi": "岩倉市",
        "jokyo": "1",
        "evacueeno": 30,
        "sevacueeno": 2,
        "kaisetsu": "2026-05-20T09:00:00",
    }
    return {
        "type": "Feature",
        "properties": {**properties, **changes},
        "geometry": {"type": "Point", "coordinates": [136.87 + number / 1000, 35.28]},
    }


class Parts:
    """The documents of a package, to be spoilt before it is zipped."""

    def __init__(self) -> None:
        self.meta, self.columns = deepcopy(META), deepcopy(COLUMNS)
        self.style: dict[str, Any] | None = deepcopy(STYLE)
        self.features: list[Any] = [feature(1), feature(2)]
        self.others: list[tuple[str, bytes]] = []
        self.geojson: bytes | None = None

    def zip(self) -> bytes:
        data = self.geojson
        if data is None:
            whole = {"type": "FeatureCollection", "features": self.features}
            data = json.dumps(whole, ensure_ascii=False).encode()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("sip4d_zip_meta.json", json.dumps(self.meta, ensure_ascii=False))
            archive.writestr("a_columns.json", json.dumps(self.columns, ensure_ascii=False))
            if self.style is not None:
                archive.writestr("a_style.json", json.dumps(self.style, ensure_ascii=False))
            archive.writestr("a.geojson", data)
            for name, content in self.others:
                archive.writestr(name, content)
        return out.getvalue()


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
def make_feature() -> Callable[..., dict[str, Any]]:
    return feature
