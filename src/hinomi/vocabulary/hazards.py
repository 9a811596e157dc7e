"""Hazards by stable ids, and what the kind codes of JMA's warnings mean.

The codes are those of JMA's code table 警報等情報要素／気象警報・注意報 as the official samples use
them; the reform of May 2026 adds 09, 29, 39, 43, 48 and 49. No code of the older products changed
its hazard, so one table serves both generations.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.kernel.errors import Text
from hinomi.vocabulary.levels import equivalent_level, stated_level

HAZARDS: dict[str, Text] = {
    "rain": Text("大雨", "heavy rain"),
    "landslide": Text("土砂災害", "landslide"),
    "inundation": Text("浸水", "inundation"),
    "flood": Text("洪水", "flood"),
    "storm": Text("暴風・強風", "storm"),
    "snowstorm": Text("暴風雪・風雪", "snowstorm"),
    "snow": Text("大雪", "heavy snow"),
    "wave": Text("波浪", "high waves"),
    "surge": Text("高潮", "storm surge"),
    "thunder": Text("雷", "thunder"),
    "snowmelt": Text("融雪", "snowmelt"),
    "fog": Text("濃霧", "dense fog"),
    "dry": Text("乾燥", "dry air"),
    "avalanche": Text("なだれ", "avalanche"),
    "cold": Text("低温", "low temperature"),
    "frost": Text("霜", "frost"),
    "icing": Text("着氷", "ice accretion"),
    "snow_accretion": Text("着雪", "snow accretion"),
    "other": Text("その他", "other"),
    "tornado": Text("竜巻", "tornado"),
    "record_rain": Text("記録的短時間大雨", "record rain in a short time"),
    "heat": Text("熱中症", "heat"),
}
"""Hazard id -> what it is called."""

KINDS: dict[str, tuple[str, str]] = {
    "02": ("snowstorm", "暴風雪警報"),
    "03": ("rain", "大雨警報"),
    "04": ("flood", "洪水警報"),
    "05": ("storm", "暴風警報"),
    "06": ("snow", "大雪警報"),
    "07": ("wave", "波浪警報"),
    "08": ("surge", "高潮警報"),
    "09": ("landslide", "土砂災害警報"),
    "10": ("rain", "大雨注意報"),
    "12": ("snow", "大雪注意報"),
    "13": ("snowstorm", "風雪注意報"),
    "14": ("thunder", "雷注意報"),
    "15": ("storm", "強風注意報"),
    "16": ("wave", "波浪注意報"),
    "17": ("snowmelt", "融雪注意報"),
    "18": ("flood", "洪水注意報"),
    "19": ("surge", "高潮注意報"),
    "20": ("fog", "濃霧注意報"),
    "21": ("dry", "乾燥注意報"),
    "22": ("avalanche", "なだれ注意報"),
    "23": ("cold", "低温注意報"),
    "24": ("frost", "霜注意報"),
    "25": ("icing", "着氷注意報"),
    "26": ("snow_accretion", "着雪注意報"),
    "27": ("other", "その他の注意報"),
    "29": ("landslide", "土砂災害注意報"),
    "32": ("snowstorm", "暴風雪特別警報"),
    "33": ("rain", "大雨特別警報"),
    "35": ("storm", "暴風特別警報"),
    "36": ("snow", "大雪特別警報"),
    "37": ("wave", "波浪特別警報"),
    "38": ("surge", "高潮特別警報"),
    "39": ("landslide", "土砂災害特別警報"),
    "43": ("rain", "大雨危険警報"),
    "48": ("surge", "高潮危険警報"),
    "49": ("landslide", "土砂災害危険警報"),
}
"""Kind code of 気象警報・注意報 -> hazard id, and the name without its level."""

AreaKind = Literal[
    "prefecture", "primary", "group", "municipality", "subdivision", "surge_section", "other"
]
"""府県予報区等, 一次細分区域等, 市町村等をまとめた地域等, 市町村等, 発表細分, 高潮予報区間."""

_AREA_KINDS: tuple[tuple[str, AreaKind], ...] = (
    ("まとめた地域", "group"),
    ("市町村等", "municipality"),
    ("一次細分", "primary"),
    ("府県予報区", "prefecture"),
    ("発表細分", "subdivision"),
    ("高潮予報区間", "surge_section"),
)


class Meaning(msgspec.Struct, frozen=True):
    """What a kind of warning means: of which hazard, at which level, and who says the level."""

    hazard: str
    level: int
    stated: bool
    """The name states the level; otherwise it is an equivalent of ours."""
    known: bool = True
    """The code is in the table."""


def meaning(code: str, name: str) -> Meaning:
    """Return the meaning of a kind of 気象警報・注意報 from its code and name.

    A code that is not in the table is read by its name's words; of a hazard that cannot be told
    the id is ``other``. The caller raises the alarm.

    Example:
        >>> meaning("43", "レベル４大雨危険警報")
        Meaning(hazard='rain', level=4, stated=True, known=True)
        >>> meaning("03", "大雨警報").stated
        False
    """
    entry = KINDS.get(code)
    plain = entry[1] if entry else name
    stated = stated_level(name)
    level = stated if stated is not None else equivalent_level(name) or equivalent_level(plain) or 0
    hazard = entry[0] if entry else _by_words(name)
    return Meaning(hazard, level, stated is not None, entry is not None)


def _by_words(name: str) -> str:
    return next((h for h, called in HAZARDS.items() if called.ja in name), "other")


def area_kind(group: str) -> AreaKind:
    """Return the level of areas that a block's ``type`` names in its brackets."""
    return next((kind for words, kind in _AREA_KINDS if words in group), "other")
