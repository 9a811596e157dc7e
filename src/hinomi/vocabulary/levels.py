"""JMA's five levels (警戒レベル相当), their official colours and names.

Names and structure: the reform of the warnings of May 2026 (「新たな防災気象情報」). Colours:
気象庁ホームページにおける気象情報の配色に関する設定指針, alert levels 1 to 5. A level of JMA's
*corresponds* to a level of alert; the evacuation order itself is the municipality's.
"""

from __future__ import annotations

import re

import msgspec

from hinomi.kernel.errors import Text


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One level: its number, what it is called, its colour and what it asks of people."""

    number: int
    name: Text
    colour: str
    """``#rrggbb``; the level 0 has none."""
    ink: str
    """Text upon the colour."""
    asks: Text


LEVELS: tuple[Level, ...] = (
    Level(
        number=0,
        name=Text("発表なし", "nothing in force"),
        colour="",
        ink="#1b2430",
        asks=Text("", ""),
    ),
    Level(
        number=1,
        name=Text("レベル１ 早期注意情報", "Level 1: early notice"),
        colour="#ffffff",
        ink="#1b2430",
        asks=Text("災害への心構えを高める", "be prepared in mind"),
    ),
    Level(
        number=2,
        name=Text("レベル２ 注意報", "Level 2: advisory"),
        colour="#f2e700",
        ink="#1b2430",
        asks=Text("避難行動を確認する", "check how you would evacuate"),
    ),
    Level(
        number=3,
        name=Text("レベル３ 警報", "Level 3: warning"),
        colour="#ff2800",
        ink="#ffffff",
        asks=Text("高齢者等は危険な場所から避難", "those who need time leave dangerous places"),
    ),
    Level(
        number=4,
        name=Text("レベル４ 危険警報", "Level 4: danger warning"),
        colour="#aa00aa",
        ink="#ffffff",
        asks=Text("危険な場所から全員避難", "everyone leaves dangerous places"),
    ),
    Level(
        number=5,
        name=Text("レベル５ 特別警報", "Level 5: emergency warning"),
        colour="#0c000c",
        ink="#ffffff",
        asks=Text("命の危険 直ちに安全確保", "life is in danger: save yourselves at once"),
    ),
)

_STATED = re.compile("レベル([１-５1-5])")
_EQUIVALENTS = (
    ("特別警報", 5),
    ("危険警報", 4),
    ("高潮警報", 4),
    ("警報", 3),
    ("注意報", 2),
)


def stated_level(name: str) -> int | None:
    """Return the level that a kind's or a danger's official name states, None where it does not.

    Example:
        >>> stated_level("レベル４大雨危険警報"), stated_level("警戒レベル２未満")
        (4, 1)
        >>> stated_level("大雨警報")
    """
    found = _STATED.search(name)
    if found is None:
        return None
    return int(found[1]) - name.endswith("未満")


def equivalent_level(name: str) -> int | None:
    """Return the level that a kind without a number stands for: 注意報 2, 警報 3, 特別警報 5.

    Until the reform of 2026, 高潮警報 corresponded to level 4 (避難情報に関するガイドライン).

    Limits:
        The old 警報 of JMA may stand for the danger level 4 (VPWW53/54 lower it to 警報), so an
        equivalent understates; where a level is stated, that one holds.
    """
    return next((level for word, level in _EQUIVALENTS if name.endswith(word)), None)
