"""浸水ランク: the depth classes of Japan's inundation maps, with their colours.

MLIT (国土交通省), 水害ハザードマップ作成の手引き (2016): limits 0.5, 3, 5, 10 and 20 m, and the RGB
values of the standard legend. They stand for the floor of the ground floor, the floor and the
ceiling of the first floor, and houses of more floors.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import Text


class Rank(msgspec.Struct, frozen=True):
    """One class: from ``from_m`` of depth on."""

    number: int
    from_m: float
    label: Text
    colour: str


RANKS = (
    Rank(1, 0.0, Text("0.5m未満", "under 0.5 m"), "#f7f5a9"),
    Rank(2, 0.5, Text("0.5m以上3.0m未満", "0.5 to 3 m"), "#ffd8c0"),
    Rank(3, 3.0, Text("3.0m以上5.0m未満", "3 to 5 m"), "#ffb7b7"),
    Rank(4, 5.0, Text("5.0m以上10.0m未満", "5 to 10 m"), "#ff9191"),
    Rank(5, 10.0, Text("10.0m以上20.0m未満", "10 to 20 m"), "#f285c9"),
    Rank(6, 20.0, Text("20.0m以上", "20 m and more"), "#dc7adc"),
)
LEAST_M = 0.05
"""[m] less than this is called dry: puddles, and what a model of the ground cannot tell."""


def rank_of(depth_m: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the class of each depth [m]; 0 is dry.

    Example:
        >>> rank_of(np.array([0.0, 0.3, 0.5, 25.0])).tolist()
        [0, 1, 2, 6]
    """
    limits = [LEAST_M, *(rank.from_m for rank in RANKS[1:])]
    ranks: NDArray[np.uint8] = np.digitize(depth_m, limits).astype(np.uint8)
    return ranks
