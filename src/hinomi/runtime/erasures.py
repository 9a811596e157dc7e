"""The list of erasures: kept beside back-ups, done again when one is restored.

A back-up holds what stood when it was made, so what was erased later comes back with it. The list
holds the orders of erasure (:data:`~hinomi.runtime.operations.ERASURES`): ids of statements, fields
and no name. Every back-up brings the list of its folder up to date, also for the older ones there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from hinomi.kernel.errors import DataError, MissingError, Problem, Text
from hinomi.kernel.records import Record, instant
from hinomi.kernel.store import Store
from hinomi.runtime import clock, storing
from hinomi.runtime.erasing import Done, Eraser
from hinomi.runtime.operations import ERASURES, STATED_BY, ErasureOrder, Listed
from hinomi.runtime.storing import TownStore

FILE = "hinomi-erased.jsonl"
"""The list's name beside back-ups."""
_WHO = "list of erasures"
_PAGE = 500


class Reapplied(msgspec.Struct, frozen=True, kw_only=True):
    """What became of personal data after a back-up was restored."""

    lists: tuple[str, ...]
    """The lists that were read; none: what was erased after the back-up may be back."""
    orders: int
    statements: int
    """Erased again by the lists."""
    expired: int
    """Erased because their retention is over."""


Put = Callable[[Sequence[Record]], object]
_lines = msgspec.json.Decoder(Listed)


def of_store(store: Store) -> list[Listed]:
    """Return all orders that a store's log holds, its own and its partners'."""
    found: list[Listed] = []
    position, visible = 0, store.markings()
    while True:
        page = store.changes(position, visible=visible, collections=(ERASURES.id,), limit=_PAGE)
        for change in page.items:
            if change.record is not None:
                said = change.record
                order = msgspec.convert(said.body(), ErasureOrder)
                found.append(
                    Listed(key=said.key, said_at=said.said_at, marking=said.marking, order=order)
                )
        if page.position == position:
            return found
        position = page.position


def read(path: Path) -> list[Listed]:
    """Return the lines of a list, or of the town in a data folder.

    Raises:
        MissingError: there is nothing at the path.
        DataError: a line is no order of erasure.
    """
    if path.is_dir():
        with closing(storing.open_store(f"{storing.SQLITE}{path}", read_only=True)) as store:
            return of_store(store)
    if not path.is_file():
        near = [str(p) for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise MissingError(Text("消去の一覧", "list of erasures"), str(path), near)
    return list(_read(path))


def _read(path: Path) -> Iterator[Listed]:
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            try:
                if text.strip():
                    yield _lines.decode(text)
            except msgspec.DecodeError as error:
                told = Text(
                    "消去の一覧の行を読めません。", "A line of a list of erasures is no order."
                )
                problem = Problem(
                    "erasures.line", f"{path}:{number}", told, found=str(error)[:200],
                    expected="a line as `hinomi personal erased` writes it",
                )  # fmt: skip
                raise DataError([problem]) from None


def write(store: Store, path: Path) -> int:
    """Add a store's orders to a list, which is made where it is not there; return how many it has.

    Raises:
        DataError: the file that is there is no list of erasures.
    """
    lines = of_store(store)
    known = list(_read(path)) if path.exists() else []
    every = {(one.key, one.said_at, one.marking): one for one in (*known, *lines)}
    # An empty one says that nothing was erased.
    if len(every) > len(known) or not path.exists():
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in every.values()))
        part.replace(path)
    return len(every)


def reapply(store: TownStore, data: Path, lines: Iterable[Listed], put: Put) -> Done:
    """Erase once more what the lines name, and let the log tell of it as before.

    Nothing that a line names and the store does not hold is an error: a list serves many back-ups.
    """
    given = sorted(set(lines), key=lambda one: (one.said_at, one.key))
    eraser = Eraser(store, data)
    statements: dict[str, int] = {}
    payloads = 0
    grouped: dict[tuple[str, tuple[str, ...], str], list[Listed]] = {}
    for line in given:
        about = line.order
        grouped.setdefault((about.erased_collection, about.fields, about.cause), []).append(line)
    for (collection, _, _), same in grouped.items():
        ids = [record_id for line in same for record_id in line.order.statements]
        done = eraser.obey(same[0].order, ids, who=_WHO)
        payloads += done.payloads
        statements[collection] = statements.get(collection, 0) + sum(done.statements.values())
    if given:
        put([_record(line) for line in given])
    return Done(statements={k: n for k, n in statements.items() if n}, payloads=payloads)


def after_restoring(data: Path, paths: Sequence[Path], lines: Sequence[Listed]) -> Reapplied:
    """Erase in a restored town what these lists' lines name, and what is past its retention."""
    with closing(storing.open_store(storing.address(data))) as store:

        def put(made: Sequence[Record]) -> object:
            return store.put(made, at=clock.now())

        done = reapply(store, data, lines, put)
        expired = Eraser(store, data, put=put).expire()
    return Reapplied(
        lists=tuple(str(path) for path in paths),
        orders=len(lines),
        statements=sum(done.statements.values()),
        expired=sum(expired.statements.values()),
    )


def _record(line: Listed) -> Record:
    return Record(
        collection=ERASURES.id,
        key=line.key,
        said_at=line.said_at,
        when=instant(line.said_at),
        body=line.order,
        source=STATED_BY,
        marking=line.marking,
    )
