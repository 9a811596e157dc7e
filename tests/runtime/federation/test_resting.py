"""What a node does not do: look without a pause, and read again for a partner what it told."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from hinomi.runtime.federation.echoes import Echoes
from hinomi.runtime.federation.following import LOOK_S, PACE_S, _Line
from hinomi.runtime.federation.logs import Logs
from hinomi.runtime.federation.outbox import View
from hinomi.standards import batches
from hinomi.standards.batches import Cursor
from tests.runtime.federation.nodes import EVERYTHING, nodes, shelter


class Stop(threading.Event):
    """Is set after three waits, each of which ends at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if len(self.waits) == 3:
            self.set()
        return self.is_set()


def test_a_node_whose_partners_all_call_it_rests_between_two_looks(tmp_path: Path) -> None:
    with nodes(tmp_path, "hub", "town") as (hub, town):
        town.writer.put([shelter("1")])
        hub.pull(town)
        stop = Stop()
        hub.federation.run(stop)
        assert stop.waits == [LOOK_S] * 3


def test_a_node_with_nothing_to_say_wakes_to_show_its_log(tmp_path: Path) -> None:
    """It grows with what is only seen there; one that is rewritten grows by nothing."""
    with nodes(tmp_path, "hub", "town") as (hub, town):
        peer = town.knows(hub, url="http://127.0.0.1:9", pushes=True)
        town.federation.logs = Logs(lambda *_: None, lambda *_: 0, lambda _: b"")
        line = _Line(town.federation, peer, "out")
        here = Cursor(town.federation.position())
        waiting = threading.Thread(target=line._await, args=(here, time.monotonic() + 3600))
        waiting.start()
        waiting.join(60)
        woke = not waiting.is_alive()
        line.end()
        waiting.join()
        assert woke


def test_the_first_change_is_sent_at_once_and_what_soon_follows_goes_together(
    tmp_path: Path,
) -> None:
    with nodes(tmp_path, "hub", "town") as (hub, town):
        peer = town.knows(hub, url="http://127.0.0.1:9", pushes=True)
        line = _Line(town.federation, peer, "out")
        line._over = stop = Stop()
        later = time.monotonic() + 3600
        town.writer.put([shelter("first")])
        assert line._await(Cursor(0), later) == Cursor(0)
        assert stop.waits == []
        line._sent_at = time.monotonic()
        line._await(Cursor(0), later)
        assert len(stop.waits) == 3
        assert all(0.0 < (wait_s or 0.0) <= PACE_S for wait_s in stop.waits)


def test_what_a_partner_told_is_passed_over_and_what_was_said_here_is_sent(tmp_path: Path) -> None:
    with nodes(tmp_path, "hub", "town") as (hub, town):
        peer = town.knows(hub, url="http://127.0.0.1:9", pushes=True)
        hub.writer.put([shelter("1"), shelter("2")])
        town.pull(hub)
        assert town.federation.past(peer, 0) == 2
        town.writer.put([shelter("own")])
        batch = town.federation.own()[1].batch(View(EVERYTHING, hub.key.node), Cursor(2))
        (told,), problems = batches.items(batch)
        assert (told.key, problems) == ("own", [])  # type: ignore[union-attr]


def test_only_a_stretch_that_one_partner_told_alone_is_passed_over(tmp_path: Path) -> None:
    with nodes(tmp_path, "town", "a", "b") as (town, a, b):
        peers = [town.knows(other, url="http://127.0.0.1:9", pushes=True) for other in (a, b)]
        a.writer.put([shelter("1")])
        b.writer.put([shelter("2")])
        town.federation.receive([town.fetch(a), town.fetch(b)])
        assert len(town.seen()) == 2
        assert [town.federation.past(peer, 0) for peer in peers] == [0, 0]


def test_stretches_join_and_what_is_forgotten_is_read() -> None:
    echoes = Echoes()
    for first in (10, 12, 17):
        echoes.note("hub", first, first + 2)
    assert echoes.past("hub", 9) == 9
    assert echoes.past("hub", 10) == 14
    assert echoes.past("other", 17) == 17
    for first in range(100, 10_000, 3):
        echoes.note("hub", first, first + 2)
    assert echoes.past("hub", 17) == 17
