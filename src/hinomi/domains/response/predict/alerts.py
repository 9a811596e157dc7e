"""Predict: what is newly so grave that somebody must take it in.

Levels 4 and 5 of municipalities and rivers, strong quakes, tsunami warnings and advisories, early
warnings. Who hears which of them is set by each installation and person (``runtime/watching.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from hinomi.domains.response.collections.alerts import ALERTS, Alert
from hinomi.domains.response.predict.coasts import TSUNAMI_ID, coasts
from hinomi.domains.response.predict.shaking import (
    EEW_ID,
    INTENSITIES_ID,
    QUAKES_ID,
    early_warnings,
    quakes,
)
from hinomi.domains.response.predict.things import (
    Raised,
    Thing,
    Things,
    over,
    statements,
    turned,
    withdrawn,
)
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Compare, Filter, Property, Value
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, Stored
from hinomi.vocabulary.hazards import HAZARDS
from hinomi.vocabulary.levels import LEVELS

LEVELS_ID = "hazards.levels"
FLOODS_ID = "hazards.floods"
GRAVE = 4
"""危険警報相当: from here on everyone leaves dangerous places."""
_RAISED: Filter = Compare("=", Property("state"), Value("raised"))


class _AlertFeature(msgspec.Struct, frozen=True):
    properties: Alert


_ALERT_FEATURES = msgspec.json.Decoder(_AlertFeature)


def predict_alerts(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the alerts that begin, are restated and are over."""
    if keys and not any(keys.get(name) for names, _ in WATCHES for name in names):
        return Parsed(kind=ALERTS.id)
    raised: dict[str, list[Raised]] = {}
    for item in reader.every(ALERTS.id, filter=_RAISED):
        alert = _ALERT_FEATURES.decode(item.feature).properties
        raised.setdefault(item.key.partition("/")[0], []).append(Raised(item, alert))
    records: list[Record] = []
    seen: set[str] = set()
    for names, things in WATCHES:
        if not all(name in reader.catalog.collections for name in names):
            continue
        changed = [key for name in names for key in keys.get(name, ())] if keys else None
        if changed == []:
            continue
        for thing in things(reader, changed, raised):
            seen.add(thing.id)
            records += turned(thing, raised.get(thing.id, ()))
    if not keys:
        # Withdrawn while nobody looked.
        left = [one for name, ones in raised.items() if name not in seen for one in ones]
        records += [over(one, one.item.said_at, ()) for one in left]
    return Parsed(records=records, kind=ALERTS.id)


def hazards_text(hazards: str) -> Text:
    """Return the hazards' names of ``rain,landslide``."""
    words = [HAZARDS[h] for h in dict.fromkeys(hazards.split(",")) if h in HAZARDS]
    return Text("・".join(w.ja for w in words), ", ".join(w.en for w in words))


def municipalities(
    reader: Reader, changed: Sequence[str] | None, raised: dict[str, list[Raised]]
) -> Iterable[Thing]:
    """Yield municipalities by their highest level."""
    del raised
    gone = dict.fromkeys(changed or ())
    for now in statements(reader, LEVELS_ID, changed):
        gone.pop(now.key, None)
        said = now.properties()
        name = said["area_name"]
        yield _levelled(
            now,
            now.key,
            said["level"],
            Text(name, said.get("area_name_en") or name),
            hazards_text(said.get("hazards", "")),
            areas=(said["area_code"],),
            reached=True,
        )
    for key in gone:
        yield from withdrawn(reader, LEVELS_ID, key, key)


def rivers(
    reader: Reader, changed: Sequence[str] | None, raised: dict[str, list[Raised]]
) -> Iterable[Thing]:
    """Yield rivers; where a forecast names no municipality, its prefectures are concerned."""
    del raised
    gone = dict.fromkeys(changed or ())
    for now in statements(reader, FLOODS_ID, changed):
        gone.pop(now.key, None)
        said = now.properties()
        places = [p.get("city_code", "") for p in said.get("inundations", ())]
        prefectures = [p["code"][:2] for p in said.get("prefectures", ()) if p.get("code")]
        name = said["river_name"]
        yield _levelled(
            now,
            _river_id(now.key),
            (said.get("level") or 0) if said["in_force"] else 0,
            Text(name, said.get("river_name_en") or name),
            Text(said["kind"], "river flood"),
            areas=tuple(dict.fromkeys([p for p in places if p] or prefectures)),
            reached=False,
        )
    for key in gone:
        yield from withdrawn(reader, FLOODS_ID, key, _river_id(key))


def _river_id(key: str) -> str:
    return f"river:{key.replace('/', ':')}"


def _levelled(  # noqa: PLR0913  (what an alert about a level says)
    now: Stored,
    name: str,
    level: int,
    called: Text,
    what: Text,
    *,
    areas: tuple[str, ...],
    reached: bool,
) -> Thing:
    start = now.when.start or now.said_at
    if level < GRAVE:
        return Thing(id=name, start=start, inputs=(now.id,))
    known = LEVELS[level]
    return Thing(
        id=name,
        start=start,
        inputs=(now.id,),
        rank=level,
        level=level,
        area_code=name,
        name=called,
        heading=Text(f"レベル{level} {called.ja}", f"Level {level} {called.en}"),
        text=Text(
            f"{called.ja} {known.name.ja}相当({what.ja}): {known.asks.ja}",
            f"{called.en}: {known.name.en} ({what.en}): {known.asks.en}",
        ),
        areas=areas,
        reached=reached,
    )


WATCHES: tuple[tuple[tuple[str, ...], Things], ...] = (
    ((LEVELS_ID,), municipalities),
    ((FLOODS_ID,), rivers),
    ((QUAKES_ID, INTENSITIES_ID), quakes),
    ((TSUNAMI_ID,), coasts),
    ((EEW_ID,), early_warnings),
)
"""Collections that tell of a kind of thing, and how."""

RAISED_ALERTS = Model(
    id="response.alerts",
    title=Text("警報音の対象", "Alerts"),
    version="2",
    needs=(*(name for names, _ in WATCHES for name in names), ALERTS.id),
    gives=(ALERTS.id,),
    predict=predict_alerts,
    reference="https://www.bousai.go.jp/oukyu/hinanjouhou/r3_hinanjouhou_guideline/",
    limits=Text(
        "市町村の警戒レベル相当、指定河川洪水予報、震度4以上、津波注意報以上、緊急地震速報(警報)から作ります。"
        "市町村の震度が届くまでは細分区域の震度をその全市町村に当てます。津波予報区は都道府県に当てます"
        "(内陸の市町村は除きません)。配信された電文によるため、緊急地震速報が揺れに間に合うとは限りません。",
        "Made of the municipalities' levels, flood forecasts, intensities of 4 and more, tsunami"
        " advisories and above, early warnings. Until municipalities' intensities arrive, an"
        " area's stands for all of its municipalities. A coast concerns its whole prefecture,"
        " inland towns too. Early warnings come by the public feed or satellite and may be late.",
    ),
)
