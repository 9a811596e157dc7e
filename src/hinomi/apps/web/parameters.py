"""The API's query parameters: what each means, its schema, and how its text is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from hinomi.apps.web import crs as systems
from hinomi.apps.web.http import Ask
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import ENVELOPE_TYPES, Collection
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.filters import Filter
from hinomi.kernel.geometry import BBox, check_bbox
from hinomi.kernel.store import MAX_LIMIT
from hinomi.standards.cql2 import check, parse_json, parse_text

Span: TypeAlias = tuple[datetime | None, datetime | None]

MAX_POSITION = 2**62
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?\Z", re.ASCII
)
_WHOLE = re.compile(r"[0-9]{1,30}\Z")
_NUMBER = re.compile(
    r"\s*[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?\s*\Z", re.ASCII
)
_PLAIN_BOX = re.compile(
    r"-?\d{1,20}(?:\.\d{1,20})?(?:,-?\d{1,20}(?:\.\d{1,20})?){3}", re.ASCII
).fullmatch


class Parameter(msgspec.Struct, frozen=True):
    """A query parameter as the API's description gives it."""

    name: str
    text: Text
    schema: dict[str, Any]
    explode: bool | None = None
    example: Any = None


def _words(*words: str, default: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string", "enum": list(words)}
    return found if default is None else {**found, "default": default}


_TEXT: dict[str, Any] = {"type": "string"}
_CRS_WORDS = {"type": "string", "format": "uri", "enum": list(systems.SUPPORTED),
              "default": systems.CRS84}  # fmt: skip

F = Parameter("f", Text("形式", "format: instead of the Accept header"), _words("json", "html"))
F_CSV = Parameter("f", F.text, _words("json", "html", "csv"))
F_ITEMS = Parameter("f", F.text, _words("json", "html", "csv", "sip4d-zip", "cap"))
F_ITEM = Parameter("f", F.text, _words("json", "html", "cap"))
LANG = Parameter("lang", Text("言語", "language, instead of Accept-Language"), _words("ja", "en"))
LIMIT = Parameter(
    "limit",
    Text("1ページの件数", f"items in a page; more than {MAX_LIMIT} is taken as {MAX_LIMIT}"),
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 100},
)
BBOX = Parameter(
    "bbox",
    Text("範囲: 西,南,東,北", "west,south,east,north in degrees (or in bbox-crs)"),
    {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
    explode=False,
    example=[138, 35, 140, 36.5],
)
DATETIME = Parameter(
    "datetime",
    Text(
        "有効期間がこの時刻・期間と重なるもの。nowは現在",
        "what is valid at some moment of this instant or interval (RFC 3339; .. is open; now)",
    ),
    {"type": "string"},
    example="2026-05-01T00:00:00Z/..",
)
AS_OF = Parameter(
    "as-of",
    Text(
        "その時点で知られていた内容で答える(RFC 3339の時刻か変更番号)",
        "answer as of this moment: an RFC 3339 time or a position of the change feed",
    ),
    {"type": "string"},
    example="2026-05-01T00:00:00Z",
)
STATUS = Parameter(
    "status",
    Text("通常・訓練・試験の別", "actual, exercise or test statements; only actual unless asked"),
    _words("actual", "exercise", "test", "any", default="actual"),
)
FILTER = Parameter(
    "filter",
    Text("CQL2の条件", "CQL2 condition over the queryables"),
    _TEXT,
    example="status = 'actual'",
)
FILTER_LANG = Parameter(
    "filter-lang",
    Text("条件の書式", "how the filter is written"),
    _words("cql2-text", "cql2-json", default="cql2-text"),
)
FILTER_CRS = Parameter(
    "filter-crs", Text("条件の図形の座標系", "CRS of the filter's geometries"), _CRS_WORDS
)
CRS = Parameter("crs", Text("答えの座標系", "CRS of the answer's geometries"), _CRS_WORDS)
BBOX_CRS = Parameter("bbox-crs", Text("bboxの座標系", "CRS of bbox"), _CRS_WORDS)
TOKEN = Parameter(
    "token", Text("続きのページ", "opaque place of the next page, from a link"), _TEXT
)
COUNT = Parameter(
    "count",
    Text("全件数(numberMatched)を数える", "count all matches into numberMatched"),
    {"type": "boolean", "default": False},
)
SKIP_GEOMETRY = Parameter(
    "skip-geometry",
    Text("図形を省く(null)", "leave the geometries out (null): for lists on slow lines"),
    {"type": "boolean", "default": False},
)
STEPS = Parameter(
    "steps",
    Text("区切りの数", "into how many equal steps the span is cut"),
    {"type": "integer", "minimum": 1, "maximum": 1000, "default": 200},
)
SOURCE = Parameter(
    "source",
    Text("発表者(カンマ区切り)", "stated by these sources only"),
    {"type": "array", "items": {"type": "string"}},
    explode=False,
)
BESIDE = Parameter(
    "beside",
    Text("発表者ごとの最新を並べる", "each source's latest statement beside the others'"),
    {"type": "boolean", "default": False},
)
COLLECTIONS = Parameter(
    "collections",
    Text("コレクション(カンマ区切り)", "only these collections"),
    {"type": "array", "items": {"type": "string"}},
    explode=False,
)
AFTER = Parameter(
    "after",
    Text("この変更番号より後", "after this position of the feed"),
    {"type": "integer", "minimum": 0, "maximum": MAX_POSITION, "default": 0},
)
COLLECTION = Parameter("collection", Text("系列コレクション", "the series collection"), _TEXT)
FROM = Parameter(
    "from", Text("始まり(含む)", "from this time, included"), _TEXT, example="2026-05-01T00:00:00Z"
)
TO = Parameter(
    "to", Text("終わり(含まない)", "to this time, excluded"), _TEXT, example="2026-05-02T00:00:00Z"
)
RECORD = Parameter(
    "record", Text("その原文から作られた記録", "a record that was made from these bytes"), _TEXT
)


def expect(ask: Ask, known: frozenset[str]) -> None:
    """Raise InputError for a parameter that the resource does not have."""
    if ask.query.keys() <= known:
        return
    for name in ask.query:
        if name not in known:
            near = MissingError(Text("パラメータ", "parameter"), name, sorted(known))
            listed = ", ".join(sorted(known))
            raise InputError(
                f"{near.text.en} Known: {listed}.", f"{near.text.ja}使えるもの: {listed}"
            )


def bad(name: str, value: str, en: str, ja: str) -> InputError:
    """Return the error for a parameter whose value makes no sense."""
    short = value if len(value) <= 60 else f"{value[:57]}..."
    return InputError(f"{name}={short!r}: expected {en}.", f"{name}={short!r}: {ja}")


def whole(ask: Ask, name: str, default: int, low: int, high: int) -> int:
    """Return a whole number; what is above ``high`` is taken as ``high``."""
    text = ask.query.get(name)
    if text is None:
        return default
    value = int(text) if _WHOLE.match(text) else low - 1
    if value < low:
        raise bad(name, text, f"a whole number from {low}", f"{low}以上の整数です。")
    return min(value, high)


def limit_of(ask: Ask, default: int = 100) -> int:
    """Return the page's size."""
    return whole(ask, "limit", default, 1, MAX_LIMIT)


def flag(ask: Ask, name: str) -> bool:
    """Return whether a parameter is ``true``."""
    text = ask.query.get(name, "false")
    if text not in {"true", "false"}:
        raise bad(name, text, "true or false", "trueかfalseです。")
    return text == "true"


def names(ask: Ask, name: str) -> tuple[str, ...] | None:
    """Return a list of names divided by commas."""
    text = ask.query.get(name)
    if text is None:
        return None
    found = tuple(part for part in text.split(",") if part)
    if not found or len(found) > 1_000:
        raise bad(name, text, "1 to 1000 names divided by commas", "カンマ区切りの1〜1000個です。")
    return found


def instant(name: str, text: str) -> datetime:
    """Return an RFC 3339 time (``+`` may have become a space); a date is its first moment, UTC."""
    if len(text) > 20 and text[-6] == " ":
        text = f"{text[:-6]}+{text[-5:]}"
    try:
        if _TIME.match(text):
            found = datetime.fromisoformat(text.upper())
            if found.tzinfo is None:
                return datetime.combine(found.date(), time.min, UTC)
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise bad(name, text, "a time such as 2026-05-01T00:00:00Z", "RFC 3339の時刻です。")


def time_of(ask: Ask, name: str) -> datetime | None:
    """Return a parameter's time, None where it is not given."""
    text = ask.query.get(name)
    return None if text is None else instant(name, text)


def span(text: str, now: datetime) -> Span:
    """Return ``datetime`` as a closed interval; None is open."""
    parts = text.split("/")
    if len(parts) > 2:
        raise bad("datetime", text, "an instant or start/end", "時刻か 開始/終了 です。")
    ends = [_moment(part, now) for part in parts]
    if len(ends) == 1:
        if ends[0] is None:
            raise bad("datetime", text, "a time", "時刻です。")
        return ends[0], ends[0]
    start, end = ends
    if start is None and end is None and parts != ["..", ".."]:
        raise bad("datetime", text, "at least one end", "開始か終了が必要です。")
    if start is not None and end is not None and end < start:
        raise bad("datetime", text, "a start that is not after the end", "開始が終了より後です。")
    return start, end


def _moment(text: str, now: datetime) -> datetime | None:
    if text in {"", ".."}:
        return None
    return now if text == "now" else instant("datetime", text)


def moment_of(ask: Ask) -> datetime | int | None:
    """Return the as-of moment: a time, a feed position, or None for now."""
    text = ask.query.get("as-of")
    if text is None:
        return None
    if _WHOLE.match(text):
        return min(int(text), MAX_POSITION)
    return instant("as-of", text)


def bbox_of(ask: Ask) -> BBox | None:
    """Return the box in longitude and latitude."""
    text = ask.query.get("bbox")
    if text is None:
        if "bbox-crs" in ask.query:
            systems.check_crs(ask.query["bbox-crs"], "bbox-crs")
        return None
    parts = text.split(",", 7)
    if _PLAIN_BOX(text) and "bbox-crs" not in ask.query:
        # What maps ask all the time: one comparison instead of four.
        return check_bbox(list(map(float, parts)))
    if len(parts) not in {4, 6} or not all(map(_NUMBER.match, parts)):
        raise bad("bbox", text, "4 or 6 numbers", "4個か6個の数です(西,南,東,北)。")
    uri = systems.CRS84
    if "bbox-crs" in ask.query:
        uri = systems.check_crs(ask.query["bbox-crs"], "bbox-crs")
    return systems.move_bbox(list(map(float, parts)), uri)


def crs_of(ask: Ask) -> str:
    """Return the URI of the CRS that the answer is wanted in."""
    text = ask.query.get("crs")
    return systems.CRS84 if text is None else systems.check_crs(text, "crs")


def filter_of(ask: Ask, catalog: Catalog, collection: str) -> Filter | None:
    """Return the checked filter."""
    text = ask.query.get("filter")
    language = ask.query.get("filter-lang", "cql2-text")
    if language not in {"cql2-text", "cql2-json"}:
        raise bad("filter-lang", language, "cql2-text or cql2-json", "cql2-textかcql2-jsonです。")
    uri = systems.check_crs(ask.query.get("filter-crs", systems.CRS84), "filter-crs")
    if text is None:
        return None
    return _parsed(text, language, uri, catalog.collection(collection))


@lru_cache(maxsize=64)
def _parsed(text: str, language: str, uri: str, collection: Collection) -> Filter:
    read = parse_text if language == "cql2-text" else parse_json
    return check(read(text, locate=systems.locate(uri)), queryables(collection))


@lru_cache(maxsize=256)
def queryables(collection: Collection) -> dict[str, str]:
    """Return what a collection can be filtered by: name to type."""
    return {**collection.property_types(), **ENVELOPE_TYPES}
