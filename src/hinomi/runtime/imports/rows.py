"""Rows as records: body, key, place, times; what cannot be is refused row by row, and told."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.response.observe import municipal
from hinomi.domains.response.observe.names import match_key, municipality_code
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import InputError, Problem, Text
from hinomi.kernel.geometry import Geometry, check_geometry, point
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.imports.guessing import layers_of
from hinomi.runtime.imports.plans import (
    END,
    ENVELOPE,
    KEY,
    LATITUDE,
    LONGITUDE,
    SAID_AT,
    START,
    Plan,
)
from hinomi.runtime.imports.sheets import Sheet
from hinomi.runtime.imports.values import Values, moment
from hinomi.standards.opendata_csv import number

LONGEST_KEY = 200


class Made(msgspec.Struct, kw_only=True):
    """What became of the rows."""

    records: list[tuple[int, Record]] = []
    """Row number and record."""
    refused: list[int] = []
    problems: list[Problem] = []


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def compose(
    sheet: Sheet,
    plan: Plan,
    columns: dict[str, str],
    catalog: Catalog,
    origin: Origin,
    at: datetime,
) -> Made:
    """Return the rows as records.

    Args:
        sheet: the table.
        plan: collection, source, status, constants.
        columns: the file's column to property; "" for those that are left out.
        catalog: of the collections and of the words that layers use.
        origin: the file's bytes; each record's has its row's path.
        at: when the sender stated it, unless a column says.
    """
    return _Composing(sheet, plan, columns, catalog, origin, at).made()


class _Composing:
    def __init__(
        self, sheet: Sheet, plan: Plan, columns: dict[str, str], catalog: Catalog,
        origin: Origin, at: datetime,
    ) -> None:  # fmt: skip
        self.sheet, self.plan, self.origin, self.at = sheet, plan, origin, at
        self.of: Collection = catalog.collection(plan.collection)
        self.columns = {column: prop for column, prop in columns.items() if prop}
        self.by_property = {prop: column for column, prop in self.columns.items()}
        self.values = Values(self.of, catalog)
        self.marking = Marking(plan.status, self.of.marking.disclosure, self.of.marking.audience)
        self.fields = {f.encode_name for f in msgspec.structs.fields(self.of.schema)}
        layers = layers_of(self.of.id, catalog)
        self.name = layers[0].name.ja if layers else "name"
        self.seen: Counter[str] = Counter()
        self.result = Made()

    def made(self) -> Made:
        self.result.problems += self.sheet.problems
        for n, (number_, cells) in enumerate(self.sheet.rows):
            path = f"/row[{number_}]"
            try:
                place = self._place(n, path, cells)
                record = self._record(path, cells, place)
            except _RefusedError as refused:
                self.result.refused.append(number_)
                self.result.problems.append(refused.problem)
                continue
            self.result.records.append((number_, record))
        return self.result

    def _record(self, path: str, cells: dict[str, str], place: Geometry | None) -> Record:
        body = self._body(path, cells)
        said_at = self._time(path, cells, SAID_AT) or self.at
        start, end = self._time(path, cells, START), self._time(path, cells, END)
        try:
            when = Interval(start, end)
            typed = msgspec.convert(body, self.of.schema)
        except (msgspec.ValidationError, InputError) as error:
            text = Text(
                f"必要な項目がないか、値が誤りです: {error}", f"The row does not fit: {error}"
            )
            raise _RefusedError(Problem("import.row", path, text)) from None
        return Record(
            collection=self.of.id,
            key=self._key(path, cells, body),
            said_at=said_at,
            body=typed,
            source=self.plan.source,
            when=when,
            place=place,
            origin=msgspec.structs.replace(self.origin, path=path),
            marking=self.marking,
        )

    def _body(self, path: str, cells: dict[str, str]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for prop, text in self.plan.constants.items():
            if prop in self.values.kinds:
                self._set(body, prop, text, path, "constants")
        for column, prop in self.columns.items():
            if prop not in ENVELOPE and cells.get(column, ""):
                self._set(body, prop, cells[column], path, column)
        if "capacity_text" in self.fields and "capacity" in self.by_property:
            text = cells.get(self.by_property["capacity"], "")
            body.setdefault("capacity_text", text)
            body.setdefault("capacity_outdoor", municipal.capacity(text)[1])
        if isinstance(body.get("municipality_code"), str):
            code = municipality_code(body["municipality_code"])
            body["municipality_code"] = code or body["municipality_code"]
        if "match_key" in self.fields and "match_key" not in body:
            where = body.get("municipality_code") or body.get("municipality", "")
            body["match_key"] = match_key(where, str(body.get("name", "")))
        if "state" not in body and "unknown" in self.values.coded.get("state", {}):
            body["state"] = "unknown"
        return body

    def _set(self, body: dict[str, Any], prop: str, text: str, path: str, column: str) -> None:
        try:
            body[prop] = self.values.read(prop, text)
        except InputError as error:
            # Kept without it: the row's own words stay in the file, which is the record's origin.
            self.result.problems.append(
                Problem(
                    "import.value", f"{path}/{column}", error.text, grade="alarm",
                    found=text[:60], expected=self.values.expected(prop)[:200],
                )
            )  # fmt: skip

    def _place(self, n: int, path: str, cells: dict[str, str]) -> Geometry | None:
        if self.sheet.places is not None:
            return self.sheet.places[n]
        texts = [cells.get(self.by_property.get(p, ""), "") for p in (LONGITUDE, LATITUDE)]
        if not all(texts):
            return None
        try:
            longitude, latitude = (number(text) or 0.0 for text in texts)
            if abs(latitude) > 90 and abs(longitude) <= 90:
                raise InputError(
                    "Longitude and latitude are swapped.", "経度と緯度が入れ替わっています。"
                )
            return check_geometry(point(longitude, latitude))
        except InputError as error:
            found = ", ".join(texts)[:60]
            raise _RefusedError(Problem("import.place", path, error.text, found=found)) from None

    def _time(self, path: str, cells: dict[str, str], prop: str) -> datetime | None:
        column = self.by_property.get(prop, "")
        text = cells.get(column, "") or self.plan.constants.get(prop, "")
        if not text:
            return None
        try:
            return moment(text)
        except InputError as error:
            self.result.problems.append(
                Problem("import.value", f"{path}/{column}", error.text, grade="alarm",
                        found=text[:60])
            )  # fmt: skip
            return None

    def _key(self, path: str, cells: dict[str, str], body: dict[str, Any]) -> str:
        """Return the thing's key: the file's own, else by its name, so that it comes again so."""
        own = cells.get(self.by_property.get(KEY, ""), "")
        text = own or str(
            body.get("common_id") or body.get("match_key") or body.get(self.name) or path
        )
        key = f"{self.plan.source}:{text}".replace("/", "／").replace("*", "＊")[:LONGEST_KEY]
        self.seen[key] += 1
        if self.seen[key] == 1:
            return key
        self.result.problems.append(
            Problem(
                "import.same-key", path,
                Text("同じ名前の行がほかにもあります。別のものとして扱います。",
                     "Another row has the same key; they are taken as two things."),
                grade="note", found=text[:60],
            )
        )  # fmt: skip
        return f"{key}#{self.seen[key]}"
