"""Mapbox Vector Tiles 2.1: geometry in tile units and attributes, to and from protobuf bytes.

The encoder writes whole layers at once with NumPy; it leaves clipping, simplifying and the
choice of attributes to its caller.

References:
    Mapbox Vector Tile Specification 2.1, https://github.com/mapbox/vector-tile-spec (CC-BY 3.0).
"""

from hinomi.standards.mvt.decode import decode
from hinomi.standards.mvt.encode import Encoded, encode
from hinomi.standards.mvt.geometry import path_geometries, point_geometries
from hinomi.standards.mvt.tile import LINE, POINT, POLYGON, Feature, Layer, Scalar

__all__ = [
    "LINE",
    "POINT",
    "POLYGON",
    "Encoded",
    "Feature",
    "Layer",
    "Scalar",
    "decode",
    "encode",
    "path_geometries",
    "point_geometries",
]
