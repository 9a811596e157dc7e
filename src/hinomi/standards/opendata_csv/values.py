"""Cells as people fill them in: full-width digits, 1.0 for yes, Japanese eras."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import datetime, timedelta

from hinomi.kernel.errors import InputError
from hinomi.vocabulary.times import JST

ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "": 0}
"""The year before each era's first."""
YES = frozenset({"1", "1.0", "○", "〇", "◯", "有", "true", "yes", "可"})
NO = frozenset({"0", "0.0", "×", "無", "false", "no", "不可", "-"})

_TIME = re.compile(
    r"(?P<era>令和|平成|R|H|)\s*(?P<year>\d{1,4}|元)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"
    r"\s*(?:(?P<noon>正午)|(?P<half>午前|午後)?\s*(?P<hour>\d{1,2})(?:時|:)"
    r"(?:(?P<minute>\d{1,2})分?|(?P<thirty>半))?)"
)
_NAMED = re.compile(r"(?<!\d)(20\d{2})-?(\d{2})-?(\d{2})[-_T]?(\d{2})-?(\d{2})(?!\d)")


def plain(text: str) -> str:
    """Return the text with full-width letters and digits made plain (NFKC).

    Example:
        >>> plain("１２－３　Ａ")
        '12-3 A'
    """
    return unicodedata.normalize("NFKC", text).strip()


def number(text: str) -> float | None:
    """Return a cell's number, None for an empty cell.

    Raises:
        InputError: it is no number, or not finite.

    Example:
        >>> number("１，２３４．５")
        1234.5
    """
    cleaned = plain(text).replace(",", "")
    if not cleaned:
        return None
    try:
        value = float(cleaned)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{text[:60]!r} is no number.", f"「{text[:60]}」は数ではありません。")
    return value


def flag(text: str) -> bool | None:
    """Return a cell's yes or no; None where it is empty or neither.

    Example:
        >>> flag("1.0"), flag("○"), flag("0"), flag("")
        (True, True, False, None)
    """
    cleaned = plain(text).lower()
    if cleaned in YES or text.strip() in YES:
        return True
    return False if cleaned in NO or text.strip() in NO else None


def japanese_time(text: str) -> datetime | None:
    """Return the moment (Japan time) that a text names; None where it names none.

    Example:
        >>> japanese_time("人数_令和6年1月9日午後6時時点").isoformat()
        '2024-01-09T18:00:00+09:00'
    """
    found = _TIME.search(plain(text))
    if found is None:
        return None
    year = 1 if found["year"] == "元" else int(found["year"])
    hour = 12 if found["noon"] else int(found["hour"])
    if found["half"] == "午後" and hour < 12:
        hour += 12
    minute = 30 if found["thirty"] else int(found["minute"] or 0)
    try:
        day = datetime(
            ERAS[found["era"]] + year, int(found["month"]), int(found["day"]), tzinfo=JST
        )
    except ValueError:
        return None
    # 24時, and 午後12時, are the end of the day.
    late = found["half"] == "午後" and int(found["hour"] or 0) == 12
    if hour > 24 or minute > 59:
        return None
    return day + timedelta(hours=24 if late else hour, minutes=minute)


def time_in_name(name: str) -> datetime | None:
    """Return the moment (Japan time) in a file's name.

    Example:
        >>> time_in_name("open_shelter_Nanao-shi_2024-01-09-1800.csv").isoformat()
        '2024-01-09T18:00:00+09:00'
    """
    found = _NAMED.search(name)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=JST)
    except ValueError:
        return None
