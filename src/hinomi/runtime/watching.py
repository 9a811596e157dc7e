"""Watching: what one wants to be told of by sound, notice and mail, and whether an alert is that.

An installation has a watch (``[alerts]`` of ``hinomi.toml``), a person may have one of their own.
One function decides for page and mail alike.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Literal

import msgspec

from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.vocabulary.areas.codes import Code, ever, every

ALERTS = "response.alerts"
ACKNOWLEDGEMENTS = "response.acknowledgements"
Intensity = Literal["4", "5-", "5+", "6-", "6+", "7"]
TsunamiKind = Literal["advisory", "warning", "major_warning"]
INTENSITIES: dict[Intensity, tuple[float, Text]] = {
    "4": (3.5, Text("震度4", "intensity 4")),
    "5-": (4.5, Text("震度5弱", "intensity 5 lower")),
    "5+": (5.0, Text("震度5強", "intensity 5 upper")),
    "6-": (5.5, Text("震度6弱", "intensity 6 lower")),
    "6+": (6.0, Text("震度6強", "intensity 6 upper")),
    "7": (6.5, Text("震度7", "intensity 7")),
}
"""震度階級 -> the instrumental intensity from which it begins (気象庁震度階級表), its name."""
TSUNAMI: dict[TsunamiKind, tuple[int, Text]] = {
    "advisory": (2, Text("津波注意報", "Tsunami Advisory")),
    "warning": (3, Text("津波警報", "Tsunami Warning")),
    "major_warning": (4, Text("大津波警報", "Major Tsunami Warning")),
}
"""Kind -> severity (``hazards.tsunami``), name."""
MOST_AREAS = 500
_RAISED = Compare("=", Property("state"), Value("raised"))


class Watch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one is told of. Levels 4 and 5 always are; the rest from a strength of one's choice."""

    areas: tuple[str, ...] = ()
    """Municipalities (7 digits) or beginnings of their codes (17: 石川県); empty: all."""
    coasts: tuple[str, ...] | None = None
    """津波予報区 by JMA's three digits; None: those of the areas' prefectures."""
    intensity: Intensity = "5-"
    """Quakes from this 震度 in one's areas."""
    tsunami: TsunamiKind = "advisory"
    """Tsunami warnings from this kind."""
    eew: bool = True
    """Early warnings (警報) for one's areas."""


def coasts() -> list[Code]:
    """Return JMA's 66 津波予報区, without the codes that stand for several of them together."""
    joined = re.compile(r".[89][1-9]")  # 191, 281, 491 …; 391 (伊勢・三河湾) is one coast.
    return [c for c in every("tsunami") if not joined.fullmatch(c.code) or c.code == "391"]


def checked(watch: Watch) -> Watch:
    """Return the watch without what is said twice.

    Raises:
        InputError: a code is none, or there are too many.
    """
    coasts = watch.coasts
    if max(len(watch.areas), len(coasts or ())) > MOST_AREAS:
        raise InputError(f"More than {MOST_AREAS} areas.", f"区域は{MOST_AREAS}件までです。")
    for code in watch.areas:
        if not (code.isascii() and code.isdigit() and 2 <= len(code) <= 7):
            raise InputError(
                f"areas: {code[:20]!r} is no code: 2 digits of a prefecture to 7 of a town.",
                f"区域「{code[:20]}」は、都道府県の2桁から市町村の7桁までの数字で書きます。",
            )
    for code in coasts or ():
        if ever(code, "tsunami") is None:
            raise InputError(
                f"coasts: {code[:20]!r} is no 津波予報区.",
                f"津波予報区「{code[:20]}」はありません。",
            )
    return msgspec.structs.replace(
        watch,
        areas=tuple(dict.fromkeys(watch.areas)),
        coasts=None if coasts is None else tuple(dict.fromkeys(coasts)),
    )


def concerns(watch: Watch, alert: dict[str, Any]) -> bool:
    """Tell whether whoever has this watch is told of an alert."""
    kind = alert.get("kind", "level")
    if kind == "tsunami" and alert.get("rank", 0) < TSUNAMI[watch.tsunami][0]:
        return False
    if kind == "tsunami" and watch.coasts is not None:
        return alert.get("coast", "") in watch.coasts
    if kind == "eew" and not watch.eew:
        return False
    theirs: list[str] = alert.get("areas", [])
    if kind == "quake":
        least = INTENSITIES[watch.intensity][0]
        theirs = [code for code, strength in alert["strengths"].items() if strength >= least]
        return any(_in(code, watch.areas) for code in theirs)
    # Where it is not known whom it concerns, nobody is left out.
    return not theirs or any(_in(code, watch.areas) for code in theirs)


def _in(code: str, areas: tuple[str, ...]) -> bool:
    return not areas or any(code.startswith(own) or own.startswith(code) for own in areas)


def raised(reader: Reader, watch: Watch, now: datetime) -> list[Stored]:
    """Return the alerts that are news now and concern the watch, acknowledged or not."""
    news = reader.every(ALERTS, filter=_RAISED, when=(now, now))
    return [alert for alert in news if concerns(watch, alert.properties())]


def unheard(reader: Reader, alerts: list[Stored]) -> list[Stored]:
    """Return those of the alerts that nobody whom the reader sees has acknowledged."""
    keys = tuple(alert.key for alert in alerts)
    heard = {a.key for a in reader.every(ACKNOWLEDGEMENTS, keys=keys)} if keys else set()
    return [alert for alert in alerts if alert.key not in heard]


def gravity(alert: dict[str, Any]) -> int:
    """Return how grave an alert is among all kinds, 3 to 5: 5 asks for one's life to be saved now.

    震度6弱 (from which an early warning is a 特別警報), 大津波警報 (which is one) and 津波警報
    stand beside level 5; the order is ours.

    Example:
        >>> gravity({"kind": "tsunami", "rank": 2}), gravity({"level": 5})
        (3, 5)
    """
    rank: int = alert.get("rank") or alert.get("level", 0)
    match alert.get("kind", "level"):
        case "quake":
            return 5 if rank >= 7 else 4 if rank >= 5 else 3
        case "tsunami":
            return {2: 3, 3: 5, 4: 5}.get(rank, 3)
        case "eew":
            return 5
        case _:
            return rank


def heading(alert: dict[str, Any], language: str = "ja") -> str:
    """Return an alert in a few words."""
    said: str = alert.get("heading" if language == "ja" else "heading_en", "")
    name = alert["area_name"] if language == "ja" else alert.get("area_name_en")
    level = "レベル" if language == "ja" else "Level "
    return said or f"{level}{alert.get('level', '')} {name or alert['area_name']}"
