"""Two packages compared: what the standard lets differ is no difference.

Free are: the order of members and of an object's names, white space, how a number is written
(1.0 and 1.00), compression, the zip's own times and names' encoding, and a byte order mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import IO, Any

import msgspec

from hinomi.standards.sip4d.codes import Findings
from hinomi.standards.sip4d.package import META, Layer, Package, open_package


class Difference(msgspec.Struct, frozen=True):
    """One place at which two packages differ; null is a member that is not there."""

    path: str
    left: Any
    right: Any


def differences(left: bytes | IO[bytes], right: bytes | IO[bytes]) -> Iterator[Difference]:
    """Yield what differs, layer by layer, feature by feature.

    Raises:
        DataError: one of them is no package.
    """
    one, two = open_package(left), open_package(right)
    yield from _values(META, one.metadata, two.metadata)
    for a, b in zip_longest(one.layers, two.layers):
        if a is None or b is None:
            yield Difference((a or b).file, a and a.title, b and b.title)
        else:
            yield from _layers(one, two, a, b)


def _layers(one: Package, two: Package, a: Layer, b: Layer) -> Iterator[Difference]:
    yield from _values(f"{a.file}:columns", a.columns_document, b.columns_document)
    yield from _values(f"{a.file}:style", a.style_document, b.style_document)
    for name in dict.fromkeys([*a.icons, *b.icons]):
        pair = [p.archive.read(name, Findings()) if p.archive.has(name) else None
                for p in (one, two)]  # fmt: skip
        if pair[0] != pair[1]:
            yield Difference(name, *(None if d is None else f"{len(d)} bytes" for d in pair))
    for number, (x, y) in enumerate(zip_longest(a.features(), b.features())):
        left = None if x is None else _feature(x.raw)
        right = None if y is None else _feature(y.raw)
        yield from _values(f"{a.file}/features[{number}]", left, right)
    yield from _values(a.file, a.members, b.members)


def _feature(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return raw.decode(errors="replace")


def _values(path: str, left: Any, right: Any) -> Iterator[Difference]:
    if isinstance(left, dict) and isinstance(right, dict):
        for name in {**left, **right}:
            yield from _values(f"{path}/{name}", left.get(name), right.get(name))
    elif left != right:
        yield Difference(path, left, right)
