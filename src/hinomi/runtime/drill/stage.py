"""The stage of an exercise: the forecast area that its telegrams name, with what stands in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec

from hinomi.vocabulary.areas import codes


class Named(msgspec.Struct, frozen=True):
    """A code and what it is called."""

    code: str
    name: str


class Town(msgspec.Struct, frozen=True):
    """A municipality, or a part of one that JMA warns for: 7 digits, and what it lies in."""

    code: str
    name: str
    english: str = ""
    district: str = ""
    """一次細分区域."""
    group: str = ""
    """市町村等をまとめた地域; empty on a stage that has none."""
    seismic: str = ""
    """地震情報の細分区域; empty where it is not known."""


class Gauge(msgspec.Struct, frozen=True):
    """A water-level gauge with its thresholds [m above its zero point]."""

    code: str
    name: str
    river: str
    town: Town
    point: tuple[float, float]
    start_m: float
    warn_m: float
    danger_m: float


class Shelter(msgspec.Struct, frozen=True):
    """A designated shelter and the people it can take."""

    code: str
    name: str
    town: Town
    point: tuple[float, float]
    capacity: int


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A 府県予報区 and all that a scenario may name in it."""

    office: Named
    prefecture: Named
    """Its 2 digits and name."""
    publisher: str
    """Whose name the telegrams carry; no real observatory's."""
    towns: tuple[Town, ...]
    districts: tuple[Named, ...]
    groups: tuple[Named, ...] = ()
    seismic: tuple[Named, ...] = ()
    rivers: tuple[Named, ...] = ()
    """Stretches with a designated-river flood forecast."""
    coasts: tuple[Named, ...] = ()
    """津波予報区."""
    epicentre: Named = Named("989", "県内または近海")
    gauges: tuple[Gauge, ...] = ()
    shelters: tuple[Shelter, ...] = ()

    def town(self, code: str) -> Town:
        """Return a municipality by its code."""
        return next(t for t in self.towns if t.code == code)


def real_stage(name: str, on: date) -> Stage | None:
    """Return the stage of a 府県予報区 by its name (石川県) or code (170000), None for no such one.

    Gauges and shelters are the scenario's own to name.
    """
    offices = [c for c in codes.every("office") if c.valid(on) and name in {c.name, c.code}]
    if not offices:
        return None
    office = offices[0]
    members = codes.members(office, on)
    above = [codes.above(member, on) for member in members]
    towns = _with_seismic(
        Town(
            m.code,
            m.name,
            m.name_en,
            up["primary"].code if "primary" in up else "",
            up["group"].code if "group" in up else "",
            m.seismic,
        )
        for m, up in zip(members, above, strict=True)
    )
    prefecture = codes.prefecture_of(office.code)
    number = prefecture.code if prefecture else office.code[:2]
    return Stage(
        office=Named(office.code, office.name),
        prefecture=Named(number, prefecture.name if prefecture else office.name),
        publisher=f"訓練({office.name})",
        towns=towns,
        districts=_distinct([up["primary"] for up in above if "primary" in up]),
        groups=_distinct([up["group"] for up in above if "group" in up]),
        seismic=_seismic(towns, on),
        rivers=tuple(
            Named(c.code, c.name)
            for c in codes.every("river")
            if c.code.startswith(number) and c.valid(on)
        ),
        coasts=tuple(Named(c.code, c.name) for c in codes.every("tsunami") if c.valid(on)),
    )


def _with_seismic(towns: Iterable[Town]) -> tuple[Town, ...]:
    """Give a town whose 細分区域 is not known (a part, say) its neighbours' most frequent one."""
    found = tuple(towns)
    whole = Counter(t.seismic for t in found if t.seismic)
    near: dict[str, Counter[str]] = {}
    for town in found:
        if town.seismic:
            near.setdefault(town.district, Counter())[town.seismic] += 1
    return tuple(
        town
        if town.seismic or not whole
        else msgspec.structs.replace(
            town, seismic=near.get(town.district, whole).most_common(1)[0][0]
        )
        for town in found
    )


def _distinct(found: list[codes.Code]) -> tuple[Named, ...]:
    return tuple({c.code: Named(c.code, c.name) for c in found}.values())


def _seismic(towns: tuple[Town, ...], on: date) -> tuple[Named, ...]:
    found = (codes.find(code, on, "seismic") for code in dict.fromkeys(t.seismic for t in towns))
    return tuple(Named(c.code, c.name) for c in found if c is not None)
