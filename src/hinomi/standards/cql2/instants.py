"""CQL2's temporal literals and functions, the same for text and JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Literal, NamedTuple, TypeAlias

from hinomi.kernel.filters import Constant, Filter, Property, Temporal
from hinomi.standards.cql2.limits import refuse

FUNCTIONS: dict[str, Literal["after", "before", "equals", "during", "intersects"]] = {
    "t_after": "after",
    "t_before": "before",
    "t_equals": "equals",
    "t_during": "during",
    "t_intersects": "intersects",
}
_MIRROR = {"after": "before", "before": "after", "equals": "equals", "intersects": "intersects"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z")


class Span(NamedTuple):
    """An interval literal; None is open."""

    start: datetime | None
    end: datetime | None


Moment: TypeAlias = datetime | date | Span


def timestamp(text: str, where: str) -> datetime:
    """Return an RFC 3339 instant, in UTC."""
    try:
        if _TIMESTAMP.match(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    expected = ("a time such as 2026-05-01T00:00:00Z", "2026-05-01T00:00:00Zのような時刻")
    raise refuse(where, expected, repr(text))


def day(text: str, where: str) -> date:
    """Return an RFC 3339 full-date."""
    try:
        if _DATE.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise refuse(where, ("a date such as 2026-05-01", "2026-05-01のような日付"), repr(text))


def interval(start: str, end: str, where: str) -> Span:
    """Return an interval from its two ends: a time, a date (that whole day, UTC) or ``..``."""
    span = Span(_end(start, where, day_start), _end(end, where, day_end))
    if span.start is not None and span.end is not None and span.end < span.start:
        expected = ("a start that is not after the end", "終わり以前の始まり")
        raise refuse(where, expected, f"{start}/{end}")
    return span


def day_start(value: date) -> datetime:
    """Return the first instant of a day, UTC."""
    return datetime.combine(value, time.min, UTC)


def day_end(value: date) -> datetime:
    """Return the last microsecond of a day, UTC."""
    return datetime.combine(value, time.max, UTC)


def temporal(
    function: str, left: Property | Moment, right: Property | Moment, where: str
) -> Filter:
    """Return the node for a temporal function; of its arguments one is a property.

    A date stands for its whole day, so ``T_EQUALS`` with a date asks for that day.
    """
    op: str = FUNCTIONS[function]
    if not isinstance(left, Property):
        if not isinstance(right, Property) or op not in _MIRROR:
            raise refuse(where, _ONE_PROPERTY, function.upper())
        left, right, op = right, left, _MIRROR[op]
    if isinstance(right, Property):
        raise refuse(where, _ONE_PROPERTY, function.upper())
    if op == "during" and not isinstance(right, Span):
        raise refuse(where, ("an INTERVAL", "INTERVAL"), str(right))
    if isinstance(right, Span):
        return _node(op, left, right, where)
    if isinstance(right, datetime):
        return _node(op, left, Span(right, right), where)
    whole = Span(day_start(right), day_end(right))
    return _node("intersects" if op == "equals" else op, left, whole, where)


_ONE_PROPERTY = (
    "a time property and a TIMESTAMP, DATE or INTERVAL",
    "時刻の属性とTIMESTAMP・DATE・INTERVALの組",
)


def _node(op: str, name: Property, span: Span, where: str) -> Filter:
    match op:
        case "after":
            end = span.end
            return Constant(value=False) if end is None else Temporal("after", name, end, end)
        case "before":
            start = span.start
            return (
                Constant(value=False) if start is None else Temporal("before", name, start, start)
            )
        case "equals":
            if span.start is None or span.start != span.end:
                raise refuse(where, ("an instant for T_EQUALS", "T_EQUALSには瞬間"), "an INTERVAL")
            return Temporal("equals", name, span.start, span.end)
        case "during":
            return Temporal("during", name, *span)
        case _:
            return Temporal("intersects", name, *span)


def _end(text: str, where: str, edge: Callable[[date], datetime]) -> datetime | None:
    if text in {"..", ""}:
        return None
    return edge(day(text, where)) if _DATE.match(text) else timestamp(text, where)
