"""J-SHIS's surface ground (表層地盤データ) of 250-m meshes: CSV, a file a first mesh or for Japan.

J-SHIS データ規約集 「表層地盤データ記述ファイル規約」 (NIED): comments begin with ``#``, the last
of them may name the columns CODE, JCODE, AVS, ARV (V4 adds AVS_EB, AVS_REF); then one mesh a line.
"""

from __future__ import annotations

from hinomi.standards.jshis_ground.decoder import (
    MESH_LAT,
    MESH_LON,
    Ground,
    decode,
    encode,
    looks_like,
    south_west,
)

__all__ = ["MESH_LAT", "MESH_LON", "Ground", "decode", "encode", "looks_like", "south_west"]
