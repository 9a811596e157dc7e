"""Manning's n from land use (土地利用から粗度): a grid of classes and a table that says n of each.

The table is data with its source, not a constant here: handbooks differ by a factor of two, and the
one that a river's office uses is the one that its results have to be compared with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError, Text

Array = NDArray[Any]

KSJ_CLASSES = {
    1: Text("田", "paddy"),
    2: Text("その他の農用地", "other farmland"),
    5: Text("森林", "forest"),
    6: Text("荒地", "waste land"),
    7: Text("建物用地", "buildings"),
    9: Text("幹線交通用地", "roads and railways"),
    10: Text("その他の用地", "other"),
    11: Text("河川地及び湖沼", "rivers and lakes"),
    14: Text("海浜", "beach"),
    15: Text("海水域", "sea"),
    16: Text("ゴルフ場", "golf course"),
}
"""国土数値情報 土地利用細分メッシュ, code list LandUseCd-YY of 1991 to 2006; its letters A to G as
10 to 16. From 2009 on the codes are a hundred times these (and 901, 902: roads, railways)."""
_LEAST, _MOST = 0.008, 0.5
"""Smoother than glass or rougher than any wood: such a table is in error (Chow 1959, table 5-6, has
0.009 to 0.2)."""


def roughness(classes: Array, manning: Mapping[int, float]) -> Array:
    """Return Manning's n of each cell.

    Args:
        classes: [shape (rows, columns)] land use of each cell, as in ``manning``.
        manning: [s m^(-1/3)] n of each class.

    Raises:
        InputError: a class has no n (with how many cells), or an n can be no ground's.

    Example:
        >>> roughness(np.array([[1, 7]]), {1: 0.06, 7: 0.04}).tolist()
        [[0.06, 0.04]]
    """
    beyond = [f"{key}: {n}" for key, n in manning.items() if not _LEAST <= n <= _MOST]
    if beyond or not manning:
        raise InputError(
            f"manning of {', '.join(beyond) or 'no class'}: expected {_LEAST} to {_MOST}.",
            f"粗度係数は{_LEAST}~{_MOST}の値が必要です。",
        )
    keys = np.array(sorted(manning))
    values = np.array([manning[int(key)] for key in keys])
    at = np.searchsorted(keys, classes).clip(0, keys.size - 1)
    unknown = keys[at] != classes
    if unknown.any():
        found, counts = np.unique(np.asarray(classes)[unknown], return_counts=True)
        told = ", ".join(f"{one} ({n} cells)" for one, n in zip(found, counts, strict=True))
        raise InputError(
            f"land use {told}: the table gives no n for it.",
            f"土地利用{told}の粗度係数が表にありません。",
        )
    return np.asarray(values[at])
