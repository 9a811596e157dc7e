"""Text to tree: precedence climbing over the tokens (OData 4.01 part 2, 5.1.1; OGC 18-088, 9.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import Geometry
from hinomi.standards.odata.functions import FUNCTIONS
from hinomi.standards.odata.tokens import Token, fault, tokens
from hinomi.standards.odata.tree import Binary, Call, Literal, Node, Path, Unary

MAX_DEPTH = 40
_LEVELS = (
    ("or",),
    ("and",),
    ("eq", "ne", "gt", "ge", "lt", "le"),
    ("add", "sub"),
    ("mul", "div", "mod"),
)
_WORDS = {"true": True, "false": False, "null": None}
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?"
)


def parse_filter(text: str) -> Node:
    """Return the tree of a $filter.

    Raises:
        InputError: what is wrong, and at which character.

    Example:
        >>> parse_filter("result gt 10 and Datastream/name eq 'a'").op
        'and'
    """
    return parse_expression(text)


def parse_expression(text: str) -> Node:
    """Return the tree of an expression that is the whole text."""
    parser = _Parser(tokens(text))
    node = parser.expression(0, 0)
    parser.expect("end")
    return node


class _Parser:
    def __init__(self, given: list[Token]) -> None:
        self._tokens = given
        self._at = 0

    def expression(self, level: int, depth: int) -> Node:
        if level == len(_LEVELS):
            return self._unary(depth)
        node = self.expression(level + 1, depth)
        while self._here().kind == "name" and self._here().text in _LEVELS[level]:
            op = self._next().text
            node = Binary(op, node, self.expression(level + 1, depth))
        return node

    def expect(self, kind: str) -> Token:
        token = self._next()
        if token.kind != kind:
            found = repr(token.text) if token.text else "the end"
            raise fault(f"{found}: expected {kind!r}", f"「{kind}」が必要です", token.at)
        return token

    def _unary(self, depth: int) -> Node:
        token = self._here()
        if depth > MAX_DEPTH:
            raise fault(f"Nested more than {MAX_DEPTH} deep", "入れ子が深すぎます", token.at)
        if token.text == "not" and token.kind == "name":
            self._next()
            return Unary("not", self._unary(depth + 1))
        if token.kind == "-":
            self._next()
            return Unary("-", self._unary(depth + 1))
        return self._primary(depth)

    def _primary(self, depth: int) -> Node:
        token = self._next()
        if token.kind == "(":
            node = self.expression(0, depth + 1)
            self.expect(")")
            return node
        if token.kind == "name":
            return self._named(token, depth)
        if token.kind == "number":
            whole = token.text.isdigit()
            return Literal(int(token.text) if whole else float(token.text))
        if token.kind == "text":
            return Literal(token.text[1:-1].replace("''", "'"))
        if token.kind == "time":
            return self._time(token)
        if token.kind == "special":
            return Literal(_special(token))
        found = repr(token.text) if token.text else "the end"
        raise fault(f"{found}: expected a value or a property", "値か属性が必要です", token.at)

    def _named(self, token: Token, depth: int) -> Node:
        if self._here().kind == "(":
            return self._call(token, depth)
        if token.text in _WORDS:
            return Literal(_WORDS[token.text])
        parts = [token.text]
        while self._here().kind == "/":
            self._next()
            parts.append(self.expect("name").text)
        return Path(tuple(parts))

    def _call(self, token: Token, depth: int) -> Node:
        known = FUNCTIONS.get(token.text)
        if known is None:
            listed = ", ".join(sorted(FUNCTIONS))
            raise fault(
                f"There is no function {token.text[:40]!r} (there are {listed})",
                "この関数はありません", token.at,
            )  # fmt: skip
        self.expect("(")
        args: list[Node] = []
        if self._here().kind != ")":
            args.append(self.expression(0, depth + 1))
            while self._here().kind == ",":
                self._next()
                args.append(self.expression(0, depth + 1))
        self.expect(")")
        if len(args) not in known.arguments:
            wanted = " or ".join(map(str, known.arguments))
            raise fault(
                f"{token.text} takes {wanted} arguments, not {len(args)}",
                "引数の数が違います", token.at,
            )  # fmt: skip
        return Call(token.text, tuple(args))

    def _time(self, token: Token) -> Node:
        start = _instant(token)
        if self._here().kind == "/" and self._tokens[self._at + 1].kind == "time":
            self._next()
            end = _instant(self._next())
            if end < start:
                raise fault("The interval ends before it starts", "期間が逆です", token.at)
            return Literal((start, end))
        return Literal(start)

    def _here(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _instant(token: Token) -> datetime:
    try:
        found = datetime.fromisoformat(_MICROS.sub(r"\1", token.text))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise fault(f"{token.text[:40]!r} is no time", "時刻ではありません", token.at) from None


_MICROS = re.compile(r"(\.\d{6})\d+")


def _special(token: Token) -> Any:
    kind, _, rest = token.text.partition("'")
    inner = rest[:-1].replace("''", "'")
    if kind == "duration":
        match = _DURATION.fullmatch(inner)
        if match is None or inner.endswith(("P", "T")):
            raise fault(f"{inner[:40]!r} is no duration", "期間ではありません", token.at)
        sign, days, hours, minutes, seconds = match.groups()
        try:
            length = timedelta(
                int(days or 0), float(seconds or 0), 0, 0, int(minutes or 0), int(hours or 0)
            )
        except OverflowError:
            raise fault("The duration is too long", "期間が長すぎます", token.at) from None
        return -length if sign else length
    return _geometry(inner, token)


def _geometry(text: str, token: Token) -> Geometry:
    """Return a WKT geometry as GeoJSON; an SRID of WGS 84 is allowed in front."""
    import shapely  # noqa: PLC0415 - loaded where a geometry is asked with

    from hinomi.kernel.geometry import check_geometry  # noqa: PLC0415

    wkt = re.sub(r"^SRID=(4326|0);", "", text.strip())
    try:
        shape = shapely.from_wkt(wkt)
        if shape.is_empty:
            raise ValueError("empty")
        return check_geometry(_plain(shapely.geometry.mapping(shape)))
    except InputError as error:
        raise fault(error.text.en.rstrip("."), error.text.ja, token.at) from None
    except (shapely.errors.ShapelyError, ValueError, TypeError, AttributeError):
        raise fault(f"{wkt[:40]!r} is no WKT geometry", "WKTではありません", token.at) from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value
