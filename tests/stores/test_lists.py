"""Complete lists and statements that come after them, whatever the writer still has in mind."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hinomi.kernel.records import Complete
from hinomi.stores.sqlite import SqliteStore, lists
from hinomi.testing.strategies import COLLECTION, START
from hinomi.testing.suite import ask, said


def said_complete(minute: int, covers: tuple[str, ...], keys: tuple[str, ...] = ()) -> Complete:
    said_at = START + timedelta(minutes=minute)
    return Complete(collection=COLLECTION, source="jma", said_at=said_at, covers=covers, keys=keys)


def same(store: SqliteStore, _: pytest.MonkeyPatch) -> SqliteStore:
    return store


def reopened(store: SqliteStore, _: pytest.MonkeyPatch) -> SqliteStore:
    store.close()
    return SqliteStore(store.folder)


def after_a_failure(store: SqliteStore, _: pytest.MonkeyPatch) -> SqliteStore:
    with pytest.raises(TypeError):
        store.put([said("z"), said("z", body=object())], at=START)
    return store


@pytest.mark.parametrize("then", [same, reopened, after_a_failure])
@pytest.mark.parametrize("most", [lists.MOST_ENTRIES, 1])
def test_a_late_statement_that_a_list_left_out_does_not_stand(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    then: Callable[[SqliteStore, pytest.MonkeyPatch], SqliteStore],
    most: int,
) -> None:
    monkeypatch.setattr(lists, "MOST_ENTRIES", most)
    store = SqliteStore(tmp_path)
    store.put([], complete=[said_complete(5, ("a/*", "b", "ab"), ("a/2",))], at=START)
    store = then(store, monkeypatch)
    late = [said(key, 1) for key in ("a/1", "a/2", "b", "b/1", "ab", "a", "c")]
    store.put(late, at=START)
    assert ask(store) == ["a/2:1", "a:1", "b/1:1", "c:1"]
    store.put([said(key, 9) for key in ("a/1", "b")], at=START)
    assert ask(store) == ["a/1:9", "a/2:1", "a:1", "b/1:1", "b:9", "c:1"]
    assert store.check() == []
    store.close()


def test_the_first_list_that_leaves_a_thing_out_ends_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    named = said_complete(3, ("a*",), ("a",))
    store.put([], complete=[said_complete(7, ("*",)), named, said_complete(5, ("a",))], at=START)
    store.put([said("a", 1)], at=START)
    told = store.history(COLLECTION, "a", visible=store.markings()).items
    assert [(r.retracts, r.said_at - START) for r in told] == [
        (False, timedelta(minutes=1)),
        (True, timedelta(minutes=5)),
    ]
    store.close()
