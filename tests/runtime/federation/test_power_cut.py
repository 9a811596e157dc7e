"""A light node commits what partners tell it without waiting for the disk: a power cut is healed.

The cut is played: what was not flushed is cut off the log's file (SQLite's WAL) in a copy of the
folder, as the disk would have it after the power is back.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.records import Record
from hinomi.kernel.store import Put
from hinomi.runtime.peer_node import _ask_again
from hinomi.runtime.translog.log import Leaf, Log
from hinomi.stores import room
from hinomi.stores.room import make_room
from hinomi.stores.sqlite import LightStore, SqliteStore
from hinomi.stores.sqlite.light import STRIDE
from hinomi.stores.sqlite.link import FILE
from tests.runtime.federation.nodes import Node, nodes, shelter


def light(data: Path) -> Node:
    """Return a light node as it starts."""
    return Node(data, LightStore)


def cut(node: Node, flushed: int) -> Path:
    """Return the folder as a power cut leaves it that keeps so many bytes of the WAL."""
    after = node.data.with_name(f"{node.data.name}-after")
    shutil.copytree(node.data, after)
    wal = after / f"{FILE}-wal"
    whole = wal.stat().st_size
    with wal.open("r+b") as file:
        # What is not flushed is as it was: the room's zeros.
        file.truncate(flushed)
        file.truncate(whole)
    return after


def size(node: Node) -> int:
    """Return how much of the WAL is written: its room follows."""
    return len((node.data / f"{FILE}-wal").read_bytes().rstrip(b"\0"))


def told(node: Node) -> dict[str, int]:
    """Return how often each shelter's statement came to a node."""
    found: dict[str, int] = {}
    for change in node.store.changes(0, visible=node.store.markings()).items:
        if change.record is not None and change.collection == "response.shelters":
            found[change.key] = found.get(change.key, 0) + 1
    return found


def test_only_what_is_told_again_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    with nodes(tmp_path, "hub") as (hub,):
        town = light(tmp_path / "town")
        hub.knows(town)
        town.knows(hub)
        seen: dict[str, int] = {}
        put = town.store.put

        def watched(records: Sequence[Record], *more: Any, at: datetime) -> Put:
            assert town.store._writer is not None
            seen[records[0].key] = town.store._writer.link.value("PRAGMA synchronous")
            return put(records, *more, at=at)

        town.store.put = watched  # type: ignore[method-assign, assignment]
        hub.writer.put([shelter("told")])
        town.writer.put([shelter("own")])
        town.pull(hub)
        town.writer.put([shelter("later")])
        normal, full = 1, 2
        assert (seen["own"], seen["told"], seen["later"]) == (full, normal, full)
        town.close()


def test_what_a_power_cut_takes_back_is_asked_for_again_and_comes_once(tmp_path: Path) -> None:
    with nodes(tmp_path, "hub", "reader") as (hub, reader):
        town = light(tmp_path / "town")
        for one in (hub, reader):
            one.knows(town)
            town.knows(one)
        hub.writer.put([shelter("before")])
        town.pull(hub)
        town.writer.put([shelter("own")])
        flushed = size(town)
        for number in range(5):
            hub.writer.put([shelter(f"lost-{number}")])
            town.pull(hub)
        assert size(town) > flushed
        # Another one has read on, beyond what the disk keeps.
        reader.pull(town)
        assert len(told(reader)) == 7
        seen_until = town.store.position()
        after = cut(town, flushed)
        town.close()

        back = light(after)
        assert told(back) == {"before": 1, "own": 1}
        _ask_again(after, back.store)
        assert back.store.position() > seen_until + STRIDE // 2
        back.writer.put([shelter("anew")])
        back.pull(hub)
        hub.pull(back)
        reader.pull(back)
        everything = {"before", "own", "anew", *(f"lost-{number}" for number in range(5))}
        for node in (back, hub, reader):
            assert told(node) == dict.fromkeys(everything, 1)
        assert back.store.check() == []
        back.close()


def test_a_killed_process_has_lost_nothing_and_asks_for_nothing_again(tmp_path: Path) -> None:
    with nodes(tmp_path, "hub") as (hub,):
        town = light(tmp_path / "town")
        hub.knows(town)
        town.knows(hub)
        hub.writer.put([shelter("a"), shelter("b")])
        town.pull(hub)
        after = cut(town, size(town))
        position = town.store.position()
        town.close()
        back = light(after)
        _ask_again(after, back.store)
        assert back.store.position() == position
        assert back.registry.reached(hub.key.node).cursor.position == hub.store.position()
        assert told(back) == {"a": 1, "b": 1}
        back.close()


def test_that_it_asks_again_is_itself_not_lost(tmp_path: Path) -> None:
    with nodes(tmp_path, "hub") as (hub,):
        town = light(tmp_path / "town")
        hub.knows(town)
        town.knows(hub)
        hub.writer.put([shelter("a")])
        town.pull(hub)
        lost = town.registry.forget_lost(0)
        assert lost == [hub.key.node]
        assert town.registry.forget_lost(0) == []
        assert town.registry._open().execute("pragma synchronous").fetchone() == (1,)
        town.close()


def test_a_light_nodes_file_has_small_pages_and_opens_as_any_other(tmp_path: Path) -> None:
    store = LightStore(tmp_path)
    store.put([shelter("a")], at=shelter("a").said_at)
    store.close()
    again = SqliteStore(tmp_path)
    assert again._writer is not None
    assert again._writer.link.value("PRAGMA page_size") == 1024
    assert again.check() == []
    again.close()


def test_a_light_store_is_tidied_while_it_is_written(tmp_path: Path) -> None:
    store = LightStore(tmp_path)
    wal = tmp_path / f"{FILE}-wal"
    given = wal.stat().st_size
    sizes = []
    for number in range(6):
        store.put([shelter(f"{number}-{n}") for n in range(40)], at=shelter("a").said_at)
        store.tidy()
        sizes.append(len(wal.read_bytes().rstrip(b"\0")))
    # Each commit begins the WAL anew: it does not grow with what is appended.
    assert max(sizes) < 2 * sizes[0] < given
    assert wal.stat().st_size == given
    assert SqliteStore(tmp_path, read_only=True).position() == store.position() == 240
    store.close()
    assert not wal.exists()


def test_a_log_with_room_holds_what_it_held_and_does_not_grow_while_it_is_written(
    tmp_path: Path,
) -> None:
    trust, wal = Log(tmp_path), tmp_path / "trust.db-wal"
    sizes = []
    for number in range(40):
        assert trust.append([Leaf(kind="batch", at="", entry=b"%d" % number)]) == number
        sizes.append(wal.stat().st_size)
    # A killed process leaves the room behind; what reads it finds the end.
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("trust.db", "trust.db-wal"):
        shutil.copy(tmp_path / name, copy / name)
    again = Log(copy)
    assert [leaf.entry for leaf in again.leaves()] == [b"%d" % number for number in range(40)]
    assert again.check() == trust.check() == []
    assert len(set(sizes[10:])) == 1
    assert sizes[-1] > 1024 * 1024
    for one in (again, trust):
        one.close()


def test_no_room_is_made_where_the_disk_has_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"log")
    disk = os.statvfs(tmp_path)
    monkeypatch.setattr(room, "_AMPLE", disk.f_bavail * disk.f_frsize)
    make_room(file, 1000)
    assert file.read_bytes() == b"log"
    monkeypatch.undo()
    make_room(file, 1000)
    make_room(file, 10)
    assert file.read_bytes().rstrip(b"\0") == b"log"
    assert file.stat().st_size >= 1000
