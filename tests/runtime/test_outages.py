"""A feed that stays away is an alarm; a part of the hub that fails begins again."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hinomi.kernel.marking import OPEN
from hinomi.kernel.store import Query
from hinomi.runtime import checkup, clock, hub, operations
from hinomi.runtime.feeds import FeedState
from hinomi.runtime.outages import Outages
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore

URL = "http://feed.example/extra.xml"


@pytest.fixture
def writer() -> Writer:
    return Writer(MemoryStore())


def standing(writer: Writer) -> list[str]:
    visible = frozenset({operations.INTERNAL, OPEN})
    query = Query(collection=operations.ALARMS.id, visible=visible)
    return [item.key for item in writer.store.find(query).items]


def polled(failures: int) -> FeedState:
    error = "connection refused" if failures else ""
    return FeedState(URL, 60.0, clock.now(), failures=failures, error=error)


def test_a_feed_that_stays_away_is_an_alarm_until_it_answers(writer: Writer) -> None:
    outages = Outages(writer)
    for failures in (1, 2):
        outages.feed(polled(failures))
    assert standing(writer) == []
    outages.feed(polled(3))
    raised = writer.store.position()
    outages.feed(polled(4))
    assert standing(writer) == [f"feed:{URL}"]
    assert writer.store.position() == raised, "told once"
    outages.feed(polled(0))
    assert standing(writer) == []


def test_a_telegram_that_a_feed_names_and_lacks_is_an_alarm_until_it_comes(writer: Writer) -> None:
    outages = Outages(writer)
    lacking = polled(0)
    lacking.lacking = ("http://feed.example/data/1.xml",)
    outages.feed(lacking)
    assert standing(writer) == [f"telegram:{URL}"]
    outages.feed(polled(1))
    assert standing(writer) == [f"telegram:{URL}"], "a feed that stutters brings no telegram"
    outages.feed(polled(0))
    assert standing(writer) == []


def test_a_watched_folder_that_stays_away_is_an_alarm_until_it_is_back(writer: Writer) -> None:
    outages = Outages(writer)
    outages.folder("/srv/inbox", "No such file or directory")
    assert standing(writer) == ["folder:/srv/inbox"]
    outages.folder("/srv/inbox", "")
    assert standing(writer) == []


def test_an_alarm_from_before_a_restart_ends_too(writer: Writer) -> None:
    Outages(writer).feed(polled(3))
    Outages(writer).feed(polled(0))
    assert standing(writer) == []


def test_a_broker_that_stays_away_is_an_alarm_beside_a_feeds(writer: Writer) -> None:
    outages = Outages(writer)
    outages.feed(polled(3))
    outages.broker("broker.example:1883", 3, "connection refused")
    assert sorted(standing(writer)) == ["broker:broker.example:1883", f"feed:{URL}"]
    outages.broker("broker.example:1883", 0, "")
    assert standing(writer) == [f"feed:{URL}"]


def test_a_part_that_fails_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, calls = threading.Event(), []
    monkeypatch.setattr(stop, "wait", lambda _: False)

    def work(stop: threading.Event) -> None:
        calls.append(stop)
        if len(calls) < 3:
            raise OSError("disk full")

    guarded: Callable[[], None] = hub._guarded("models", work, stop)
    guarded()
    assert len(calls) == 3


def test_the_check_up_names_the_broker_that_does_not_answer(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    outages = Outages(Writer(store))
    outages.broker("broker.example:1883", 3, "connection refused")

    def said() -> list[str]:
        found = checkup.check(tmp_path, page=tmp_path, app="hinomi:x")
        return [f.text.en for f in found if f.grade == "bad" and "broker" in f.text.en]

    (line,) = said()
    assert "broker.example:1883" in line
    assert "no readings come in" in line
    outages.broker("broker.example:1883", 0, "")
    assert said() == []
    store.close()
