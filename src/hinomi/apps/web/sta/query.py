"""What is asked of an entity set, from options to JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from hinomi.apps.web.http import encode
from hinomi.apps.web.sta import observations
from hinomi.apps.web.sta.observations import MOST, Span
from hinomi.apps.web.sta.paging import (
    bad_token,
    by_time,
    comparer,
    in_order,
    passed,
    read_token,
    sort_value,
    token_of,
    top_of,
)
from hinomi.apps.web.sta.rows import Row
from hinomi.apps.web.sta.shapes import V1, Shape
from hinomi.apps.web.sta.town import Town
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Reading, micros
from hinomi.standards.odata import (
    Expand,
    Node,
    Options,
    Order,
    Path,
    compile_expression,
    compile_filter,
)
from hinomi.standards.sensorthings import NONE, Relation, encode_observation

MOST_WRITTEN = 200_000
"""Entities of one answer, those that are expanded included."""


class Page:
    """What a set gave: the rows, the next one's token, how many in all if that was asked."""

    __slots__ = ("count", "rows", "token")

    def __init__(self, rows: list[Row], token: str | None, count: int | None) -> None:
        self.rows, self.token, self.count = rows, token, count


class Questions:
    """One request's view: the town, the reader, the moment, the root of links, the version."""

    def __init__(
        self, town: Town, reader: Reader, now: datetime, root: str, shape: Shape = V1
    ) -> None:
        self.town, self.reader, self.now, self.root = town, reader, now, root
        self.shape = shape
        self.written = 0

    def one(self, kind: str, row_id: str) -> Row:
        """Return an entity by id, or raise MissingError."""
        if kind == "Observation":
            found = observations.one(self.town, self.reader, row_id)
        elif kind == "HistoricalLocation":
            found = self._historical_by_id(row_id)
        else:
            found = self.town.set(kind).get(row_id)
        if found is None:
            raise MissingError(Text("エンティティ", kind), row_id)
        return found

    def related(self, row: Row, relation: Relation) -> Row | None:
        """Return the one entity that a navigation property leads to."""
        return next(iter(self.town.related(row, relation.of or relation.name)), None)

    def page(self, kind: str, options: Options, parent: tuple[Row, str] | None) -> Page:
        """Return a page of a set: all of a kind, or those that a parent links to."""
        if kind == "Observation":
            return self._observations(options, parent)
        rows = self._members(kind, parent)
        if options.filter is not None:
            passes = compile_filter(options.filter, self.get, self.now)
            rows = (row for row in rows if passes(row))
        if options.orderby or kind == "HistoricalLocation":
            return self._sorted(list(rows), options)
        return self._by_id(rows, options)

    def text(self, rows: list[Row], options: Options) -> list[bytes]:
        """Return entities as JSON, what is to be expanded in them."""
        self.written += len(rows)
        if self.written > MOST_WRITTEN:
            raise InputError(
                f"The answer would hold more than {MOST_WRITTEN:,} entities; use $top.",
                f"{MOST_WRITTEN:,}件を超えます。$topで減らしてください。",
            )
        if self._each_with_newest(rows, options):
            self.written += len(rows)
            return list(self._with_newest(rows))
        return [self._written(row, options) for row in rows]

    def get(self, row: Row, parts: tuple[str, ...]) -> Any:
        """Return a property by its path, over relations that lead to one entity."""
        entity = self.shape.entities[row.kind]
        relation = entity.relation(parts[0])
        if relation is not None:
            if relation.many:
                raise InputError(
                    f"{parts[0]} leads to many; a $filter may follow relations to one.",
                    f"{parts[0]}は複数なので$filterで使えません。",
                )
            found = self.related(row, relation)
            return None if found is None or len(parts) == 1 else self.get(found, parts[1:])
        if parts[0] not in {"id", "@iot.id"} and entity.property(parts[0]) is None:
            known = ", ".join(p.name for p in entity.properties)
            raise InputError(
                f"{entity.name} has no property {parts[0][:40]!r}; it has {known}.",
                f"{entity.name}に属性「{parts[0][:40]}」はありません。",
            )
        value = self.shape.value(row, parts[0])
        if len(parts) > 1:
            value = self.shape.part(row, parts[0], value, parts[1])
        for part in parts[2:]:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _members(self, kind: str, parent: tuple[Row, str] | None) -> Iterator[Row]:
        town = self.town
        if kind == "HistoricalLocation":
            yield from self._historical(parent)
        elif parent is not None and parent[1] == NONE:
            return
        elif parent is not None:
            yield from sorted(town.related(*parent), key=lambda row: row.id)
        else:
            rows = town.set(kind)
            yield from (rows[row_id] for row_id in town.ordered(kind))

    def _by_id(self, rows: Iterator[Row], options: Options) -> Page:
        """Return a page in the order of ids, which is the order that they come in."""
        after = ""
        if options.skiptoken:
            place = read_token(options.skiptoken)
            if len(place) != 1 or not isinstance(place[0], str):
                raise bad_token()
            after = place[0]
        count = None
        if options.count:
            every = list(rows)
            count, rows = len(every), iter(every)
        top = top_of(options)
        chosen = list(
            islice((r for r in rows if r.id > after), options.skip, options.skip + top + 1)
        )
        more = len(chosen) > top and top > 0
        chosen = chosen[:top]
        return Page(chosen, token_of((chosen[-1].id,)) if more else None, count)

    def _sorted(self, rows: list[Row], options: Options) -> Page:
        orders = options.orderby or (Order(Path(("time",)), descending=True),)
        parts = [compile_expression(o.node, self.get, self.now) for o in orders]
        down = [*(o.descending for o in orders), False]
        keyed = [((*(sort_value(part(row)) for part in parts), row.id), row) for row in rows]
        keyed = in_order(keyed, down)
        if options.skiptoken:
            place = tuple(
                tuple(p) if isinstance(p, list) else p for p in read_token(options.skiptoken)
            )
            compare = comparer(down)
            try:
                keyed = [entry for entry in keyed if compare(entry[0], place) > 0]
            except (TypeError, ValueError):
                raise bad_token() from None
        top = top_of(options)
        chosen = keyed[options.skip : options.skip + top]
        more = len(keyed) > options.skip + top and bool(chosen)
        token = token_of(chosen[-1][0]) if more else None
        return Page([row for _, row in chosen], token, len(rows) if options.count else None)

    def _observations(self, options: Options, parent: tuple[Row, str] | None) -> Page:
        span = Span(options.filter)
        streams = self._streams(parent)
        if span.streams is not None:
            streams = [s for s in streams if s in span.streams]
        if self._latest_only(options, streams):
            found = observations.latest(self.town, self.reader, streams[0])
            return Page(
                [observations.row_of(self.town, streams[0], found)] if found else [], None, None
            )
        direction = by_time(options.orderby)
        down = direction is not False
        rows = self._readings(streams, span, options.filter, descending=down)
        if direction is None or options.count:
            every = list(islice(rows, MOST + 1))
            if len(every) > MOST:
                raise InputError(
                    f"More than {MOST:,} observations would have to be looked at; narrow"
                    " phenomenonTime or the Datastream.",
                    "対象が多すぎます。phenomenonTimeかDatastreamで絞ってください。",
                )
            if direction is None:
                return self._sorted(every, options)
            rows = iter(every)
            return self._timed(rows, options, down=down, count=len(every))
        return self._timed(rows, options, down=down, count=None)

    def _latest_only(self, options: Options, streams: list[str]) -> bool:
        """Tell whether just the newest observation of one series is asked for."""
        plain = options.filter is None and not (options.skip or options.count or options.skiptoken)
        return plain and options.top == 1 and len(streams) == 1 and by_time(options.orderby) is True

    def _newest_alone(self, row: Row, options: Options) -> bool:
        """Tell whether a datastream's newest observation is asked for, all of it: the fast lane."""
        whole = self.shape is V1 and not (options.select or options.expand)
        return whole and row.kind == "Datastream" and self._latest_only(options, [row.id])

    def _reading(self, series: str, reading: Reading | None) -> bytes:
        if reading is None:
            return b""
        return encode_observation(series, reading.time, reading.value, reading.quality, self.root)

    def _timed(
        self, rows: Iterator[Row], options: Options, *, down: bool, count: int | None
    ) -> Page:
        """Return a page of observations in the order of time; of one time by series."""
        if options.skiptoken:
            place = read_token(options.skiptoken)
            if len(place) != 2 or not (isinstance(place[0], int) and isinstance(place[1], str)):
                raise bad_token()
            time, series = place
            rows = (r for r in rows if passed(r, time, series, down=down))
        top = top_of(options)
        chosen = list(islice(rows, options.skip, options.skip + top + 1))
        more = len(chosen) > top and top > 0
        chosen = chosen[:top]
        token = None
        if more:
            last = chosen[-1]
            token = token_of((last.properties["phenomenonTime"], last.links["Datastream"]))
        return Page(chosen, token, count)

    def _readings(
        self, streams: list[str], span: Span, node: Node | None, *, descending: bool
    ) -> Iterator[Row]:
        town, reader = self.town, self.reader
        if len(streams) == 1:
            line: Iterator[Reading] = (
                observations.newest_first(town, reader, streams[0], span.start, span.end)
                if descending
                else observations.oldest_first(reader, streams[0], span.start, span.end)
            )
            pairs: Iterator[tuple[str, Reading]] = ((streams[0], reading) for reading in line)
        else:
            pairs = iter(observations.across(town, reader, streams, span, descending=descending))
        rows = (observations.row_of(town, *pair) for pair in pairs)
        if node is None:
            return rows
        passes = compile_filter(node, self.get, self.now)
        looked = islice(rows, MOST)
        return (row for row in looked if passes(row))

    def _streams(self, parent: tuple[Row, str] | None) -> list[str]:
        if parent is None:
            return self.town.ordered("Datastream")
        row = parent[0]
        if row.kind == "Datastream":
            return [row.id]
        return sorted(self.town.streams.get(f"FeatureOfInterest {row.id}", ()))

    def _historical(self, parent: tuple[Row, str] | None) -> Iterator[Row]:
        """Yield where things stood: each thing's places, from its history."""
        things = self.town.ordered("Thing") if parent is None else [parent[0].id]
        if parent is not None and parent[0].kind == "Location":
            things = [row.id for row in self.town.related(parent[0], "Things")]
        for thing in things:
            row = self.town.set("Thing")[thing]
            yield from self._places(row)

    def _places(self, thing: Row) -> Iterator[Row]:
        if thing.record is None:
            return
        before: Any = None
        after = None
        while True:
            page = self.reader.history(*thing.record, after=after, limit=1_000)
            for stored in page.items:
                place = None if stored.retracts else stored.place()
                if place is not None and place != before:
                    location = stored.body().get("location") or thing.id
                    links = {"Thing": thing.id, "Locations": (location,)}
                    time = {"time": micros(stored.when.start or stored.said_at)}
                    yield Row("HistoricalLocation", stored.id, time, links)
                before = place
            if page.next is None:
                return
            after = page.next

    def _historical_by_id(self, row_id: str) -> Row | None:
        try:
            stored = self.reader.record(row_id)
        except MissingError:
            return None
        thing = self.town.set("Thing").get(f"{stored.collection}.{stored.key}")
        if thing is None:
            return None
        return next((row for row in self._places(thing) if row.id == row_id), None)

    def _each_with_newest(self, rows: list[Row], options: Options) -> bool:
        """Tell whether datastreams are asked for with their newest observation, all of both."""
        return (
            not options.select
            and len(options.expand) == 1
            and options.expand[0].name == "Observations"
            and self.reader.as_of is None
            and all(row.kind == "Datastream" for row in rows)
            and any(self._newest_alone(row, options.expand[0].options) for row in rows[:1])
        )

    def _with_newest(self, rows: list[Row]) -> Iterator[bytes]:
        """Yield many datastreams; what was written of a reading is written once."""
        latest, told = self.town.latest, self.town.told(self.root)
        expanded = frozenset(("Observations",))
        for row in rows:
            known = latest.get(row.id)
            reading = None if known is None else known.reading
            kept = told.get(row.id)
            if kept is None or kept[0] is not reading:
                stands = observations.latest(self.town, self.reader, row.id)
                text = self._reading(row.id, stands)
                if reading is not None and stands is reading:
                    told[row.id] = reading, text
            else:
                text = kept[1]
            head = self.shape.encoded(row, self.root, expanded)
            yield b'%b,"Observations":[%b]}' % (head, text)

    def _written(self, row: Row, options: Options) -> bytes:
        expanded = frozenset(e.name for e in options.expand)
        if options.select:
            head = encode(self.shape.json(row, self.root, options.select, expanded))[:-1]
        else:
            head = self.shape.encoded(row, self.root, expanded)
        comma = b"," if len(head) > 1 else b""
        parts = [self._expanded(row, expand) for expand in options.expand]
        return b"%b%b%b}" % (head, comma if parts else b"", b",".join(parts))

    def _expanded(self, row: Row, expand: Expand) -> bytes:
        entity, words = self.shape.entities[row.kind], self.shape.words
        relation = entity.relation(expand.name)
        if relation is None:
            known = ", ".join(r.name for r in entity.relations)
            raise InputError(
                f"$expand: {row.kind} has no {expand.name[:40]!r}; it has {known}.",
                f"$expand: {row.kind}に「{expand.name[:40]}」はありません。",
            )
        name = expand.name.encode()
        if not relation.many:
            found = self.related(row, relation)
            if found is None:
                return b'"%b":null' % name
            return b'"%b":%b' % (name, self.text([found], expand.options)[0])
        if relation.target == "Observation" and self._newest_alone(row, expand.options):
            found_last = observations.latest(self.town, self.reader, row.id)
            self.written += 1
            return b'"%b":[%b]' % (name, self._reading(row.id, found_last))
        kind = self.shape.kinds[relation.target]
        page = self.page(kind, expand.options, (row, relation.of or relation.name))
        parts = []
        if page.count is not None:
            parts.append(b'"%b%b":%d' % (name, words.count.encode(), page.count))
        parts.append(b'"%b":[%b]' % (name, b",".join(self.text(page.rows, expand.options))))
        plain = msgspec.structs.replace(expand.options, top=None, count=False) == Options()
        if page.token is not None and plain:
            top = top_of(expand.options)
            here = f"{self.shape.address(row, self.root)}/{relation.name}"
            link = f"{here}?$skiptoken={page.token}&$top={top}"
            parts.append(b'"%b%b":%b' % (name, words.next.encode(), encode(link)))
        return b",".join(parts)
