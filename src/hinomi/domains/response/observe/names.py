"""Names and keys: by what statements of several sources about one place can be found together."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from hinomi.vocabulary.areas import codes

_SPACE = re.compile(r"\s+")


def plain_name(name: str) -> str:
    """Return a name as it is compared: one width, no spaces.

    Example:
        >>> plain_name("寄合い処　みそぎ（本館）")
        '寄合い処みそぎ(本館)'
    """
    return _SPACE.sub("", unicodedata.normalize("NFKC", name)).casefold()


def match_key(municipality: str, name: str) -> str:
    """Return the municipality (code, or name where there is none) and the plain name.

    A slash would end the key in an address and an asterisk would make a pattern of it.
    """
    return f"{municipality}-{plain_name(name)}".replace("/", "／").replace("*", "＊")


def municipality_code(text: str) -> str:
    """Return JMA's 7 digits for 全国地方公共団体コード (JIS 5, or 6 with a check digit).

    Example:
        >>> municipality_code("172022"), municipality_code("1100"), municipality_code("")
        ('1720200', '0110000', '')
    """
    digits = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    if not (digits.isascii() and digits.isdigit()) or not 4 <= len(digits) <= 7:
        return ""
    if len(digits) == 7:
        return digits
    if len(digits) in (4, 5) and len(digits.zfill(5)) == 5:
        five = digits.zfill(5)
        # A spreadsheet took the leading zero of 6 digits: 11002 is 札幌市's 011002.
        sixth = f"0{digits}" if len(digits) == 5 and not _known(f"{five}00") else ""
        return f"{sixth[:5]}00" if sixth and _known(f"{sixth[:5]}00") else f"{five}00"
    return f"{digits[:5]}00"


def code_of_name(prefecture: str, municipality: str) -> str:
    """Return the code of a municipality by its name (with or without its county), or ''."""
    for name in (municipality, re.sub(r"^.+?郡", "", municipality)):
        found = codes.municipality_named(prefecture, name)
        if found is not None:
            return found.code
    return ""


def publisher(municipality: str) -> str:
    """Return the source id of what a municipality publishes.

    Example:
        >>> publisher("1720200"), publisher("0123300"), publisher("9820100")
        ('nanao-city', 'date-city-01233', 'municipality-98201')
    """
    entry = codes.ever(municipality, "municipality")
    if entry is None or not entry.name_en:
        return f"municipality-{municipality[:5]}"
    slug = _slug(entry.name_en)
    return slug if _slugs()[slug] == 1 else f"{slug}-{municipality[:5]}"


def prefecture_publisher(prefecture: str) -> str:
    """Return the source id of what a prefecture publishes, by its two digits."""
    entry = codes.prefecture_of(prefecture)
    return f"{_slug(entry.name_en)}-prefecture" if entry else f"prefecture-{prefecture}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _known(code: str) -> bool:
    return codes.ever(code, "municipality") is not None


@cache
def _slugs() -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in codes.every("municipality"):
        slug = _slug(entry.name_en)
        counts[slug] = counts.get(slug, 0) + 1
    return counts
