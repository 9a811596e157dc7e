"""A preview of an import, and the import itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import DataError, InputError, MissingError, Problem, Text
from hinomi.kernel.records import Origin, Record
from hinomi.kernel.store import Put
from hinomi.runtime.imports.guessing import Guess, guess
from hinomi.runtime.imports.plans import ENVELOPE, ColumnPreview, Plan, Preview, RowPreview
from hinomi.runtime.imports.reading import read
from hinomi.runtime.imports.rows import Made, compose
from hinomi.runtime.imports.sheets import Sheet
from hinomi.runtime.imports.values import Values
from hinomi.standards.opendata_csv import time_in_name

FIRST = 20
"""Rows that a preview shows."""
SAMPLES = 5
MAX_PROBLEMS = 200
AT_ONCE = 4_000
"""Records in one transaction."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did."""

    digest: str
    """Of the file's bytes, kept as they came."""
    columns: dict[str, str]
    new: int
    known: int
    refused: int
    problems: list[Problem]
    problems_in_all: int


class _Read(msgspec.Struct):
    sheet: Sheet
    guesses: dict[str, Guess]
    columns: dict[str, str]
    made: Made
    digest: str


def preview(data: bytes, name: str, plan: Plan, catalog: Catalog, now: datetime) -> Preview:
    """Return what an import of the file would do; nothing is kept.

    Raises:
        DataError: the file cannot be read.
        InputError: the plan names a column or a property that is not there.
    """
    of = _collection(plan, catalog)
    found = _read(data, name, plan, catalog, now, "")
    rows = dict(found.made.records)
    given = {*found.columns.values(), *plan.constants}
    return Preview(
        name=name,
        digest=found.digest,
        format=found.sheet.format,
        collection=plan.collection,
        status=plan.status,
        columns=[
            ColumnPreview(
                name=column,
                property=found.columns[column],
                confidence=_confidence(plan, column, found.guesses),
                samples=_samples(found.sheet, column),
            )
            for column in found.sheet.columns
        ],
        properties={**dict.fromkeys(ENVELOPE, "envelope"), **of.property_types()},
        missing=[name for name in _required(of, catalog) if name not in given],
        rows=len(found.sheet.rows),
        good=len(rows),
        refused=len(found.made.refused),
        without_place=sum(record.place is None for record in rows.values()),
        first=[
            RowPreview(
                row=number,
                said=cells,
                read=_shown(rows[number]) if number in rows else None,
                place=rows[number].place if number in rows else None,
            )
            for number, cells in found.sheet.rows[:FIRST]
        ],
        problems=found.made.problems[:MAX_PROBLEMS],
        problems_in_all=len(found.made.problems),
    )


def take(  # noqa: PLR0913 - the file, its plan and the doors it goes through
    data: bytes,
    name: str,
    plan: Plan,
    catalog: Catalog,
    now: datetime,
    *,
    by: str,
    keep: Callable[[bytes], str],
    append: Callable[[Sequence[Record]], Put],
) -> Taken:
    """Keep the file's bytes and append its rows; what is refused is told.

    Raises:
        DataError: the file cannot be read, or no row of it can be taken.
    """
    _collection(plan, catalog)
    found = _read(data, name, plan, catalog, now, by)
    records = [record for _, record in found.made.records]
    if not records:
        raise DataError(found.made.problems or [_empty(name)])
    keep(data)
    done = [append(records[n : n + AT_ONCE]) for n in range(0, len(records), AT_ONCE)]
    return Taken(
        digest=found.digest,
        columns=found.columns,
        new=sum(put.new for put in done),
        known=sum(put.known for put in done),
        refused=len(found.made.refused),
        problems=found.made.problems[:MAX_PROBLEMS],
        problems_in_all=len(found.made.problems),
    )


def _read(data: bytes, name: str, plan: Plan, catalog: Catalog, now: datetime, by: str) -> _Read:
    of = catalog.collection(plan.collection)
    sheet = read(data, name, plan.sheet)
    guesses = guess(sheet, of, catalog)
    columns = _columns(sheet, plan, of, guesses)
    digest = sha256(data).hexdigest()
    origin = Origin(digest=digest, address=name, entered_by=by)
    said_at = plan.said_at or time_in_name(name) or now
    return _Read(
        sheet, guesses, columns, compose(sheet, plan, columns, catalog, origin, said_at), digest
    )


def _collection(plan: Plan, catalog: Catalog) -> Collection:
    of = catalog.collection(plan.collection)
    if of.kind is not Kind.FEATURES:
        known = [c.id for c in catalog.collections.values() if c.kind is Kind.FEATURES]
        raise MissingError(Text("地物のコレクション", "collection of features"), of.id, known)
    if plan.source in catalog.sources:
        raise InputError(
            f"source={plan.source!r} is one of Hinomi's own; name who made the file.",
            f"発表者「{plan.source}」は火の見の情報源の名です。ファイルの作成者を指定してください。",
        )
    return of


def _columns(sheet: Sheet, plan: Plan, of: Collection, guesses: dict[str, Guess]) -> dict[str, str]:
    """Return the columns as told, and as guessed where nothing is told."""
    known = {*ENVELOPE, *of.property_types()}
    for column, prop in plan.columns.items():
        if column not in sheet.columns:
            raise MissingError(Text("列", "column"), column, sheet.columns)
        if prop and prop not in known:
            raise MissingError(Text("属性", f"property of {of.id}"), prop, known)
    for prop in plan.constants:
        if prop not in known:
            raise MissingError(Text("属性", f"property of {of.id}"), prop, known)
    told = [prop for prop in plan.columns.values() if prop]
    if len(told) != len(set(told)):
        raise InputError(
            "Two columns are mapped to one property.",
            "一つの属性に二つの列が割り当てられています。",
        )
    found = dict(plan.columns)
    for column in sheet.columns:
        guessed = guesses[column].property
        if column not in found:
            found[column] = "" if guessed in told else guessed
    return found


def _confidence(plan: Plan, column: str, guesses: dict[str, Guess]) -> float:
    return 1.0 if column in plan.columns else round(guesses[column].confidence, 2)


def _samples(sheet: Sheet, column: str) -> list[str]:
    values = (cells.get(column, "") for _, cells in sheet.rows[:500])
    return [value[:80] for value in dict.fromkeys(values) if value][:SAMPLES]


def _required(of: Collection, catalog: Catalog) -> list[str]:
    """Return the properties without a default that no rule of ours fills in."""
    filled = {"match_key"}
    if "unknown" in Values(of, catalog).coded.get("state", {}):
        filled.add("state")
    fields = msgspec.structs.fields(of.schema)
    return [f.encode_name for f in fields if f.required and f.encode_name not in filled]


def _shown(record: Record) -> dict[str, object]:
    body: dict[str, object] = msgspec.to_builtins(record.body)
    return {"id": record.key, **body}


def _empty(name: str) -> Problem:
    return Problem("import.empty", name, Text("行がありません。", "There are no rows."))
