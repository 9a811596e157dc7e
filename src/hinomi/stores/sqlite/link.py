"""Connections to the file: opened right, migrated, one for each thread that reads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet

import apsw
import msgspec

from hinomi.kernel.errors import HinomiError, UnavailableError
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.stores.evaluate import compare_properties
from hinomi.stores.instants import instant_of
from hinomi.stores.sqlite.schema import MIGRATIONS

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

T = TypeVar("T")

FILE = "hinomi.db"
READER_PRAGMAS = (
    "busy_timeout=5000",
    "cache_size=-32768",
    "temp_store=MEMORY",
    # Pages of a box lie far apart in the file: a quarter less time than by read calls.
    "mmap_size=1073741824",
)
WRITER_PRAGMAS = (
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "cache_size=-65536",
    "temp_store=MEMORY",
    "foreign_keys=OFF",
    "journal_size_limit=67108864",
)
_CHECKPOINT = 8 * 1024 * 1024

_FAULTS = (
    apsw.FullError,
    apsw.BusyError,
    apsw.LockedError,
    apsw.IOError,
    apsw.ReadOnlyError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.NotADBError,
)
"""What is the disk's or the file's fault, not ours."""


class _Areas:
    """The geometries that the running question compares with, by the number SQL gives."""

    def __init__(self) -> None:
        self.now: list[Callable[[], BaseGeometry]] = []

    def holds(self, op: str, number: int, place: str | bytes | None) -> bool | None:
        """Tell whether a stored geometry is so to one of them; without a geometry, unknown."""
        from hinomi.stores import spatial  # noqa: PLC0415 - GEOS is loaded only when asked for

        if place is None or place in ("null", b"null"):
            return None
        data = place.encode() if isinstance(place, str) else place
        return spatial.holds(op, data, self.now[number]())


class Link:
    """One connection, its filter functions and what it has learnt of names and markings."""

    def __init__(self, file: Path, *, write: bool, page_size: int | None = None) -> None:
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        if not write:
            flags = apsw.SQLITE_OPEN_READONLY
        try:
            self.connection = apsw.Connection(str(file), flags=flags, statementcachesize=300)
            # Otherwise SQLite plans anew whenever a bound value changes, for statistics that we
            # do not keep (STAT4): that cost as much as the question itself.
            self.connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
            # The first of all: a file keeps the size of pages that it began with.
            sized = () if page_size is None else (f"page_size={page_size}",)
            for pragma in (*sized, *WRITER_PRAGMAS) if write else READER_PRAGMAS:
                # A pragma that answers stops a chain of statements: one at a time, all fetched.
                self.connection.execute(f"PRAGMA {pragma}").fetchall()
            if write:
                self.checkpoint_at(_CHECKPOINT)
        except apsw.Error as error:
            raise unavailable(error) from error
        # Apart from the link, so that no circle keeps a finished thread's connection open.
        self.areas = _Areas()
        self._kept: dict[str, Any] = {}
        # Held beyond a commit; who reads them tells whether they still are so.
        self.series: dict[tuple[str, frozenset[Marking]], Any] = {}
        self._version: int | None = None
        self.is_steady = False
        self._calm = False
        self._asked = False
        self._names: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._write = write
        self._markings: dict[int, Marking] = {}
        self._marking_ids: dict[Marking, int] = {}
        self._listed: dict[frozenset[Marking], str] = {}
        define: Any = self.connection.create_scalar_function
        define("instant", _instant, 1, deterministic=True)
        define("compare", _compare, 3, deterministic=True)
        define("holds", self.areas.holds, 3)

    def checkpoint_at(self, size: int) -> None:
        """Have a commit move the WAL's pages into the file once they are so many bytes."""
        self.connection.wal_autocheckpoint(size // int(self.connection.pragma("page_size")))

    def rows(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        self._asked = True
        try:
            return self.connection.execute(sql, values).fetchall()
        except _FAULTS as error:
            raise unavailable(error) from error

    def value(self, sql: str, values: Any = ()) -> Any:
        """Return the first row's first column; None where there is no row."""
        self._asked = True
        try:
            row = self.connection.execute(sql, values).fetchone()
        except _FAULTS as error:
            raise unavailable(error) from error
        return None if row is None else row[0]

    def distinct(self, step: str, collection: int) -> list[int]:
        """Return the classes that occur: the step finds the first that is not below ``?2``."""
        found: list[int] = []
        while True:
            value = self.value(step, (collection, found[-1] + 1 if found else 0))
            if value is None:
                return found
            found.append(value)

    def kept(self, what: str, read: Callable[[], Any]) -> Any:
        """Return what is kept until another connection, in whatever process, commits."""
        if self._write:
            # The version tells nothing of this connection's own changes.
            return read()
        if not self.is_steady:
            self.look()
        if what not in self._kept:
            self._kept[what] = read()
        return self._kept[what]

    def look(self) -> None:
        """Forget what is kept if another connection has committed since."""
        self._asked = False
        self._calm = self._fresh()
        if not self._calm:
            self._kept.clear()
            self._version = self.connection.data_version()

    def _fresh(self) -> bool:
        """Tell whether what is kept is of the state that the last statement read; one must have."""
        if not self._asked:
            self.value("PRAGMA data_version")
        return self.connection.data_version() == self._version

    def settled(self, answer: Callable[[], T]) -> T:
        """Return an answer of one state of the store, with what is kept taken as it stands.

        The statements themselves tell, at no cost, of which state they were; if it is another one
        than what is kept, all is asked again in a transaction. Where the store moves on between
        any two questions, the transaction comes first.
        """
        if self._write or self.is_steady:
            return answer()
        if self._calm:
            self.is_steady, self._asked = True, False
            try:
                found = answer()
                if self._fresh():
                    return found
            except HinomiError:
                if self._fresh():
                    raise
            finally:
                self.is_steady = False
        with self.steady():
            return answer()

    def forget(self) -> None:
        """Forget names: those of a transaction that was rolled back are not so."""
        self._names.clear()
        self._numbers.clear()

    def snapshot(self) -> _Snapshot:
        """Read one state of the store, whatever is written meanwhile; one inside another is it."""
        return _Snapshot(self, steady=False)

    def steady(self) -> _Snapshot:
        """Read one state for several questions: what is kept is compared with the file once."""
        return _Snapshot(self, steady=True)

    def name(self, number: int) -> str:
        """Return a collection's or a source's name."""
        if number not in self._names:
            self._names.update(dict(self.rows("SELECT id, text FROM name")))
        return self._names[number]

    def number(self, name: str) -> int:
        """Return the number of a name, 0 for one that was never used."""
        if name not in self._numbers:
            found = self.value("SELECT id FROM name WHERE text = ?", (name,))
            if found is None:
                return 0
            if self._write:
                # The writer may roll back the very transaction that gave the number.
                return int(found)
            self._numbers[name] = int(found)
        return self._numbers[name]

    def numbers(self, names: Sequence[str]) -> str:
        """Return the numbers of names, for SQL's IN; 0 stands for those never used."""
        return ", ".join(str(self.number(name)) for name in names) or "0"

    def marking(self, number: int) -> Marking:
        """Return a marking by its number."""
        if number not in self._markings:
            self.learn_markings()
        return self._markings[number]

    def learn_markings(self) -> dict[Marking, int]:
        """Read all markings anew."""
        rows = self.rows("SELECT id, status, disclosure, audience FROM marking")
        self._markings = {
            number: Marking(Status(status), Disclosure(disclosure), tuple(_decode(audience)))
            for number, status, disclosure, audience in rows
        }
        self._marking_ids = {marking: number for number, marking in self._markings.items()}
        return self._marking_ids

    def listed(self, markings: frozenset[Marking]) -> str:
        """Return the numbers of those markings that occur, for SQL's IN; 0 stands for none."""
        known = self._marking_ids
        told = self._listed.get(markings)
        if told is not None:
            return told
        if not markings <= known.keys():
            known = self.learn_markings()
        told = ", ".join(str(known[m]) for m in markings if m in known) or "0"
        if not self._write and markings <= known.keys():
            # A marking's number stays, once it is committed.
            self._listed[markings] = told
        return told

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class _Snapshot:
    """A transaction that reads; as a class because each request has one or two."""

    __slots__ = ("_inside", "_link", "_steady")

    def __init__(self, link: Link, *, steady: bool) -> None:
        self._link = link
        self._steady = steady

    def __enter__(self) -> None:
        link = self._link
        self._inside = link.is_steady or link.connection.in_transaction
        if not self._inside:
            link.connection.execute("BEGIN")
        if self._steady and not link.is_steady:
            try:
                link.look()
            except BaseException:
                self.__exit__()
                raise
            link.is_steady = True

    def __exit__(self, *_: object) -> None:
        if not self._inside:
            self._link.is_steady = False
            self._link.connection.execute("COMMIT")


class Links:
    """A reading connection for each thread that asks."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._own = threading.local()
        self._all: WeakSet[Link] = WeakSet()
        self._lock = threading.Lock()

    def here(self) -> Link:
        """Return this thread's connection."""
        try:
            link: Link = self._own.link
        except AttributeError:
            link = self._own.link = Link(self._file, write=False)
            with self._lock:
                self._all.add(link)
        return link

    @contextmanager
    def lending(self, link: Link) -> Iterator[None]:
        """Let this thread read by another connection: the writer's, within its transaction."""
        outer: Link | None = getattr(self._own, "link", None)
        self._own.link = link
        try:
            yield
        finally:
            if outer is None:
                del self._own.link
            else:
                self._own.link = outer

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for link in list(self._all):
                link.close()
            self._all.clear()
        self._own = threading.local()


def migrate(link: Link) -> None:
    """Bring the file to this version's layout, step by step, each step whole or not at all."""
    connection = link.connection
    version = int(link.value("PRAGMA user_version"))
    if version > len(MIGRATIONS):
        raise UnavailableError(
            f"This store has layout {version}; this Hinomi knows {len(MIGRATIONS)}. Update it.",
            f"データの形式({version})がこのHinomi({len(MIGRATIONS)})より新しいです。更新してください。",
        )
    for step in range(version, len(MIGRATIONS)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(MIGRATIONS[step]).fetchall()
            connection.execute(f"PRAGMA user_version = {step + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


@contextmanager
def transaction(link: Link) -> Iterator[None]:
    """Write all or nothing; a full disk or a locked file is UnavailableError.

    One inside another is a part of it, undone alone where it fails alone.
    """
    connection = link.connection
    inside = connection.in_transaction
    try:
        connection.execute("SAVEPOINT part" if inside else "BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("RELEASE part" if inside else "COMMIT")
        except BaseException:
            # A full disk ends the whole transaction by itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK TO part; RELEASE part" if inside else "ROLLBACK")
            raise
    except _FAULTS as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> UnavailableError:
    """Return what a fault of the file or the disk means to whoever asks."""
    return UnavailableError(
        f"The store cannot be used now: {error}", f"データストアを利用できません: {error}"
    )


def _instant(text: str | None) -> int | None:
    return None if text is None else instant_of(text)


def _compare(op: str, left: str | None, right: str | None) -> bool | None:
    if left is None or right is None:
        return None
    return compare_properties(op, _decode(left), _decode(right))


_decode = msgspec.json.Decoder().decode
