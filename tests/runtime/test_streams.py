"""NATS JetStream: the newest wake-up, and a queue that never holds more than one run of a model."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.servers import Nats, wait_for
from hinomi.runtime.roles import leased
from hinomi.runtime.streams import Streams
from hinomi.stores.postgres.work import Taken


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path)
    yield server
    server.end()


def started(server: Nats) -> Streams:
    streams = Streams(server.urls)
    streams.start()
    assert streams.connected.wait(60)
    return streams


def test_who_listens_hears_the_newest_position_and_a_lost_server_only_delays(nats: Nats) -> None:
    one, other = started(nats), started(nats)
    heard: list[int] = []
    other.listen(heard.append)
    for position in range(1, 200):
        one.ring(position)
    assert wait_for(lambda: heard and heard[-1] == 199)
    # Told together, not one by one: nothing piles up.
    assert len(heard) < 199
    nats.kill(0)
    assert wait_for(lambda: not one.connected.is_set())
    assert one.offer("m", 1) is False
    one.ring(200)
    nats.restart(0)
    assert wait_for(lambda: heard[-1] == 200)
    one.close()
    other.close()


def test_a_run_is_queued_once_and_given_again_when_its_worker_fails(nats: Nats) -> None:
    streams = started(nats)
    assert [streams.offer("levels", n) for n in range(5)] == [True] * 5
    assert streams.offer("quakes", 1)
    done: list[str] = []
    go = threading.Event()

    def do(name: str) -> bool:
        done.append(name)
        if done.count("levels") == 1 and name == "levels":
            raise ZeroDivisionError
        go.set()
        return True

    streams.work(do)
    assert wait_for(lambda: done.count("levels") == 2 and "quakes" in done, 15)
    streams.close()


def test_a_run_that_failed_too_often_does_not_keep_out_the_next(
    nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hinomi.runtime.streams._TRIES", 2)
    monkeypatch.setattr("hinomi.runtime.streams._AGAIN_S", 0.1)
    streams = started(nats)
    done: list[str] = []
    streams.work(lambda name: done.append(name) or len(done) > 2)  # type: ignore[func-returns-value]
    assert streams.offer("levels", 1)
    assert wait_for(lambda: len(done) == 2, 60)
    # Where it lies on, each offer is answered as one that waits already, and nobody is given it.
    position = iter(range(2, 1_000))
    assert wait_for(lambda: streams.offer("levels", next(position)) and len(done) > 2, 60, 0.2)
    streams.close()


def test_a_cluster_of_three_keeps_the_queue_without_any_one_of_its_nodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hinomi.runtime.streams._ANSWER_S", 1.0)  # What is asked of no leader.
    alone = Nats(tmp_path, 3)
    # As an older release made them: on one node.
    older = Streams(alone.urls[:1])
    older.start()
    assert older.connected.wait(60)
    older.close()
    streams = started(alone)
    assert wait_for(lambda: streams.offer("levels", 1), 60)
    leader = alone.leader("hinomi_work")
    alone.kill(leader)
    # A new leader is found among the two; what waited there is given out by it.
    done: list[str] = []
    streams.work(lambda name: done.append(name) or True)  # type: ignore[func-returns-value]
    assert wait_for(lambda: "levels" in done, 60)
    streams.close()
    alone.end()


class Leases:
    """A table of work with one row."""

    def __init__(self) -> None:
        self.mine = True
        self.gone: list[str] = []

    def take(self, name: str) -> Taken:
        return Taken(name, "", 1)

    def keep(self, names: list[str]) -> set[str]:
        return set(names) if self.mine else set()

    def let_go(self, name: str) -> None:
        self.gone.append(name)


def test_a_job_ends_when_its_lease_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hinomi.runtime.roles._KEEP_S", 0.05)
    leases, stop, runs = Leases(), threading.Event(), []

    def job(own: threading.Event) -> None:
        runs.append(1)
        leases.mine = False
        assert own.wait(5)
        stop.set()

    leased(leases, "feeds", job)(stop)  # type: ignore[arg-type]
    assert (runs, leases.gone) == ([1], ["job/feeds"])
