"""Weather information, forecasts, charts and announcements to ``hazards.notices`` and forecasts.

One reader for all telegrams with a meteorological body that are neither warnings nor floods nor
typhoon tracks: what is forecast for areas goes to ``hazards.forecasts``, all the rest to one
notice, so that nothing of a telegram is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hinomi.domains.hazards.collections.floods import AreaRef
from hinomi.domains.hazards.collections.forecasts import Element
from hinomi.domains.hazards.collections.notices import (
    NOTICES,
    Addition,
    Notice,
    Passage,
    Statement,
)
from hinomi.domains.hazards.observe import charts, forecasts
from hinomi.domains.hazards.observe.elements import WORDS, elements, is_prose, span_of
from hinomi.domains.hazards.observe.shapes import collect, shape_geometry
from hinomi.domains.hazards.observe.telegrams import SOURCE, Areas, marking, order, origin
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Interval, Record
from hinomi.standards.jmaxml import meteorology
from hinomi.standards.jmaxml.envelope import Telegram
from hinomi.standards.jmaxml.leaves import Leaf
from hinomi.standards.jmaxml.meteorology import Area, Info, Item, Weather

KINDS = {
    "VPZJ": "weather-information",
    "VPCJ": "weather-information",
    "VPFJ": "weather-information",
    "VPBS": "disaster-bulletin",
    "VPFG": "overview",
    "VPTI": "typhoon-information",
    "VPTA": "storm-probability",
    "VPZI": "climate-information",
    "VPCI": "climate-information",
    "VPAW": "early-weather",
    "VMCJ": "tide-information",
    "VPCY": "marine-forecast",
    "VPCU": "marine-warning",
    "VPZU": "marine-warning",
    "VPFD": "forecast-remarks",
    "VPFW": "forecast-remarks",
    "VPCK": "seasonal-forecast",
    "VPZK": "seasonal-forecast",
    "VGSK50": "season-observation",
    "VGSK55": "phenology",
    "VGSK60": "special-phenomenon",
    "VGUV": "uv-observation",
    "VPRN": "danger-distribution",
    "VZS": "weather-chart",
    "VZVO": "announcement",
}
"""Beginning of the type code -> kind; the longest one that fits is taken."""

TYPES = (
    *("VPZJ50", "VPZJ51", "VPCJ50", "VPCJ51", "VPFJ50", "VPFJ51", "VPFG50", "VPBS50"),
    *("VPTI50", "VPTI51", "VPTI52", "VPTA50", "VPCI50", "VPZI50", "VPAW50", "VPAW51"),
    *("VPCY50", "VPCY51", "VPFD50", "VPFD51", "VPFD60", "VPFD61", "VPFW50", "VPFW60"),
    *("VPCK50", "VPCK70", "VPZK50", "VPZK70", "VPRN50", "VGUV50"),
    *("VGSK50", "VGSK55", "VGSK60", "VZVO40"),
    *("VMCJ50", "VMCJ51", "VMCJ52", "VMCJ53", "VMCJ54", "VMCJ55"),
    *("VZSA50", "VZSA60", "VZSF50", "VZSF51", "VZSF60", "VZSF61"),
)

SEA_WARNINGS = {"地方海上警報", "全般海上警報"}
"""Sections that become hazards.warnings (``observe/sea.py``) and are not repeated in the notice."""
_CHARTS = "VZSA", "VZSF"
_TAGS = {"情報タグ": "tags", "台風番号": "typhoon_number"}


def parse(telegram: Telegram, payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return the forecasts for areas and a notice with everything else that is said."""
    weather = meteorology.decode(telegram.body)
    parsed = Parsed(problems=list(weather.problems))
    forecasts.add(telegram, payload, gazetteer, weather, parsed)
    add(telegram, payload, gazetteer, weather, parsed)
    return parsed


def add(
    telegram: Telegram, payload: Payload, gazetteer: Gazetteer, weather: Weather, parsed: Parsed
) -> None:
    """Add the notice with all that is no forecast, unless that is nothing."""
    reading = _Reading(telegram, weather)
    reading.read()
    if reading.empty() and (parsed.records or telegram.head.act != "cancel"):
        return
    lookup = Areas(gazetteer, telegram, parsed.problems)
    parsed.records.append(_record(telegram, payload, reading, lookup))


class _Reading:
    """Collects what a notice says."""

    def __init__(self, telegram: Telegram, weather: Weather) -> None:
        self.telegram = telegram
        self.weather = weather
        self.passages: list[Passage] = []
        self.statements: list[Statement] = []
        self.features, self.place, self.contents = (
            charts.features(weather) if telegram.type.startswith(_CHARTS) else ([], None, {})
        )

    def read(self) -> None:
        for kind, text in self.weather.comments:
            self.passages.append(Passage(text, "", "", kind))
        if self.weather.notice:
            self.passages.append(Passage(self.weather.notice, "", "お知らせ"))
        if self.features:
            return
        if self.telegram.type == "VPRN50":
            self.dangers()
            return
        for section in self.weather.sections:
            for info in section.infos:
                for item in info.items:
                    forecast = forecasts.is_forecast(self.telegram, section, item)
                    if not forecast and section.type not in SEA_WARNINGS:
                        self.item(info, item, info.type or section.type)

    def item(self, info: Info, item: Item, section: str) -> None:
        names = [a.name for a in item.areas]
        prose = [p for k in item.kinds for p in k.properties if is_prose(p)]
        for prop in prose:
            for leaf in prop.leaves:
                if leaf.text:
                    span = span_of(leaf, info)
                    label = span.label or span.type
                    own = leaf.type if leaf.type != prop.type else ""
                    self.passages.append(Passage(leaf.text, section, prop.type, own, label, names))
        left = [p for k in item.kinds for p in k.properties if p not in prose]
        for kind in item.kinds:
            if left or kind.name or kind.code:
                made = [] if not left else elements([kind], info, "")
                made = [e for e in made if not (e.quantity in WORDS and _is_said(e.name, prose))]
                if made or kind.name or kind.code:
                    areas = item.areas or [Area("")]
                    self.statements += [_statement(section, a, kind, made) for a in areas]

    def dangers(self) -> None:
        """Count the dangers of 大雨危険度通知 and keep the areas that are in one, compactly.

        Thousands of areas share a few states of danger, which the decoder gives as one object.
        """
        seen: dict[tuple[int, ...], tuple[dict[str, list[str]], dict[str, str]]] = {}
        times: Counter[tuple[int, ...]] = Counter()
        for item in _items(self.weather):
            state = tuple(map(id, item.kinds))
            if state not in seen:
                said = _dangers([v for k in item.kinds for p in k.properties for v in p.leaves])
                seen[state] = said, {h: " ".join(w) for h, w in said.items() if w[0] != "00"}
            times[state] += 1
            raised = seen[state][1]
            if raised:
                self.statements += [
                    Statement(a.code_type, a.name, a.code, details=raised) for a in item.areas
                ]
        count: Counter[str] = Counter()
        for state, (said, _) in seen.items():
            for hazard, words in said.items():
                count[f"{hazard} {words[0]}"] += times[state]
        self.contents = dict(sorted(count.items()))

    def empty(self) -> bool:
        """Tell whether there is nothing that a notice would say."""
        said = self.passages or self.statements or self.features or self.contents
        return not said and not self.telegram.head.headline

    def text(self) -> str:
        parts = [p.text for p in self.passages]
        return "\n\n".join([self.telegram.head.headline, *parts]).strip()


def _dangers(leaves: list[Leaf]) -> dict[str, list[str]]:
    """Return for each hazard its danger's code, name and tendency (``51``, ``継続``)."""
    order_of = ("Code", "Name", "Condition")
    found: dict[str, dict[str, str]] = {}
    for leaf in leaves:
        found.setdefault(leaf.type, {})[leaf.name] = leaf.text
    return {h: [parts.get(n, "") for n in order_of] for h, parts in found.items()}


def _is_said(name: str, prose: list[meteorology.Property]) -> bool:
    return any(p.type == name for p in prose)


def _statement(section: str, area: Area, kind: meteorology.Kind, made: list[Element]) -> Statement:
    return Statement(
        section,
        area.name,
        area.code,
        area.station,
        kind.name,
        kind.code,
        kind.condition or kind.status,
        kind.class_name,
        {**area.details, **area.codes},
        made,
    )


def _record(telegram: Telegram, payload: Payload, reading: _Reading, lookup: Areas) -> Record:
    head = telegram.head
    said = _headline(telegram)
    areas = _areas(reading, telegram)
    body = Notice(
        kind=_kind(telegram.type),
        telegram=telegram.type,
        title=head.title,
        headline=head.headline,
        text=reading.text(),
        office=telegram.control.publishing_office or telegram.control.editorial_office,
        event_id=head.event_id,
        serial=head.serial,
        info_type=head.info_type,
        tags=said.get("tags", ""),
        typhoon_number=said.get("typhoon_number", "") or _typhoon(reading),
        area_name=areas[0].name if areas else "",
        area_code=areas[0].code if areas else "",
        valid_until=head.valid_until,
        in_force=head.act != "cancel",
        areas=areas,
        passages=reading.passages,
        statements=reading.statements,
        features=reading.features,
        contents=reading.contents,
        additions=[
            Addition(leaf.path.partition("/")[2], leaf.text, leaf.type)
            for leaf in reading.weather.additions
            if leaf.text
        ],
    )
    start, end = min(head.target_at or head.reported_at, head.reported_at), head.valid_until
    return Record(
        collection=NOTICES.id,
        key=_key(telegram, reading, areas),
        said_at=head.reported_at,
        body=body,
        source=SOURCE,
        when=Interval(start, end if end is not None and end > start else None),
        place=reading.place or _place(reading, areas, lookup),
        origin=origin(payload, "/Report"),
        marking=marking(telegram),
        serial=order(telegram),
        retracts=head.act == "cancel",
    )


def _kind(code: str) -> str:
    fitting = [prefix for prefix in KINDS if code.startswith(prefix)]
    return KINDS[max(fitting, key=len)] if fitting else "information"


def _key(telegram: Telegram, reading: _Reading, areas: list[AreaRef]) -> str:
    """Return what stays the same from issue to issue: the event, else the area or the title."""
    head, kind = telegram.head, forecasts.kind_of(telegram)
    if head.event_id:
        station = next((s.area_code for s in reading.statements if s.station), "")
        own = f"/{station}" if telegram.type.startswith("VGSK") and station else ""
        return f"{kind}/{head.event_id}{own}"
    if telegram.type in {"VPCK50", "VPZK50"} and areas:
        return f"{telegram.type}/{telegram.control.title}/{areas[0].code}"
    if reading.weather.targets and areas:
        return f"{kind}/{areas[0].code}"
    return f"{kind}/{head.title}"


def _headline(telegram: Telegram) -> dict[str, str]:
    """Return the headline's tags: what kind of weather, which typhoon."""
    found: dict[str, str] = {}
    for block in telegram.informations():
        for item in block.items:
            for kind in item.kinds:
                if kind.name in _TAGS:
                    found.setdefault(_TAGS[kind.name], kind.condition)
    return found


def _typhoon(reading: _Reading) -> str:
    """Return the number of the typhoon that is named in the body."""
    named = (e for s in reading.statements for e in s.elements if e.quantity == "Number")
    return next((v.text for e in named for v in e.values), "")


def _areas(reading: _Reading, telegram: Telegram) -> list[AreaRef]:
    """Return the areas that it is for: the target's, the headline's, else those stated."""
    found = {(a.name, a.code): None for a in reading.weather.targets}
    if not found:
        found = {
            (a.name, a.code): None
            for block in telegram.informations()
            for item in block.items
            for a in item.areas
        }
    if not found and telegram.type != "VPRN50":
        found = {(s.area, s.area_code): None for s in reading.statements if s.area}
    return [AreaRef(name, code) for name, code in found]


def _place(reading: _Reading, areas: list[AreaRef], lookup: Areas) -> Geometry | None:
    """Return the stations' points where their positions are given, else the areas."""
    points = [shape_geometry(s) for a in _stations(reading.weather) for s in a.shapes]
    if points:
        return collect(points)
    stations = {s.area_code for s in reading.statements if s.station}
    coded = [a for a in areas if a.code and a.code not in stations]
    return collect([lookup.place(a.code, a.name, "/Report/Head/Headline") for a in coded])


def _stations(weather: Weather) -> Iterator[Area]:
    for item in _items(weather):
        yield from (a for a in item.areas if a.station and a.shapes)


def _items(weather: Weather) -> Iterator[Item]:
    for section in weather.sections:
        for info in section.infos:
            yield from info.items
