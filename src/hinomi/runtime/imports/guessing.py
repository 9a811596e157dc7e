"""Which property a column is: by the names that towns use, by the layer's labels, by values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

import msgspec

from hinomi.domains.response.observe import municipal
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.runtime.imports.plans import END, KEY, LATITUDE, LONGITUDE, SAID_AT, START
from hinomi.runtime.imports.sheets import Sheet
from hinomi.standards.opendata_csv import plain
from hinomi.vocabulary.layers import Layer

SYNONYMS: dict[str, tuple[str, ...]] = {
    LONGITUDE: (*municipal.LONGITUDE, "longitude", "lon", "lng", "経度(10進)", "x"),
    LATITUDE: (*municipal.LATITUDE, "latitude", "lat", "緯度(10進)", "y"),
    KEY: ("管理番号", "整理番号"),
    SAID_AT: (municipal.STATED, "更新日時", "報告日時", "発表日時", "確認日時", "データ時点"),
    START: ("開始日時", "開設日時", "発生日時", "規制開始"),
    END: ("終了日時", "閉鎖日時", "解除日時", "規制解除"),
    "name": (*municipal.NAME, "施設名等", "場所", "件名", "名前", "避難場所名", "避難場所名称"),
    "name_kana": (*municipal.KANA, "ふりがな", "フリガナ", "施設名カナ"),
    "name_en": (*municipal.ENGLISH, "英語名"),
    "address": (*municipal.ADDRESS, "所在", "住所地", "場所住所"),
    "municipality": (
        *municipal.MUNICIPALITY,
        "市町村名",
        "市町村",
        "自治体名",
        "都道府県名及び市町村名",
    ),
    "municipality_code": municipal.CODE,
    "common_id": ("共通ID",),
    "also_site": ("指定緊急避難場所との住所同一", "指定緊急避難場所との重複"),
    "accepts": ("受入対象者",),
    "elevation_m": municipal.ELEVATION,
    "capacity": (
        *municipal.CAPACITY,
        "定員",
        "収容可能人数",
        "収容できる人数",
        "収容人員",
        "最大収容人数",
        "受入可能人数",
        "受け入れ可能人数",
    ),
    "serves": (*municipal.SERVES, "対象地区", "対象町会"),
    "people": (municipal.PEOPLE, "避難者数", "避難人数", "避難者", "在所者数"),
    "households": ("世帯数", "避難世帯数"),
    "phone": ("電話番号", "電話", "TEL", "連絡先"),
    "district": ("地区", "地区名", "地域", "学区"),
    "remarks": ("備考", "摘要", "特記事項", "その他", "コメント"),
    "state": ("開設状況", "状態", "状況", "開設", "開設区分"),
    "also_shelter": municipal.ALSO,
    "local_id": ("施設番号", "施設コード", "施設ID"),
    **{
        prop: (word, f"災害種別_{word}", f"対応災害_{word}", f"異常な現象_{word}")
        for prop, word in municipal.DISASTERS.items()
    },
}
"""Property to the names that columns have: the recommended data set's (推奨データセット) as the
reader of municipal lists knows them, and what offices write instead. A running number (NO, 番号) is
no identity: the next list counts anew."""
SURE, LIKELY, MAYBE = 1.0, 0.7, 0.5
_UNIT = re.compile(r"[(（\[【].*?[)）\]】]")


class Guess(msgspec.Struct, frozen=True):
    """What a column is taken for, and how surely."""

    property: str
    confidence: float


def guess(sheet: Sheet, of: Collection, catalog: Catalog) -> dict[str, Guess]:
    """Return a guess for each column; every property goes to the column that fits it best."""
    known = names_of(of, catalog)
    if sheet.places is not None:
        known = {n: w for n, w in known.items() if n not in {LONGITUDE, LATITUDE}}
    scored = sorted(
        (
            (score, -order, column, prop)
            for order, column in enumerate(sheet.columns)
            for prop, words in known.items()
            if (score := _score(column, words)) > 0
        ),
        reverse=True,
    )
    found: dict[str, Guess] = {}
    taken: set[str] = set()
    for score, _, column, prop in scored:
        if column not in found and prop not in taken:
            found[column] = Guess(prop, score)
            taken.add(prop)
    if sheet.places is None:
        _by_values(sheet, found, taken)
    return {column: found.get(column, Guess("", 0.0)) for column in sheet.columns}


def names_of(of: Collection, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return what a collection's columns may be called, by property."""
    found: dict[str, tuple[str, ...]] = {}
    for prop in (KEY, LONGITUDE, LATITUDE, SAID_AT, START, END, *of.property_types()):
        labels = (label for name, label in _labels(of.id, catalog) if name == prop)
        words = dict.fromkeys((prop, *SYNONYMS.get(prop, ()), *labels))
        found[prop] = tuple(_folded(word) for word in words if word)
    return found


@lru_cache(maxsize=256)
def _labels(collection: str, catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """Return what the screen calls the properties, in Japanese and in English."""
    found = []
    for layer in layers_of(collection, catalog):
        fields = (*layer.fields, *(layer.board.fields if layer.board else ()))
        for field in fields:
            found += [(field.name, field.label.ja), (field.name, field.label.en)]
    return tuple(found)


def layers_of(collection: str, catalog: Catalog) -> list[Layer]:
    """Return the layers that draw a collection."""
    every: Iterable[object] = (layer for d in catalog.domains for layer in d.layers)
    return [one for one in every if isinstance(one, Layer) and one.collection == collection]


def _folded(text: str) -> str:
    """Return a name without width, case, spaces, and what stands in brackets (units)."""
    short = _UNIT.sub("", plain(text)) or plain(text)
    return re.sub(r"[\s_・:：/／-]", "", short).lower()


def _score(column: str, words: tuple[str, ...]) -> float:
    name = _folded(column)
    if not name:
        return 0.0
    if name in words:
        return SURE - words.index(name) / 1_000
    best = 0.0
    for word in words:
        if len(word) >= 2 and len(name) >= 2 and (name.startswith(word) or name.endswith(word)):
            best = max(best, LIKELY * len(word) / len(name))
        elif len(word) >= 4 and SequenceMatcher(None, name, word).ratio() >= 0.85:
            best = max(best, MAYBE)
    return best if best >= 0.3 else 0.0


def _by_values(sheet: Sheet, found: dict[str, Guess], taken: set[str]) -> None:
    """Find longitude and latitude among nameless columns: no other numbers lie so in Japan."""
    for prop, low, high in ((LONGITUDE, 122.0, 154.0), (LATITUDE, 20.0, 46.0)):
        if prop in taken:
            continue
        for column in sheet.columns:
            values = [cells.get(column, "") for _, cells in sheet.rows[:200]]
            filled = [value for value in values if value]
            if column in found or len(filled) < 2:
                continue
            if all("." in v and _between(v, low, high) for v in filled):
                found[column] = Guess(prop, MAYBE)
                break


def _between(text: str, low: float, high: float) -> bool:
    try:
        return low <= float(plain(text)) <= high
    except ValueError:
        return False
