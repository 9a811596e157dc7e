"""Districts of evacuation orders: their keys, their municipality's name, their outline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.vocabulary.areas import find, key_of
from hinomi.vocabulary.times import day_in_japan

WHOLE = Text("全域", "all of it")
_AREAS = "areas"
_LEVELS = "hazards.levels"


def order_key(code: str, district: str) -> str:
    """Return ``municipality/district``."""
    if "/" in district:
        raise InputError("A district's name has no slash.", "地区名に「/」は使えません。")
    return f"{code}/{district}"


def where(municipality: str, districts: Sequence[str]) -> str:
    """Return municipality and districts as one name."""
    return f"{municipality} {'、'.join(districts)}"


def where_en(municipality: str, districts: Sequence[str]) -> str:
    """Return the same in English; districts have no English names but the whole."""
    names = [WHOLE.en if name == WHOLE.ja else name for name in districts]
    return f"{municipality}: {', '.join(names)}"


def municipality_of(reader: Reader, code: str, at: datetime) -> str:
    """Return the municipality's name; raises as :func:`names_of` does."""
    return names_of(reader, code, at).ja


def names_of(reader: Reader, code: str, at: datetime) -> Text:
    """Return the municipality's name, also in English where the table has one.

    Raises:
        InputError: no municipality has that code on that day.
    """
    known = find(code, day_in_japan(at), "municipality")
    if known is not None:
        return Text(known.name, known.name_en or known.name)
    area = _area(reader, code)
    if area is None:
        raise InputError(
            f"{code} is no municipality's code; it has 7 digits (JIS's 5 and 00).",
            f"{code}という市町村はありません。7桁のコード(例: 1720400)です。",
        )
    said = area.properties()
    return Text(said["name"], said.get("name_en") or said["name"])


def place_of(reader: Reader, code: str, stood: Stored | None) -> Geometry | None:
    """Return the outline of the order that stood there, or else the municipality's.

    The boundary is the imported one; where none was imported, that of its alert level.
    """
    for found in (stood, _area(reader, code), _level(reader, code)):
        place = found.place() if found is not None else None
        if place is not None:
            return place
    return None


def spot_of(reader: Reader, code: str) -> Geometry | None:
    """Return a point inside the municipality, for a symbol; None where nobody knows its outline."""
    outline = place_of(reader, code, None)
    return None if outline is None else spot_in(outline)


def spot_in(outline: Geometry) -> Geometry:
    """Return a point inside an outline."""
    from shapely.geometry import shape  # noqa: PLC0415  (only who draws pays for it)

    inside = shape(outline).representative_point()
    return point(round(inside.x, 5), round(inside.y, 5))


def _area(reader: Reader, code: str) -> Stored | None:
    if _AREAS not in reader.catalog.collections:
        return None
    key = key_of("municipality", code)
    return next(iter(reader.find(_AREAS, keys=(key,), limit=1).items), None)


def _level(reader: Reader, code: str) -> Stored | None:
    if _LEVELS not in reader.catalog.collections:
        return None
    return next(iter(reader.find(_LEVELS, keys=(code,), limit=1).items), None)
