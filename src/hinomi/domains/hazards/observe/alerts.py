"""Two notices that name areas outside a Warning: 気象特別警報報知 and 熱中症警戒アラート."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

from hinomi.domains.hazards.collections.warnings import WARNINGS, WarningState
from hinomi.domains.hazards.observe.telegrams import Areas, last_word, marking, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Complete, Interval, Record
from hinomi.standards.jmaxml.envelope import Area, Information, Kind, Telegram
from hinomi.standards.jmaxml.warnings import decode
from hinomi.vocabulary.hazards import AreaKind, area_kind, meaning
from hinomi.vocabulary.offices import office_code
from hinomi.vocabulary.times import JST

SPECIAL_TYPES = ("VPNO50",)
HEAT_TYPES = ("VPFT50",)

SPECIAL = "jma-special"
"""Record.source of 気象特別警報報知, the transition product that repeats special warnings early:
whatever the warnings themselves say of an area and hazard ranks above it."""
ENVIRONMENT = "jma-env"
"""Record.source of 熱中症警戒アラート, stated by the Ministry of the Environment and JMA."""


def parse_special(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return the special warnings that the headline lists, per area and hazard."""
    problems: list[Problem] = []
    areas = Areas(gazetteer, telegram, problems)
    records: dict[str, Record] = {}
    covers: dict[str, None] = {}
    cancelled = telegram.head.act == "cancel"
    for number, block in enumerate(telegram.informations(), start=1):
        kind = area_kind(block.type)
        for area, said in _pairs(block):
            path = f"/Report/Head/Headline/Information[{number}]"
            covers[f"{area.code}/*"] = None
            if said.code == "00":
                continue
            state = _special(telegram, area, said, kind)
            key = f"{area.code}/{state.hazard}"
            records[key] = Record(
                collection=WARNINGS.id,
                key=key,
                said_at=telegram.head.reported_at,
                body=state,
                source=SPECIAL,
                when=Interval(telegram.head.reported_at, None),
                place=areas.place(area.code, area.name, path),
                origin=origin(payload, path),
                marking=marking(telegram),
                serial=last_word(telegram, payload),
                rank=-2,
                retracts=cancelled,
            )
    complete = Complete(
        collection=WARNINGS.id,
        source=SPECIAL,
        said_at=telegram.head.reported_at,
        covers=tuple(covers),
        keys=tuple(records),
        marking=marking(telegram),
        origin=origin(payload),
    )
    return Parsed(
        records=list(records.values()),
        complete=[complete] if covers and not cancelled else [],
        problems=problems,
    )


def _pairs(block: Information) -> list[tuple[Area, Kind]]:
    return [(area, kind) for i in block.items for area in i.areas for kind in i.kinds]


def _special(telegram: Telegram, area: Area, said: Kind, kind: AreaKind) -> WarningState:
    means = meaning(said.code, said.name)
    return _state(
        telegram,
        area,
        said,
        hazard=means.hazard,
        level=means.level,
        area_kind=kind,
    )


def _state(  # noqa: PLR0913
    telegram: Telegram,
    area: Area,
    said: Kind,
    *,
    hazard: str,
    level: int,
    area_kind: AreaKind,
    notes: list[str] | None = None,
) -> WarningState:
    head = telegram.head
    return WarningState(
        area_code=area.code,
        area_name=area.name,
        area_kind=area_kind,
        hazard=hazard,
        kind_code=said.code,
        kind_name=said.name,
        condition=said.condition,
        level=level,
        level_stated=False,
        in_force=True,
        phase="issued",
        phase_name=head.info_type,
        telegram=telegram.type,
        info_type=head.info_type,
        title=head.title,
        headline=head.headline,
        office=telegram.control.publishing_office,
        event_id=head.event_id,
        serial=head.serial,
        notes=notes or [],
    )


def parse_heat(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return the heat alert of one forecast area, for the day that it is about.

    The telegram names its area in the title alone (埼玉県熱中症警戒アラート), and its day in the
    text: the day itself in the issue of about 5 h, the next one in that of about 17 h.
    """
    problems: list[Problem] = []
    title = unicodedata.normalize("NFKC", telegram.head.title)
    called = title.split("熱中症")[0].strip()
    code = office_code(called)
    if not code:
        problems.append(
            Problem(
                "jmaxml.unknown-area",
                "/Report/Head/Title",
                Text("府県予報区の名前が分かりません。", "The forecast area's name is not known."),
                "alarm",
                found=title[:200],
                expected="府県予報区 + 熱中症警戒アラート",
            )
        )
    body = decode(telegram.body)
    areas = Areas(gazetteer, telegram, problems)
    area = Area(called, code or called)
    name = title.removeprefix(called) or telegram.control.title
    record = Record(
        collection=WARNINGS.id,
        key=f"{area.code}/heat",
        said_at=telegram.head.reported_at,
        body=_state(
            telegram,
            area,
            Kind(name, ""),
            hazard="heat",
            level=0,
            area_kind="prefecture",
            notes=[t for t in (body.notice, body.comment) if t],
        ),
        source=ENVIRONMENT,
        when=Interval(telegram.head.reported_at, _end_of_day(telegram.head.reported_at)),
        place=areas.place(code, called, "/Report/Head/Title") if code else None,
        origin=origin(payload, "/Report/Body"),
        marking=marking(telegram),
        serial=last_word(telegram, payload),
        retracts=telegram.head.act == "cancel",
    )
    return Parsed(records=[record], problems=[*body.problems, *problems])


def _end_of_day(reported_at: datetime) -> datetime:
    local = reported_at.astimezone(JST)
    days = 2 if local.hour >= 12 else 1
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return midnight.astimezone(UTC)
