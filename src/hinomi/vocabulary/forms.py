"""What people fill in: an act's values, checked and typed; every fault is told, with its box."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from unicodedata import category

from hinomi.kernel.errors import DataError, InputError, Problem, Text
from hinomi.kernel.geometry import check_geometry
from hinomi.vocabulary.acts import Act, Input
from hinomi.vocabulary.times import JST

MAX_TEXT = 500
MAX_LONGTEXT = 10_000
MAX_MANY = 500
MAX_NUMBER = 1e12
_MUNICIPALITY_DIGITS = 7
_WORDS = frozenset({"text", "longtext", "key", "area"})


def typed(act: Act, given: Mapping[str, object]) -> dict[str, Any]:
    """Return the values by name, typed as :class:`Input` says; what is empty is left out.

    Of an item that stands, an empty box clears what was there: an empty text, or None. A time
    without a zone is Japan's.

    Raises:
        DataError: with every fault: unknown boxes, missing ones, values that do not fit.
    """
    problems = [
        _problem(name, Text("この項目はありません", "there is no such input"), "", names)
        for names in [", ".join(i.name for i in act.inputs)]
        for name in given.keys() - {i.name for i in act.inputs}
    ]
    found: dict[str, Any] = {}
    for box in act.inputs:
        value = given.get(box.name)
        if _empty(value):
            if box.required:
                text = Text(f"「{box.label.ja}」が必要です", f"{box.label.en!r} is required")
                problems.append(_problem(box.name, text, "", box.kind))
            elif box.name in given and not act.new and box.kind not in {"choice", "flag"}:
                found[box.name] = [] if box.many else "" if box.kind in _WORDS else None
            continue
        try:
            found[box.name] = _many(box, value) if box.many else _one(box, value)
        except InputError as error:
            problems.append(_problem(box.name, error.text, repr(value), box.kind))
    if problems:
        raise DataError(problems)
    return found


def _many(box: Input, value: object) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_MANY:
        raise InputError(f"More than {MAX_MANY} values.", f"{MAX_MANY}件を超えています")
    return [_one(box, v) for v in values if not _empty(v)]


def _one(box: Input, value: object) -> Any:
    match box.kind:
        case "number":
            return _number(value)
        case "flag":
            return _flag(value)
        case "time":
            return _time(value)
        case "place":
            return _place(value)
        case "choice":
            return _choice(box, _text(value, MAX_TEXT))
        case "area":
            return _area(_text(value, MAX_TEXT))
        case "longtext":
            return _text(value, MAX_LONGTEXT)
        case "text" | "key":
            return _line(value)


def _empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or value == []


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise InputError("expected a text", "文字で入れてください")
    text = value.strip().replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > longest:
        raise InputError(f"longer than {longest:,} characters", f"{longest:,}字を超えています")
    if any(category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in text):
        raise InputError("has control characters", "使えない文字(制御文字)があります")
    return text


def _line(value: object) -> str:
    text = _text(value, MAX_TEXT)
    if "\n" in text:
        raise InputError("is one line", "1行で入れてください")
    return text


def _number(value: object) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise InputError("expected a number", "数を入れてください")
    if abs(number) > MAX_NUMBER:
        raise InputError(f"is beyond {MAX_NUMBER:,.0f}", f"{MAX_NUMBER:,.0f}を超えています")
    return number


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    raise InputError("expected true or false", "true か false です")


def _time(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is not None:
            aware = found if found.tzinfo else found.replace(tzinfo=JST)
            return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InputError(
        "expected a time such as 2026-05-28T03:10 (JST) or with a zone",
        "時刻を入れてください(例 2026-05-28T03:10、日本時間)",
    )


def _choice(box: Input, text: str) -> str:
    if text not in {c.value for c in box.choices}:
        listed = ", ".join(c.value for c in box.choices)
        raise InputError(f"expected one of {listed}", f"選べるのは {listed} です")
    return text


def _area(text: str) -> str:
    if len(text) != _MUNICIPALITY_DIGITS or not (text.isascii() and text.isdigit()):
        raise InputError(
            "expected a municipality's 7-digit code", "市町村の7桁のコードを入れてください"
        )
    return text


def _place(value: object) -> dict[str, Any]:
    try:
        return check_geometry(value)
    except InputError:
        raise
    except (TypeError, KeyError, ValueError, AttributeError, RecursionError):
        raise InputError("expected a GeoJSON geometry", "GeoJSONの図形を入れてください") from None


def _problem(name: str, text: Text, found: str, expected: str) -> Problem:
    return Problem("act.value", f"values/{name[:80]}", text, found=found[:100], expected=expected)
