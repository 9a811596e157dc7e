"""Arrays of numbers as PostgreSQL takes them, packed by NumPy: no value is looked at in Python."""

from __future__ import annotations

import struct
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper
from psycopg.pq import Format


class Array(bytes):
    """An array in PostgreSQL's binary form, made without a look at each value."""

    element: ClassVar[int]
    oid: ClassVar[int]
    kind: ClassVar[str]

    @classmethod
    def packed(cls, values: NDArray[Any]) -> Self:
        """Return the values as an array of the class's type."""
        size = np.dtype(cls.kind).itemsize
        made = np.empty(len(values), np.dtype([("size", ">i4"), ("value", cls.kind)]))
        made["size"], made["value"] = size, values
        return cls(_ARRAY.pack(1, 0, cls.element, len(values), 1) + made.tobytes())


_ARRAY = struct.Struct(">iiiii")
"""Dimensions, whether there are nulls, the elements' type, how many, the first one's number."""


class Int2s(Array):
    """A ``smallint[]``."""

    element, oid, kind = 21, 1005, ">i2"


class Int4s(Array):
    """An ``integer[]``."""

    element, oid, kind = 23, 1007, ">i4"


class Int8s(Array):
    """A ``bigint[]``."""

    element, oid, kind = 20, 1016, ">i8"


class Float8s(Array):
    """A ``float8[]``."""

    element, oid, kind = 701, 1022, ">f8"


class ArrayDumper(Dumper):
    """Gives an array's bytes as they are."""

    format = Format.BINARY

    def __init__(self, cls: type[Array], context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        self.oid = cls.oid

    def dump(self, obj: Array) -> bytes:
        """Return the bytes."""
        return bytes(obj)


KINDS = (Int2s, Int4s, Int8s, Float8s)
