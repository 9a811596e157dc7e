"""What the chronology says of a turn of events: pure functions of what is and what was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.response.collections.orders import ACTIONS
from hinomi.domains.response.predict.alerts import hazards_text
from hinomi.kernel.errors import Text
from hinomi.vocabulary.english import beside
from hinomi.vocabulary.levels import LEVELS

Said = dict[str, Any]
WARNING = 3
"""The level from which changes are written down."""
FELT = 2.5
"""計測震度 of 震度3."""
ADVISORY = 2
"""津波注意報."""


class Event(msgspec.Struct, frozen=True):
    """What to write."""

    text: Text
    area_code: str = ""
    level: int | None = None
    at: datetime | None = None
    """When it happened; None: when the statement says that it holds from."""
    turn: str = ""
    """Sets the turn apart from another one of the same thing at the same time: ``/full``."""
    placed: bool = False
    """It is shown where the thing is."""


def level_event(now: Said, was: Said | None) -> Event | None:
    """Return the entry for a municipality's level at or falling from 3 and above."""
    level, before = now["level"], was["level"] if was else 0
    if max(level, before) < WARNING:
        return None
    name, name_en = now["area_name"], now.get("area_name_en") or now["area_name"]
    what = hazards_text(now.get("hazards", ""))
    turn = Text("へ上昇", "rises to") if level > before else Text("へ低下", "falls to")
    named = LEVELS[level].name
    because, because_en = (f"({what.ja})", f" ({what.en})") if what.ja else ("", "")
    return Event(
        Text(
            f"{name} {named.ja}相当{turn.ja}{because}",
            f"{name_en} {turn.en} {named.en}{because_en}",
        ),
        area_code=now["area_code"],
        level=level,
    )


def flood_event(now: Said, was: Said | None) -> Event | None:
    """Return the entry for a river's flood forecast at or falling from level 3 and above."""
    level = (now.get("level") or 0) if now["in_force"] else 0
    before = (was.get("level") or 0) if was is not None and was["in_force"] else 0
    if max(level, before) < WARNING:
        return None
    river, kind = now["river_name"], now["kind"]
    river_en = now.get("river_name_en") or river
    kind_en = f"river flood, {LEVELS[level].name.en}" if level else "river flood forecast lifted"
    return Event(Text(f"{river} {kind}", f"{river_en}: {kind_en}"), level=level or None)


TSUNAMI_KINDS = {4: "major tsunami warning", 3: "tsunami warning", 2: "tsunami advisory"}
"""By severity."""

GAUGE_STATES: dict[str, Text] = {
    "overflow": Text("氾濫開始水位", "overflow level"),
    "danger": Text("氾濫危険水位", "danger level"),
    "evacuation": Text("避難判断水位", "evacuation level"),
    "caution": Text("氾濫注意水位", "caution level"),
}
"""The gravest first."""
_GRAVITY = ("below", "silent", "observing", "standby", "caution", "evacuation", "danger",
            "overflow")  # fmt: skip


def gauge_event(now: Said, was: Said | None) -> Event | None:
    """Return the entry for a gauge that passed a threshold, upwards or downwards."""
    state, before = now["state"], was["state"] if was else "below"
    watched = state if state in GAUGE_STATES else before
    if watched not in GAUGE_STATES or "silent" in {state, before}:
        return None
    rising = _GRAVITY.index(state) > _GRAVITY.index(before)
    mark = GAUGE_STATES[state if rising else before]
    river = now.get("river", "")
    name = now["name"] if now["name"].startswith(river) else f"{river} {now['name']}"
    english = beside(name, now.get("called_en", ""))
    level_m = now["level_m"]
    turn = Text("を超過", "above") if rising else Text("を下回る", "falls below")
    return Event(
        Text(f"{name} {mark.ja}{turn.ja}({level_m:.2f} m)",
             f"{english}: {turn.en} its {mark.en} ({level_m:.2f} m)"),
        area_code=now.get("municipality_code", ""),
        placed=True,
    )  # fmt: skip


def quake_event(now: Said, was: Said | None) -> Event | None:
    """Return the entry for a quake of intensity 3 or more; its words follow the latest report."""
    del was
    if (now.get("max_intensity_at_least") or 0) < FELT:
        return None
    where = now.get("hypocentre") or "震源調査中"
    where_en = now.get("hypocentre_en") or now.get("hypocentre") or "under investigation"
    size = f"M{now['magnitude']:.1f}" if now.get("magnitude") is not None else ""
    sea = now.get("tsunami")
    wave = {
        "warning": Text(" 津波警報等を発表中", "; tsunami warnings in force"),
        "checking": Text(" 津波の有無を調査中", "; tsunami being checked"),
        "none": Text(" 津波の心配なし", "; no danger of a tsunami"),
    }.get(sea or "", Text("", ""))
    origin = now.get("origin_time")
    return Event(
        Text(
            f"地震 {where} {size} 最大震度{now['max_intensity']}{wave.ja}".replace("  ", " "),
            f"Quake {where_en} {size}, greatest intensity {now['max_intensity']}{wave.en}".replace(
                " ,", ","
            ),
        ),
        at=datetime.fromisoformat(origin) if origin else None,
        placed=True,
    )


def tsunami_event(now: Said, was: Said | None) -> Event | None:
    """Return the entry for a tsunami warning or advisory that begins, changes or ends."""
    if now.get("part") != "warning":
        return None
    severity, before = now.get("severity", 0), was.get("severity", 0) if was else 0
    if max(severity, before) < ADVISORY:
        return None
    kind = now.get("kind_name") or ""
    coast = now.get("name_en") or now["name"]
    if severity < ADVISORY:
        ended, ended_en = (was or {}).get("kind_name", ""), TSUNAMI_KINDS.get(before, "")
        return Event(Text(f"{now['name']} {ended}を解除", f"{coast}: {ended_en} lifted"))
    return Event(
        Text(f"{now['name']} {kind}を発表", f"{coast}: {TSUNAMI_KINDS.get(severity, '')} issued")
    )


def order_event(now: Said, was: Said | None) -> Event | None:
    """Return the entry for a publication of an evacuation order."""
    del was
    action = ACTIONS[now["action"]]
    return Event(
        Text(
            f"{now['where']} {now['name']}を{action.ja}",
            f"{now['where_en']}: {now['name_en']}: {action.en.lower()}",
        ),
        area_code=now["municipality_code"],
        level=now["level"] or None,
        at=datetime.fromisoformat(now["said_at"]),
    )


def shelter_event(now: Said, was: Said | None) -> Event | None:
    """Return the entry for a shelter that opened, became full or closed."""
    opened, before = now["state"] == "open", was is not None and was["state"] == "open"
    full = opened and (now.get("crowding") or 0) >= 1
    was_full = before and was is not None and (was.get("crowding") or 0) >= 1
    name = f"{now.get('municipality', '')} {now['name']}".strip()
    english = beside(now["name"], now.get("called_en", ""))
    people = now.get("people")
    count = Text(f"({people}人)", f" ({people} people)") if people is not None else Text("", "")
    if full and not was_full:
        text = Text(f"避難所 {name} 満員{count.ja}", f"Shelter {english} is full{count.en}")
    elif opened and not before:
        text = Text(f"避難所 {name} 開設", f"Shelter {english} opens")
    elif before and now["state"] == "closed":
        text = Text(f"避難所 {name} 閉鎖", f"Shelter {english} closes")
    else:
        return None
    return Event(
        text,
        area_code=now.get("municipality_code", ""),
        turn="/full" if full else "",
        placed=True,
    )
