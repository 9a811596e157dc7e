"""How large a filter may be, and the error that says where it is wrong."""

from __future__ import annotations

import re

from hinomi.kernel.errors import InputError

LENGTH = 65_536
"""Characters of a filter."""
DEPTH = 32
"""Levels of brackets, NOT and nested objects."""
NODES = 4_096
"""Predicates and logical operators together."""
VALUES = 10_000
"""Members of one IN, and positions of one geometry."""

_CHARACTER = re.compile(r"^character (\d+)$")


def refuse(where: str, expected: tuple[str, str], found: str) -> InputError:
    """Return the error that names the place, what was expected (en, ja) and what was found."""
    short = found if len(found) <= 40 else f"{found[:37]}..."
    place = _CHARACTER.sub(r"\1文字目", where)
    return InputError(
        f"CQL2 filter, {where}: expected {expected[0]}; found {short}.",
        f"CQL2フィルタの{place}: {expected[1]}が必要です。実際: {short}",
    )


def too_large(what: tuple[str, str], limit: int) -> InputError:
    """Return the error for a filter that passes one of the limits."""
    return InputError(
        f"CQL2 filter: more than {limit:,} {what[0]}.",
        f"CQL2フィルタの{what[1]}が{limit:,}を超えています。",
    )


class Budget:
    """Counts nodes and depth while a filter is read."""

    def __init__(self) -> None:
        self.nodes = 0
        self.depth = 0

    def node(self) -> None:
        """Count one node."""
        self.nodes += 1
        if self.nodes > NODES:
            raise too_large(("predicates", "条件の数"), NODES)

    def __enter__(self) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise too_large(("levels of nesting", "入れ子の深さ"), DEPTH)

    def __exit__(self, *_: object) -> None:
        self.depth -= 1
