"""Shared work: one worker at a time, and what a lost lease made is not kept."""

import threading
import time

import psycopg
import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain, Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime.clock import now
from hinomi.runtime.models import Models
from hinomi.runtime.models_cursors import SharedCursors
from hinomi.runtime.writer import Writer
from hinomi.stores.postgres import PostgresStore
from hinomi.stores.postgres.work import LostError
from hinomi.testing.strategies import COLLECTION, START, Sighting
from hinomi.testing.suite import said

T = Text("試", "test")
MADE = "demo.made"


def test_one_worker_has_the_work_until_it_ends_or_its_lease_does(town: str) -> None:
    one, two = PostgresStore(town), PostgresStore(town)
    taken = one.work.take("w", 0.3)
    assert taken is not None
    assert two.work.take("w", 0.3) is None
    assert one.work.keep(["w", "x"], 0.3) == {"w"}
    time.sleep(0.35)
    again = two.work.take("w", 5.0)
    assert again is not None
    assert again.tries == 2
    with pytest.raises(LostError):
        one.work.finish("w", "late")
    two.work.finish("w", "done")
    assert one.work.states()["w"] == "done"
    one.close()
    two.close()


def test_a_lease_whose_end_a_wrong_clock_put_far_away_is_over_all_the_same(town: str) -> None:
    dead, other = PostgresStore(town), PostgresStore(town)
    assert dead.work.take("w", 3600.0)
    # The clock of the server was an hour ahead when the dead one took it.
    assert other.work.take("w", 0.1) is None
    time.sleep(0.2)
    assert other.work.take("w", 0.1) is not None
    dead.close()
    other.close()


def test_closing_gives_back_what_is_held(town: str) -> None:
    one, two = PostgresStore(town), PostgresStore(town)
    assert one.work.take("w")
    one.close()
    taken = two.work.take("w")
    assert taken is not None
    assert taken.tries == 1
    two.close()


def demo(predict: object) -> Catalog:
    collections = tuple(
        Collection(
            id=name, title=T, text=T, schema=Sighting, verb=Verb.PREDICT, licence="CC0-1.0"
        )
        for name in (COLLECTION, MADE)
    )  # fmt: skip
    model = Model(
        id="demo", version="1", title=T, needs=(COLLECTION,), gives=(MADE,), predict=predict,
        reference="none", limits=T,
    )  # type: ignore[arg-type]  # fmt: skip
    return Catalog((Domain(id="demo", title=T, collections=collections, models=(model,)),))


def copies(reader: Reader, keys: dict[str, tuple[str, ...]]) -> Parsed:
    """State each sighting again; when it is said tells one run from another."""
    at = now()
    return Parsed(
        records=[
            Record(collection=MADE, key=i.key, said_at=at, body=Sighting(name=i.key), source="m")
            for i in reader.every(COLLECTION, keys=tuple(keys.get(COLLECTION, ())) or None)
        ]
    )


def test_workers_that_die_and_race_do_each_run_once(town: str) -> None:
    """Each sighting is stated once, though a worker dies in a run and three race for the rest."""
    stores = [PostgresStore(town) for _ in range(4)]
    stores[0].put([said(f"a{n}") for n in range(5)], at=START)

    class Died(BaseException):
        pass

    def dies(reader: Reader, keys: dict[str, tuple[str, ...]]) -> Parsed:
        copies(reader, keys)
        raise Died

    doomed = SharedCursors(stores[0].work)
    with pytest.raises(Died):
        Models(Writer(stores[0]), demo(dies), doomed).catch_up()
    doomed._held.clear()
    with psycopg.connect(town, autocommit=True) as connection:
        connection.execute("UPDATE hinomi.work SET until = clock_timestamp() + interval '1 s'")
    stop = threading.Event()
    threads = []
    for store in stores[1:]:
        models = Models(Writer(store), demo(copies), SharedCursors(store.work))
        threads += [
            threading.Thread(target=models.run, args=(stop,)),
            threading.Thread(target=store.listen, args=(models.wake, stop)),
        ]
    for thread in threads:
        thread.start()
    for n in range(10):
        stores[0].put([said(f"b{n}")], at=START)
        time.sleep(0.05)

    def made() -> list[str]:
        with psycopg.connect(town) as connection:
            rows = connection.execute(
                "SELECT key FROM hinomi.record r JOIN hinomi.name n ON n.id = r.collection"
                " WHERE n.text = %s ORDER BY 1", (MADE,),
            ).fetchall()  # fmt: skip
        return [key for (key,) in rows]

    until = time.monotonic() + 20
    while len(made()) < 15 and time.monotonic() < until:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert made() == sorted([*(f"a{n}" for n in range(5)), *(f"b{n}" for n in range(10))])
    for store in stores:
        store.close()
