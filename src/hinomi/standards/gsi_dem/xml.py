"""基盤地図情報 数値標高モデル: a mesh of heights in GML 3.2 (JPGIS 2014)."""

from __future__ import annotations

import math
import re

import numpy as np
from lxml import etree

from hinomi.standards.gsi_dem.tiles import Grid, broken

_NONE_M = -9999.0
_MOST_CELLS = 4_000_000
"""A 5 m mesh has 150 x 225 cells, a 1 m mesh 750 x 1125."""


def decode_xml(data: bytes) -> Grid:
    """Return one mesh. Heights fill the grid in order from ``startPoint``; what is left is no data.

    Raises:
        DataError: it is no such file, or its numbers do not fit together.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise broken("xml", "file", f"no XML: {error.msg}", "XMLとして読めません。") from None
    south, west = _pair(root, "lowerCorner", float)
    north, east = _pair(root, "upperCorner", float)
    columns, rows = (int(n) + 1 for n in _pair(root, "high", int))
    start_x, start_y = _pair(root, "startPoint", int) if _text(root, "startPoint") else (0, 0)
    if not (0 < rows * columns <= _MOST_CELLS and 0 <= start_x < columns and 0 <= start_y < rows):
        raise broken(
            "xml-size", "GridEnvelope", "no such grid.", "格子の大きさが正しくありません。"
        )
    text = _text(root, "tupleList")
    values = [line.rpartition(",")[2].strip() for line in text.split("\n") if line.strip()]
    first = start_y * columns + start_x
    if not values or first + len(values) > rows * columns:
        raise broken(
            "xml-count", "tupleList", f"{len(values)} heights from {first}: the grid has"
            f" {rows * columns} cells.", "標高の個数が格子と合いません。",
        )  # fmt: skip
    flat = np.full(rows * columns, math.nan)
    try:
        flat[first : first + len(values)] = [float(value) for value in values]
    except ValueError:
        raise broken(
            "xml-values", "tupleList", "no number.", "標高が数値ではありません。"
        ) from None
    flat[(flat == _NONE_M) | np.isinf(flat)] = math.nan
    return Grid(flat.reshape(rows, columns), west, north, east, south, _text(root, "mesh"))


def _text(root: etree._Element, name: str) -> str:
    found = next(root.iter(f"{{*}}{name}"), None)
    return (found.text or "").strip() if found is not None else ""


def _pair(root: etree._Element, name: str, kind: type[int] | type[float]) -> tuple[float, float]:
    parts = re.findall(r"-?\d+(?:\.\d+)?", _text(root, name))
    if len(parts) != 2:
        raise broken("xml-part", name, "expected two numbers.", "数値が2つ必要です。")
    return kind(parts[0]), kind(parts[1])
