"""The table of area codes: what JMA calls its areas, what belongs to what, and since when.

Facts only, in ``codes.tsv``; where each column comes from and what is missing stands in
docs/reference/areas.md. A code is not unique by itself: 011000 is 宗谷地方 as a forecast district
and 九州南部・奄美地方 as a region, 350 a seismic area and a volcano; hence the kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import msgspec

Kind = Literal[
    "municipality",
    "ward",
    "part",
    "landslide",
    "office",
    "primary",
    "group",
    "prefecture",
    "region",
    "seismic",
    "tsunami",
    "eew",
    "volcano",
    "sea",
    "hypocentre",
    "river",
]
"""市町村(二次細分区域), 政令指定都市の区, 市町村を分割した二次細分区域, 土砂災害警戒情報の区域,
府県予報区, 一次細分区域, 市町村等をまとめた地域, 都道府県, 全国・地方予報区, 地震情報の細分区域,
津波予報区, 緊急地震速報の予報区, 火山, 海上予報区, 震央地名, 指定河川の予報区域."""

KINDS: tuple[Kind, ...] = get_args(Kind)
MUNICIPAL: tuple[Kind, ...] = ("municipality", "ward", "part", "landslide")
FORECAST: tuple[Kind, ...] = ("office", "primary", "group")
"""The widest first: where one code names several, the widest is meant."""

_BARE = frozenset((*MUNICIPAL, *FORECAST))


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """One code of one kind, valid in [valid_from, valid_to) (None: since or until always)."""

    kind: Kind
    code: str
    name: str
    name_en: str = ""
    parent: str = ""
    """municipality, part -> group; group -> primary; primary -> office; office -> region;
    ward, landslide -> municipality."""
    valid_from: date | None = None
    valid_to: date | None = None
    seismic: str = ""
    """Code of the 地震情報 area that a municipality or ward lies in; empty where not known."""
    seismic_stated: bool = True
    """False: no sample names it; inferred from its neighbours in the same forecast area."""
    successor: str = ""
    """The code that the same ground has had since ``valid_to``."""

    def valid(self, on: date) -> bool:
        """Tell whether the code is in use on that day."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_to is None or on < self.valid_to)


def every(kind: Kind | None = None) -> Iterator[Code]:
    """Yield the table's rows, of one kind or of all, in the table's order."""
    for entry in _rows():
        if kind is None or entry.kind == kind:
            yield entry


def find(code: str, on: date, *kinds: Kind) -> Code | None:
    """Return what the code means on that day, of the first of the kinds that has it.

    Example:
        >>> find("1720200", date(2024, 1, 1)).name
        '七尾市'
        >>> find("011000", date(2024, 1, 1), "region").name
        '九州南部・奄美地方'
    """
    by_kind = _by_code().get(code, {})
    for kind in kinds or KINDS:
        entry = by_kind.get(kind)
        if entry is not None and entry.valid(on):
            return entry
    return None


def ever(code: str, kind: Kind) -> Code | None:
    """Return what the code means or meant, on whatever day."""
    return _by_code().get(code, {}).get(kind)


def english(kind: Kind, name: str, code: str = "") -> str:
    """Return what JMA calls an area in English; empty where the table does not say.

    The code decides where the table has it under that very name; else the name alone, as long as
    no two areas of the kind that share it differ in English.

    Example:
        >>> english("hypocentre", "石川県能登地方"), english("tsunami", "陸奥湾", "202")
        ('Noto, Ishikawa Prefecture', 'Mutsu Bay')
        >>> english("hypocentre", "どこか")
        ''
    """
    entry = ever(code, kind)
    if entry is not None and entry.name == name:
        return entry.name_en
    found = _english().get((kind, name), frozenset())
    return next(iter(found)) if len(found) == 1 else ""


def knows(code: str, on: date) -> bool:
    """Tell whether the table has the code on that day, of whatever kind."""
    return any(entry.valid(on) for entry in _by_code().get(code, {}).values())


def knows_kind(kind: str, code: str, on: date) -> bool:
    """Tell whether the table has the code on that day, of the kind that a key names."""
    entry = {str(k): e for k, e in _by_code().get(code, {}).items()}.get(kind)
    return entry is not None and entry.valid(on)


def key_of(kind: Kind, code: str) -> str:
    """Return the key in the collection ``areas``: JMA's code; with its kind where that is needed.

    Example:
        >>> key_of("municipality", "1720200"), key_of("seismic", "390")
        ('1720200', 'seismic-390')
    """
    return code if kind in _BARE else f"{kind}-{code}"


def above(entry: Code, on: date) -> dict[Kind, Code]:
    """Return what an area lies in: group, primary, office, region; of a ward its municipality too.

    Example:
        >>> found = above(find("1720200", date(2024, 1, 1)), date(2024, 1, 1))
        >>> [(kind, area.name) for kind, area in found.items()]
        [('group', '能登南部'), ('primary', '能登'), ('office', '石川県'), ('region', '北陸地方')]
    """
    found: dict[Kind, Code] = {}
    current: Code | None = entry
    while current is not None and current.parent:
        current = find(current.parent, on, *_ABOVE[current.kind])
        if current is not None:
            found[current.kind] = current
    if entry.kind == "municipality" and not entry.parent:
        # A municipality that JMA divides: above it stand the parts' areas, where they agree.
        shared = [above(part, on) for part in parts(entry.code, on)]
        for kind in reversed(FORECAST):
            if shared and len({up[kind].code for up in shared if kind in up}) == 1:
                found[kind] = shared[0][kind]
    return found


def parts(code: str, on: date) -> list[Code]:
    """Return the areas that JMA divides a municipality into; none for most."""
    return [entry for entry in _parts().get(code, ()) if entry.valid(on)]


def members(entry: Code, on: date) -> list[Code]:
    """Return the municipalities and parts of a forecast area, or those of a seismic area.

    Example:
        >>> [m.name for m in members(find("471030", date(2024, 1, 1)), date(2024, 1, 1))]
        ['久米島町']
    """
    if entry.kind == "seismic":
        return [m for m in _of_seismic().get(entry.code, ()) if m.valid(on)]
    if entry.kind in ("municipality", "ward", "part", "landslide"):
        return [entry]
    below = [child for child in _children().get((entry.kind, entry.code), ()) if child.valid(on)]
    return [m for child in below for m in members(child, on)]


def municipality_named(prefecture: str, name: str) -> Code | None:
    """Return today's municipality of that full name, or None where there is none or several."""
    found = _by_name().get((prefecture, name), ())
    return found[0] if len(found) == 1 else None


def prefecture_of(code: str) -> Code | None:
    """Return the prefecture that a municipality's or forecast area's code begins with."""
    return _by_code().get(code[:2], {}).get("prefecture")


_ABOVE: dict[Kind, tuple[Kind, ...]] = {
    "municipality": ("group",),
    "part": ("group",),
    "ward": ("municipality",),
    "landslide": ("municipality", "ward"),
    "group": ("primary",),
    "primary": ("office",),
    "office": ("region",),
}
_BELOW: dict[Kind, Kind] = {
    "municipality": "group",
    "part": "group",
    "group": "primary",
    "primary": "office",
    "office": "region",
}


@cache
def _rows() -> tuple[Code, ...]:
    text = files("hinomi.vocabulary.areas").joinpath("codes.tsv").read_text("utf-8")
    header, *lines = text.splitlines()
    names = header.split("\t")
    return tuple(_row(dict(zip(names, line.split("\t"), strict=True))) for line in lines)


def _row(cells: dict[str, str]) -> Code:
    seismic = cells.pop("seismic")
    return msgspec.convert(
        {
            **{name: value for name, value in cells.items() if value},
            "seismic": seismic.rstrip("?"),
            "seismic_stated": not seismic.endswith("?"),
        },
        Code,
    )


@cache
def _by_code() -> dict[str, dict[Kind, Code]]:
    found: dict[str, dict[Kind, Code]] = {}
    for entry in _rows():
        found.setdefault(entry.code, {})[entry.kind] = entry
    return found


@cache
def _english() -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for entry in _rows():
        if entry.name_en:
            at = (entry.kind, entry.name)
            found[at] = found.get(at, frozenset()) | {entry.name_en}
    return found


@cache
def _children() -> dict[tuple[Kind, str], tuple[Code, ...]]:
    found: dict[tuple[Kind, str], list[Code]] = {}
    for entry in _rows():
        if entry.parent and entry.kind in _BELOW:
            found.setdefault((_BELOW[entry.kind], entry.parent), []).append(entry)
    return {key: tuple(entries) for key, entries in found.items()}


@cache
def _parts() -> dict[str, tuple[Code, ...]]:
    found: dict[str, list[Code]] = {}
    for entry in every("part"):
        found.setdefault(f"{entry.code[:5]}00", []).append(entry)
    return {key: tuple(entries) for key, entries in found.items()}


@cache
def _of_seismic() -> dict[str, tuple[Code, ...]]:
    found: dict[str, list[Code]] = {}
    for kind in ("municipality", "ward"):
        for entry in every(kind):
            if entry.seismic:
                found.setdefault(entry.seismic, []).append(entry)
    return {key: tuple(entries) for key, entries in found.items()}


@cache
def _by_name() -> dict[tuple[str, str], tuple[Code, ...]]:
    prefectures = {p.code: p.name for p in every("prefecture")}
    found: dict[tuple[str, str], list[Code]] = {}
    for entry in every("municipality"):
        if entry.valid_to is None:
            found.setdefault((prefectures[entry.code[:2]], entry.name), []).append(entry)
    return {key: tuple(entries) for key, entries in found.items()}
