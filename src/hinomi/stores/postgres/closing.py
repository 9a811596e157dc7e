"""Complete lists and narrowings: what ends or changes statements that were made before."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from hinomi.kernel.marking import Marking
from hinomi.kernel.records import ENVELOPE, Complete, Interval, Origin, Record, from_micros, micros
from hinomi.stores.postgres.writing import Lane, Scope, Writer, columns
from hinomi.stores.statements import cover_entries, narrowed_feature, nothing_said

_LATER_LISTS = (
    "SELECT l.id, o.complete FROM unnest(%s::bigint[], %s::text[]) AS w (id, entry)"
    " JOIN lane l ON l.id = w.id JOIN cover o ON o.collection = l.collection"
    " AND o.source = l.source AND o.marking = l.marking AND o.entry = w.entry"
    " AND o.said_at > l.said_at ORDER BY o.said_at, o.complete"
)


def apply_lists(writer: Writer, complete: Sequence[Complete]) -> None:
    """Retract what complete lists leave out, whichever of list and statement came first."""
    affected: set[tuple[Scope, str]] = set()
    newly_standing = dict(writer.newly_standing)
    if complete:
        writer.flush()
    for given in complete:
        scope = (
            writer.name(given.collection),
            writer.name(given.source),
            writer.marking(given.marking),
        )
        if _keep(writer, scope, given):
            affected.update((scope, key) for key in _left_out(writer, scope, given))
    affected.update(_behind_a_list(writer, newly_standing))
    if affected:
        _close(writer, affected)


def _behind_a_list(
    writer: Writer, standing: dict[tuple[Scope, str], int]
) -> Iterable[tuple[Scope, str]]:
    """Yield the statements of this call whose scope has a later list."""
    scopes = sorted({scope for scope, _ in standing})
    if not scopes:
        return
    newest = {
        (collection, source, marking): said_at
        for collection, source, marking, said_at in writer.link.rows(
            "SELECT w.*, (SELECT max(c.said_at) FROM complete c WHERE c.collection = w.collection"
            " AND c.source = w.source AND c.marking = w.marking)"
            " FROM unnest(%s::int[], %s::int[], %s::int[]) AS w (collection, source, marking)",
            columns(scopes),
        )
        if said_at is not None
    }
    for (scope, key), said_at in standing.items():
        if newest.get(scope, said_at) > said_at:
            yield scope, key


def _keep(writer: Writer, scope: Scope, given: Complete) -> bool:
    """Keep a list for the statements that come late; tell whether it is new."""
    digest = blake2b(msgspec.json.encode(given), digest_size=16).digest()
    said_at = micros(given.said_at)
    keys, origin = msgspec.json.encode(given.keys), msgspec.json.encode(given.origin)
    number = writer.link.value(
        "INSERT INTO complete (digest, collection, source, marking, said_at, keys, origin)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        (digest, *scope, said_at, keys.decode(), origin.decode()),
    )
    if number is None:
        return False
    writer.run(
        "INSERT INTO cover SELECT %s, %s, %s, entry, %s, %s FROM unnest(%s::text[]) AS entry"
        " ON CONFLICT DO NOTHING",
        (*scope, said_at, number, list(given.covers)),
    )
    return True


def _left_out(writer: Writer, scope: Scope, given: Complete) -> Iterable[str]:
    named = set(given.keys)
    for entry in given.covers:
        condition, values = "key = %s", [entry]
        if entry.endswith("*"):
            condition, values = "key >= %s AND starts_with(key, %s)", [entry[:-1]] * 2
        for (key,) in writer.link.rows(
            "SELECT key FROM lane WHERE collection = %s AND source = %s AND marking = %s AND stands"
            f" AND said_at < %s AND {condition}",
            (*scope, micros(given.said_at), *values),
        ):
            if key not in named:
                yield key


def _close(writer: Writer, affected: set[tuple[Scope, str]]) -> None:
    """Retract the lanes' latest if a list, old or new, leaves them out."""
    writer.load((scope[0], key) for scope, key in affected)
    writer.flush()
    standing = [
        lane
        for scope, key in affected
        for lane in writer.lanes(scope[0], key)
        if (lane.source, lane.marking) == scope[1:] and lane.stands
    ]
    silent = _silent(writer, standing)
    ended = [lane for lane in standing if lane.id in silent]
    said = {
        row[0]: row[1:]
        for row in writer.link.rows(
            'SELECT r.seq, r.serial, r.rank, r.start, r."end", r.feature, g.data'
            " FROM record r LEFT JOIN shape g ON g.id = r.shape WHERE r.seq = ANY(%s)",
            ([lane.seq for lane in ended],),
        )
    }
    link = writer.link
    # In the order of their names, so that every store gives them the same positions.
    ended.sort(
        key=lambda a: str(
            (link.name(a.collection), a.key, link.name(a.source), link.marking(a.marking))
        )
    )
    shown = [link.marking(lane.shown) for lane in ended]
    made = [_retraction(writer, lane, said[lane.seq], silent[lane.id]) for lane in ended]
    ids = [record.identity() for record in made]
    writer.prepare(made, ids)
    for record, marking, record_id in zip(made, shown, ids, strict=True):
        writer.retract(record, record_id, marking)


def _retraction(
    writer: Writer, lane: Lane, said: tuple[Any, ...], silent: tuple[int, str]
) -> Record:
    serial, rank, start, end, feature, shape = said
    decoded: dict[str, Any] = msgspec.json.decode(feature)
    return Record(
        collection=writer.link.name(lane.collection),
        key=lane.key,
        said_at=from_micros(silent[0]),
        body={k: v for k, v in decoded["properties"].items() if k not in ENVELOPE},
        source=writer.link.name(lane.source),
        when=Interval(*(None if t is None else from_micros(t) for t in (start, end))),
        place=decoded["geometry"] if shape is None else msgspec.json.decode(shape),
        origin=msgspec.json.decode(silent[1], type=Origin),
        marking=writer.link.marking(lane.marking),
        serial=serial,
        rank=rank,
        retracts=True,
    )


def _silent(writer: Writer, lanes: Sequence[Lane]) -> dict[int, tuple[int, str]]:
    """Return for each lane said_at and origin of the first later list that leaves it out."""
    pairs = [(lane.id, entry) for lane in lanes for entry in cover_entries(lane.key)]
    if not pairs:
        return {}
    later = writer.link.rows(_LATER_LISTS, columns(pairs))
    lists = {
        number: (said_at, origin, msgspec.json.decode(keys, type=frozenset[str]))
        for number, said_at, origin, keys in writer.link.rows(
            "SELECT id, said_at, origin, keys FROM complete WHERE id = ANY(%s)",
            (sorted({number for _, number in later}),),
        )
    }
    keys = {lane.id: lane.key for lane in lanes}
    found: dict[int, tuple[int, str]] = {}
    for lane, number in later:
        said_at, origin, named = lists[number]
        if lane not in found and keys[lane] not in named:
            found[lane] = said_at, origin
    return found


def narrow(writer: Writer, thing: tuple[str, str, str], old: Marking, new: Marking) -> None:
    """Give every statement of the lanes that carries ``old`` the stricter ``new``.

    Raises:
        MissingError: there is none.
    """
    collection, key, source = thing
    numbers = writer.marking(old), writer.marking(new)
    names = writer.name(collection), key, writer.name(source)
    said = writer.link.rows(
        "SELECT seq, feature FROM record WHERE collection = %s AND key = %s AND source = %s"
        " AND marking = %s",
        (*names, numbers[0]),
    )
    if not said:
        raise nothing_said(collection, key)
    if old == new:
        return
    writer.seq += 1
    envelope = {"status": new.status, "disclosure": new.disclosure.label, "audience": new.audience}
    writer.run(
        "UPDATE record r SET marking = %s, feature = w.feature,"
        " properties = r.properties || %s::jsonb"
        " FROM unnest(%s::bigint[], %s::bytea[]) AS w (seq, feature) WHERE r.seq = w.seq",
        (
            numbers[1],
            msgspec.json.encode(envelope).decode(),
            [seq for seq, _ in said],
            [narrowed_feature(feature, old, new) for _, feature in said],
        ),
    )
    seqs = {seq for seq, _ in said}
    for lane in writer.lanes(names[0], key):
        if lane.seq in seqs:
            writer.show(lane, numbers[1])
    writer.run(
        "INSERT INTO remark VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (writer.seq, writer.at, *names, *numbers),
    )
