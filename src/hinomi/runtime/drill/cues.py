"""What a scenario plays and when: cues, whose bytes are made at the moment they come.

Times inside a payload are the times at which it comes, whatever the speed, the pauses and the jumps
before it, so that what is said agrees with when it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

from hinomi.runtime.drill import (
    alerts,
    observations,
    quakes,
    rain,
    rivers,
    sea,
    typhoon,
    weather,
)
from hinomi.runtime.drill.cue import Cue, Make, Memory, Moment, every
from hinomi.runtime.drill.posts_cues import sensor_cues
from hinomi.runtime.drill.prefecture import make_prefecture
from hinomi.runtime.drill.quakes import Shock
from hinomi.runtime.drill.scenario import (
    Count,
    Event,
    Level,
    Outage,
    Quake,
    RecordRain,
    River,
    RoadCut,
    Scenario,
    Told,
    Tornado,
    Tsunami,
)
from hinomi.runtime.drill.typhoon import Fix

SECOND = timedelta(seconds=1)
QUICK, HYPOCENTRE, FULL, REVIEWED = (timedelta(minutes=m) for m in (2, 4, 8, 40))
"""How long after a shock JMA sends VXSE51, 52, 53 and (of a strong one) 61, about."""
STRONG = 6.0
"""From this magnitude on the hypocentre is told anew after a review."""
TSUNAMI_WITHIN = timedelta(minutes=15)
ARRIVES_AFTER = timedelta(minutes=25)
"""The first wave comes so long after the warning."""


def cues(scenario: Scenario) -> list[Cue]:
    """Return all cues in the order of time."""
    found = [
        *_sites(scenario),
        *_warnings(scenario),
        *_landslide_alerts(scenario),
        *_floods(scenario),
        *_quakes(scenario),
        *_tsunami(scenario),
        *_typhoon(scenario),
        *_alerts(scenario),
        *_gauges(scenario),
        *_shelters(scenario),
        *_rain(scenario),
        *sensor_cues(scenario),
        *(
            Cue(e.after, f"event_{e.key}", "", None, (e.key,))
            for e in scenario.events
            if isinstance(e.detail, Told | RoadCut | Outage)
        ),
    ]
    return sorted((c for c in found if c.after <= scenario.length), key=lambda c: c.after)


def _name(kind: str, after: timedelta, ending: str = "xml") -> str:
    return f"{kind}_{int(after.total_seconds()):06d}.{ending}"


def _sites(scenario: Scenario) -> Iterator[Cue]:
    if scenario.stage.shelters:
        data = observations.site_list(scenario.stage)
        yield Cue(timedelta(), "drill_sites.csv", "sites", lambda _moment, _memory: data)


def _states(scenario: Scenario) -> Iterator[tuple[timedelta, str, dict[str, int], list[str]]]:
    """Yield when a hazard's levels change, its name, the levels by town then, and the events."""
    for hazard in weather.HAZARDS:
        now: dict[str, int] = {}
        events = [e for e in scenario.events if _hazard(e) == hazard]
        for after in sorted({e.after for e in events}):
            here = [e for e in events if e.after == after]
            for event in here:
                if isinstance(event.detail, Level):
                    now |= dict.fromkeys(event.towns, event.detail.level)
            yield after, hazard, {code: n for code, n in now.items() if n}, [e.key for e in here]


def _hazard(event: Event) -> str:
    return event.detail.hazard if isinstance(event.detail, Level) else ""


def _warnings(scenario: Scenario) -> Iterator[Cue]:
    states = sorted(_states(scenario), key=lambda state: state[0])
    for product in weather.PRODUCTS:
        names = {hazard.name for hazard in product.hazards}
        now: dict[tuple[str, str], int] = {}
        told = [state for state in states if state[1] in names]
        for after in sorted({state[0] for state in told}):
            keys: list[str] = []
            for _, hazard, levels, events in (s for s in told if s[0] == after):
                now = {k: v for k, v in now.items() if k[0] != hazard}
                now |= {(hazard, code): level for code, level in levels.items()}
                keys += events
            make = _warning(scenario, product, dict(now))
            yield Cue(after, _name(product.type, after), product.type, make, tuple(keys))


def _warning(
    scenario: Scenario, product: weather.Product, levels: dict[tuple[str, str], int]
) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes:
        before = memory.levels.get(product.type, {})
        memory.levels[product.type] = levels
        return weather.warning(scenario.stage, product, moment.at, levels, before)

    return make


def _landslide_alerts(scenario: Scenario) -> Iterator[Cue]:
    """Follow landslide level 4 with the 土砂災害警戒情報 that prefecture and JMA give together."""
    before: set[str] = set()
    for after, hazard, levels, _ in _states(scenario):
        if hazard != "土砂災害":
            continue
        towns = {code for code, level in levels.items() if level >= 4}
        if towns != before:
            make = _landslide(scenario, towns)
            yield Cue(after, _name("VXWW50", after), "VXWW50", make)
        before = towns


def _landslide(scenario: Scenario, towns: set[str]) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes:
        before, memory.landslides = memory.landslides, towns
        serial = memory.serial("VXWW50")
        return alerts.landslide_alert(scenario.stage, moment.at, towns, before, serial)

    return make


def _floods(scenario: Scenario) -> Iterator[Cue]:
    for event in scenario.events:
        if isinstance(event.detail, River):
            river = event.detail.river
            family = f"VXKO50_{river.code}"
            name = _name(family, event.after)
            yield Cue(event.after, name, family, _flood(scenario, event), (event.key,))


def _flood(scenario: Scenario, event: Event) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes:
        said = event.detail
        assert isinstance(said, River)  # noqa: S101  (the caller's choice)
        return rivers.flood(
            scenario.stage,
            moment.at,
            said.river,
            said.gauge,
            said.level,
            scenario.level_m(said.gauge, event.after),
            memory.serial(said.river.code),
        )

    return make


def _quakes(scenario: Scenario) -> Iterator[Cue]:
    for event in scenario.events:
        if not isinstance(event.detail, Quake):
            continue
        warned = any(
            isinstance(e.detail, Tsunami)
            and e.detail.kind in sea.KINDS
            and timedelta() <= e.after - event.after <= TSUNAMI_WITHIN
            for e in scenario.events
        )
        reports = [("VXSE51", QUICK, quakes.quick_report), ("VXSE53", FULL, quakes.full_report)]
        if not warned:
            # With a tsunami to come JMA sends the warning in place of 震源に関する情報.
            reports.append(("VXSE52", HYPOCENTRE, quakes.hypocentre_report))
        if event.detail.magnitude >= STRONG:
            reports.append(("VXSE61", REVIEWED, quakes.update))
        yield Cue(event.after, f"event_{event.key}", "", _felt(scenario, event, warned), ())
        for number, (kind, later, write) in enumerate(reports):
            after = event.after + later
            make = _report(scenario, event, write)
            events = (event.key,) if number == 0 else ()
            yield Cue(after, f"{kind}_{event.key}_{_name('', after)[1:]}", "", make, events)


def _felt(scenario: Scenario, event: Event, warned: bool) -> Make:  # noqa: FBT001
    def make(moment: Moment, memory: Memory) -> bytes | None:
        said = event.detail
        assert isinstance(said, Quake)  # noqa: S101
        towns = tuple((scenario.stage.town(code), value) for code, value in said.intensities)
        origin = moment.at.replace(microsecond=0)
        others = {at for key, at in memory.origins.items() if key != event.key}
        while origin in others:
            # The second is in the EventID: two quakes of one second would be taken for one.
            origin += SECOND
        memory.shock = Shock(origin, said.hypocentre, said.magnitude, towns, warned)
        memory.origins[event.key] = origin
        return None

    return make


def _report(scenario: Scenario, event: Event, write: Callable[..., bytes | None]) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes | None:
        said = event.detail
        assert isinstance(said, Quake)  # noqa: S101
        towns = tuple((scenario.stage.town(code), value) for code, value in said.intensities)
        warned = memory.tsunami in sea.KINDS
        origin = memory.origins.get(event.key, moment.at.replace(microsecond=0))
        shock = Shock(origin, said.hypocentre, said.magnitude, towns, warned)
        return write(scenario.stage, moment.at, shock)

    return make


def _tsunami(scenario: Scenario) -> Iterator[Cue]:
    for event in scenario.events:
        if isinstance(event.detail, Tsunami):
            name = _name("VTSE41", event.after)
            yield Cue(event.after, name, "VTSE41", _wave(scenario, event), (event.key,))


def _wave(scenario: Scenario, event: Event) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes:
        said = event.detail
        assert isinstance(said, Tsunami)  # noqa: S101
        before, memory.tsunami = memory.tsunami, said.kind
        arrives = moment.world(event.after + ARRIVES_AFTER)
        wave = sea.Wave(said.kind, said.height_m, arrives)
        shock = memory.shock or Shock(
            moment.at.replace(microsecond=0), (0.0, 0.0, 10.0), 7.0, (), tsunami=True
        )
        return sea.tsunami(scenario.stage, moment.at, list(said.coasts), wave, before, shock)

    return make


def _typhoon(scenario: Scenario) -> Iterator[Cue]:
    fixes = [e.detail for e in scenario.events if isinstance(e.detail, Fix)]
    for index, fix in enumerate(fixes):
        make = _fix(scenario, fixes, index)
        yield Cue(fix.after, _name("VPTW60", fix.after), "VPTW60", make)


def _fix(scenario: Scenario, fixes: list[Fix], index: int) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes:
        serial = memory.serial("VPTW60")
        name = scenario.typhoon
        return typhoon.typhoon(scenario.stage, moment.at, name, fixes, index, serial)

    return make


def _alerts(scenario: Scenario) -> Iterator[Cue]:
    for event in scenario.events:
        if isinstance(event.detail, Tornado | RecordRain):
            kind = "VPHW50" if isinstance(event.detail, Tornado) else "VPOA50"
            name = _name(kind, event.after)
            yield Cue(event.after, name, kind, _alert(scenario, event), (event.key,))


def _alert(scenario: Scenario, event: Event) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes:
        said = event.detail
        if isinstance(said, Tornado):
            serial = memory.serial("VPHW50")
            return alerts.tornado_alert(scenario.stage, moment.at, said.districts, serial)
        assert isinstance(said, RecordRain)  # noqa: S101
        serial = memory.serial("VPOA50")
        towns, amount = event.towns, said.amount_mm
        return alerts.record_rain(scenario.stage, moment.at, towns, amount, serial)

    return make


def _gauges(scenario: Scenario) -> Iterator[Cue]:
    if scenario.stage.gauges:
        for after in every(scenario.gauges_every, scenario.length):
            make = _snapshot(scenario, after)
            yield Cue(after, _name("gauges", after, "json"), "gauges", make)


def _snapshot(scenario: Scenario, after: timedelta) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes:
        del memory
        random = Random(f"{scenario.seed}/{after}")  # noqa: S311  (a drill, not a secret)
        levels = {
            gauge.code: round(scenario.level_m(gauge, after) + random.uniform(-0.02, 0.02), 2)
            for gauge in scenario.stage.gauges
        }
        return observations.gauge_snapshot(scenario.stage, moment.at, levels)

    return make


def _shelters(scenario: Scenario) -> Iterator[Cue]:
    changes = [e for e in scenario.events if isinstance(e.detail, Count)]
    if not changes:
        return
    times = {*every(scenario.shelters_every, scenario.length), *(e.after for e in changes)}
    for after in sorted(t for t in times if t >= changes[0].after):
        keys = tuple(e.key for e in changes if e.after == after)
        name = _name("open_shelter_drill", after, "csv")
        yield Cue(after, name, "shelters", _counts(scenario, after), keys)


def _rain(scenario: Scenario) -> Iterator[Cue]:
    """Let it rain on the fictional prefecture, where what reads grids is installed."""
    fixes = [e.detail for e in scenario.events if isinstance(e.detail, Fix)]
    if not (scenario.fictional and len(fixes) > 1 and rain.possible()):
        return
    for level in rain.CRITERIA_MM:
        yield Cue(rain.FROM, f"drill_rain_criteria_{level}.csv", f"criteria_{level}",
                  lambda _moment, _memory, level=level: rain.criteria(  # type: ignore[misc]
                      make_prefecture(scenario.seed).grounds, level))  # fmt: skip
    for after in every(rain.EVERY, scenario.length):
        if after < rain.FROM:
            continue
        yield Cue(after, _name("rain", after, "bin"), "rain", _picture(fixes, after))


def _picture(fixes: list[Fix], after: timedelta) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes:
        del memory
        return rain.picture(fixes, after, moment.at)

    return make


def _counts(scenario: Scenario, after: timedelta) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes | None:
        del moment, memory
        counts = {s.code: scenario.people(s, after) for s in scenario.stage.shelters}
        heads = {code: count for code, count in counts.items() if count is not None}
        # The source takes an empty list for a fault, as it is with real ones.
        return observations.open_shelters(scenario.stage, heads) if heads else None

    return make
