"""Strong quakes, prefecture by prefecture, and early warnings (緊急地震速報)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from hinomi.domains.response.predict.things import Raised, Thing, statements, withdrawn
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import And, Compare, Property, Value
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.vocabulary.areas.codes import ever, every, members
from hinomi.vocabulary.english import area_in_english
from hinomi.vocabulary.times import day_in_japan

QUAKES_ID = "hazards.quakes"
INTENSITIES_ID = "hazards.intensities"
EEW_ID = "hazards.eew"
NEWS = timedelta(hours=24)
"""How long a quake is told of: a shift, and the one after it. Ours."""
LEAST = 3.5
"""計測震度 of 震度4: below it no headquarters is called together."""
CLASSES: tuple[tuple[float, Text, int], ...] = (
    (6.5, Text("7", "7"), 9),
    (6.0, Text("6強", "6 upper"), 8),
    (5.5, Text("6弱", "6 lower"), 7),
    (5.0, Text("5強", "5 upper"), 6),
    (4.5, Text("5弱", "5 lower"), 5),
    (3.5, Text("4", "4"), 4),
)
"""計測震度 from which a class begins (気象庁震度階級表), its name, its rank, the gravest first."""
_NAMED = 5
_WARNED = {"10", "11", "19"}
"""Code table 緊急地震速報: warnings; 19 is for where it has arrived already."""


class _Felt(msgspec.Struct):
    """How a quake was felt in one prefecture."""

    by_code: dict[str, float] = {}
    names: dict[str, tuple[float, Text]] = {}
    """Places as they are reported -> how strong, what they are called."""
    inputs: list[tuple[float, str]] = []
    prefecture: str = ""
    """As it is stated: a drill's is in no table."""
    prefecture_en: str = ""


def quakes(
    reader: Reader, changed: Sequence[str] | None, raised: dict[str, list[Raised]]
) -> Iterable[Thing]:
    """Yield each quake of 震度4 or more in each prefecture.

    It is a quake that :data:`hazards.quakes` lists, so one that a satellite and JMA both told of
    rings once.
    """
    if changed is None:
        strong = Compare(">=", Property("max_intensity_at_least"), Value(LEAST))
        events = [item.key for item in reader.every(QUAKES_ID, filter=strong)]
    else:
        events = list(dict.fromkeys(key.partition("/")[0] for key in changed))
    for event in events:
        listed = reader.find(QUAKES_ID, keys=(event,), limit=1).items
        found = {t.id: t for t in _quake(reader, listed[0])} if listed else {}
        yield from found.values()
        for name in raised:
            if name.startswith(f"quake:{event}:") and name not in found:
                gone = withdrawn(reader, QUAKES_ID, event, name)
                # It stands, but nothing of it is felt there any more.
                yield from ([_nothing(listed[0], name)] if listed else gone)


def _nothing(quake: Stored, name: str) -> Thing:
    return Thing(id=name, start=quake.said_at, inputs=(quake.id,))


def _quake(reader: Reader, quake: Stored) -> Iterable[Thing]:
    by_prefecture: dict[str, _Felt] = {}
    strong = And(
        (
            Compare("=", Property("event_id"), Value(quake.key)),
            Compare("=", Property("measure"), Value("intensity")),
            Compare(">=", Property("at_least"), Value(LEAST)),
        )
    )
    stated = [(item, item.properties()) for item in reader.every(INTENSITIES_ID, filter=strong)]
    # Municipalities say more than areas, areas more than prefectures.
    for kind in ("city", "area", "prefecture"):
        known = set(by_prefecture)
        for item, said in stated:
            if said["area_kind"] != kind:
                continue
            for code in _codes(item, said):
                if code[:2] not in known:
                    _add(by_prefecture.setdefault(code[:2], _Felt()), code, item, said)
    body = quake.properties()
    english = {
        said["area_name"]: said.get("area_name_en", "")
        for _, said in stated
        if said["area_kind"] == "prefecture"
    }
    for prefecture, felt in sorted(by_prefecture.items()):
        felt.prefecture_en = english.get(felt.prefecture, "")
        yield _thing(quake, body, prefecture, felt)


def _codes(item: Stored, said: dict[str, Any]) -> tuple[str, ...]:
    """Return the municipalities, or the prefecture, that a reported place stands for."""
    code: str = said["area_code"]
    if said["area_kind"] == "city":
        ward = ever(code, "ward")
        return (code, ward.parent) if ward is not None and ward.parent else (code,)
    if said["area_kind"] == "area":
        area = ever(code, "seismic")
        if area is not None:
            found = tuple(m.code for m in members(area, day_in_japan(item.said_at)))
            if found:
                return found
    return prefecture_named(said["prefecture"] or said["area_name"])


def prefecture_named(name: str) -> tuple[str, ...]:
    """Return the code of a prefecture by its name, in full or as JMA shortens it (石川).

    Example:
        >>> prefecture_named("石川"), prefecture_named("京都府"), prefecture_named("北陸")
        (('17',), ('26',), ())
    """
    if not name:
        return ()
    return tuple(
        p.code
        for p in every("prefecture")
        if name.startswith(p.name) or name == p.name or f"{name}{p.name[-1]}" == p.name
    )


def _add(felt: _Felt, code: str, item: Stored, said: dict[str, Any]) -> None:
    strength: float = said["at_least"]
    felt.by_code[code] = max(strength, felt.by_code.get(code, 0.0))
    name: str = said["area_name"]
    known = ever(said["area_code"], "municipality" if said["area_kind"] == "city" else "seismic")
    stated_en: str = said.get("area_name_en", "")
    called = Text(name, (known.name_en if known is not None else "") or stated_en or name)
    felt.names[name] = (strength, called)
    felt.inputs.append((strength, item.id))
    felt.prefecture = said["prefecture"] or felt.prefecture


def class_of(strength: float) -> tuple[Text, int]:
    """Return the class of intensity and its rank.

    Example:
        >>> class_of(5.5)[0].ja, class_of(6.5)[1]
        ('6弱', 9)
    """
    return next(((text, rank) for least, text, rank in CLASSES if strength >= least),
                (CLASSES[-1][1], 0))  # fmt: skip


def _thing(quake: Stored, body: dict[str, Any], prefecture: str, felt: _Felt) -> Thing:
    greatest = max(felt.by_code.values())
    shown, rank = class_of(greatest)
    known = ever(prefecture, "prefecture")
    stated = felt.prefecture or prefecture
    name = Text(stated, felt.prefecture_en or stated)
    if known is not None:
        name = Text(known.name, known.name_en)
    at_most = [called for strength, called in felt.names.values() if strength >= greatest]
    more = len(felt.names) - min(len(at_most), _NAMED)
    places = Text(
        "・".join(t.ja for t in at_most[:_NAMED]) + (f" ほか{more}" if more else ""),
        ", ".join(t.en for t in at_most[:_NAMED]) + (f" and {more} more" if more else ""),
    )
    where = _hypocentre(body)
    size = f" M{body['magnitude']:.1f}" if body.get("magnitude") is not None else ""
    source = Text("", "")
    if where.ja:
        source = Text(f" 震源 {where.ja}{size}", f"; {where.en}{size}")
    (_, strongest) = max(felt.inputs)
    return Thing(
        id=f"quake:{quake.key}:{prefecture}",
        start=quake.said_at,
        inputs=(quake.id, strongest),
        rank=rank,
        kind="quake",
        area_code=prefecture,
        name=name,
        heading=Text(f"震度{shown.ja} {name.ja}", f"Intensity {shown.en} {name.en}"),
        text=Text(
            f"地震 {name.ja} 震度{shown.ja}({places.ja}){source.ja}",
            f"Quake: {name.en}: intensity {shown.en} ({places.en}){source.en}",
        ),
        areas=tuple(sorted(felt.by_code)),
        strengths=dict(sorted(felt.by_code.items())),
        until=(quake.when.start or quake.said_at) + NEWS,
        once=True,
    )


def _hypocentre(said: dict[str, Any]) -> Text:
    name = said.get("hypocentre") or ""
    return Text(name, said.get("hypocentre_en") or name)


def _places(areas: Sequence[dict[str, Any]]) -> Text:
    named = dict.fromkeys((area["name"], area["code"]) for area in areas)
    return Text(
        "・".join(name for name, _ in named),
        ", ".join(area_in_english("seismic", name, code) for name, code in named),
    )


def early_warnings(
    reader: Reader, changed: Sequence[str] | None, raised: dict[str, list[Raised]]
) -> Iterable[Thing]:
    """Yield the early warnings (警報) in force; forecasts (予報) ring for nobody."""
    del raised
    keys = None if changed is None else [key for key in changed if key.endswith("/warning")]
    gone = dict.fromkeys(keys or ())
    for now in statements(reader, EEW_ID, keys):
        gone.pop(now.key, None)
        said = now.properties()
        if said.get("kind") == "warning":
            yield _early(now, said)
    for key in gone:
        yield from withdrawn(reader, EEW_ID, key, _eew_id(key))


def _eew_id(key: str) -> str:
    return f"eew:{key.partition('/')[0]}"


def _early(now: Stored, said: dict[str, Any]) -> Thing:
    warned = [area for area in said.get("areas", ()) if area.get("kind_code") in _WARNED]
    codes: list[str] = []
    for area in warned:
        known = ever(area["code"], "seismic")
        day = day_in_japan(now.said_at)
        inside = [m.code for m in members(known, day)] if known is not None else []
        codes += inside or prefecture_named(area.get("prefecture") or area["name"])
    names = _places(warned[:_NAMED])
    where = _hypocentre(said)
    return Thing(
        id=_eew_id(now.key),
        start=now.said_at,
        inputs=(now.id,),
        rank=1 if said.get("warned") else 0,
        kind="eew",
        name=names,
        heading=Text(f"緊急地震速報(警報) {where.ja}", f"Earthquake early warning {where.en}"),
        text=Text(
            f"緊急地震速報(警報) {names.ja}: 強い揺れに警戒 震源 {where.ja}",
            f"Earthquake early warning: {names.en}: strong shaking; {where.en}",
        ),
        areas=tuple(sorted(set(codes))),
        until=now.when.end,
        once=True,
    )
