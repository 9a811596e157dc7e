"""JMA's criteria per 1-km mesh (警報等の発表基準の格子別一覧): CSV in Shift-JIS, one an area.

https://www.jma.go.jp/jma/kishou/know/kijun_new/ has for each 府県予報区 the files 1_1 (surface rain
index), 1_2 (runoff index and composite), 1_3 and 1_4 (which meshes level 4 is judged at) and 2_1
to 2_3 (soil water index for each 60-minute rain from 0 to 150 mm: levels 5, 4 and 2).
"""

from __future__ import annotations

from hinomi.standards.jma_criteria.decoder import (
    NONE,
    Composite,
    Criteria,
    Table,
    decode,
    looks_like,
)

__all__ = ["NONE", "Composite", "Criteria", "Table", "decode", "looks_like"]
