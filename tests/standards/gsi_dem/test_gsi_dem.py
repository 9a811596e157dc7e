"""GSI's elevation in three encodings."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from hinomi.kernel.errors import DataError
from hinomi.standards.gsi_dem import decode_png, decode_text, decode_xml, tile_corner_m

TILE = "exchange/dem/gsi-dem-z8-x229-y94"


def png(pixels: np.ndarray, kind: int) -> bytes:
    """Return a PNG of RGB pixels with one line filter."""
    raw = bytearray()
    for i, row in enumerate(pixels.astype(int)):
        up = pixels[i - 1].astype(int) if i else np.zeros_like(row)
        left = np.vstack([np.zeros((1, 3), int), row[:-1]])
        corner = np.vstack([np.zeros((1, 3), int), up[:-1]])
        near = left + up - corner
        by = np.stack([abs(near - left), abs(near - up), abs(near - corner)])
        paeth = np.choose(by.argmin(0), [left, up, corner])
        guess = (np.zeros_like(row), left, up, (left + up) // 2, paeth)[kind]
        raw += bytes([kind]) + ((row - guess) & 255).astype(np.uint8).tobytes()

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(raw)))


def test_both_encodings_of_a_real_tile_agree(shared_data: Path) -> None:
    text = decode_text((shared_data / f"{TILE}.txt").read_bytes()).height_m
    image = decode_png((shared_data / f"{TILE}.png").read_bytes()).height_m
    assert (np.isnan(text) == np.isnan(image)).all()
    # GSI rounded the text and cut the PNG, each to a centimetre.
    assert np.nanmax(np.abs(text - image)) < 0.0101
    assert np.nanmean(text == image) > 0.3
    assert text[0, 0] == 565.42


@pytest.mark.parametrize("kind", range(5))
def test_each_line_filter_is_undone(kind: int) -> None:
    pixels = np.random.default_rng(kind).integers(0, 256, (256, 256, 3))
    pixels[3, 4] = (128, 0, 0)
    pixels[3, 5] = (255, 255, 255)
    pixels[3, 6] = (0, 3, 255)
    height = decode_png(png(pixels, kind)).height_m
    assert np.isnan(height[3, 4])
    assert (height[3, 5], height[3, 6]) == (-0.01, 10.23)
    count = (pixels * [65536, 256, 1]).sum(-1)
    signed = np.where(count > 2**23, count - 2**24, count) * 0.01
    assert np.allclose(height, np.where(count == 2**23, np.nan, signed), equal_nan=True)


MESH = """<?xml version="1.0" encoding="UTF-8"?>
<Dataset xmlns="http://fgd.gsi.go.jp/spec/2008/FGD_GMLSchema"
 xmlns:gml="http://www.opengis.net/gml/3.2"><DEM><mesh>54372700</mesh><coverage>
<gml:boundedBy><gml:Envelope><gml:lowerCorner>36.0 137.0</gml:lowerCorner>
<gml:upperCorner>36.1 137.2</gml:upperCorner></gml:Envelope></gml:boundedBy>
<gml:gridDomain><gml:Grid><gml:limits><gml:GridEnvelope><gml:low>0 0</gml:low>
<gml:high>2 1</gml:high></gml:GridEnvelope></gml:limits></gml:Grid></gml:gridDomain>
<gml:rangeSet><gml:DataBlock><gml:tupleList>
地表面,1.5
データなし,-9999.
地表面,2.5
</gml:tupleList></gml:DataBlock></gml:rangeSet>
<gml:coverageFunction><gml:GridFunction><gml:startPoint>1 0</gml:startPoint></gml:GridFunction>
</gml:coverageFunction></coverage></DEM></Dataset>"""


def test_a_mesh_starts_where_it_says_and_its_gaps_are_no_heights() -> None:
    grid = decode_xml(MESH.encode())
    nan = np.nan
    expected = [[nan, 1.5, nan], [2.5, nan, nan]]
    assert np.array_equal(grid.height_m, expected, equal_nan=True)
    assert (grid.west, grid.south, grid.east, grid.north) == (137.0, 36.0, 137.2, 36.1)
    assert grid.mesh == "54372700"


@pytest.mark.parametrize(
    ("decode", "data"),
    [
        (decode_text, b"1,2\n3,4\n"),
        (decode_text, b"\n".join([b",".join([b"x"] * 256)] * 256)),
        (decode_png, b"GIF89a"),
        (decode_png, png(np.zeros((256, 256, 3)), 0)[:60]),
        (decode_xml, b"<a>"),
        (decode_xml, MESH.replace("2 1</gml:high>", "0 0</gml:high>").encode()),
        (decode_xml, MESH.replace("1.5", "high").encode()),
    ],
)
def test_what_is_broken_is_refused_and_said(decode: object, data: bytes) -> None:
    with pytest.raises(DataError) as refused:
        decode(data)  # type: ignore[operator]
    assert refused.value.problems[0].code.startswith("gsi_dem.")


def test_a_tile_knows_its_place() -> None:
    west, north, cell = tile_corner_m(1, 1, 1)
    assert (west, north) == (0.0, 0.0)
    assert cell == pytest.approx(20037508.342789244 / 256)
