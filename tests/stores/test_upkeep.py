"""The store's upkeep at a size where a careless plan shows."""

from pathlib import Path

from hinomi.kernel.geometry import point
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.strategies import START
from hinomi.testing.suite import said


def steps_of_check(folder: Path, things: int) -> int:
    """Return how many hundred virtual-machine steps SQLite takes for a check."""
    store = SqliteStore(folder)
    store.put([said(f"a{n}", 1, place=point(n % 90, n % 80)) for n in range(things)], at=START)
    steps = 0

    def count() -> bool:
        nonlocal steps
        steps += 1
        return False

    store._links.here().connection.set_progress_handler(count, 100)
    assert store.check() == []
    store.close()
    return steps


def test_check_grows_with_the_store_and_not_with_its_square(tmp_path: Path) -> None:
    small, large = steps_of_check(tmp_path / "small", 500), steps_of_check(tmp_path / "large", 4000)
    assert large < 16 * small
