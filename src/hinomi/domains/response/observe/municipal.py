"""What municipalities publish as CSV: lists of sites (推奨データセット) and of open shelters.

The same columns as properties of GeoJSON features, as towns' maps hand them out, are read too.

The layouts of 指定緊急避難場所一覧 of all versions are read by their columns' names. A list of open
shelters is the same layout with a head-count (人数) and the time that it holds for, in a column
(時点), in the head-count's own name (人数_令和6年1月9日午後6時時点) or in the file's name.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hinomi.domains.response.collections.shelters import LICENCE, SHELTERS, SITES, Shelter, Site
from hinomi.domains.response.observe.names import (
    code_of_name,
    match_key,
    municipality_code,
    plain_name,
    prefecture_publisher,
    publisher,
)
from hinomi.domains.response.observe.positions import check_municipality, check_position
from hinomi.kernel.errors import DataError, InputError, Problem, Text
from hinomi.kernel.geometry import point
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Complete, Interval, Origin, Record
from hinomi.standards import opendata_csv
from hinomi.standards.opendata_csv import flag, japanese_time, plain, time_in_name
from hinomi.vocabulary.areas import codes

NAME = ("名称", "施設名称", "施設名", "施設・場所名", "避難所名")
LATITUDE, LONGITUDE = ("緯度",), ("経度",)
KANA = ("名称_カナ", "名称（カナ）", "名称_かな", "カナ")
ENGLISH = ("名称_英語", "名称_英字")
ADDRESS = ("所在地_連結表記", "住所", "所在地")
PREFECTURE = ("所在地_都道府県", "都道府県名", "都道府県")
MUNICIPALITY = ("所在地_市区町村", "市区町村名", "地方公共団体名")
CODE = (
    "所在地_全国地方公共団体コード",
    "全国地方公共団体コード",
    "都道府県コード又は市区町村コード",
    "市区町村コード",
    "団体コード",
)
ELEVATION = ("標高", "高度の値", "海抜")
CAPACITY = ("想定収容人数", "収容人数")
SERVES = ("対象となる町会・自治会", "対象となる町会_自治会")
ALSO = ("指定避難所との重複", "指定避難所との住所同一")
DISASTERS = {
    "flood": "洪水",
    "landslide": "崖崩れ、土石流及び地滑り",
    "storm_surge": "高潮",
    "earthquake": "地震",
    "tsunami": "津波",
    "fire": "大規模な火事",
    "inland_flood": "内水氾濫",
    "volcano": "火山現象",
}
PEOPLE = "人数"
STATED = "時点"

_INDOOR = re.compile(r"屋内[^\d屋]{0,4}([\d,]+)")
_OUTDOOR = re.compile(r"屋外[^\d屋]{0,4}([\d,]+)")
_COUNT = re.compile(r"^約?([\d,]+)(?:\.0)?\s*(?:人|名)?(?:程度)?(?:\(.*\))?$")


def is_municipal(payload: Payload) -> bool:
    """Tell whether a CSV or GeoJSON has names, positions, and disasters or head-counts."""
    first = payload.data[:4]
    if first[:1] in (b"[", b"<") or first[:2] in (b"PK", b"\x1f\x8b"):
        return False
    header = opendata_csv.names_of(payload.data)
    names = set(header)
    if not (names & set(NAME) and names & set(LATITUDE) and names & set(LONGITUDE)):
        return False
    return any(n.startswith(("災害種別_", f"{PEOPLE}_")) or n == PEOPLE for n in header)


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return a record for each row, and for a list of open shelters the word that these are all.

    A shelter that a later list leaves out is closed. Rows whose position cannot be are refused.

    Raises:
        DataError: the file is no CSV or GeoJSON, or has no column for the name.
    """
    table = opendata_csv.read(payload.data)
    reading = _Reading(payload, table)
    for line, cells in table.rows:
        reading.row(f"/{table.unit}[{line}]", cells)
    parsed = reading.parsed
    for code, points in reading.points.items():
        entry = codes.ever(code, "municipality")
        ground = gazetteer.place(code, reading.said_at.date())
        parsed.problems += check_municipality(ground, points, entry.name if entry else code)
    reading.finish()
    return parsed


class _Columns(msgspec.Struct):
    """Which of the names that the versions use stands in this header."""

    name: str
    people: str
    """Empty: this is a list of sites."""

    @classmethod
    def of(cls, header: tuple[str, ...]) -> _Columns:
        name = next((n for n in NAME if n in header), "")
        people = next((n for n in header if n == PEOPLE or n.startswith(f"{PEOPLE}_")), "")
        if not name:
            raise DataError(
                [
                    Problem(
                        "shelters.no-name-column",
                        "/line[1]",
                        Text("名称の列がありません。", "There is no column for the name."),
                        found=", ".join(header)[:200],
                        expected=" / ".join(NAME),
                    )
                ]
            )
        return cls(name, people)


class _Reading:
    """One file on its way to records."""

    def __init__(self, payload: Payload, table: opendata_csv.Table) -> None:
        self.payload = payload
        self.columns = _Columns.of(table.header)
        self.open = bool(self.columns.people)
        self.parsed = Parsed(
            kind="open-shelters" if self.open else "municipal-sites",
            problems=list(table.problems),
        )
        self.points: dict[str, list[tuple[str, float, float]]] = {}
        self.said_at = self._stated(table)
        self._names = Counter(plain_name(cells[self.columns.name]) for _, cells in table.rows)
        self._keys: list[str] = []
        self._places: set[tuple[str, str, str]] = set()
        """(code, prefecture, municipality) of the rows."""

    def row(self, path: str, cells: dict[str, str]) -> None:
        """Take one row, or say why not."""
        name = cells[self.columns.name]
        code, prefecture, municipality = self._municipality(cells)
        match = match_key(code or f"{prefecture}{municipality}", name)
        key = self._key(match, name, cells)
        if plain_name(name):
            # Refused or not, the list names it: what was said of it before is not over.
            self._keys.append(key)
            self._places.add((code, prefecture, municipality))
        try:
            place = self._place(path, cells, code)
            body = self._body(path, cells, code, prefecture + municipality, match)
        except _RefusedError as refused:
            self.parsed.problems.append(refused.problem)
            return
        said_at = self._row_time(cells)
        self.parsed.records.append(
            Record(
                collection=SHELTERS.id if self.open else SITES.id,
                key=key,
                said_at=said_at,
                body=body,
                source="",
                when=Interval(said_at, None) if self.open else Interval(),
                place=place,
                origin=Origin(self.payload.digest, self.payload.address, path),
            )
        )

    def finish(self) -> None:
        """Say who published this, and that it is the publisher's whole list."""
        if not self._places:
            text = Text("行がありません。", "There are no rows.")
            self.parsed.problems.append(Problem("shelters.empty", "", text, grade="alarm"))
            return
        source, covers = self._publisher()
        self.parsed.records = [
            msgspec.structs.replace(record, source=source) for record in self.parsed.records
        ]
        whole = not any(p.code.startswith("csv.") for p in self.parsed.problems)
        if whole:
            self.parsed.complete.append(
                Complete(
                    collection=SHELTERS.id if self.open else SITES.id,
                    source=source,
                    said_at=self.said_at,
                    covers=covers,
                    keys=tuple(dict.fromkeys(self._keys)),
                    origin=Origin(self.payload.digest, self.payload.address),
                )
            )

    def _publisher(self) -> tuple[str, tuple[str, ...]]:
        """Return the source and what its word covers: a municipality, else a prefecture."""
        known = {code for code, _, _ in self._places if codes.ever(code, "municipality")}
        if len(known) == 1 and len(self._places) == 1:
            code = known.pop()
            return publisher(code), (f"{code}-*",)
        if known and all(code for code, _, _ in self._places):
            prefectures = {code[:2] for code, _, _ in self._places}
            if len(prefectures) == 1:
                number = prefectures.pop()
                return prefecture_publisher(number), (f"{number}*",)
        # Several prefectures, or towns of no prefecture that is known (a drill's).
        first = {match_key(code[:2] or prefecture, "") for code, prefecture, _ in self._places}
        return SOURCE.id, tuple(sorted(f"{start.removesuffix('-')}*" for start in first if start))

    def _stated(self, table: opendata_csv.Table) -> datetime:
        """Return the moment that the whole list holds for: the latest that it names."""
        found = [japanese_time(cells.get(STATED, "")) for _, cells in table.rows]
        found.append(japanese_time(self.columns.people))
        stated = max((at for at in found if at is not None), default=None)
        named = time_in_name(self.payload.name)
        if stated is not None and named is not None and abs(stated - named) > timedelta(days=1):
            self.parsed.problems.append(
                Problem(
                    "shelters.times-differ",
                    "",
                    Text(
                        "表の時点とファイル名の時点が1日以上違います。表に従います。",
                        "The table's time and the file name's differ by over a day; the table's"
                        " is taken.",
                    ),
                    grade="alarm",
                    found=named.isoformat(),
                    expected=stated.isoformat(),
                )
            )
        return stated or named or self.payload.taken_at

    def _row_time(self, cells: dict[str, str]) -> datetime:
        return japanese_time(cells.get(STATED, "")) or self.said_at

    def _municipality(self, cells: dict[str, str]) -> tuple[str, str, str]:
        prefecture, name = _pick(cells, PREFECTURE), _pick(cells, MUNICIPALITY)
        code = municipality_code(_pick(cells, CODE))
        return code or code_of_name(prefecture, name), prefecture, name

    def _place(self, path: str, cells: dict[str, str], code: str) -> dict[str, Any] | None:
        longitude = self._number(path, cells, LONGITUDE)
        latitude = self._number(path, cells, LATITUDE)
        if longitude is None or latitude is None:
            text = Text("位置がありません。", "The position is missing.")
            found = cells[self.columns.name]
            self.parsed.problems.append(
                Problem("shelters.no-position", path, text, grade="alarm", found=found)
            )
            return None
        problem = check_position(longitude, latitude, path)
        if problem is not None:
            raise _RefusedError(problem)
        if code:
            self.points.setdefault(code, []).append((path, longitude, latitude))
        return point(longitude, latitude)

    def _key(self, match: str, name: str, cells: dict[str, str]) -> str:
        """Return the place's key; of those with one name in one list, each with what differs."""
        if self._names[plain_name(name)] < 2:
            return match
        other = _pick(cells, ("ID", "NO")) or _pick(cells, ADDRESS)
        return match_key(match, f"~{other}").replace("-~", "~")

    def _body(
        self, path: str, cells: dict[str, str], code: str, municipality: str, match: str
    ) -> Site | Shelter:
        name = cells[self.columns.name]
        if not plain_name(name):
            why = Text("名称がありません。", "There is no name.")
            raise _RefusedError(Problem("shelters.no-name", path, why, expected="a name"))
        text = _pick(cells, CAPACITY)
        indoor, outdoor = capacity(text)
        entry = codes.ever(code, "municipality")
        prefecture = codes.prefecture_of(code)
        full = f"{prefecture.name}{entry.name}" if entry and prefecture else municipality
        common: dict[str, Any] = {
            "name": name,
            "name_kana": _pick(cells, KANA),
            "name_en": _pick(cells, ENGLISH),
            "address": _pick(cells, ADDRESS),
            "municipality_code": code,
            "municipality": full,
            "common_id": _pick(cells, ("共通ID",)),
            "local_id": _pick(cells, ("ID", "NO")),
            "match_key": match,
            "capacity": indoor,
            "capacity_outdoor": outdoor,
            "capacity_text": text,
            "elevation_m": self._number(path, cells, ELEVATION),
            "phone": _pick(cells, ("電話番号",)),
            "district": _pick(cells, ("地区",)),
            "serves": _pick(cells, SERVES),
            "remarks": _pick(cells, ("備考",)),
            **_disasters(cells),
        }
        if not self.open:
            return Site(**common, also_shelter=flag(_pick(cells, ALSO)))
        people = self._people(path, cells)
        return Shelter(
            **common,
            state="open",
            people=people,
            crowding=round(people / indoor, 3) if people is not None and indoor else None,
        )

    def _people(self, path: str, cells: dict[str, str]) -> int | None:
        value = self._number(path, cells, (self.columns.people,))
        if value is None:
            return None
        if value < 0 or value != int(value) or value > 1_000_000:
            raise _RefusedError(
                Problem(
                    "shelters.people",
                    path,
                    Text("人数として読めません。", "This cannot be a number of people."),
                    found=cells[self.columns.people][:60],
                    expected="0 to 1,000,000",
                )
            )
        return int(value)

    def _number(self, path: str, cells: dict[str, str], names: tuple[str, ...]) -> float | None:
        try:
            return opendata_csv.number(_pick(cells, names))
        except InputError as error:
            if names == ELEVATION:
                # Beside the point of the row: kept without it.
                self.parsed.problems.append(
                    Problem("shelters.elevation", path, error.text, grade="alarm")
                )
                return None
            raise _RefusedError(
                Problem("shelters.number", path, error.text, found=_pick(cells, names)[:60])
            ) from None


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def capacity(text: str) -> tuple[int | None, int | None]:
    """Return how many people fit indoors (or in all, where no difference is made), and outdoors.

    Example:
        >>> capacity("屋内180人／屋外3,350人(面積の1/2)"), capacity("３００人"), capacity("不明")
        ((180, 3350), (300, None), (None, None))
    """
    cleaned = plain(text)
    indoor, outdoor = _INDOOR.search(cleaned), _OUTDOOR.search(cleaned)
    if indoor or outdoor:
        return _int(indoor), _int(outdoor)
    return _int(_COUNT.match(cleaned)), None


def _int(found: re.Match[str] | None) -> int | None:
    digits = found[1].replace(",", "") if found else ""
    return int(digits) if digits and len(digits) < 8 else None


def _pick(cells: dict[str, str], names: tuple[str, ...]) -> str:
    return next((cells[name] for name in names if cells.get(name)), "")


def _disasters(cells: dict[str, str]) -> dict[str, bool | None]:
    """Return the flags; in a column that is there an empty cell says no."""
    found: dict[str, bool | None] = {}
    stated = any(cells.get(f"災害種別_{column}") for column in DISASTERS.values())
    for name, column in DISASTERS.items():
        cell = cells.get(f"災害種別_{column}")
        if cell is not None:
            # A row without any flag says nothing (shelters opened ad hoc), not eight times no.
            found[name] = flag(cell) if cell else (False if stated else None)
    return found


SOURCE = Source(
    id="municipal-shelters",
    title=Text(
        "避難場所・避難所(自治体のCSV・GeoJSON)", "Sites and open shelters (municipal CSV, GeoJSON)"
    ),
    gives=(SITES.id, SHELTERS.id),
    licence=LICENCE,
    reference="https://www.digital.go.jp/resources/open_data/municipal-standard-data-set-test",
    detect=is_municipal,
    parse=parse,
)
