"""The tree of a $filter or $orderby expression."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec


class Literal(msgspec.Struct, frozen=True):
    """A value: number, text, boolean, None, aware datetime, (start, end), timedelta, geometry."""

    value: Any


class Path(msgspec.Struct, frozen=True):
    """A property, perhaps of a related entity: ``Datastream/Thing/name``, ``@iot.id``."""

    parts: tuple[str, ...]


class Unary(msgspec.Struct, frozen=True):
    """``not`` or ``-``."""

    op: str
    arg: Node


class Binary(msgspec.Struct, frozen=True):
    """``or and eq ne gt ge lt le add sub mul div mod``."""

    op: str
    left: Node
    right: Node


class Call(msgspec.Struct, frozen=True):
    """A function of the table in :mod:`functions`."""

    name: str
    args: tuple[Node, ...]


Node: TypeAlias = Literal | Path | Unary | Binary | Call


def conjuncts(node: Node | None) -> list[Node]:
    """Return the parts that must all hold: what ``and`` joins at the top."""
    if node is None:
        return []
    if isinstance(node, Binary) and node.op == "and":
        return [*conjuncts(node.left), *conjuncts(node.right)]
    return [node]
