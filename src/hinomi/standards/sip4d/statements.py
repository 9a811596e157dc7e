"""A package as statements: what a field must add is only which attribute goes where."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from itertools import chain
from typing import Any

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import ALWAYS, Complete, Interval, Origin, Record
from hinomi.standards.sip4d.package import META, Feature, Layer, Package, is_package, open_package
from hinomi.standards.sip4d.plausible import Boundaries, Ground
from hinomi.vocabulary.areas import codes
from hinomi.vocabulary.exchange import PACKAGES, Sent, SentLayer, SentPackage
from hinomi.vocabulary.walked import Walked

MAX_FEATURES = 2_000_000
"""Features of one layer. What is beyond is refused with an error."""
HELD = 10_000
"""Records that are held at once; of more, each is made anew from the package when it is stored."""
CLOSED = 200_000
"""Features of which a package may say that they are all: the store holds their keys at once. What
an update of a larger one leaves out stays, which is told."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")

Make = Callable[["Statement"], msgspec.Struct]


class Statement(msgspec.Struct, kw_only=True):
    """One feature on its way to a record's body."""

    feature: Feature
    sent: Sent
    layer: Layer
    package: Package

    @property
    def municipality(self) -> tuple[str, str]:
        """Return the code (7 digits) and the name of the municipality that it names."""
        code = self.feature.municipality
        named = self.feature.stated.get("cityname") or self.feature.properties.get("cityname")
        if isinstance(named, str) and named:
            return code, named
        entry = codes.ever(code, "municipality")
        return code, entry.name if entry else ""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where features of an information type go, and how a body is made of one."""

    collection: str
    make: Make


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """An information type and a collection: read one way, written the other."""

    collection: Collection
    codes: dict[str, str]
    """GeoJSON type (empty: any) -> information type."""
    fields: dict[str, str]
    """Standard attribute -> the body's field."""
    words: dict[str, dict[str, str]] = {}
    """Attribute -> our value -> the standard's value id, where ours are other words."""


def targets_of(kinds: Sequence[Kind]) -> dict[str, Target]:
    """Return where each information type goes, its bodies made by the kinds' fields."""
    return {
        code: Target(collection=kind.collection.id, make=_maker(kind))
        for kind in kinds
        for code in kind.codes.values()
    }


def _maker(kind: Kind) -> Make:
    schema = kind.collection.schema
    fields = tuple(kind.fields.items())

    def make(statement: Statement) -> msgspec.Struct:
        stated = statement.feature.stated
        body: dict[str, Any] = {field: stated[name] for name, field in fields if name in stated}
        body["municipality_code"], body["municipality"] = statement.municipality
        return schema(**body, sent=statement.sent)

    return make


def code_of(payload: Payload) -> str | None:
    """Return the information type of a payload that is a package, else None."""
    if not is_package(payload.data):
        return None
    try:
        return open_package(payload.data).code
    except DataError:
        return ""


def parse(
    payload: Payload, gazetteer: Gazetteer, targets: Mapping[str, Target], other: Target
) -> Parsed:
    """Return a record of each feature, one of the package, and the word that these are all.

    Args:
        payload: the zip.
        gazetteer: boundaries, to compare the places with.
        targets: information type -> where it goes.
        other: where every other type goes.

    Raises:
        DataError: it cannot be read, or whether it is an exercise cannot be told.
    """
    package = open_package(payload.data)
    marking = package.marking()
    if marking is None:
        raise DataError(package.findings.problems)
    target = targets.get(package.code, other)
    reading = _Reading(payload, package, target, marking, gazetteer.place)
    layers = tuple(reading.layer(layer) for layer in package.layers)
    reading.finish(layers)
    reading.parsed.problems = list(package.findings.problems)
    return reading.parsed


class _Reading:
    def __init__(
        self,
        payload: Payload,
        package: Package,
        target: Target,
        marking: Marking,
        place: Callable[[str, date], Geometry | None],
    ) -> None:
        self._payload, self._package, self._target = payload, package, target
        self._marking = marking
        self._place = place
        self.key = key_of(package)
        updated = package.updated
        self._said_at: datetime = package.information_date or updated or payload.taken_at
        self._serial = int(updated.timestamp()) if updated else 0
        self._source = package.author.strip() or "sip4d"
        self._seen = Seen()
        self._keys: list[str] = []
        self._count = 0
        self.parsed = Parsed(kind=f"sip4d-{package.code or 'unknown'}")

    def layer(self, layer: Layer) -> SentLayer:
        """Read a layer; of a large package the records are let go again."""
        for record in self._records(layer, Boundaries(self._place)):
            self._count += 1
            if self._count <= HELD:
                self.parsed.records.append(record)
            else:
                self.parsed.records.clear()
        return SentLayer(
            file=layer.file,
            title=layer.title,
            collection=self._target.collection,
            features=layer.count,
            columns=layer.columns_document,
            style=layer.style_document,
            members=layer.members,
            icons=tuple(layer.icons),
        )

    def again(self) -> Iterator[Record]:
        """Make the features' records anew, one at a time; what is wrong was told before."""
        package = open_package(self._payload.data)
        other = _Reading(self._payload, package, self._target, self._marking, self._place)
        for layer in package.layers:
            yield from other._records(layer, None)

    def _records(self, layer: Layer, ground: Ground | None) -> Iterator[Record]:
        for feature in layer.features(ground, judged=ground is not None):
            if layer.count > MAX_FEATURES:
                limit = f"at most {MAX_FEATURES} features"
                self._package.findings.add("member-too-large", layer.file, expected=limit)
                return
            key = self._key(feature, layer)
            if len(self._keys) <= CLOSED:
                self._keys.append(key)
            if not feature.refused:
                yield self._record(key, feature, layer)

    def _record(self, key: str, feature: Feature, layer: Layer) -> Record:
        sent = Sent(
            package=self.key,
            layer=layer.number,
            number=feature.number,
            feature_id=feature.id,
            properties=feature.properties,
        )
        started = feature.stated.get("starttime")
        body = self._target.make(
            Statement(feature=feature, sent=sent, layer=layer, package=self._package)
        )
        return Record(
            collection=self._target.collection,
            key=key,
            said_at=self._said_at,
            body=body,
            source=self._source,
            when=Interval(started, None) if isinstance(started, datetime) else ALWAYS,
            place=feature.place,
            origin=self._origin(f"{layer.file}/features[{feature.number}]"),
            marking=self._marking,
            serial=self._serial,
        )

    def _key(self, feature: Feature, layer: Layer) -> str:
        """Return the thing's key: by the sender's identifier, so that updates are of one thing."""
        given = feature.properties
        ident = next(
            (
                value
                for value in (
                    feature.stated.get("id"), given.get("id"), given.get("uuid"), feature.id,
                )
                if isinstance(value, str | int) and value != ""
            ),
            None,
        )  # fmt: skip
        if ident is None:
            named = feature.stated.get("name") or feature.stated.get("pointname")
            ident = f"{feature.municipality}-{named}" if named else f"~{feature.number}"
        plain = f"{ident}"[:100].replace("/", "／").replace("*", "＊")
        several = f"{layer.number}." if len(self._package.layers) > 1 else ""
        key = f"{self.key}.{several}{plain}"
        return key if self._seen.add(key) else f"{key}~{feature.number}"

    def finish(self, layers: tuple[SentLayer, ...]) -> None:
        """State the package itself, and that its features are all of them."""
        package = self._package
        meta = package.metadata
        disaster = meta.get("disaster")
        body = SentPackage(
            title=package.title,
            code=package.code,
            version=_text(meta.get("version")),
            category=_text(meta.get("category")),
            author=package.author,
            disaster=_text(disaster.get("name")) if isinstance(disaster, dict) else "",
            openflg=_text(meta.get("openflg")),
            testflg=_text(meta.get("testflg")),
            information_date=package.information_date,
            updated=package.updated,
            conforms=not package.findings.breaks("conforms"),
            plausible=not package.findings.breaks("plausible"),
            features=sum(layer.features for layer in layers),
            findings=dict(package.findings.counts),
            metadata=meta,
            layers=layers,
        )
        own = Record(
            collection=PACKAGES.id,
            key=self.key,
            said_at=self._said_at,
            body=body,
            source=self._source,
            origin=self._origin(META),
            marking=self._marking,
            serial=self._serial,
        )
        if self._count > HELD:
            counts = {self._target.collection: self._count, PACKAGES.id: 1}
            self.parsed.records = Walked(lambda: chain(self.again(), (own,)), counts, own.said_at)
        else:
            self.parsed.records.append(own)
        self._seen = Seen()
        if len(self._keys) > CLOSED:
            self._keys.clear()
            expected = f"at most {CLOSED} features"
            package.findings.add("left-out-stays", META, expected=expected)
            return
        cut = {"member-not-json", "member-broken", "member-too-large", "member-missing",
               "nested-too-deep", "not-a-collection"}  # fmt: skip
        if not cut & package.findings.counts.keys():
            self.parsed.complete.append(
                Complete(
                    collection=self._target.collection,
                    source=self._source,
                    said_at=self._said_at,
                    covers=(f"{self.key}.*",),
                    keys=tuple(self._keys),
                    marking=self._marking,
                    origin=self._origin(META),
                )
            )

    def _origin(self, path: str) -> Origin:
        return Origin(self._payload.digest, self._payload.address, path)


class Seen:
    """Which texts came before, by 8 bytes of each: a million take 32 MB."""

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 << 12))
        self._count = 0

    def add(self, text: str) -> bool:
        """Note a text; tell whether it is new."""
        number = int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
        new = self._put(number or 1)
        if new:
            self._count += 1
            if 2 * self._count > len(self._table):
                before = self._table
                self._table = array("Q", bytes(16 * len(before)))
                for held in before:
                    if held:
                        self._put(held)
        return new

    def _put(self, number: int) -> bool:
        table, last = self._table, len(self._table) - 1
        at = number & last
        while table[at]:
            if table[at] == number:
                return False
            at = (at + 1) & last
        table[at] = number
        return True


def key_of(package: Package) -> str:
    """Return a package's key: its ttid's beginning, which stays the same from update to update.

    Where a sender states none (X-FACE sends an empty one), author, title, type and disaster stand
    for it.
    """
    ttid = package.metadata.get("ttid")
    if isinstance(ttid, str) and _UUID.match(ttid):
        return ttid.lower()
    meta = package.metadata
    parts = repr((package.author, package.title, package.code, meta.get("disaster")))
    return blake2b(parts.encode(), digest_size=8).hexdigest()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
