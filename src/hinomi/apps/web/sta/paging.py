"""Order and pages: keys that compare, and tokens that hold the place by what was shown last."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cmp_to_key
from typing import Any

import msgspec

from hinomi.apps.web.sta.rows import Row
from hinomi.kernel.errors import InputError
from hinomi.kernel.records import micros
from hinomi.standards.odata import Options, Order, Path

Key = tuple[Any, ...]
PAGE = 100
"""Entities of a page unless $top says otherwise."""
MOST_PAGE = 10_000


def sort_value(value: Any) -> tuple[int, Any]:
    """Return a value that compares with any other: nothing first, then by kind."""
    if isinstance(value, tuple) and value and isinstance(value[0], datetime):
        value = value[0]
    if isinstance(value, bool):
        return 1, int(value)
    if isinstance(value, int | float):
        return 2, value
    if isinstance(value, datetime):
        return 3, micros(value)
    if isinstance(value, str):
        return 4, value
    return 0, 0


def comparer(descending: Sequence[bool]) -> Callable[[Key, Key], int]:
    """Return a comparison of keys, each part in its own direction."""

    def compare(one: Key, two: Key) -> int:
        for left, right, down in zip(one, two, descending, strict=True):
            if left != right:
                return (-1 if left < right else 1) * (-1 if down else 1)
        return 0

    return compare


def in_order(keyed: list[tuple[Key, Any]], descending: Sequence[bool]) -> list[tuple[Key, Any]]:
    """Return (key, what it is of) in the keys' order."""
    compare = cmp_to_key(comparer(descending))
    return sorted(keyed, key=lambda entry: compare(entry[0]))


def token_of(key: Key) -> str:
    """Return a place as text for an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def read_token(text: str) -> list[Any]:
    """Return a place; what is none was not given by us.

    Raises:
        InputError: it is no token.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        found = msgspec.json.decode(raw, type=list[Any])
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        raise bad_token() from None
    return found


def bad_token() -> InputError:
    """Return the error of a token that is none of ours."""
    return InputError("$skiptoken is not from one of our links.", "$skiptokenが正しくありません。")


def top_of(options: Options) -> int:
    """Return how many entities a page is to hold."""
    return min(options.top if options.top is not None else PAGE, MOST_PAGE)


def by_time(orderby: tuple[Order, ...]) -> bool | None:
    """Return True: newest first (the usual), False: oldest first, None: another order."""
    if not orderby:
        return True
    first = orderby[0].node
    if isinstance(first, Path) and first.parts in {("phenomenonTime",), ("resultTime",)}:
        return orderby[0].descending
    return None


def passed(row: Row, time: int, series: str, *, down: bool) -> bool:
    """Tell whether an observation comes after a place in the order of time."""
    at = row.properties["phenomenonTime"]
    if at == time:
        return bool(row.links["Datastream"] > series)
    return bool(at < time) if down else bool(at > time)
