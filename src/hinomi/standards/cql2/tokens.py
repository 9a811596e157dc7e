"""CQL2 text as a list of tokens, each with the place where it starts."""

from __future__ import annotations

import re
from typing import NamedTuple

from hinomi.standards.cql2.limits import LENGTH, refuse, too_large


class Token(NamedTuple):
    """One token: ``text`` is its value with quotes and escapes removed."""

    kind: str
    """``number | name | quoted | string | op | mark | end``."""
    text: str
    start: int

    @property
    def word(self) -> str:
        """Return the keyword that an unquoted name may be, in capitals."""
        return self.text.upper() if self.kind == "name" else ""

    @property
    def where(self) -> str:
        """Return the place for people: characters count from 1."""
        return f"character {self.start + 1}"


_TOKEN = re.compile(
    r"""(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d][\w.:]*|:[\w.:]*)
    |"(?P<quoted>[^"]*)"
    |'(?P<string>(?:[^'\\]|''|\\'|\\(?!'))*)'
    |(?P<op><>|<=|>=|=|<|>)
    |(?P<mark>[(),])""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_QUOTE = re.compile(r"''|\\'")
"""Both escapes of a quote that the standard has."""

RESERVED = frozenset(
    {"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE"}
    | {"TIMESTAMP", "DATE", "INTERVAL", "BBOX"}
)
"""Names that a property has only in double quotes."""
BEYOND = frozenset(
    {"CASEI", "ACCENTI", "A_CONTAINS", "A_CONTAINEDBY", "A_EQUALS", "A_OVERLAPS", "DIV"}
)
"""Words of the standard that this subset leaves out."""


def tokens(text: str) -> list[Token]:
    """Return the tokens of a filter, closed by one of kind ``end``.

    Raises:
        InputError: the filter is too long, or has a character that starts no token.
    """
    if len(text) > LENGTH:
        raise too_large(("characters", "文字数"), LENGTH)
    found = []
    at = _SPACE.match(text, 0).end()  # type: ignore[union-attr]
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            expected = ("a name, a number, 'a text' or an operator", "名前・数・'文字列'・演算子")
            raise refuse(f"character {at + 1}", expected, repr(text[at : at + 20]))
        kind = match.lastgroup or ""
        value = match.group(kind)
        if kind == "string":
            value = _QUOTE.sub("'", value)
        found.append(Token(kind, value, at))
        at = _SPACE.match(text, match.end()).end()  # type: ignore[union-attr]
    return [*found, Token("end", "", len(text))]
