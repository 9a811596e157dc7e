"""Sea warnings (地方海上警報 VPCU, 全般海上警報 VPZU) to ``hazards.warnings`` and a notice.

The warnings are state per sea area and hazard, as on land; their keys begin with ``sea/``, since
the four-digit codes of sea areas are prefixes of municipalities' codes. The synopsis (気象要因,
概況: lows, highs, fronts and their forecasts) is a notice beside them.
"""

from __future__ import annotations

from collections.abc import Iterator

from hinomi.domains.hazards.collections.warnings import WARNINGS, WarningState
from hinomi.domains.hazards.observe import notices
from hinomi.domains.hazards.observe.completion import complete
from hinomi.domains.hazards.observe.elements import numeric
from hinomi.domains.hazards.observe.shapes import collect, shape_geometry
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Interval, Record
from hinomi.standards.jmaxml import meteorology
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.standards.jmaxml.meteorology import Area, Item, Kind, Section, Weather
from hinomi.standards.jmaxml.properties import Property, Value
from hinomi.vocabulary.levels import equivalent_level

TYPES = ("VPCU50", "VPCU51", "VPZU50", "VPZU51", "VPZU52", "VPZU53")

HAZARDS = {
    "10": "icing",
    "11": "fog",
    "12": "wave",
    "20": "storm",
    "21": "storm",
    "22": "storm",
    "23": "storm",
}
"""Kind code of 海上警報 -> hazard: 着氷, 濃霧, うねり, 風, 強風, 暴風, 台風."""
RELEASED = "00"
_REGULAR = {"VPZU50", "VPZU52"}
"""定時: lists all that is in force; the 臨時 ones (VPZU51, 53) add to it."""
_SYNOPSIS = "気象要因"


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return a warning for each sea area and hazard, what is over, and the synopsis as a notice."""
    weather = meteorology.decode(telegram.body)
    parsed = Parsed(problems=list(weather.problems))
    making = _Making(telegram, payload, gazetteer, weather, parsed.problems)
    parsed.records = list(making.records())
    covers = making.covers()
    if covers:
        parsed.complete.append(complete(telegram, payload, WARNINGS.id, covers, parsed.records))
    notices.add(telegram, payload, gazetteer, weather, parsed)
    return parsed


class _Making:
    """Makes the warnings of one telegram."""

    def __init__(
        self,
        telegram: Telegram,
        payload: Payload,
        gazetteer: Gazetteer,
        weather: Weather,
        problems: list[Problem],
    ) -> None:
        self.telegram = telegram
        self.payload = payload
        self.areas = Areas(gazetteer, telegram, problems)
        self.weather = weather
        self.problems = problems
        self.general = telegram.type.startswith("VPZU")
        self.listed: dict[str, None] = {}

    def records(self) -> Iterator[Record]:
        number = 0
        for section in self.weather.sections:
            for item in self.items(section):
                for area in item.areas or [Area("")]:
                    named = [k for k in item.kinds if k.name or k.code]
                    for kind in named:
                        number += 1
                        yield self.record(item, area, kind, self.hazard(kind, item), number)

    def items(self, section: Section) -> Iterator[Item]:
        for info in section.infos if section.type in notices.SEA_WARNINGS else ():
            yield from info.items

    def hazard(self, kind: Kind, item: Item) -> str:
        if kind.code in HAZARDS or kind.code == RELEASED or "なし" in kind.name:
            return HAZARDS.get(kind.code, "storm")
        self.problems.append(
            Problem(
                "jmaxml.unknown-kind",
                f"/Report/Body/{item.path}/Kind",
                Text("知らない海上警報の種別です。", "A kind of sea warning that is not known."),
                "alarm",
                found=f"{kind.code} {kind.name}"[:200],
                expected=", ".join([*HAZARDS, RELEASED]),
            )
        )
        return "other"

    def record(self, item: Item, area: Area, kind: Kind, hazard: str, number: int) -> Record:
        head = self.telegram.head
        self.listed[area.code] = None
        start, end = head.reported_at, head.valid_until
        return Record(
            collection=WARNINGS.id,
            key=self.key(area, hazard, number),
            said_at=start,
            body=self.state(item, area, kind, hazard),
            source=SOURCE,
            when=Interval(start, end if end is not None and end > start else None),
            place=self.place(area),
            origin=origin(self.payload, f"/Report/Body/{item.path}"),
            marking=marking(self.telegram),
            serial=order(self.telegram),
            retracts=head.act == "cancel",
        )

    def key(self, area: Area, hazard: str, number: int) -> str:
        if not self.general:
            return f"sea/{area.code}/{hazard}"
        kind = "general" if self.telegram.type in _REGULAR else "extra"
        return f"sea/{kind}/{number}"

    def state(self, item: Item, area: Area, kind: Kind, hazard: str) -> WarningState:
        head = self.telegram.head
        released = kind.code == RELEASED or "なし" in kind.name
        said = [k for k in item.kinds if k is kind or not (k.name or k.code)]
        return WarningState(
            area_code=area.code,
            area_name=area.name,
            area_kind="other",
            hazard=hazard,
            kind_code=kind.code,
            kind_name=kind.name,
            condition=kind.condition or kind.class_name,
            level=0 if released else equivalent_level(kind.name) or 0,
            level_stated=False,
            in_force=not released and head.act != "cancel",
            phase="released" if released else "issued",
            phase_name=kind.status,
            telegram=self.telegram.type,
            info_type=head.info_type,
            title=head.title,
            headline=head.headline,
            office=self.telegram.control.publishing_office,
            event_id=head.event_id,
            serial=head.serial,
            notice=self.weather.notice,
            notes=_sentences(said),
            details=[_details(k, p) for k in said for p in k.properties],
        )

    def place(self, area: Area) -> Geometry | None:
        shapes = collect([shape_geometry(s) for s in area.shapes])
        if shapes is not None or not area.code:
            return shapes
        return self.areas.place(area.code, area.name, "/Report/Body//Area/Code")

    def covers(self) -> tuple[str, ...]:
        """Return what the telegram is the whole truth about.

        地方海上警報 speaks for its region, whose code (``3000``) stands with the synopsis: all
        areas that begin alike. Without it only the areas that are listed are covered.
        """
        if self.general:
            return ("sea/general/*",) if self.telegram.type in _REGULAR else ()
        regions = [
            a.code[:2]
            for s in self.weather.sections
            if s.type == _SYNOPSIS
            for info in s.infos
            for item in info.items
            for a in item.areas
            if len(a.code) == 4 and a.code.endswith("00")
        ]
        listed = [c for c in self.listed if c and c[:2] not in regions]
        return (*(f"sea/{r}*" for r in regions), *(f"sea/{c}/*" for c in listed))


def _sentences(kinds: list[Kind]) -> list[str]:
    leaves = [v for k in kinds for p in k.properties for v in p.leaves]
    return [v.text for v in leaves if v.name in {"Sentence", "Text"} and v.text]


def _details(kind: Kind, prop: meteorology.Property) -> Property:
    when = f"{kind.span.type or kind.span.label} " if kind.span is not None else ""
    values = tuple(
        Value(
            leaf.type or leaf.name,
            leaf.description or ("" if numeric(leaf, leaf.name) is not None else leaf.text),
            numeric(leaf, leaf.name),
            leaf.unit,
            place=leaf.where,
            stage=leaf.modifier,
            condition=leaf.condition,
            step=leaf.ref,
        )
        for leaf in prop.leaves
        if leaf.name != "Sentence" and (leaf.text or leaf.description or leaf.condition)
    )
    return Property(f"{when}{prop.type}", values)
