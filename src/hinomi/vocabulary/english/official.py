"""What areas are officially called in English: JMA's names, by the table of area codes.

The names of the shipped exercise's fictional prefecture stand here too, beside the table of facts
and not in it: its codes begin with 98, which no real area's do.
"""

from __future__ import annotations

from functools import lru_cache

from hinomi.vocabulary.areas import codes
from hinomi.vocabulary.areas.codes import Code, Kind
from hinomi.vocabulary.english.names import called

FICTIONAL = {
    "火の見県": "Hinomi Prefecture (fictional)",
    "火の見県北部": "Northern Hinomi Prefecture",
    "火の見県南部": "Southern Hinomi Prefecture",
    "火の見県沿岸": "Coast of Hinomi Prefecture",
    "火の見県近海": "Adjacent Sea of Hinomi Prefecture",
    "火の見川": "Hinomi River",
    "半鐘川": "Hansho River",
}
_TOWNS = (
    ("9820100", "望楼市", "Boro-shi"), ("9820200", "半鐘市", "Hansho-shi"),
    ("9820300", "川守市", "Kawamori-shi"), ("9830100", "風待町", "Kazamachi-cho"),
    ("9830200", "水見町", "Mizumi-cho"), ("9830300", "土手町", "Dote-cho"),
    ("9830400", "雲見町", "Kumomi-cho"), ("9830500", "潮見町", "Shiomi-cho"),
    ("9830600", "石堤町", "Ishizutsumi-cho"), ("9830700", "灯守村", "Tomori-mura"),
    ("9830800", "堰上村", "Sekigami-mura"), ("9830900", "松明村", "Taimatsu-mura"),
)  # fmt: skip
FICTIONAL_TOWNS = {
    code: Code(kind="municipality", code=code, name=name, name_en=english)
    for code, name, english in _TOWNS
}


@lru_cache(maxsize=8_192)
def area_in_english(kind: Kind, name: str, code: str = "") -> str:
    """Return the official English of an area; the Japanese where there is none.

    Example:
        >>> area_in_english("tsunami", "石川県能登")
        'Noto Area, Ishikawa Prefecture'
        >>> area_in_english("hypocentre", "どこか")
        'どこか'
    """
    return codes.english(kind, name, code) or FICTIONAL.get(name) or name


@lru_cache(maxsize=8_192)
def river_in_english(name: str, code: str = "") -> str:
    """Return a river's official English, else its name with its kind in English.

    Example:
        >>> river_in_english("七北田川"), river_in_english("どこ川")
        ('Nanakita River', 'Doko River')
    """
    return codes.english("river", name, code) or FICTIONAL.get(name) or called(name) or name


def municipality_of(code: str) -> Code | None:
    """Return the municipality or ward that a code of seven digits means or meant."""
    found = codes.ever(code, "municipality") or codes.ever(code, "ward")
    return found or FICTIONAL_TOWNS.get(code)


@lru_cache(maxsize=4_096)
def municipality_in_english(code: str) -> str:
    """Return a municipality's English with its prefecture's; empty where the code is not known.

    Example:
        >>> municipality_in_english("1720200"), municipality_in_english("0110400")
        ('Nanao City, Ishikawa', 'Shiraishi Ward, Sapporo, Hokkaido')
    """
    town, prefecture = municipality_of(code), codes.prefecture_of(code)
    if town is None or not town.name_en:
        return ""
    return f"{town.name_en}, {prefecture.name_en}" if prefecture is not None else town.name_en
