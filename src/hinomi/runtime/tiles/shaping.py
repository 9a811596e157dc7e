"""Lines and areas of one tile: simplified for its zoom, cut at its edge, valid in whole units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hinomi.runtime.tiles.grid import EXTENT, Address
from hinomi.runtime.tiles.rows import Flags, Ints, Objects, Rows
from hinomi.standards.mvt import LINE, POINT, POLYGON, path_geometries

BUFFER = 64 / EXTENT
"""Of a tile's edge, kept around it so that outlines of its edges are not drawn."""
PIXEL = 1 / 512
"""Of a tile's edge: what is smaller is drawn as one pixel."""
DEEPEST_KEPT = 12
"""Zoom up to which simplified shapes are kept; below it a tile's piece is cut first."""

Made = tuple[int, bytes, dict[str, Any]]

_KIND = {0: POINT, 1: LINE, 2: LINE, 3: POLYGON, 4: POINT, 5: LINE, 6: POLYGON}
"""GEOS geometry type to the tile's."""


def encoded_shapes(rows: Rows, address: Address, valid: Flags | None) -> Iterator[Made]:
    """Yield kind, geometry and attributes of all shapes in a tile."""
    box = address.box(BUFFER)
    chosen = rows.inside(box, valid)
    if not len(chosen):
        return
    sizes = rows.box[chosen]
    extent = np.maximum(sizes[:, 2] - sizes[:, 0], sizes[:, 3] - sizes[:, 1])
    tiny = extent < address.size * PIXEL
    # Many points under one name stay points, however close they lie.
    tiny &= shapely.get_dimensions(np.array([rows.shape[n] for n in chosen], object)) != 0
    shapes, owners, counts = _pixels(rows, chosen[tiny], address)
    larger = chosen[~tiny]
    if len(larger):
        cut = _cut(_simplified(rows, larger, address.zoom), rows.box[larger], box)
        moved = shapely.transform(cut, lambda xy: _units(xy, address))
        shapes = np.concatenate((_whole_units(moved), shapes))
        owners = np.concatenate((larger, owners))
        counts = np.concatenate((np.ones(len(larger), np.int64), counts))
    for kind in (POLYGON, LINE, POINT):
        yield from _of_kind(kind, shapes, rows, owners, counts)


def _units(xy: NDArray[np.float64], address: Address) -> NDArray[np.float64]:
    return (xy - (address.west, address.north)) * (EXTENT / address.size)


def _pixels(rows: Rows, chosen: Ints, address: Address) -> tuple[Objects, Ints, Ints]:
    """Return one square for all that is smaller than a pixel, of one class and in one pixel."""
    empty = np.empty(0, object), np.empty(0, np.int64), np.empty(0, np.int64)
    if not len(chosen):
        return empty
    boxes = rows.box[chosen]
    middle = np.stack(((boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2), axis=1)
    steps = np.floor((middle - (address.west, address.north)) / (address.size * PIXEL))
    cells = np.column_stack((steps.astype(np.int64), rows.class_[chosen]))
    used, first, counts = np.unique(cells, axis=0, return_index=True, return_counts=True)
    side = EXTENT * PIXEL
    corner = used[:, :2] * side
    squares = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + side, corner[:, 1] + side)
    lines = shapely.get_dimensions(np.array([rows.shape[n] for n in chosen[first]], object)) == 1
    squares[lines] = shapely.boundary(squares[lines])
    return squares, chosen[first], counts


def _simplified(rows: Rows, chosen: Ints, zoom: int) -> Objects:
    """Return the shapes without what half a pixel hides; kept, since neighbours need them too."""
    if zoom > DEEPEST_KEPT:
        return np.array([rows.shape[n] for n in chosen.tolist()], object)
    kept = rows.simplified.setdefault(zoom, {})
    new = [n for n in chosen.tolist() if n not in kept]
    if new:
        tolerance = PIXEL / 2 / (1 << zoom)
        made = shapely.simplify(
            np.array([rows.shape[n] for n in new], object), tolerance, preserve_topology=True
        )
        kept.update(zip(new, made, strict=True))
    return np.array([kept[n] for n in chosen.tolist()], object)


def _cut(
    shapes: Objects, boxes: NDArray[np.float64], box: tuple[float, float, float, float]
) -> Objects:
    """Cut what reaches over the buffer's edge."""
    west, north, east, south = box
    over = (boxes[:, 0] < west) | (boxes[:, 1] < north)
    over |= (boxes[:, 2] > east) | (boxes[:, 3] > south)
    if over.any():
        shapes = shapes.copy()
        shapes[over] = shapely.clip_by_rect(shapes[over], west, north, east, south)
    return shapes


def _whole_units(shapes: Objects) -> Objects:
    """Return the shapes upon whole units, areas still valid (section 4.3.3.3 of the format).

    Most are valid when they are rounded; GEOS's slower way is for the others.
    """
    rounded: Objects = shapely.remove_repeated_points(shapely.transform(shapes, np.rint))
    bad = ~shapely.is_valid(rounded)
    if bad.any():
        mended = shapely.make_valid(shapes[bad])
        rounded[bad] = shapely.set_precision(mended, 1.0)
    return rounded


def _of_kind(kind: int, shapes: Objects, rows: Rows, owners: Ints, counts: Ints) -> Iterator[Made]:
    """Yield the parts of one kind, those of one thing together."""
    parts, of = _parts(shapes)
    types = shapely.get_type_id(parts)
    fits = np.fromiter((_KIND.get(t) == kind for t in types.tolist()), np.bool_, len(types))
    # A cut area may leave a line behind: only what the thing itself has is drawn.
    whole = shapely.get_dimensions(np.array([rows.shape[n] for n in owners.tolist()], object))
    if kind != POLYGON:
        fits &= whole[of] == {POINT: 0, LINE: 1}[kind]
    parts, of = parts[fits], of[fits]
    if not len(parts):
        return
    positions, sizes, part_of = _positions(kind, parts, of)
    if not len(positions):
        return
    used, per = np.unique(part_of, return_counts=True)
    made = path_geometries(kind, positions, sizes, per)
    for n, geometry in zip(used.tolist(), made, strict=True):
        properties = rows.attributes[owners[n]] or {}
        if counts[n] > 1:
            properties = {**properties, "point_count": int(counts[n])}
        yield kind, geometry, properties


def _parts(shapes: Objects) -> tuple[Objects, Ints]:
    parts, of = shapely.get_parts(shapes, return_index=True)
    # Once more: a collection may hold collections of its own.
    deeper, at = shapely.get_parts(parts, return_index=True)
    return deeper, of[at]


def _positions(kind: int, parts: Objects, of: Ints) -> tuple[Ints, Ints, Ints]:
    """Return positions [tile units], each path's number of them and the shape it belongs to."""
    if kind == POLYGON:
        # In units y runs down; the format wants the outer ring's formula positive.
        turned = shapely.orient_polygons(parts, exterior_cw=False)
        parts, ring_of = shapely.get_rings(turned, return_index=True)
        of = of[ring_of]
    positions, path = shapely.get_coordinates(parts, return_index=True)
    if kind == POINT:
        margin = BUFFER * EXTENT
        inside = ((positions >= -margin) & (positions < EXTENT + margin)).all(axis=1)
        positions, path = positions[inside], path[inside]
        used, sizes = np.unique(path, return_counts=True)
        return np.floor(positions).astype(np.int64), sizes, of[used]
    sizes = np.bincount(path, minlength=len(parts))
    return np.rint(positions).astype(np.int64), sizes, of
