"""Warnings as state per area and hazard: VPWW50-61, VXWW50, VPHW50/51, VPOA50.

JMA's warnings carry no event id: the newest ReportDateTime about an area and hazard holds. Every
telegram lists all that is in force in its areas, so each also says what is over (Complete).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from hinomi.domains.hazards.collections.warnings import WARNINGS, Phase, WarningState
from hinomi.domains.hazards.observe import outlooks
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, last_word, marking, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Complete, Interval, Record
from hinomi.standards.jmaxml import warnings
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.standards.jmaxml.warnings import Warning, WarningItem
from hinomi.vocabulary.hazards import AreaKind, Meaning, area_kind, meaning

TRANSITION = "jma-transition"
"""Record.source of the products of before the reform, which run beside the new ones until about
2028. They understate level 4 (lowered to 警報), so they rank below: what the new products say of
an area and hazard holds, however old."""
JOINT = "jma-prefecture"
"""Record.source of 土砂災害警戒情報, which JMA and the prefecture state together."""

RECORD_RAIN_HOURS = 3
"""How long 記録的短時間大雨情報 is shown: it tells of a past hour and is never released."""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """How one type's statements are filed."""

    hazards: tuple[str, ...]
    """What it speaks of: of these hazards an area's item is the whole truth. ``*``: all."""
    source: str = SOURCE
    rank: int = 0
    precedence: int = 0
    """Orders types that speak of the same at the same time."""
    says_none: bool = False
    """State "nothing in force" as records, so that it outranks the transition products."""
    fixed: tuple[str, int] | None = None
    """Hazard and level of a type with one kind, whose codes are 1 and 0 and not a kind's."""
    product: str = ""
    """What its one kind is called, where the kind's name (警戒) says little."""
    hours: int | None = None
    """Validity [h] of what is neither released nor bounded by the telegram."""


_OTHERS = (
    *("thunder", "snowmelt", "fog", "dry", "avalanche", "cold", "frost", "icing"),
    *("snow_accretion", "other"),
)
FAMILIES: dict[str, Family] = {
    "VPWW50": Family(hazards=("*",), source=TRANSITION, rank=-1),
    "VPWW53": Family(hazards=("*",), source=TRANSITION, rank=-1, precedence=1),
    "VPWW54": Family(hazards=("*",), source=TRANSITION, rank=-1, precedence=2),
    "VPWW55": Family(hazards=("rain",), says_none=True),
    "VPWW56": Family(hazards=("landslide",), says_none=True),
    "VPWW57": Family(hazards=("surge",), says_none=True),
    "VPWW58": Family(hazards=("storm", "snowstorm"), says_none=True),
    "VPWW59": Family(hazards=("wave",), says_none=True),
    "VPWW60": Family(hazards=("snow",), says_none=True),
    "VPWW61": Family(hazards=_OTHERS),
    "VXWW50": Family(
        hazards=("landslide",),
        source=JOINT,
        rank=-1,
        fixed=("landslide", 4),
        product="土砂災害警戒情報",
    ),
    "VPHW50": Family(hazards=("tornado",), fixed=("tornado", 2)),
    "VPHW51": Family(hazards=("tornado",), fixed=("tornado", 2), precedence=1),
    "VPOA50": Family(
        hazards=("record_rain",), fixed=("record_rain", 4), hours=RECORD_RAIN_HOURS, rank=-1
    ),
}
TYPES = tuple(FAMILIES)

_RELEASED = "解除"
_CONTINUED = "継続"


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return a record for every area and hazard that the telegram speaks of.

    VPWW54 also says what is expected step by step, which VPWP50 says since the reform.
    """
    parsed = _Reading(telegram, payload, gazetteer).parsed()
    if telegram.type == "VPWW54":
        expected = outlooks.read(telegram, payload, gazetteer, source=TRANSITION, rank=-1)
        parsed.records += expected.records
        parsed.complete += expected.complete
        parsed.problems += [p for p in expected.problems if p not in parsed.problems]
    return parsed


def _withdrawn(count: int) -> Problem:
    return Problem(
        "jmaxml.withdrawn",
        "/Report/Head/InfoType",
        Text(
            "取消電文です。取り消された状態は消えます。その前の状態は次の電文まで分かりません。",
            "A withdrawal: what it names is gone, and what held before it is not known until the"
            " next telegram.",
        ),
        "alarm",
        found=f"取消 ({count})",
    )


class _Reading:
    """One telegram's way to records."""

    def __init__(self, telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> None:
        self.telegram = telegram
        self.payload = payload
        self.family = FAMILIES[telegram.type]
        self.body = warnings.decode(telegram.body)
        self.problems: list[Problem] = list(self.body.problems)
        self.areas = Areas(gazetteer, telegram, self.problems)
        self.marking = marking(telegram)
        self.serial = last_word(telegram, payload, precedence=self.family.precedence)
        self.when = self.validity()
        self.records: dict[str, Record] = {}
        self.covered: dict[str, None] = {}

    def parsed(self) -> Parsed:
        for number, group in enumerate(self.body.groups, start=1):
            kind = area_kind(group.type)
            for item in group.items:
                if item.area_code and item.kinds:
                    path = f"/Report/Body/Warning[{number}]/Item[{item.position}]"
                    self.item(item, kind, path)
        if self.withdrawn and self.records:
            self.problems.append(_withdrawn(len(self.records)))
        return Parsed(
            records=list(self.records.values()),
            complete=[self.complete()] if self.covered and not self.withdrawn else [],
            problems=self.problems,
            kind=self.telegram.type,
        )

    @property
    def withdrawn(self) -> bool:
        return self.telegram.head.act == "cancel"

    def validity(self) -> Interval:
        start = self.telegram.head.reported_at
        end = self.telegram.head.valid_until
        if end is None and self.family.hours is not None:
            end = start + timedelta(hours=self.family.hours)
        return Interval(start, end if end is not None and end > start else None)

    def item(self, item: WarningItem, kind: AreaKind, path: str) -> None:
        for hazard in self.family.hazards:
            self.covered[f"{item.area_code}/{hazard}"] = None
        place = None
        if kind != "surge_section":  # Sections of the coast are no areas of the master's tables.
            place = self.areas.place(item.area_code, item.area_name, path)
        for state in self.states(item, kind, path):
            key = f"{item.area_code}/{state.hazard}"
            known = self.records.get(key)
            if known is not None and not self.prefers(state, known.body, path):
                continue
            self.records[key] = Record(
                collection=WARNINGS.id,
                key=key,
                said_at=self.telegram.head.reported_at,
                body=state,
                source=self.family.source,
                when=self.when,
                place=place,
                origin=origin(self.payload, path),
                marking=self.marking,
                serial=self.serial,
                rank=self.family.rank,
                retracts=self.withdrawn,
            )

    def prefers(self, state: WarningState, known: WarningState, path: str) -> bool:
        """Tell whether a second word on an area and hazard holds: the higher level does.

        An area that is its own 府県予報区 and 一次細分区域 is listed twice, mostly alike.
        """
        if (state.kind_code, state.phase) != (known.kind_code, known.phase):
            self.problems.append(
                Problem(
                    "jmaxml.two-kinds",
                    path,
                    Text(
                        "同じ地域・現象に二つの種別があります。高い方をとりました。",
                        "Two kinds for one area and hazard; the higher one was taken.",
                    ),
                    "note",
                    found=f"{known.kind_name} {known.phase_name} / {state.kind_name}",
                )
            )
        return state.level > known.level

    def states(self, item: WarningItem, kind: AreaKind, path: str) -> Iterator[WarningState]:
        for said in item.kinds:
            if self.is_none(said):
                yield from self.none_states(item, kind, said)
                continue
            means = self.meaning(said, path)
            released = said.status == _RELEASED or said.code == "00"
            yield self.state(
                item,
                kind,
                said,
                hazard=means.hazard,
                level=0 if released else means.level,
                stated=means.stated,
                phase=self.phase(said, means.level, released=released),
            )

    def is_none(self, said: Warning) -> bool:
        return not said.code or (self.family.fixed is not None and said.code == "0")

    def none_states(
        self, item: WarningItem, kind: AreaKind, said: Warning
    ) -> Iterator[WarningState]:
        if self.family.says_none:
            for hazard in self.family.hazards:
                yield self.state(
                    item, kind, said, hazard=hazard, level=0, stated=True, phase="none"
                )

    def meaning(self, said: Warning, path: str) -> Meaning:
        if self.family.fixed is not None:
            return Meaning(*self.family.fixed, stated=False)
        found = meaning(said.code, said.name)
        if said.code == "00":
            return msgspec.structs.replace(found, hazard=self.family.hazards[0])
        if not found.known:
            self.problems.append(
                Problem(
                    "jmaxml.unknown-kind",
                    f"{path}/Kind",
                    Text(
                        "知らない警報の種別です。名前から読み取りました。",
                        "A kind of warning that is not known; read by its name.",
                    ),
                    "alarm",
                    found=f"{said.code} {said.name}"[:200],
                    expected="a code of 警報等情報要素／気象警報・注意報",
                )
            )
        return found

    def phase(self, said: Warning, level: int, *, released: bool) -> Phase:
        if released:
            return "released"
        if said.status == _CONTINUED:
            return "continued"
        if "から" in said.status:  # 警報から注意報, 特別警報から警報
            return "downgraded"
        if said.last_code and said.last_code != "00" and self.family.fixed is None:
            last = meaning(said.last_code, said.last_name).level
            if last != level:
                return "upgraded" if last < level else "downgraded"
        return "issued"

    def state(  # noqa: PLR0913
        self,
        item: WarningItem,
        kind: AreaKind,
        said: Warning,
        *,
        hazard: str,
        level: int,
        stated: bool,
        phase: Phase,
    ) -> WarningState:
        head = self.telegram.head
        return WarningState(
            area_code=item.area_code,
            area_name=item.area_name,
            area_kind=kind,
            hazard=hazard,
            kind_code=said.code,
            kind_name=said.name,
            product=self.family.product,
            condition=said.condition,
            level=level,
            level_stated=stated,
            in_force=phase not in {"released", "none"},
            phase=phase,
            phase_name=said.status,
            last_kind_code=said.last_code,
            last_kind_name=said.last_name,
            telegram=self.telegram.type,
            info_type=head.info_type,
            title=head.title,
            headline=head.headline,
            office=self.telegram.control.publishing_office,
            event_id=head.event_id,
            serial=head.serial,
            notice="\n".join(t for t in (self.body.notice, self.body.comment) if t),
            additions=self.body.additions,
            notes=list(said.notes),
            details=list(said.properties),
        )

    def complete(self) -> Complete:
        said_at = self.telegram.head.reported_at
        if self.telegram.head.act == "correction":
            # A correction keeps its telegram's time: what it leaves out was said at that moment.
            said_at += timedelta(microseconds=1)
        return Complete(
            collection=WARNINGS.id,
            source=self.family.source,
            said_at=said_at,
            covers=tuple(self.covered),
            keys=tuple(self.records),
            marking=self.marking,
            origin=origin(self.payload),
        )
