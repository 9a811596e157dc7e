"""JMA's disaster-prevention telegrams as one source: dispatch by type, nothing lost in silence."""

from __future__ import annotations

from hinomi.domains.hazards.collections.floods import FLOODS
from hinomi.domains.hazards.collections.forecasts import FORECASTS
from hinomi.domains.hazards.collections.notices import NOTICES
from hinomi.domains.hazards.collections.quakes import (
    ADVISORIES,
    EEW,
    INTENSITIES,
    QUAKE_REPORTS,
)
from hinomi.domains.hazards.collections.tsunami import TSUNAMI
from hinomi.domains.hazards.collections.typhoons import TYPHOONS
from hinomi.domains.hazards.collections.volcanoes import VOLCANOES
from hinomi.domains.hazards.collections.warnings import OUTLOOKS, WARNINGS
from hinomi.domains.hazards.observe import (
    advisories,
    alerts,
    eew,
    floods,
    notices,
    outlooks,
    quakes,
    sea,
    tsunami,
    typhoons,
    volcanoes,
    warnings,
)
from hinomi.domains.hazards.observe.telegrams import Parser
from hinomi.domains.hazards.terms import LICENCE, REFERENCE
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.ports import Feed, Gazetteer, Parsed, Payload, Source
from hinomi.standards.jmaxml.envelope import Telegram, decode
from hinomi.standards.jmaxml.xml import METEOROLOGY

PARSERS: dict[str, Parser] = {
    **dict.fromkeys(warnings.TYPES, warnings.parse),
    **dict.fromkeys(outlooks.TYPES, outlooks.parse),
    **dict.fromkeys(alerts.SPECIAL_TYPES, alerts.parse_special),
    **dict.fromkeys(alerts.HEAT_TYPES, alerts.parse_heat),
    **dict.fromkeys(sea.TYPES, sea.parse),
    **dict.fromkeys(floods.TYPES, floods.parse),
    **dict.fromkeys(typhoons.TYPES, typhoons.parse),
    **dict.fromkeys(notices.TYPES, notices.parse),
    **dict.fromkeys(quakes.TYPES, quakes.parse),
    **dict.fromkeys(eew.TYPES, eew.parse),
    **dict.fromkeys(advisories.TYPES, advisories.parse),
    **dict.fromkeys(tsunami.TYPES, tsunami.parse),
    **dict.fromkeys(volcanoes.TYPES, volcanoes.parse),
}
"""Type code -> reader. Each reader's module lists its ``TYPES``."""

GIVES: tuple[str, ...] = (
    WARNINGS.id,
    OUTLOOKS.id,
    FLOODS.id,
    TYPHOONS.id,
    NOTICES.id,
    FORECASTS.id,
    QUAKE_REPORTS.id,
    INTENSITIES.id,
    EEW.id,
    ADVISORIES.id,
    TSUNAMI.id,
    VOLCANOES.id,
)

_FEED = "https://www.data.jma.go.jp/developer/xml/feed/"
FEEDS = tuple(
    feed
    for name in ("regular", "extra", "eqvol", "other")
    for feed in (
        Feed(url=f"{_FEED}{name}.xml", every_s=60),
        Feed(url=f"{_FEED}{name}_l.xml", every_s=3600, heals=f"{_FEED}{name}.xml"),
    )
)
"""防災情報XML (PULL): rewritten every minute; the long ones (``_l``) hourly over several days."""


def detect(payload: Payload) -> bool:
    """Tell whether these bytes are a JMA telegram: its namespace stands in the first kilobytes."""
    return b"http://xml.kishou.go.jp/jmaxml1/" in payload.data[:2048]


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return what the telegram states; a type or a body not understood is kept with an alarm."""
    telegram = decode(payload.data)
    parser = PARSERS.get(telegram.type) or _by_body(telegram)
    parsed = Parsed() if parser is None else parser(telegram, payload, gazetteer)
    parsed.kind = parsed.kind or telegram.type or telegram.control.title
    parsed.problems[:0] = telegram.problems
    understood = parsed.records or parsed.readings or parsed.complete
    if not understood and all(p.grade == "note" for p in parsed.problems):
        parsed.problems.append(_nothing(telegram, has_reader=parser is not None))
    return parsed


def _by_body(telegram: Telegram) -> Parser | None:
    """Read a type that nobody knows yet as a notice, beside its alarm, if it is of the weather."""
    return notices.parse if telegram.body.tag == f"{METEOROLOGY}Body" else None


def _nothing(telegram: Telegram, *, has_reader: bool) -> Problem:
    ja, en = (
        ("電文から何も読み取れませんでした。", "Nothing was understood of the telegram.")
        if has_reader
        else ("この種類の電文の中身はまだ読みません。", "Telegrams of this type are not read yet.")
    )
    return Problem(
        "jmaxml.nothing-understood",
        "/Report/Body",
        Text(f"{ja}そのまま保存しました。", f"{en} It is kept as it came."),
        "alarm",
        found=f"{telegram.type} {telegram.control.title}"[:200],
        expected="records",
    )


SOURCE = Source(
    id="jma-xml",
    title=Text("気象庁防災情報XML", "JMA disaster-prevention XML"),
    gives=GIVES,
    licence=LICENCE,
    reference=REFERENCE,
    detect=detect,
    parse=parse,
    feeds=FEEDS,
)
