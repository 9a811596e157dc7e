"""What stands in a box: blocks of people, buildings, roads, as one reader sees them."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from hinomi.kernel.geometry import BBox, Geometry
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored


class Standing(NamedTuple):
    """Things with a place, [shape (n,) each]."""

    items: list[Stored]
    properties: list[dict[str, Any]]
    shapes: NDArray[Any]
    """shapely's, made valid."""


class _Feature(msgspec.Struct):
    properties: dict[str, Any]
    geometry: Geometry | None


_FEATURE = msgspec.json.Decoder(_Feature)


def standing(reader: Reader, collection: str, box: BBox, *, lines: bool = False) -> Standing | None:
    """Return a collection's points and areas in a box, or its lines; None: it has nothing at all.

    Nothing in the box and nothing imported differ: the first is a count of 0, the second none.
    """
    if collection not in reader.catalog.collections:
        return None
    items, properties, places = [], [], []
    for item in reader.every(collection, bbox=box):
        feature = _FEATURE.decode(item.feature)
        if feature.geometry is None or lines is not ("Line" in feature.geometry["type"]):
            continue
        items.append(item)
        properties.append(feature.properties)
        places.append(msgspec.json.encode(feature.geometry))
    if not items and not reader.find(collection, limit=1).items:
        return None
    shapes = np.empty(len(items), object)
    if items:
        shapes[:] = shapely.make_valid(shapely.from_geojson(places))
    return Standing(items, properties, shapes)
