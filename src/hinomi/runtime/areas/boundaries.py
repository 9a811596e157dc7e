"""From a boundary file to records of ``areas``: municipalities, cities of wards, forecast areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from hinomi.kernel.errors import DataError, InputError, MissingError, Problem, Text
from hinomi.kernel.marking import OPEN, Marking
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.areas import shapes
from hinomi.standards import n03
from hinomi.vocabulary.areas import AREAS, Area, codes
from hinomi.vocabulary.times import JST

UNIONS: tuple[codes.Kind, ...] = ("group", "primary", "office", "seismic")


class Boundaries(msgspec.Struct, frozen=True, kw_only=True):
    """What a file came to: records for the store, and what could not be taken as it was."""

    records: list[Record]
    problems: list[Problem]
    counts: dict[str, int]
    """Records by kind of area."""


def read_boundaries(
    path: Path,
    *,
    code: str | None = None,
    name: str | None = None,
    source: str = "mlit",
    marking: Marking = OPEN,
) -> Boundaries:
    """Read a GeoJSON of municipality boundaries: MLIT's N03, or one with a code and a name.

    Args:
        path: the file.
        code: the property that holds the municipality code; None finds it.
        name: the property that holds the municipality's name; None finds it.
        source: who states the boundaries.
        marking: exercise for a fictional prefecture.

    Raises:
        MissingError: there is no such file.
        InputError: it cannot be read.
        DataError: it is no GeoJSON, or has no boundary that can be used.
    """
    if not path.is_file():
        near = [str(p) for p in path.parent.glob("*json")] if path.parent.is_dir() else []
        raise MissingError(Text("ファイル", "file"), str(path), near)
    try:
        data = path.read_bytes()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error}", f"{path}を読めません: {error}"
        ) from None
    edition = n03.edition_of(path.name)
    said_at = _midnight(edition) if edition else changed
    try:
        boundaries, problems = n03.decode(data, n03.Names(code, name))
    except DataError as error:
        raise DataError([p.within(path.name) for p in error.problems]) from None
    made = make_records(
        boundaries,
        said_at=said_at,
        edition=edition.isoformat() if edition else "",
        source=source,
        marking=marking,
        address=str(path),
    )
    return msgspec.structs.replace(made, problems=[*problems, *made.problems])


def make_records(
    boundaries: Sequence[n03.Boundary],
    *,
    said_at: datetime,
    edition: str = "",
    source: str = "mlit",
    marking: Marking = OPEN,
    address: str = "",
) -> Boundaries:
    """Return the areas that these municipality boundaries and the code table come to.

    Polygons of one code become one area; a designated city is made of its wards; forecast and
    seismic areas are the unions of their municipalities.
    """
    on = said_at.astimezone(JST).date()
    maker = _Maker(on, said_at, edition, source, marking, address)
    maker.municipalities(boundaries)
    maker.cities()
    maker.unions()
    maker.check_missing()
    counts: dict[str, int] = {}
    for record in maker.records:
        counts[record.body.kind] = counts.get(record.body.kind, 0) + 1
    return Boundaries(records=maker.records, problems=maker.problems, counts=counts)


class _Maker:
    def __init__(
        self,
        on: date,
        said_at: datetime,
        edition: str,
        source: str,
        marking: Marking,
        address: str,
    ) -> None:
        self.records: list[Record] = []
        self.problems: list[Problem] = []
        self._on = on
        self._said_at = said_at
        self._edition = edition
        self._source = source
        self._marking = marking
        self._address = address
        self._shapes: dict[str, Any] = {}

    def municipalities(self, boundaries: Sequence[n03.Boundary]) -> None:
        """Make one area of all polygons of a code."""
        self._shapes, problems = shapes.dissolve(boundaries)
        self.problems += problems
        first = {b.code: b for b in reversed(boundaries)}
        for key, shape in self._shapes.items():
            boundary = first[key]
            entry = self._entry(key)
            if entry is None:
                self.problems.append(self._unknown(boundary))
            body = Area(
                code=key,
                kind=entry.kind if entry else "municipality",
                name=entry.name if entry else boundary.name,
                name_en=entry.name_en if entry else "",
                edition=self._edition,
            )
            body = msgspec.structs.replace(body, **self._above(key, entry, boundary.prefecture))
            self._add(body, shape, boundary.path, _validity(entry))

    def cities(self) -> None:
        """Make designated cities, for which N03 has only the wards."""
        wards: dict[str, list[codes.Code]] = {}
        for ward in codes.every("ward"):
            if ward.valid(self._on):
                wards.setdefault(ward.parent, []).append(ward)
        for city, members in wards.items():
            entry = self._entry(city)
            if entry is not None and city not in self._shapes:
                self._union(entry, members)

    def unions(self) -> None:
        """Make forecast and seismic areas of their municipalities."""
        widest: dict[str, codes.Code] = {}
        for kind in UNIONS:
            for entry in codes.every(kind):
                if entry.valid(self._on):
                    # Where one code names several levels they are one piece of ground.
                    widest[codes.key_of(kind, entry.code)] = entry
        for entry in widest.values():
            self._union(entry, codes.members(entry, self._on))

    def check_missing(self) -> None:
        """Say which municipalities of the prefectures in the file have no boundary."""
        prefectures = {key[:2] for key in self._shapes}
        missing = [
            entry
            for entry in codes.every("municipality")
            if entry.valid(self._on)
            and entry.code[:2] in prefectures
            and entry.code not in self._shapes
        ]
        if missing:
            names = "、".join(f"{entry.name}({entry.code})" for entry in missing)
            self.problems.append(
                Problem(
                    "areas.missing",
                    "",
                    Text(
                        f"境界のない市町村が{len(missing)}あります: {names}",
                        f"{len(missing)} municipalities have no boundary here: {names}",
                    ),
                    grade="alarm",
                )
            )

    def _union(self, entry: codes.Code, members: Sequence[codes.Code]) -> None:
        grounds = {_ground(member): member for member in members}
        there = [key for key in grounds if key in self._shapes]
        if not there:
            return
        missing = tuple(sorted(key for key in grounds if key not in self._shapes))
        shape = shapes.unite([self._shapes[key] for key in there])
        divided = any(member.kind == "part" for member in members)
        inferred = entry.kind == "seismic" and not all(m.seismic_stated for m in members)
        body = Area(
            code=entry.code,
            kind=entry.kind,
            name=entry.name,
            name_en=entry.name_en,
            edition=self._edition,
            members=len(there),
            missing=missing,
            approximate=bool(missing) or divided or inferred,
        )
        body = msgspec.structs.replace(body, **self._above(entry.code, entry, ""))
        if entry.kind == "municipality":
            self._shapes[entry.code] = shape
        self._add(body, shape, "", _validity(entry))

    def _entry(self, code: str) -> codes.Code | None:
        return codes.ever(code, "municipality") or codes.ever(code, "ward")

    def _above(self, code: str, entry: codes.Code | None, prefecture: str) -> dict[str, str]:
        found = codes.above(entry, self._on) if entry else {}
        numbered = None if entry and entry.kind == "seismic" else codes.prefecture_of(code)
        return {
            "prefecture_code": numbered.code if numbered else "",
            "prefecture": numbered.name if numbered else prefecture,
            "seismic_code": entry.seismic if entry else "",
            **{
                f"{kind}_code": found[kind].code
                for kind in ("municipality", "group", "primary", "office")
                if kind in found
            },
        }

    def _add(self, body: Area, shape: Any, path: str, when: Interval) -> None:
        self.records.append(
            Record(
                collection=AREAS.id,
                key=codes.key_of(body.kind, body.code),
                said_at=self._said_at,
                body=body,
                source=self._source,
                when=when,
                place=shapes.to_geometry(shape),
                origin=Origin(address=self._address, path=path),
                marking=self._marking,
            )
        )

    def _unknown(self, boundary: n03.Boundary) -> Problem:
        return Problem(
            "areas.unknown-code",
            boundary.path,
            Text(
                f"{boundary.name}({boundary.code})は気象庁のコード表にありません。境界だけ取り込みます。",
                f"{boundary.name} ({boundary.code}) is not in JMA's code table; only its boundary"
                " is taken.",
            ),
            grade="note",
            found=boundary.code,
        )


def _ground(member: codes.Code) -> str:
    """Return the code whose boundary stands for a member: a part has its municipality's."""
    return f"{member.code[:5]}00" if member.kind == "part" else member.code


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JST)


def _validity(entry: codes.Code | None) -> Interval:
    if entry is None:
        return Interval()
    return Interval(*(_midnight(d) if d else None for d in (entry.valid_from, entry.valid_to)))
