"""A package that came, written again from what was stored of it: for those whom it was not sent.

Free to differ: what :mod:`hinomi.standards.sip4d.compare` lists, members of a feature other than
type, id, properties and geometry, and what was mended in a package that breaks the rules (a ring
that was closed, a height that was cut, a feature that was refused).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from hinomi.kernel.errors import MissingError
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.standards.sip4d.package import open_package
from hinomi.standards.sip4d.write import Content, LayerContent
from hinomi.vocabulary.exchange import PACKAGES, Sent, SentLayer, SentPackage

_encode = msgspec.json.Encoder().encode


class _Properties(msgspec.Struct):
    sent: Sent | None = None


class _Feature(msgspec.Struct):
    geometry: msgspec.Raw
    properties: _Properties


_FEATURE = msgspec.json.Decoder(_Feature)


def write_again(reader: Reader, key: str) -> Content:
    """Return a received package's content, as far as the reader may see it.

    Raises:
        MissingError: the reader sees no such package.
    """
    stored = reader.get(PACKAGES.id, key)
    package = msgspec.convert(stored.body(), SentPackage)
    layers = [
        LayerContent(
            file=layer.file,
            columns=layer.columns or {},
            style=layer.style,
            features=_features(reader, stored, number, layer),
            members=layer.members,
        )
        for number, layer in enumerate(package.layers)
    ]
    icons = _icons(reader, stored, package.layers)
    return Content(metadata=package.metadata, layers=layers, icons=icons)


def _features(reader: Reader, package: Stored, number: int, layer: SentLayer) -> Iterator[bytes]:
    rows: list[tuple[int, bytes]] = []
    for stored in reader.every(layer.collection, sources=(package.source,), beside=True):
        if stored.marking != package.marking or not stored.key.startswith(f"{package.key}."):
            continue
        found = _FEATURE.decode(stored.feature)
        sent = found.properties.sent
        if sent is None or sent.package != package.key or sent.layer != number:
            continue
        feature: dict[str, Any] = {"type": "Feature"}
        if sent.feature_id is not None:
            feature["id"] = sent.feature_id
        feature |= {"properties": sent.properties, "geometry": found.geometry}
        rows.append((sent.number, _encode(feature)))
    rows.sort()
    return (feature for _, feature in rows)


def _icons(reader: Reader, stored: Stored, layers: tuple[SentLayer, ...]) -> dict[str, bytes]:
    wanted = list(dict.fromkeys(name for layer in layers for name in layer.icons))
    if not wanted:
        return {}
    found: dict[str, bytes] = {}
    for origin, _ in reader.trace(stored.id).origins:
        try:
            package = open_package(reader.blob(stored, origin.digest))
        except MissingError:
            continue
        for name in wanted:
            data = (
                package.archive.read(name, package.findings) if package.archive.has(name) else b""
            )
            if data:
                found[name] = data
    return found
