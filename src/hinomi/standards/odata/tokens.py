"""Tokens of an OData expression, with their positions."""

from __future__ import annotations

import re
from typing import NamedTuple

from hinomi.kernel.errors import InputError

MAX_LENGTH = 16_384
"""Characters of one option."""
MAX_TOKENS = 2_000


class Token(NamedTuple):
    """One token: ``kind`` is name, number, text, time, special, or the sign itself."""

    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<special>(?:geography|geometry|duration)'(?:[^']|'')*')"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<number>\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?)"
    r"|(?P<name>[A-Za-z_@][A-Za-z0-9_.@:-]*)"
    r"|(?P<sign>[(),/\-*])",
    re.ASCII,
)


def fault(what: str, ja: str, at: int) -> InputError:
    """Return the error of one place; positions count from 1."""
    return InputError(f"{what} at character {at + 1}.", f"{at + 1}文字目: {ja}")


def tokens(text: str) -> list[Token]:
    """Return the text's tokens, an ``end`` token last.

    Raises:
        InputError: a character that begins no token, or too long.
    """
    if len(text) > MAX_LENGTH:
        raise fault(f"The expression has more than {MAX_LENGTH:,} characters", "長すぎます", 0)
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise fault(f"{text[at : at + 12]!r} is not understood", "解釈できません", at)
        kind = match.lastgroup or ""
        if kind == "sign":
            kind = match.group()
        if kind != "space":
            found.append(Token(kind, match.group(), at))
        at = match.end()
        if len(found) > MAX_TOKENS:
            raise fault(f"More than {MAX_TOKENS:,} parts", "部分が多すぎます", at)
    found.append(Token("end", "", len(text)))
    return found
