"""PMTiles: a collection's whole tile pyramid in one file, for maps without a server.

References:
    PMTiles version 3, https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md (CC0).
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.filters import Filter
from hinomi.kernel.reader import Reader
from hinomi.runtime.exports.notes import Notes
from hinomi.runtime.tiles.grid import Address, unproject
from hinomi.runtime.tiles.index import Index
from hinomi.runtime.tiles.making import MOST_POINTS, make
from hinomi.runtime.tiles.subject import subject_of

_WRITER: Any = Writer
"""Its own types are not complete."""
DEEPEST_POINTS, DEEPEST_SHAPES = 14, 12
SHALLOWEST = 6
"""The last zoom is at least this one: further in, clients enlarge what they have."""


def write(
    reader: Reader, catalog: Catalog, filter_: Filter | None, notes: Notes, target: Path
) -> None:
    """Write all tiles down to the zoom at which every point stands for itself."""
    index = Index(reader, subject_of(catalog, notes.collection, filter_), reader.visible())
    deepest = _deepest(index)
    west, south, east, north = _bounds(index)
    with target.open("wb") as out:
        writer: Any = _WRITER(out)
        addresses = [Address(0, 0, 0)]
        for zoom in range(deepest + 1):
            numbered = sorted((zxy_to_tileid(a.zoom, a.column, a.row), a) for a in addresses)
            addresses = []
            for number, address in numbered:
                tile = make(index, reader, address, None)
                if tile or not zoom:
                    writer.write_tile(number, gzip.compress(tile, 6, mtime=0))
                    addresses += _below(address)
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_zoom": 0,
            "max_zoom": deepest,
            "min_lon_e7": int(west * 1e7),
            "min_lat_e7": int(south * 1e7),
            "max_lon_e7": int(east * 1e7),
            "max_lat_e7": int(north * 1e7),
            "center_zoom": min(6, deepest),
            "center_lon_e7": int((west + east) / 2 * 1e7),
            "center_lat_e7": int((south + north) / 2 * 1e7),
        }
        writer.finalize(header, _metadata(index, notes, deepest))


def _metadata(index: Index, notes: Notes, deepest: int) -> dict[str, object]:
    fields = dict.fromkeys(("id", *index.subject.attributes), "String")
    return {
        "name": notes.title,
        "attribution": notes.licence,
        **{name.lower(): text for name, text in notes.fields().items()},
        "vector_layers": [
            {"id": notes.collection, "fields": fields, "minzoom": 0, "maxzoom": deepest}
        ],
    }


def _deepest(index: Index) -> int:
    last = DEEPEST_SHAPES if len(index.shapes) else SHALLOWEST
    while last < DEEPEST_POINTS and index.crowd(last) > MOST_POINTS:
        last += 1
    return last


def _below(address: Address) -> list[Address]:
    return [
        Address(address.zoom + 1, 2 * address.row + down, 2 * address.column + right)
        for down in (0, 1)
        for right in (0, 1)
    ]


def _bounds(index: Index) -> tuple[float, float, float, float]:
    boxes = np.vstack([rows.box[rows.alive] for rows in (index.points, index.shapes)])
    if not len(boxes):
        return -180.0, -85.0, 180.0, 85.0
    west, south = unproject(float(boxes[:, 0].min()), float(boxes[:, 3].max()))
    east, north = unproject(float(boxes[:, 2].max()), float(boxes[:, 1].min()))
    return west, south, east, north
