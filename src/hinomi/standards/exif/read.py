"""The TIFF structure that EXIF is written in, read with every offset and count bounded."""

from __future__ import annotations

import math
import re
import struct
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.vocabulary.times import JST

MAX_ENTRIES = 500
"""Entries of one directory; cameras write some 60."""
MAX_VALUES = 1_024
"""Bytes of one value that are read: names and times are short."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8}
"""Bytes of each type (TIFF 6.0, page 15)."""
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_MAKE, _MODEL, _ORIENTATION, _CHANGED = 0x010F, 0x0110, 0x0112, 0x0132
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011
_TURNS = frozenset(map(float, range(1, 9)))
_TIME = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z", re.ASCII)

Value: TypeAlias = str | tuple[float, ...]
Tags: TypeAlias = dict[int, Value]


class Exif(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the photo says of itself; what is absent or cannot be is None, with its problem."""

    taken_at: datetime | None = None
    """DateTimeOriginal, UTC."""
    zone_stated: bool = False
    """Whether OffsetTimeOriginal was there; otherwise the time was read as Japan's."""
    gps_at: datetime | None = None
    """The satellites' time of the position, UTC."""
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    """GPSHPositioningError [m]."""
    direction_deg: float | None = None
    """Where the camera looked, clockwise from north [degrees]."""
    camera: str = ""
    orientation: int = 1
    """1 to 8, as the standard numbers how the picture lies."""
    problems: tuple[Problem, ...] = ()


def decode(data: bytes) -> Exif:
    """Return what the EXIF says; never raises: what cannot be read is told as a problem."""
    problems: list[Problem] = []
    tiff = _Tiff(data, problems)
    main = tiff.directory(tiff.first(), "IFD0")
    detail = tiff.directory(_pointer(main, _EXIF_IFD), "Exif")
    gps = tiff.directory(_pointer(main, _GPS_IFD), "GPS")
    taken_at, stated = _taken(main, detail, problems)
    longitude, latitude = _position(gps, problems)
    orientation = _number(main, _ORIENTATION) or 1.0
    accuracy = _number(gps, 0x1F)
    direction = _number(gps, 0x11)
    return Exif(
        taken_at=taken_at,
        zone_stated=stated,
        gps_at=_gps_time(gps, problems),
        longitude=longitude,
        latitude=latitude,
        accuracy_m=accuracy if accuracy is not None and 0 < accuracy < 1e6 else None,
        direction_deg=direction if direction is not None and 0 <= direction < 360 else None,
        camera=" ".join(filter(None, (_text(main, _MAKE), _text(main, _MODEL))))[:100],
        orientation=int(orientation) if orientation in _TURNS else 1,
        problems=tuple(problems),
    )


class _Tiff:
    """Directories of one TIFF structure; each is read once, so none leads round in a circle."""

    def __init__(self, data: bytes, problems: list[Problem]) -> None:
        self._data = data
        self._problems = problems
        self._order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4], "")
        self._read: set[int] = set()
        if not self._order:
            problems.append(_problem("exif.no-tiff", "", "EXIFの形ではありません", "is no EXIF"))

    def first(self) -> int:
        """Return the offset of the first directory, 0 where there is none."""
        if not self._order or len(self._data) < 8:
            return 0
        (offset,) = struct.unpack_from(f"{self._order}I", self._data, 4)
        return int(offset)

    def directory(self, offset: int, name: str) -> Tags:
        """Return the tags of the directory at an offset."""
        if not self._order or offset < 8 or offset in self._read:
            return {}
        self._read.add(offset)
        found: Tags = {}
        try:
            (count,) = struct.unpack_from(f"{self._order}H", self._data, offset)
            for number in range(min(count, MAX_ENTRIES)):
                self._entry(found, offset + 2 + 12 * number)
        except struct.error:
            self._problems.append(
                _problem("exif.cut-off", name, "EXIFが途中で切れています", "the EXIF is cut off")
            )
        return found

    def _entry(self, found: Tags, at: int) -> None:
        tag, kind, count = struct.unpack_from(f"{self._order}HHI", self._data, at)
        size = _SIZES.get(kind, 0) * count
        if not 0 < size <= MAX_VALUES:
            return
        where = at + 8
        if size > 4:
            (where,) = struct.unpack_from(f"{self._order}I", self._data, where)
        raw = self._data[where : where + size]
        if len(raw) == size:
            found[tag] = self._value(kind, count, raw)

    def _value(self, kind: int, count: int, raw: bytes) -> Value:
        if kind in {2, 7}:
            return raw.split(b"\x00", 1)[0].decode("utf-8", "replace").strip()
        if kind in {5, 10}:
            pairs = struct.unpack(f"{self._order}{2 * count}{'I' if kind == 5 else 'i'}", raw)
            return tuple(
                top / bottom if bottom else math.nan
                for top, bottom in zip(pairs[::2], pairs[1::2], strict=True)
            )
        letter = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}[kind]
        return tuple(map(float, struct.unpack(f"{self._order}{count}{letter}", raw)))


def _taken(main: Tags, detail: Tags, problems: list[Problem]) -> tuple[datetime | None, bool]:
    text = _text(detail, _TAKEN) or _text(main, _CHANGED)
    if not text.strip(" :0"):
        return None, False
    offset = _OFFSET.match(_text(detail, _TAKEN_OFFSET))
    zone = JST
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        if minutes <= 14 * 60:
            zone = timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
        else:
            offset = None
    found = _TIME.match(text)
    try:
        if found is None:
            raise ValueError(text)
        taken = datetime(*map(int, found.groups()), tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]
    except (ValueError, OverflowError):
        problems.append(
            _problem("exif.no-time", "DateTimeOriginal", "読めない撮影時刻です",
                     "is no time", text[:40])
        )  # fmt: skip
        return None, False
    if offset is None:
        problems.append(
            _problem("exif.zone-assumed", "DateTimeOriginal",
                     "時差が書かれていないため日本時間とみなしました",
                     "has no zone; read as Japan's time", text[:40])
        )  # fmt: skip
    return taken, offset is not None


def _gps_time(gps: Tags, problems: list[Problem]) -> datetime | None:
    clock, text = gps.get(0x07), _text(gps, 0x1D)
    if not isinstance(clock, tuple) or len(clock) != 3 or not text:
        return None
    try:
        year, month, day = (int(part) for part in re.split(r"[:\-/]", text))
        hour, minute, second = (int(part) for part in clock)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        problems.append(
            _problem("exif.no-time", "GPSTimeStamp", "読めないGPS時刻です", "is no time", text[:40])
        )
        return None


def _position(gps: Tags, problems: list[Problem]) -> tuple[float | None, float | None]:
    latitude = _degrees(gps.get(0x02), _text(gps, 0x01), "NS", 90)
    longitude = _degrees(gps.get(0x04), _text(gps, 0x03), "EW", 180)
    if latitude is None and longitude is None and 0x02 not in gps and 0x04 not in gps:
        return None, None
    if latitude is None or longitude is None:
        problems.append(
            _problem("exif.no-position", "GPSLatitude, GPSLongitude", "位置として読めません",
                     "is no position", f"{gps.get(0x02)} {gps.get(0x04)}"[:100])
        )  # fmt: skip
        return None, None
    if latitude == 0 and longitude == 0:
        problems.append(
            _problem("exif.null-island", "GPSLatitude, GPSLongitude",
                     "緯度0・経度0は位置が得られなかった印です",
                     "is 0, 0: the camera had no position")
        )  # fmt: skip
        return None, None
    if not _text(gps, 0x01) or not _text(gps, 0x03):
        problems.append(
            _problem("exif.hemisphere-assumed", "GPSLatitudeRef, GPSLongitudeRef",
                     "南北・東西が書かれていないため北緯・東経とみなしました",
                     "no hemisphere is given; read as north and east")
        )  # fmt: skip
    return longitude, latitude


def _degrees(value: Value | None, side: str, sides: str, most: float) -> float | None:
    """Return degrees of an angle in degrees, minutes and seconds; None where it is none."""
    if not isinstance(value, tuple) or not 1 <= len(value) <= 3:
        return None
    parts = (*value, 0.0, 0.0)[:3]
    if not all(map(math.isfinite, parts)) or min(parts) < 0 or max(parts[1:]) >= 60.0001:
        return None
    found = parts[0] + parts[1] / 60 + parts[2] / 3600
    if found > most or (side and side[0].upper() not in sides):
        return None
    return -found if side[:1].upper() == sides[1] else found


def _pointer(tags: Tags, tag: int) -> int:
    found = _number(tags, tag)
    return int(found) if found is not None else 0


def _number(tags: Tags, tag: int) -> float | None:
    value = tags.get(tag)
    if isinstance(value, tuple) and len(value) == 1 and math.isfinite(value[0]):
        return value[0]
    return None


def _text(tags: Tags, tag: int) -> str:
    value = tags.get(tag, "")
    if not isinstance(value, str):
        return ""
    return "".join(c for c in value if c.isprintable())


def _problem(code: str, path: str, ja: str, en: str, found: str = "") -> Problem:
    return Problem(code, f"exif/{path}", Text(ja, en), grade="note", found=found)
