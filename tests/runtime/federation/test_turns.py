"""When partners that wait are told, and what is written of how far they have read."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from hinomi.apps.web.peers import TICK_S, TURNS, Inflow, Turns
from hinomi.kernel.errors import MissingError
from hinomi.runtime.federation.inbox import Ack
from hinomi.runtime.federation.registry import FILE, Reached, Registry, State
from hinomi.standards.batches import Cursor
from tests.runtime.federation.nodes import Node, nodes, shelter

NODES = [f"{number:02d}" for number in range(47)]


def moments() -> list[tuple[float, str]]:
    """Return when each of 47 is told in the tick that begins at 100 ticks."""
    turns = Turns()
    now = 100 * TICK_S
    waits = ((turns.wait_s(node, now), node) for node in NODES)
    return sorted((round(wait_s, 9) % TICK_S, node) for wait_s, node in waits)


def test_no_two_partners_are_told_at_the_same_moment() -> None:
    times = [moment for moment, _ in moments()]
    assert len({round(moment, 6) for moment in times}) == len(times)
    assert all(0.0 <= moment < TICK_S for moment in times)


def test_whose_turn_it_is_is_told_up_to_the_same_position() -> None:
    turns = Turns()
    for node in NODES:
        turns.wait_s(node, 0.0)
    looks = []

    def position() -> int:
        looks.append(len(looks))
        return 1000 + len(looks)

    told = [
        (tick, turns.told_to(node, tick * TICK_S + moment + 0.004, position))
        for tick in (100, 101)
        for moment, node in moments()
    ]
    assert len(looks) == 2 * TURNS
    assert len(set(told)) == 2 * TURNS
    assert told == sorted(told)


def test_of_batches_that_come_thick_and_fast_the_first_does_not_wait_and_the_rest_go_together(
    tmp_path: Path,
) -> None:
    appended: list[int] = []

    def receive(batches: Sequence[bytes]) -> list[Ack]:
        appended.append(len(batches))
        return [Ack(cursor=Cursor(len(appended)))] * len(batches)

    async def play(node: Node) -> list[Ack]:
        node.door.receive = receive
        inflow = Inflow()
        first = await inflow.take(node.door, b"first")
        return [first, *await asyncio.gather(*(inflow.take(node.door, b"more") for _ in range(9)))]

    with nodes(tmp_path, "hub") as (hub,):
        acks = asyncio.run(play(hub))
    assert appended == [1, 9]
    assert [ack.cursor.position for ack in acks] == [1] + [2] * 9


def test_how_far_a_partner_has_read_is_written_within_a_second(tmp_path: Path) -> None:
    with nodes(tmp_path, "hub", "town") as (hub, town):
        hub.writer.put([shelter("a")])
        peer = hub.registry.of_node(town.key.node)
        assert peer is not None
        for position in (1, 2, 3):
            hub.door.sent(peer, position)
        hub.door.note_read(now=True)
        assert _written(hub, "town").sent_to == 3
        hub.door.sent(peer, 4)
        assert next(lag for lag in hub.door.lags() if lag.name == "town").sent_to == 4


def test_what_another_process_writes_is_heard_at_once(tmp_path: Path) -> None:
    with nodes(tmp_path, "hub", "town") as (hub, town):
        other = Registry(hub.data)
        reached = Reached(cursor=Cursor(7), log="log")
        hub.registry.reach({town.key.node: reached}, (), [("town", State(records=2))])
        assert other.reached(town.key.node) == hub.registry.reached(town.key.node) == reached
        assert other.state("town", "in").records == 2
        hub.registry.note("town", "in", State(records=3))
        assert other.state("town", "in").records == 3
        other.remove("town")
        assert hub.registry.reached(town.key.node) == Reached()
        assert hub.registry.of_node(town.key.node) is None
        with pytest.raises(MissingError):
            hub.registry.named("town")
        other.close()


def test_a_state_that_was_read_is_its_readers_own(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.note("town", "in", State(records=1))
    registry.state("town", "in").records = 99
    assert registry.state("town", "in").records == 1
    registry.close()


def test_what_cannot_be_written_is_not_kept_either(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.note("town", "in", State(records=1))
    lock = sqlite3.connect(tmp_path / FILE)
    lock.execute("drop table state")
    lock.close()
    with pytest.raises(sqlite3.OperationalError):
        registry.reach({"node": Reached(log="log")}, (), [("town", State(records=2))])
    assert registry.reached("node") == Reached()
    registry.close()


def _written(node: Node, name: str) -> State:
    registry = Registry(node.data)
    try:
        return registry.state(name, "out")
    finally:
        registry.close()
