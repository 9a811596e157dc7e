"""System query options: $filter $expand $orderby $select $top $skip $count $resultFormat."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.standards.odata.expressions import parse_expression, parse_filter
from hinomi.standards.odata.tokens import fault
from hinomi.standards.odata.tree import Node

MAX_PARTS = 50
"""Members of a $select, an $orderby or an $expand."""
MAX_NESTED = 6
"""Depth of $expand."""
MAX_NUMBER = 10**12
NAMES = (
    "$filter", "$expand", "$orderby", "$select", "$top", "$skip", "$count", "$resultFormat",
    "$skiptoken",
)  # fmt: skip


class Order(msgspec.Struct, frozen=True):
    """One key of $orderby."""

    node: Node
    descending: bool = False


class Expand(msgspec.Struct, frozen=True):
    """One navigation property to write in full, with its own options."""

    name: str
    options: Options


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of one entity set."""

    filter: Node | None = None
    expand: tuple[Expand, ...] = ()
    orderby: tuple[Order, ...] = ()
    select: tuple[str, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    result_format: str = ""
    skiptoken: str = ""


def parse_options(query: Mapping[str, str]) -> Options:
    """Return the options; names without a dollar sign are not looked at.

    Raises:
        InputError: an option that is unknown, given twice or wrong, and where.

    Example:
        >>> parse_options({"$expand": "Observations($top=1;$orderby=phenomenonTime desc)"}
        ...     ).expand[0].options.top
        1
    """
    return _options({k: v for k, v in query.items() if k.startswith("$")}, 0)


def _options(given: Mapping[str, str], depth: int) -> Options:
    for name in given:
        if name not in NAMES:
            raise InputError(
                f"There is no option {name[:40]!r}; there are {', '.join(NAMES)}.",
                f"オプション「{name[:40]}」はありません。",
            )
    found: dict[str, object] = {}
    for name, text in given.items():
        try:
            _read(found, name, text, depth)
        except InputError as error:
            raise InputError(f"{name}: {error.text.en}", f"{name}: {error.text.ja}") from None
    return msgspec.convert(found, _Loose).options()


class _Loose(msgspec.Struct):
    filter: object = None
    expand: object = ()
    orderby: object = ()
    select: object = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    result_format: str = ""
    skiptoken: str = ""

    def options(self) -> Options:
        return Options(**msgspec.structs.asdict(self))


def _read(found: dict[str, object], name: str, text: str, depth: int) -> None:
    match name:
        case "$filter":
            found["filter"] = parse_filter(text)
        case "$expand":
            found["expand"] = _expand(text, depth)
        case "$orderby":
            found["orderby"] = tuple(map(_order, _split(text, ",")))
        case "$select":
            found["select"] = tuple(_name(part) for part in _split(text, ","))
        case "$top":
            found["top"] = _number(text)
        case "$skip":
            found["skip"] = _number(text)
        case "$count":
            if text not in {"true", "false"}:
                raise InputError("expected true or false.", "trueかfalseです。")
            found["count"] = text == "true"
        case "$resultFormat":
            found["result_format"] = text[:40]
        case _:
            found["skiptoken"] = text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise InputError(f"{text[:20]!r}: expected a whole number.", "整数が必要です。")
    return int(text)


def _name(text: str) -> str:
    part = text.strip()
    if not part or not part.replace("/", "").replace("@iot.", "").replace("_", "").isalnum():
        raise InputError(f"{text[:40]!r}: expected a property's name.", "属性名が必要です。")
    return part


def _order(text: str) -> Order:
    part = text.strip()
    head, _, tail = part.rpartition(" ")
    if tail in {"asc", "desc"} and head:
        return Order(parse_expression(head), tail == "desc")
    return Order(parse_expression(part))


def _expand(text: str, depth: int) -> tuple[Expand, ...]:
    if depth >= MAX_NESTED:
        raise InputError(f"nested more than {MAX_NESTED} deep.", "入れ子が深すぎます。")
    gathered: dict[str, Options] = {}
    for part in _split(text, ","):
        head, inner = _head(part.strip())
        name, _, rest = head.partition("/")
        options = _nested(inner, depth) if not rest else Options()
        if rest:
            # Datastreams/Observations is Datastreams($expand=Observations).
            below = _expand(f"{rest}{f'({inner})' if inner else ''}", depth + 1)
            options = Options(expand=below)
        before = gathered.get(name)
        if before is not None:
            options = msgspec.structs.replace(before, expand=before.expand + options.expand)
        gathered[_name(name)] = options
    return tuple(Expand(name, options) for name, options in gathered.items())


def _head(part: str) -> tuple[str, str]:
    head, bracket, rest = part.partition("(")
    if bracket and not rest.endswith(")"):
        raise fault("a bracket is not closed", "括弧が閉じていません", len(part))
    return head, rest[:-1] if bracket else ""


def _nested(text: str, depth: int) -> Options:
    if not text:
        return Options()
    given: dict[str, str] = {}
    for part in _split(text, ";"):
        name, _, value = part.strip().partition("=")
        if name in given:
            raise InputError(f"{name[:40]} is given twice.", f"{name[:40]}が2回あります。")
        given[name] = value
    return _options(given, depth + 1)


_MARKS = re.compile(r"'(?:[^']|'')*'|[(),;']")
_LEVEL = {"(": 1, ")": -1}


def _split(text: str, sign: str) -> list[str]:
    """Return the parts between signs that stand outside of brackets and quotes."""
    if len(text) > 16_384:
        raise InputError("more than 16,384 characters.", "長すぎます。")
    parts: list[str] = []
    start = level = 0
    for match in _MARKS.finditer(text):
        at, mark = match.start(), match.group()
        level += _LEVEL.get(mark, 0)
        if level < 0 or mark == "'":
            raise fault("a bracket too many or an open quote", "括弧か引用符が合いません", at)
        if mark == sign and level == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    if level:
        raise fault("a bracket is not closed", "括弧が閉じていません", len(text))
    if len(parts) > MAX_PARTS:
        raise InputError(f"more than {MAX_PARTS} parts.", "部分が多すぎます。")
    return parts
