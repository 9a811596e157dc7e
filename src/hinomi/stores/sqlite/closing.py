"""Complete lists and narrowings: what ends or changes statements that were made before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from hinomi.kernel.marking import Marking
from hinomi.kernel.records import ENVELOPE, Complete, Interval, Origin, Record, from_micros, micros
from hinomi.stores.sqlite.link import Link
from hinomi.stores.sqlite.lists import Scope
from hinomi.stores.sqlite.writing import Writer
from hinomi.stores.statements import cover_entries, narrowed_feature, nothing_said

_OLDER = (
    "SELECT key FROM lane WHERE collection = ? AND source = ? AND marking = ? AND stands = 1"
    " AND said_at < ?"
)
_LATER_LISTS = (
    "SELECT o.complete FROM lane l JOIN cover o ON o.collection = l.collection"
    " AND o.source = l.source AND o.marking = l.marking"
    " AND o.entry IN (SELECT value FROM json_each(?)) AND o.said_at > l.said_at"
    " WHERE l.collection = ? AND l.key = ? AND l.source = ? AND l.marking = ? AND l.stands = 1"
    " ORDER BY o.said_at, o.complete"
)


def apply_lists(writer: Writer, complete: Sequence[Complete]) -> None:
    """Retract what complete lists leave out, whichever of list and statement came first."""
    affected: dict[tuple[Scope, str], list[str]] = {}
    newly_standing = list(writer.newly_standing.items())
    for given in complete:
        scope = _scope(writer, given.collection, given.source, given.marking)
        if _keep(writer, scope, given):
            for key in _left_out(writer, scope, given):
                affected[scope, key] = cover_entries(key)
    for (scope, key), said_at in newly_standing:
        entries = writer.lists.entries(scope, key, said_at)
        if entries:
            affected.setdefault((scope, key), entries)
    # In the order of their names, so that every store gives them the same positions.
    link = writer.link
    for (collection, source, marking), key in sorted(
        affected,
        key=lambda a: str((link.name(a[0][0]), a[1], link.name(a[0][1]), link.marking(a[0][2]))),
    ):
        thing = (collection, source, marking), key
        _close(writer, *thing, affected[thing])


def _scope(writer: Writer, collection: str, source: str, marking: Marking) -> Scope:
    return writer.name(collection), writer.name(source), writer.marking(marking)


def _keep(writer: Writer, scope: Scope, given: Complete) -> bool:
    """Keep a list for the statements that come late; tell whether it is new."""
    digest = blake2b(msgspec.json.encode(given), digest_size=16).digest()
    if writer.link.value("SELECT 1 FROM complete WHERE digest = ?", (digest,)):
        return False
    said_at = micros(given.said_at)
    keys, origin = msgspec.json.encode(given.keys), msgspec.json.encode(given.origin)
    writer.run(
        "INSERT INTO complete (digest, collection, source, marking, said_at, keys, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (digest, *scope, said_at, keys.decode(), origin.decode()),
    )
    number = writer.link.connection.last_insert_rowid()
    writer.link.connection.executemany(
        "INSERT OR IGNORE INTO cover VALUES (?, ?, ?, ?, ?, ?)",
        [(*scope, entry, said_at, number) for entry in given.covers],
    )
    writer.lists.note(scope, said_at, given.covers)
    return True


def _left_out(writer: Writer, scope: Scope, given: Complete) -> Iterable[str]:
    named = set(given.keys)
    values = (*scope, micros(given.said_at))
    for entry in given.covers:
        condition, bounds = _covered(entry)
        for (key,) in writer.link.rows(_OLDER + condition, (*values, *bounds)):
            if key not in named:
                yield key


def _covered(entry: str) -> tuple[str, tuple[str | int, ...]]:
    if not entry.endswith("*"):
        return " AND key = ?", (entry,)
    prefix = entry[:-1]
    # Keys that begin with the prefix lie between it and it with its last character raised.
    if not prefix or ord(prefix[-1]) in {0xD7FF, 0x10FFFF}:
        return " AND key >= ? AND substr(key, 1, ?) = ?", (prefix, len(prefix), prefix)
    return " AND key >= ? AND key < ?", (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1))


def _close(writer: Writer, scope: Scope, key: str, entries: list[str]) -> None:
    """Retract the lane's latest if a list, old or new, leaves it out."""
    collection, source, marking = scope
    number = _silent(writer, scope, key, entries)
    if number is None:
        return
    rows = writer.link.rows(
        'SELECT r.serial, r.rank, r.start, r."end", r.marking,'
        " CAST(r.feature AS BLOB), g.data"
        " FROM lane l JOIN record r ON r.seq = l.seq LEFT JOIN shape g ON g.id = r.shape"
        " WHERE l.collection = ? AND l.key = ? AND l.source = ? AND l.marking = ? AND l.stands = 1",
        (collection, key, source, marking),
    )
    serial, rank, start, end, shown, feature, shape = rows[0]
    silent = writer.link.rows("SELECT said_at, origin FROM complete WHERE id = ?", (number,))
    decoded: dict[str, Any] = msgspec.json.decode(feature)
    link = writer.link
    writer.retract(
        Record(
            collection=link.name(collection),
            key=key,
            said_at=from_micros(silent[0][0]),
            body={k: v for k, v in decoded["properties"].items() if k not in ENVELOPE},
            source=link.name(source),
            when=Interval(*(None if t is None else from_micros(t) for t in (start, end))),
            place=decoded["geometry"] if shape is None else msgspec.json.decode(shape),
            origin=msgspec.json.decode(silent[0][1], type=Origin),
            marking=link.marking(marking),
            serial=serial,
            rank=rank,
            retracts=True,
        ),
        link.marking(shown),
    )


def _silent(writer: Writer, scope: Scope, key: str, entries: list[str]) -> int | None:
    """Return the first list later than what stands which covers the key and leaves it out."""
    collection, source, marking = scope
    covering = msgspec.json.encode(entries).decode()
    lists = writer.link.rows(_LATER_LISTS, (covering, collection, key, source, marking))
    for (number,) in lists:
        if key not in writer.lists.keys(number):
            return int(number)
    return None


def narrow(writer: Writer, lane: tuple[str, str, str], old: Marking, new: Marking) -> None:
    """Give every statement of the lanes that carries ``old`` the stricter ``new``.

    Raises:
        MissingError: there is none.
    """
    link: Link = writer.link
    old_number, new_number = writer.marking(old), writer.marking(new)
    collection, key, source = lane
    names = (writer.name(collection), key, writer.name(source))
    said = link.rows(
        "SELECT r.seq, CAST(r.feature AS BLOB), l.id, l.seq, l.stands, l.multi,"
        " l.west, l.south, l.east, l.north FROM lane l JOIN record r ON r.lane = l.id"
        " WHERE l.collection = ? AND l.key = ? AND l.source = ? AND r.marking = ?",
        (*names, old_number),
    )
    if not said:
        raise nothing_said(collection, key)
    if old == new:
        return
    writer.seq += 1
    for seq, feature, number, latest, stands, multi, *corners in said:
        told = narrowed_feature(feature, old, new).decode()
        writer.run(
            "UPDATE record SET marking = ?, feature = ? WHERE seq = ?", (new_number, told, seq)
        )
        if seq == latest:
            writer.run("UPDATE lane SET shown = ? WHERE id = ?", (new_number, number))
            box = None if None in corners else tuple(corners)
            writer.say_anew(names[0], number, box, (seq, new_number))
            writer.recount(names[0], key, number, multi, (old_number, new_number), stands)
    writer.run(
        "INSERT INTO remark VALUES (?, ?, ?, ?, ?, ?, ?)",
        (writer.seq, writer.at, *names, old_number, new_number),
    )
