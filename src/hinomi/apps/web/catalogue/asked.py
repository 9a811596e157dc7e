"""What a STAC search asks for, in the query string or in a JSON body: the same names in both."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

from hinomi.apps.web import parameters as p
from hinomi.apps.web.http import Ask
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.filters import Spatial
from hinomi.kernel.geometry import check_bbox, check_geometry
from hinomi.kernel.reader import Question

COLLECTIONS = p.COLLECTIONS
IDS = p.Parameter(
    "ids", Text("id(カンマ区切り)", "only these items"),
    {"type": "array", "items": {"type": "string"}}, explode=False,
)  # fmt: skip
INTERSECTS = p.Parameter(
    "intersects", Text("交わる図形(GeoJSON)", "a GeoJSON geometry that items meet"),
    {"type": "string"},
)  # fmt: skip
LIMIT = p.Parameter(
    "limit", p.LIMIT.text, {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 10}
)


MOST_NAMED = 1_000
"""Ids or collections of one search."""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The JSON body of a search."""

    collections: list[str] | None = None
    ids: list[str] | None = None
    bbox: list[float] | None = None
    intersects: dict[str, Any] | None = None
    datetime: str | None = None
    limit: int | None = None
    token: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A search, checked."""

    collections: list[str] | None
    question: Question
    limit: int
    place: tuple[int, str | None]
    """Where to go on: the collection's number and the place in it."""
    given: dict[str, Any] = {}
    """The JSON body as it came, for the next page."""


def asked(ask: Ask, now: datetime) -> Asked:
    """Return what is asked for.

    Raises:
        InputError: something in it makes no sense.
    """
    body = _body(ask) if ask.method == "POST" else _query(ask)
    question: Question = {}
    for name, listed in (("ids", body.ids), ("collections", body.collections)):
        if listed is not None and len(listed) > MOST_NAMED:
            raise p.bad(
                name, f"{len(listed)}", f"at most {MOST_NAMED}", f"{MOST_NAMED}個までです。"
            )
    if body.bbox is not None:
        if body.intersects is not None:
            raise InputError(
                "Give bbox or intersects, not both.", "bboxとintersectsは一方だけです。"
            )
        question["bbox"] = check_bbox(body.bbox)
    if body.intersects is not None:
        question["filter"] = Spatial("intersects", check_geometry(body.intersects))
    if body.ids:
        question["keys"] = tuple(body.ids)
    if body.datetime is not None:
        question["when"] = p.span(_exact(body.datetime), now)
    limit = 10 if body.limit is None else min(body.limit, 10_000)
    if limit < 1:
        raise p.bad("limit", str(limit), "a whole number from 1", "1以上の整数です。")
    return Asked(
        collections=body.collections or None,
        question=question,
        limit=limit,
        place=_place(body.token),
        given=msgspec.json.decode(ask.body or b"{}") if ask.method == "POST" else {},
    )


_EXACT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def _exact(text: str) -> str:
    """Return STAC's datetime: RFC 3339 and nothing less, one end of an interval open at most."""
    closed = [part for part in text.split("/") if part not in {"", ".."}]
    if not closed or not all(map(_EXACT.fullmatch, closed)):
        raise p.bad("datetime", text, "RFC 3339: 2026-07-01T00:00:00Z", "RFC 3339の日時です。")
    return text


def _body(ask: Ask) -> Body:
    try:
        return msgspec.json.decode(ask.body or b"{}", type=Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"The search: {error}", f"検索の書き方: {error}") from None


def _query(ask: Ask) -> Body:
    collections, ids = p.names(ask, "collections"), p.names(ask, "ids")
    box = p.bbox_of(ask)
    shape: dict[str, Any] | None = None
    if "intersects" in ask.query:
        try:
            shape = msgspec.json.decode(ask.query["intersects"], type=dict[str, Any])
        except msgspec.DecodeError:
            text = ask.query["intersects"]
            raise p.bad("intersects", text, "a GeoJSON geometry", "GeoJSONの図形です。") from None
    return Body(
        collections=None if collections is None else list(collections),
        ids=None if ids is None else list(ids),
        bbox=None if box is None else list(box),
        intersects=shape,
        datetime=ask.query.get("datetime"),
        limit=p.limit_of(ask, 10),
        token=ask.query.get("token", ""),
    )


def _place(token: str) -> tuple[int, str | None]:
    number, point, inner = token.partition(".")
    if not token:
        return 0, None
    if not point or not number.isascii() or not number.isdigit() or len(number) > 6:
        raise p.bad(
            "token", token, "a token from a link of the page before", "前のページの値です。"
        )
    return int(number), inner or None
