"""What is asked all the time, straight through libpq: one call a question.

psycopg's cursors adapt values, find out types and wait in Python; for a question that a map asks
with every move they cost as much as its answer. Values go as text, answers come as bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult


class Statement:
    """A statement of the package's own, with ``$1`` for values, and the name it is prepared by."""

    def __init__(self, name: str, sql: str) -> None:
        self.name = name.encode()
        self.sql = sql.encode()


class Direct:
    """One connection's way past its cursors; nobody else may use the connection meanwhile."""

    def __init__(self, pgconn: PGconn) -> None:
        self.pgconn = pgconn
        self._prepared: set[bytes] = set()

    def ask(
        self, statement: Statement, values: Sequence[bytes] = (), forms: Sequence[Format] = ()
    ) -> PGresult:
        """Return the answer, its columns in binary form.

        Args:
            statement: what to ask.
            values: its values, as text where ``forms`` says nothing else.
            forms: the form of each value.

        Raises:
            psycopg.Error: the server refused, or the connection is lost.
        """
        try:
            return self._asked(statement, values, forms)
        except psycopg.errors.InvalidSqlStatementName:
            # After a rollback or a change of tables psycopg lets the session forget them all.
            self._prepared.clear()
            return self._asked(statement, values, forms)

    def _asked(
        self, statement: Statement, values: Sequence[bytes], forms: Sequence[Format]
    ) -> PGresult:
        if statement.name not in self._prepared:
            _check(self.pgconn.prepare(statement.name, statement.sql))
            self._prepared.add(statement.name)
        return _check(
            self.pgconn.exec_prepared(statement.name, values, forms or None, Format.BINARY)
        )


def _check(result: PGresult) -> PGresult:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    told = result.error_message.decode("utf-8", "replace").strip()
    state = result.error_field(DiagnosticField.SQLSTATE)
    if state is None:
        raise psycopg.OperationalError(told)
    raise psycopg.errors.lookup(state.decode())(told)


def listed(numbers: Iterable[int]) -> bytes:
    """Return numbers as an array's text."""
    return b"{%b}" % ",".join(map(str, numbers)).encode()


def number_of(result: PGresult, row: int, column: int) -> int:
    """Return an integer of an answer; null is 0."""
    return int.from_bytes(result.get_value(row, column) or b"", "big", signed=True)
