"""``hinomi find`` and ``hinomi readings``: questions to the history."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import click
import msgspec

from hinomi.apps.cli import times
from hinomi.apps.cli.shell import Shell, common, help_text, plural, write_bytes
from hinomi.apps.cli.times import shown
from hinomi.kernel.collections import ENVELOPE_TYPES, Collection, Kind
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Status
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Reading, Stored, from_micros
from hinomi.kernel.store import MAX_LIMIT
from hinomi.runtime.history import statements
from hinomi.vocabulary.quality import QUALITIES
from hinomi.vocabulary.times import JST

TABLE_COLUMNS = 6
"""By the kernel's number, as the web API names them."""
_STATUS = click.Choice([*(s.value for s in Status), "any"])


@click.command(
    "find",
    help=help_text(
        "記録を探します。時刻に時差がなければ日本時間とみなします。",
        "Find records. Times without a zone are taken as JST.",
    ),
)
@click.argument("collection")
@click.argument("keys", nargs=-1)
@click.option("--bbox", metavar="W,S,E,N", help=help_text("範囲(経度,緯度)", "Box, lon lat."))
@click.option(
    "--when", metavar="TIME[/TIME]", help=help_text("いつ有効なものか", "Valid at or within.")
)
@click.option(
    "--as-of", metavar="TIME", help=help_text("その時点で知っていたこと", "As known then.")
)
@click.option(
    "--history",
    is_flag=True,
    help=help_text("全ての発表(終わったものも)", "Every statement, also of what has ended."),
)
@click.option(
    "--beside", is_flag=True, help=help_text("情報源ごと", "Each source's, side by side.")
)
@click.option(
    "--status",
    type=_STATUS,
    default="actual",
    show_default=True,
    help=help_text("通常・訓練・試験", "Actual, exercise or test."),
)
@click.option("--filter", "cql2", metavar="CQL2", help=help_text("CQL2の条件", "CQL2 text."))
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help=help_text("件数の上限", "At most so many."),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "geojson", "csv"]),
    default="table",
    show_default=True,
    help=help_text("出力形式", "Output."),
)
@common
def find_command(shell: Shell, collection: str, keys: tuple[str, ...], **options: Any) -> None:
    """Find records."""
    reader = shell.reader(status=options["status"], as_of=_as_of(shell, options["as_of"]))
    kind = reader.catalog.collection(collection)
    question: Question = {"beside": options["beside"], "keys": keys or None}
    if options["bbox"]:
        question["bbox"] = _bbox(options["bbox"])
    if options["when"]:
        when, assumed = times.span(options["when"])
        question["when"] = when
        _say_assumed(shell, "--when", when[0] or when[1], assumed=assumed)
    if options["cql2"]:
        # Imported here: most questions have no filter.
        from hinomi.standards import cql2  # noqa: PLC0415

        types = {**kind.property_types(), **ENVELOPE_TYPES}
        question["filter"] = cql2.check(cql2.parse_text(options["cql2"]), types)
    limit = options["limit"]
    found = (
        statements(reader, collection, question)
        if options["history"]
        else _pages(reader, collection, question, limit)
    )
    items = islice(found, limit)
    form = "geojson" if shell.as_json else options["form"]
    if form == "geojson":
        _geojson(items)
    elif form == "csv":
        _csv(kind, items)
    else:
        _table(shell, kind, list(items), limit)


@click.command(
    "readings", help=help_text("観測値の時系列を表示します。", "Show a series of readings.")
)
@click.argument("series")
@click.option("--from", "start", metavar="TIME", help=help_text("ここから", "From."))
@click.option("--to", "end", metavar="TIME", help=help_text("ここまで(含まない)", "To, excluded."))
@click.option(
    "--as-of", metavar="TIME", help=help_text("その時点で知っていたこと", "As known then.")
)
@click.option(
    "--status",
    type=_STATUS,
    default="actual",
    show_default=True,
    help=help_text("通常・訓練・試験", "Actual, exercise or test."),
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help=help_text("件数の上限", "At most so many."),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv"]),
    default="table",
    show_default=True,
    help=help_text("出力形式", "Output."),
)
@common
def readings_command(shell: Shell, series: str, **options: Any) -> None:
    """Show a series."""
    reader = shell.reader(status=options["status"], as_of=_as_of(shell, options["as_of"]))
    unit = _unit(reader, series)
    start, end = _edge(shell, "--from", options["start"]), _edge(shell, "--to", options["end"])
    if start is not None and end is not None and start > end:
        raise InputError(
            f"--from {options['start']!r} is after --to {options['end']!r}.",
            f"--from「{options['start']}」が--to「{options['end']}」より後です。",
        )
    rows = list(_readings(reader, series, start, end, options["limit"]))
    if shell.as_json:
        shell.give(
            [
                {
                    "time": from_micros(r.time),
                    "value": r.value,
                    "quality": QUALITIES[r.quality],
                    "batch": r.batch,
                }
                for r in rows
            ]
        )
    elif options["form"] == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(("time", f"value_{unit}", "quality", "batch"))
        writer.writerows(
            (from_micros(r.time).isoformat(), r.value, QUALITIES[r.quality], r.batch) for r in rows
        )
    else:
        names = (
            ("時刻(JST)", f"値[{unit}]", "品質")
            if shell.language == "ja"
            else ("time (JST)", f"value [{unit}]", "quality")
        )
        shell.table(
            names, ((shown(from_micros(r.time)), r.value, QUALITIES[r.quality]) for r in rows)
        )


def _as_of(shell: Shell, text: str | None) -> datetime | int | None:
    if text is None:
        return None
    if text.isdigit() and len(text) != 4:
        return int(text)
    return _edge(shell, "--as-of", text)


def _edge(shell: Shell, option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    at, assumed = times.moment(text)
    _say_assumed(shell, option, at, assumed=assumed)
    return at


def _say_assumed(shell: Shell, option: str, at: datetime | None, *, assumed: bool) -> None:
    if assumed and at is not None:
        local = at.astimezone(JST).isoformat()
        shell.note(
            f"{option}: 時差の指定がないので日本時間とみなします({local})",
            f"{option}: no zone given, taken as Japan's time ({local})",
        )


def _bbox(text: str) -> BBox:
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    west_east = len(numbers) == 4 and abs(numbers[0]) <= 180 and abs(numbers[2]) <= 180
    if not west_east or not -90 <= numbers[1] <= numbers[3] <= 90:
        raise InputError(
            f"--bbox {text!r}: expected W,S,E,N in degrees, longitude first, S <= N.",
            f"--bbox「{text}」: 西,南,東,北(度、経度が先)で指定してください。",
        )
    west, south, east, north = numbers
    return (west, south, east, north)


def _pages(reader: Reader, collection: str, question: Question, limit: int) -> Iterator[Stored]:
    question["limit"] = min(limit, MAX_LIMIT)
    while True:
        page = reader.find(collection, **question)
        yield from page.items
        if page.next is None:
            return
        question["after"] = page.next


def _geojson(items: Iterator[Stored]) -> None:
    write_bytes(b'{"type":"FeatureCollection","features":[')
    for number, item in enumerate(items):
        write_bytes(b"\n" if number == 0 else b",\n")
        write_bytes(item.feature)
    write_bytes(b"\n]}\n")


def _csv(kind: Collection, items: Iterator[Stored]) -> None:
    properties = [*kind.property_types(), *ENVELOPE_TYPES]
    writer = csv.writer(sys.stdout)
    writer.writerow(("key", *properties, "retracts", "longitude", "latitude"))
    for item in items:
        feature = msgspec.json.decode(item.feature)
        values = feature["properties"]
        place = feature["geometry"] or {}
        at: Sequence[Any] = place["coordinates"][:2] if place.get("type") == "Point" else ("", "")
        writer.writerow((item.key, *(values.get(p) for p in properties), item.retracts, *at))


def _table(shell: Shell, kind: Collection, items: list[Stored], limit: int) -> None:
    decoded = [item.properties() for item in items]
    # Those properties say most that are filled and differ.
    types = [p for p in kind.property_types() if any(d.get(p) is not None for d in decoded)]
    chosen = types[:TABLE_COLUMNS]
    names = (
        ("キー", "発表(JST)", "有効(JST)", "区分", "情報源")
        if shell.language == "ja"
        else ("key", "said (JST)", "valid (JST)", "status", "source")
    )
    rows = [
        (
            item.key,
            shown(item.said_at),
            f"{shown(item.when.start)}–{shown(item.when.end)}".strip("–"),
            item.marking.status.value + (" ✕" if item.retracts else ""),
            item.source,
            *(values.get(p) for p in chosen),
        )
        for item, values in zip(items, decoded, strict=True)
    ]
    shell.table((*names, *chosen), rows, least=2)
    if len(items) == limit:
        shell.note(f"{limit}件まで表示(--limit)", f"the first {limit}; --limit gives more")
    else:
        shell.note(f"{len(items)}件", plural(len(items), "record"))


def _unit(reader: Reader, series: str) -> str:
    known: list[str] = []
    for collection in reader.catalog.collections.values():
        if collection.kind is Kind.SERIES:
            found = reader.series(collection.id, ids=[series])
            if found:
                return found[0].series.unit
            known += [latest.series.id for latest in reader.series(collection.id)]
    raise MissingError(Text("時系列", "series"), series, known)


def _readings(
    reader: Reader, series: str, start: datetime | None, end: datetime | None, limit: int
) -> Iterator[Reading]:
    after = None
    while limit > 0:
        page = reader.readings(
            series, start=start, end=end, limit=min(limit, MAX_LIMIT), after=after
        )
        yield from page
        limit -= len(page)
        if len(page) < MAX_LIMIT:
            return
        after = page[-1].time
