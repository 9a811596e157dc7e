"""CQL2 text to the kernel's filter tree: a recursive descent over the standard's grammar."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

from hinomi.kernel.filters import (
    And,
    Between,
    Compare,
    Constant,
    Filter,
    In,
    IsNull,
    Like,
    Not,
    Operand,
    Or,
    Property,
    Scalar,
    Value,
)
from hinomi.kernel.geometry import Geometry
from hinomi.standards.cql2 import instants, shapes
from hinomi.standards.cql2.limits import VALUES, Budget, refuse, too_large
from hinomi.standards.cql2.tokens import BEYOND, RESERVED, Token, tokens
from hinomi.standards.cql2.wkt import Wkt

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


def parse_text(text: str, *, locate: shapes.Locate | None = None) -> Filter:
    """Return the filter tree of CQL2 text.

    Args:
        text: the filter.
        locate: from the ordinates of the filter's CRS to longitude and latitude; None is CRS84.

    Raises:
        InputError: not CQL2 or not in the subset (with the character and what was expected
            there), or too large.

    Example:
        >>> parse_text("level >= 4 AND area_name LIKE '石川県%'").args[0].op
        '>='
    """
    return _Parser(tokens(text), locate).whole()


class _Parser:
    """The tokens and how far they are read."""

    def __init__(self, given: list[Token], locate: shapes.Locate | None) -> None:
        self.tokens = given
        self.at = 0
        self.locate = locate
        self.budget = Budget()

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def accept(self, word: str) -> bool:
        """Take the token if it is this keyword or mark."""
        token = self.token
        if (token.kind == "mark" and token.text == word) or (word.isalpha() and token.word == word):
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise self.refuse(word, word)

    def refuse(self, en: str, ja: str) -> Exception:
        token = self.token
        found = "the end" if token.kind == "end" else repr(token.text)
        return refuse(token.where, (en, ja), found)

    def whole(self) -> Filter:
        found = self.either()
        if self.token.kind != "end":
            raise self.refuse("AND, OR or the end", "AND・ORか終わり")
        return found

    def either(self) -> Filter:
        return self.joined("OR", self.both, Or)

    def both(self) -> Filter:
        return self.joined("AND", self.negated, And)

    def joined(self, word: str, inner: Callable[[], Filter], node: type[And] | type[Or]) -> Filter:
        args = [inner()]
        while self.accept(word):
            args.append(inner())
        if len(args) == 1:
            return args[0]
        self.budget.node()
        return node(tuple(args))

    def negated(self) -> Filter:
        if not self.accept("NOT"):
            return self.primary()
        with self.budget:
            self.budget.node()
            return Not(self.negated())

    def primary(self) -> Filter:
        if self.accept("("):
            with self.budget:
                found = self.either()
                self.expect(")")
                return found
        self.budget.node()
        token = self.token
        function = token.text.lower()
        if token.kind == "name" and self.tokens[self.at + 1].text == "(":
            if function in shapes.FUNCTIONS:
                return self.spatial(function)
            if function in instants.FUNCTIONS:
                return self.temporal(function)
        if token.word in {"TRUE", "FALSE"} and not self.compares(self.tokens[self.at + 1]):
            return Constant(self.take().word == "TRUE")
        return self.predicate()

    @staticmethod
    def compares(token: Token) -> bool:
        """Tell whether what stands before this token is an operand."""
        return token.kind == "op" or token.word in {"NOT", "LIKE", "BETWEEN", "IN", "IS"}

    def predicate(self) -> Filter:
        left = self.operand()
        token = self.token
        if token.kind == "op" and token.text in _COMPARISONS:
            self.take()
            return Compare(token.text, left, self.operand())  # type: ignore[arg-type]
        if self.accept("IS"):
            negative = self.accept("NOT")
            self.expect("NULL")
            return self.maybe(IsNull(self.property_of(left, token)), negative=negative)
        negative = self.accept("NOT")
        if self.accept("LIKE"):
            pattern = self.token
            if pattern.kind != "string":
                raise self.refuse("'a pattern'", "'パターン'")
            self.take()
            found: Filter = Like(self.property_of(left, token), pattern.text)
        elif self.accept("BETWEEN"):
            low = self.operand()
            self.expect("AND")
            found = Between(left, low, self.operand())
        elif self.accept("IN"):
            found = In(left, self.values())
        else:
            raise self.refuse(
                "a comparison, LIKE, BETWEEN, IN or IS NULL", "比較・LIKE・BETWEEN・IN・IS NULL"
            )
        return self.maybe(found, negative=negative)

    @staticmethod
    def maybe(found: Filter, *, negative: bool) -> Filter:
        return Not(found) if negative else found

    @staticmethod
    def property_of(operand: Operand, token: Token) -> Property:
        if isinstance(operand, Property):
            return operand
        raise refuse(token.where, ("a property before it", "その前に属性名"), repr(operand.value))

    def values(self) -> tuple[Scalar, ...]:
        self.expect("(")
        found = [self.literal()]
        while self.accept(","):
            found.append(self.literal())
            if len(found) > VALUES:
                raise too_large(("values in one IN", "INの値の数"), VALUES)
        self.expect(")")
        return tuple(found)

    def operand(self) -> Operand:
        token = self.token
        if token.kind == "quoted":
            return Property(self.take().text)
        if token.kind == "name" and token.word not in RESERVED:
            if self.tokens[self.at + 1].text == "(" or token.word in BEYOND:
                expected = (
                    "a property or a value (functions are not read)",
                    "属性か値(関数は非対応)",
                )
                raise refuse(token.where, expected, token.text)
            return Property(self.take().text)
        return Value(self.literal())

    def literal(self) -> Scalar:
        token = self.token
        if token.kind == "string":
            return self.take().text
        if token.kind == "number":
            return self.number()
        if token.word in {"TRUE", "FALSE"}:
            return self.take().word == "TRUE"
        if token.word in {"TIMESTAMP", "DATE"}:
            (text,) = self.strings(self.take(), 1)
            read = instants.timestamp if token.word == "TIMESTAMP" else instants.day
            return read(text, token.where)
        raise self.refuse("a property or a value", "属性か値")

    def number(self) -> float | int:
        token = self.token
        whole = token.text.lstrip("+-").isdigit() and len(token.text) < 19
        value = int(token.text) if whole else float(token.text)
        if not math.isfinite(value):
            raise self.refuse("a finite number", "有限の数")
        self.take()
        return value

    def strings(self, after: Token, count: int) -> list[str]:
        """Return the texts in the brackets of TIMESTAMP, DATE or INTERVAL."""
        self.expect("(")
        found = []
        for index in range(count):
            if index:
                self.expect(",")
            if self.token.kind != "string":
                raise self.refuse(f"'a time' in {after.word}", f"{after.word}に'時刻'")
            found.append(self.take().text)
        self.expect(")")
        return found

    def temporal(self, function: str) -> Filter:
        where = self.take().where
        self.expect("(")
        left = self.moment()
        self.expect(",")
        right = self.moment()
        self.expect(")")
        return instants.temporal(function, left, right, where)

    def moment(self) -> Property | instants.Moment:
        token = self.token
        if token.word == "INTERVAL":
            start, end = self.strings(self.take(), 2)
            return instants.interval(start, end, token.where)
        found = self.operand()
        if isinstance(found, Property):
            return found
        if isinstance(found.value, date):
            return found.value
        expected = ("a time property, TIMESTAMP, DATE or INTERVAL", "時刻の属性かTIMESTAMP等")
        raise refuse(token.where, expected, repr(found.value))

    def spatial(self, function: str) -> Filter:
        where = self.take().where
        self.expect("(")
        left = self.shape()
        self.expect(",")
        right = self.shape()
        self.expect(")")
        return shapes.spatial(function, left, right, where)

    def shape(self) -> Property | Geometry:
        token = self.token
        name = token.word.removesuffix("Z") if token.word.endswith("Z") else token.word
        if token.word != "BBOX" and name not in shapes.WKT_NAMES:
            if token.kind not in {"name", "quoted"} or token.word in RESERVED:
                raise self.refuse("geometry, WKT or BBOX", "geometry・WKT・BBOX")
            return Property(self.take().text)
        wkt = Wkt(self.tokens, self.at)
        literal = wkt.literal()
        self.at = wkt.at
        return shapes.placed(literal, self.locate, token.where)
