"""Bytes to gauges: the snapshot at once where it is sound, else an item at a time."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.vocabulary.numbers import quote_not_numbers

HEAD_BYTES = 4096


class Item(msgspec.Struct, frozen=True, rename="camel"):
    """One gauge with its reading; levels [m, on the gauge's datum]."""

    code: str
    obs_time: str
    name: str = ""
    kana: str | None = None
    level: float | None = None
    town_code: str | None = None
    over: int | None = None
    start_level: float | None = None
    warn_level: float | None = None
    flad_level: float | None = None
    qt: int | None = None
    place_river: str | None = None
    place_city: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Snapshot(msgspec.Struct):
    """All gauges of one moment, numbered as in the file, and what is wrong with others."""

    items: list[tuple[int, Item]]
    generated_at: datetime | None = None
    flood_count: int | None = None
    """The sender's own count of gauges at or above 氾濫開始水位."""
    problems: list[Problem] = []


class _Whole(msgspec.Struct, rename="camel"):
    items: list[Item]
    generated_at: str | None = None
    flood_count: int | None = None


class _Loose(msgspec.Struct, rename="camel"):
    items: list[msgspec.Raw]
    generated_at: object = None
    flood_count: object = None


_WHOLE = msgspec.json.Decoder(_Whole)
_LOOSE = msgspec.json.Decoder(_Loose)
_ITEM = msgspec.json.Decoder(Item)


def looks_like(data: bytes) -> bool:
    """Tell whether a file's first bytes are a snapshot's."""
    head = data[:HEAD_BYTES]
    return b'"fladLevel"' in head and b'"obsTime"' in head and b'"items"' in head


def decode(data: bytes) -> Snapshot:
    """Return the snapshot's gauges and a problem for each that is broken.

    Raises:
        DataError: nothing can be read.
    """
    try:
        try:
            whole = _WHOLE.decode(data)
        except msgspec.DecodeError as error:
            broken_value = isinstance(error, msgspec.ValidationError)
            return _one_by_one(_LOOSE.decode(data if broken_value else quote_not_numbers(data)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(
            [
                Problem(
                    "gauges.unreadable",
                    "",
                    Text(f"水位のJSONとして読めません: {error}", f"Not a snapshot: {error}"),
                    expected='{"items": [{"code": ..., "obsTime": ..., "level": ...}]}',
                )
            ]
        ) from None
    generated = _instant(whole.generated_at)
    return Snapshot(list(enumerate(whole.items)), generated, whole.flood_count)


def _one_by_one(loose: _Loose) -> Snapshot:
    items: list[tuple[int, Item]] = []
    problems: list[Problem] = []
    for number, raw in enumerate(loose.items):
        try:
            items.append((number, _ITEM.decode(raw)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problems.append(
                Problem(
                    "gauges.broken-item",
                    f"/items[{number}]",
                    Text(f"観測値が壊れています: {error}", f"The item is broken: {error}"),
                    found=str(error)[:200],
                    expected="code, obsTime, level",
                )
            )
    count = loose.flood_count if isinstance(loose.flood_count, int) else None
    return Snapshot(items, _instant(loose.generated_at), count, problems)


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
