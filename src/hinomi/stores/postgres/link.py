"""Connections: the writer's own, a pool for those who ask; names and markings as all know them."""

from __future__ import annotations

import contextlib
import re
import select
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from psycopg.abc import Dumper
from psycopg.types.array import ListBinaryDumper
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper
from psycopg.types.string import StrBinaryDumper

from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.stores.postgres.arrays import KINDS, ArrayDumper
from hinomi.stores.postgres.direct import Direct
from hinomi.stores.postgres.migrations import MIGRATIONS
from hinomi.stores.postgres.schema import SCHEMA, WEB_ROLE

SCHEME = re.compile(r"postgres(?:ql)?://")
_MOST_READERS = 8
"""Connections of one process that ask at the same time; more wait for one of them."""
_WAIT_S = 10.0
_FAULTS = (psycopg.OperationalError, psycopg.InterfaceError)
"""What is the server's or the network's fault, not ours."""
WRITERS_LOCK = 0x48494E4F
"""("HINO") The advisory lock that one appending transaction at a time holds."""

_DUMPERS: tuple[tuple[type, type[Dumper]], ...] = (
    (int, Int8Dumper),
    (int, Int8BinaryDumper),
    (str, StrBinaryDumper),
    (list, ListBinaryDumper),
    *((kind, ArrayDumper) for kind in KINDS),
)

Connection = psycopg.Connection[tuple[Any, ...]]
Asked = psycopg.Cursor[tuple[Any, ...]]
"""A question whose answer has not come yet."""


def connect(url: str) -> Connection:
    """Return a connection set up as all here are.

    Raises:
        UnavailableError: the server does not answer, or refuses.
    """
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except (*_FAULTS, psycopg.ProgrammingError) as error:
        raise unavailable(error) from error
    try:
        _set_up(connection)
    except _FAULTS as error:
        connection.close()
        raise unavailable(error) from error
    return connection


def _set_up(connection: Connection) -> None:
    connection.prepare_threshold = 2
    # One type for all integers, so that a statement is prepared once and not for each size.
    for kind, dumper in _DUMPERS:
        connection.adapters.register_dumper(kind, dumper)
    # Pages are read in the order of an index: a plan for few rows, by one process.
    connection.execute(
        f"SET search_path = {SCHEMA}, public; SET jit = off;"
        " SET max_parallel_workers_per_gather = 0; SET client_encoding = 'UTF8'"
    )


def alive(connection: Connection) -> bool:
    """Tell whether the server still holds an idle connection: a closed one has an end to read."""
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return not waiting.poll(0)


class Names:
    """The numbers of names and markings that are committed: they never change again."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.numbers: dict[str, int] = {}
        self.markings: dict[int, Marking] = {}
        self.marking_numbers: dict[Marking, int] = {}
        self.extents: dict[int, int] = {}
        """The classes of extents that a collection had when a box was last asked for."""
        self.seen: tuple[int, frozenset[Marking]] = (0, frozenset())
        """The newest marking's number, and all markings as they were then."""


class Link:
    """One connection, and what is known of names and markings."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self.connection = connection
        self.known = names
        self.told: list[int] | None = None
        """The markings that the session sees; None for one that no wall is for."""
        self.pipelined = False
        """Statements are sent without waiting for the one before; only :meth:`rows` waits."""
        self.direct: Direct | None = None
        """The way past cursors, where nothing else is under way on the connection."""

    def run(self, sql: str, values: Any = ()) -> None:
        """Run a statement that gives no rows."""
        self.connection.execute(sql, values)

    def see(self, visible: frozenset[Marking]) -> None:
        """Let the session see these markings and no other."""
        self.tell(self.listed(visible))

    def tell(self, numbers: list[int]) -> None:
        """Let the session see these markings: one may have come up since it was told."""
        if self.told is not None and self.told != numbers:
            listed = f"{{{','.join(map(str, numbers))}}}"
            self.rows("SELECT set_config('hinomi.visible', %s, false)", (listed,))
            self.told = numbers

    def ask(self, sql: str, values: Any = ()) -> Asked:
        """Ask in a pipeline; :meth:`told_by` waits for the answer."""
        return self.connection.execute(sql, values, binary=True)

    def told_by(self, asked: Asked) -> list[tuple[Any, ...]]:
        """Return all rows of what was asked."""
        try:
            return asked.fetchall()
        except _FAULTS as error:
            raise unavailable(error) from error

    def rows(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        try:
            # Every text of SQL is this package's own.
            cursor = self.connection.execute(sql, values, binary=True)
            return cursor.fetchall() if self.pipelined or cursor.description else []
        except psycopg.DataError as error:
            raise unstorable(error) from error
        except _FAULTS as error:
            raise unavailable(error) from error

    def value(self, sql: str, values: Any = ()) -> Any:
        """Return the first row's first column; None where there is no row."""
        rows = self.rows(sql, values)
        return rows[0][0] if rows else None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the store, whatever is written meanwhile."""
        if self.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            # Inside the writer's transaction: nobody else can append meanwhile.
            yield
            return
        self.rows("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            with contextlib.suppress(UnavailableError):
                self.rows("COMMIT")

    def name(self, number: int) -> str:
        """Return a collection's or a source's name."""
        name = self.known.names.get(number)
        if name is None:
            every: dict[int, str] = dict(self.rows("SELECT id, text FROM name"))
            self.known.names.update(every)
            name = every[number]
        return name

    def number(self, name: str) -> int:
        """Return the number of a name, 0 for one that was never used."""
        number = self.known.numbers.get(name)
        if number is None:
            number = self.value("SELECT id FROM name WHERE text = %s", (cleaned(name),))
            if number is None:
                return 0
            self.known.numbers[name] = number
        return number

    def numbers(self, names: Sequence[str]) -> list[int]:
        """Return the numbers of those names that were ever used."""
        return [number for number in map(self.number, names) if number]

    def marking(self, number: int) -> Marking:
        """Return a marking by its number."""
        marking = self.known.markings.get(number)
        if marking is None:
            every = {n: marking for marking, n in self.learn_markings().items()}
            marking = every[number]
        return marking

    def learn_markings(self) -> dict[Marking, int]:
        """Read all markings anew."""
        every = {
            Marking(
                Status(status), Disclosure(disclosure), tuple(msgspec.json.decode(audience))
            ): number
            for number, status, disclosure, audience in self.rows(
                "SELECT id, status, disclosure, audience FROM marking"
            )
        }
        self.known.marking_numbers.update(every)
        self.known.markings.update({number: marking for marking, number in every.items()})
        return every

    def listed(self, markings: frozenset[Marking]) -> list[int]:
        """Return the numbers of those markings that occur."""
        found = [self.known.marking_numbers.get(marking) for marking in markings]
        if None in found:
            known = self.learn_markings()
            found = [known.get(marking) for marking in markings]
        return sorted(number for number in found if number is not None)


class Links:
    """Connections for questions, under the role that the walls are for; opened as they are needed.

    One that the server has closed is replaced at the next question.
    """

    def __init__(self, url: str, names: Names) -> None:
        self._url = url
        self._names = names
        self._idle: list[Link] = []
        self._room = threading.BoundedSemaphore(_MOST_READERS)

    @contextmanager
    def reading(self, visible: frozenset[Marking] | None = None) -> Iterator[Link]:
        """Lend a connection whose session sees these markings and no other.

        None is for questions about no statement (positions, names, counts), which no wall is for:
        the session is left as it was, and the next question need not tell it again.
        """
        if not self._room.acquire(timeout=_WAIT_S):
            raise UnavailableError(
                "Too many questions at once; try again.", "問い合わせが多すぎます。"
            )
        try:
            link = self._take()
            try:
                if visible is not None:
                    link.see(visible)
                yield link
            except _FAULTS as error:
                raise unavailable(error) from error
            finally:
                self._give_back(link)
        finally:
            self._room.release()

    def _take(self) -> Link:
        while self._idle:
            with contextlib.suppress(IndexError):
                link = self._idle.pop()
                if alive(link.connection):
                    return link
                link.connection.close()
        connection = connect(self._url)
        try:
            connection.execute(f"SET ROLE {WEB_ROLE}; SET default_transaction_read_only = on")
        except (*_FAULTS, psycopg.ProgrammingError) as error:
            connection.close()
            raise unavailable(error) from error
        link = Link(connection, self._names)
        link.told, link.direct = [], Direct(connection.pgconn)
        return link

    def _give_back(self, link: Link) -> None:
        if link.connection.closed or link.connection.info.transaction_status:
            # The server went away, or a question broke off: what else is idle may be as dead.
            link.connection.close()
            self.close()
            return
        self._idle.append(link)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().connection.close()


def migrate(connection: Connection) -> None:
    """Bring the database to this version's layout, step by step, each whole or not at all.

    Raises:
        UnavailableError: it is newer than this version knows, or may not be changed.
    """
    try:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITERS_LOCK,))
            _extend(connection)
            version = layout(connection)
            if version > len(MIGRATIONS):
                raise UnavailableError(
                    f"This store has layout {version}; this Hinomi knows {len(MIGRATIONS)}."
                    " Update it.",
                    f"データの形式({version})がこのHinomi({len(MIGRATIONS)})より新しいです。"
                    "更新してください。",
                )
            for step in range(version, len(MIGRATIONS)):
                with connection.transaction():
                    connection.execute(MIGRATIONS[step])
                    connection.execute("UPDATE layout SET version = %s", (step + 1,))
    except (*_FAULTS, psycopg.ProgrammingError) as error:
        raise unavailable(error) from error


def _extend(connection: Connection) -> None:
    """Make the schema where it is new; the extensions need an administrator once."""
    if connection.execute("SELECT to_regclass('hinomi.layout')").fetchone() != (None,):
        return
    for name in ("postgis", "btree_gist"):
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public")
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    connection.execute("CREATE TABLE layout (version integer NOT NULL)")
    connection.execute("INSERT INTO layout VALUES (0)")


def layout(connection: Connection) -> int:
    """Return how many steps of the layout the database has taken, 0 for none."""
    if connection.execute("SELECT to_regclass('hinomi.layout')").fetchone() == (None,):
        return 0
    found = connection.execute("SELECT version FROM layout").fetchone()
    return int(found[0]) if found else 0


def check_version(connection: Connection) -> None:
    """Refuse to read a database of another layout; the writer is who migrates it.

    Raises:
        UnavailableError: it is older or newer than this version's.
    """
    version = layout(connection)
    if version != len(MIGRATIONS):
        raise UnavailableError(
            f"This store has layout {version}, expected {len(MIGRATIONS)}: open it for writing"
            " once with the newest Hinomi.",
            f"データの形式は{version}です({len(MIGRATIONS)}が必要)。新しいHinomiで一度書き込み用に"
            "開いてください。",
        )


@contextmanager
def transaction(link: Link, *, pipelined: bool = False) -> Iterator[None]:
    """Append all or nothing, alone: whoever else appends waits, so positions are in commit order.

    See ``docs/decisions/0007-positions-in-commit-order.md``. What is ``pipelined`` copies nothing
    and waits for fewer answers while others wait for it.
    """
    connection = link.connection
    before = link.pipelined
    try:
        with connection.pipeline() if pipelined else contextlib.nullcontext():
            link.pipelined = before or pipelined
            with connection.transaction():
                link.run("SELECT pg_advisory_xact_lock(%s)", (WRITERS_LOCK,))
                yield
    except psycopg.DataError as error:
        raise unstorable(error) from error
    except (*_FAULTS, psycopg.errors.ReadOnlySqlTransaction) as error:
        raise unavailable(error) from error
    finally:
        link.pipelined = before


def unavailable(error: Exception) -> UnavailableError:
    """Return what a fault of the server or the network means to whoever asks."""
    told = str(error).strip().splitlines()
    first = told[0] if told else type(error).__name__
    return UnavailableError(
        f"The store cannot be used now: {first}", f"データストアを利用できません: {first}"
    )


def unstorable(error: Exception) -> InputError:
    """Return the error for a text that PostgreSQL cannot hold."""
    return InputError(f"A text cannot be stored: {error}", f"保存できない文字があります: {error}")


def cleaned(text: str) -> str:
    """Return the text as PostgreSQL compares it: it cannot hold NUL, so U+FFFF stands for it."""
    return text.replace("\x00", "\uffff") if "\x00" in text else text
