"""GSI's elevation: tiles as PNG and as text, and 基盤地図情報 数値標高モデル (JPGIS GML).

Tiles: https://maps.gsi.go.jp/development/demtile.html.
GML: 基盤地図情報ダウンロードデータファイル仕様書.
"""

from hinomi.standards.gsi_dem.tiles import Grid, decode_png, decode_text, tile_corner_m
from hinomi.standards.gsi_dem.xml import decode_xml

__all__ = ["Grid", "decode_png", "decode_text", "decode_xml", "tile_corner_m"]
