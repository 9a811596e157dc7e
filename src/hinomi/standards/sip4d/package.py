"""A package, opened: its metadata, and its layers whose features are read one by one."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any

import msgspec

from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking
from hinomi.standards.sip4d.archive import BROKEN, Archive, Limits
from hinomi.standards.sip4d.codes import Findings
from hinomi.standards.sip4d.columns import Column, Normaliser, read_columns
from hinomi.standards.sip4d.geometries import Geometries
from hinomi.standards.sip4d.markings import WIDTH, marking_of
from hinomi.standards.sip4d.members import Documents
from hinomi.standards.sip4d.plausible import Ground, Places
from hinomi.standards.sip4d.properties import Counts, Properties
from hinomi.standards.sip4d.rules import Rulebook, Rules, default_rules
from hinomi.standards.sip4d.splitter import BOM, SplitError, Splitter
from hinomi.standards.sip4d.style import Style, read_style
from hinomi.standards.sip4d.times import read_time

META = "sip4d_zip_meta.json"
UNIVERSAL = "99-999-99"
MAX_PROPERTIES = 1_000_000
"""Bytes of one feature's properties; those of real packages have some thousands."""


class Feature(msgspec.Struct, kw_only=True):
    """One feature: what the sender wrote, and what it is in the standard's names and ids."""

    number: int
    """Its place in the layer, from 0."""
    id: Any
    """GeoJSON's own id, if it has one."""
    properties: dict[str, Any]
    """The sender's names and values, as sent."""
    stated: dict[str, Any]
    """Standard attributes: value ids, instants (UTC), whole numbers."""
    place: Geometry | None
    """None where it is missing or must not be shown; then there is a finding."""
    refused: bool
    """It had a geometry that must not be shown."""
    municipality: str
    """Code (7 digits) of the municipality that it names, or nothing."""
    raw: bytes


class Layer:
    """One entry: a GeoJSON file with its columns and its style. ``features`` may be asked once."""

    def __init__(self, package: Package, number: int, entry: dict[str, Any]) -> None:
        self.number = number
        self.entry = entry
        self.file = _text(entry.get("file"))
        self.title = _text(entry.get("title"))
        self.count = 0
        """Features read so far."""
        self.members: dict[str, Any] = {}
        """The FeatureCollection's other members, once its features were read."""
        stem = str(PurePosixPath(self.file).with_suffix("")) if self.file else ""
        self.columns_document = package.document(f"{stem}_columns.json", required=True)
        self.style_document = package.document(f"{stem}_style.json", required=False)
        self.columns: tuple[Column, ...] = read_columns(
            self.columns_document or {}, package.rules, package.code
        )
        self._package = package
        self._style: Style | None = None

    def style(self, geometry: str) -> Style:
        """Return the sender's legend; where there is none, a plain one for that geometry."""
        if self._style is None:
            self._style = read_style(self.style_document, geometry)
        return self._style

    @property
    def icons(self) -> list[str]:
        """Return the icon files that the style names and the package has."""
        classes = (self.style_document or {}).get("classes")
        named = [c.get("icon") for c in classes or () if isinstance(c, dict)]
        found = [n for n in named if isinstance(n, str) and self._package.archive.has(n)]
        return list(dict.fromkeys(found))

    def features(self, ground: Ground | None = None, *, judged: bool = True) -> Iterator[Feature]:
        """Yield the features, each checked; what is found is in the package's findings.

        Args:
            ground: boundaries and names to compare the places with.
            judged: whether the layer is looked at as a whole in the end, which takes memory.
        """
        findings = self._package.findings
        archive = self._package.archive
        if not archive.has(self.file):
            return
        normaliser = Normaliser(self.columns, self.file, findings)
        checks = _Checks(self, self._package, normaliser)
        try:
            with archive.open(self.file) as file:
                splitter = Splitter(file)
                for raw in splitter:
                    feature = checks.read(raw, self.count)
                    self.count += 1
                    if feature is not None:
                        yield feature
                self.members = splitter.rest
                self._check_collection(splitter)
        except SplitError as error:
            findings.add(error.code, self.file, found=str(error))
        except BROKEN as error:
            findings.add("member-broken", self.file, found=str(error))
        if self.count == 0:
            findings.add("no-features", self.file)
        if judged:
            checks.finish(ground)

    def _check_collection(self, splitter: Splitter) -> None:
        findings = self._package.findings
        if splitter.bom:
            findings.add("byte-order-mark", self.file)
        if splitter.repeated:
            findings.add("member-twice", f"{self.file}/features")
        kind = splitter.rest.get("type")
        if kind != "FeatureCollection":
            findings.add("not-a-collection", f"{self.file}/type", found=kind)


class _Checks:
    """All that looks at a layer's features."""

    def __init__(self, layer: Layer, package: Package, normaliser: Normaliser) -> None:
        self._path, self._findings = layer.file, package.findings
        self._normaliser = normaliser
        self._properties = Properties(layer.columns, layer.file, package.findings)
        self._geometries = Geometries(layer.file, package.findings)
        self._counts = Counts(layer.file, package.findings)
        self._places = Places(layer.file, package.findings, package.lgcodes)
        self._on = package.information_date or package.updated

    def read(self, raw: bytes, number: int) -> Feature | None:
        """Return the feature, or None where it is none."""
        value = self._decoded(raw, number)
        if value is None:
            return None
        properties = self._given(value, number)
        if len(raw) > MAX_PROPERTIES and len(msgspec.json.encode(properties)) > MAX_PROPERTIES:
            where = f"{self._path}/features[{number}]/properties"
            self._findings.add("properties-too-large", where, expected=f"{MAX_PROPERTIES} bytes")
            return None
        self._properties.check(properties, number)
        given = value.get("geometry")
        place = self._geometries.read(given, number)
        stated = self._normaliser.read(properties, number)
        self._counts.check(stated, number)
        named = "" if place is None else self._places.add(number, place, stated, properties)
        return Feature(
            number=number,
            id=value.get("id"),
            properties=properties,
            stated=stated,
            place=place,
            refused=place is None and given is not None,
            municipality=named,
            raw=raw,
        )

    def _given(self, value: dict[str, Any], number: int) -> dict[str, Any]:
        properties = value.get("properties")
        if isinstance(properties, dict):
            return properties
        place = f"{self._path}/features[{number}]/properties"
        code = "member-required" if properties is None else "wrong-type"
        self._findings.add(code, place, expected="an object")
        return {}

    def finish(self, ground: Ground | None) -> None:
        """Look at the layer as a whole."""
        self._counts.finish()
        if ground is not None and self._on is not None:
            self._places.finish(ground, self._on.date())

    def _decoded(self, raw: bytes, number: int) -> dict[str, Any] | None:
        place = f"{self._path}/features[{number}]"
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            value = _with_odd_numbers(raw)
            if value is None:
                self._findings.add("feature-not-json", place, found=str(error))
                return None
            self._findings.add("number-not-finite", place)
        if value.get("type") != "Feature":
            self._findings.add("wrong-value", f"{place}/type", found=value.get("type"))
        return value if isinstance(value, dict) else None


class Package:
    """A package. Findings so far are in ``findings``; reading a layer's features adds to them."""

    def __init__(self, archive: Archive, findings: Findings, rulebook: Rulebook) -> None:
        self.archive = archive
        self.findings = findings
        self.metadata: dict[str, Any] = self._read_metadata()
        meta = self.metadata
        self.code = _text(meta.get("code"))
        self.rules = self._rules(rulebook)
        self._documents = Documents(findings, archive.has)
        self._documents.check(meta, self.rules.metadata, META)
        self.checked = self._payload_checked()
        if self.information_date is not None:
            written = meta["information_date"]
            if written[-1:] != "Z":
                findings.add("time-without-zone", f"{META}/information_date", found=written)
        self.layers = tuple(
            Layer(self, number, entry) for number, entry in enumerate(self._entries())
        )
        if self.checked:
            for layer in self.layers:
                self._check_documents(layer)

    def _read_metadata(self) -> dict[str, Any]:
        found = self.document(META, required=True)
        if found is None:
            raise DataError(self.findings.problems)
        return found

    def _rules(self, rulebook: Rulebook) -> Rules:
        version = self.metadata.get("version")
        rules = rulebook.of(version) if isinstance(version, str) else None
        if rules is None:
            expected = ", ".join(rulebook.versions)
            self.findings.add(
                "version-unknown", f"{META}/version", found=version, expected=expected
            )
        return rules or rulebook.newest

    def _payload_checked(self) -> bool:
        kind = self.rules.types.get(self.code)
        if kind is None and self.code:
            self.findings.add("type-unknown", f"{META}/code", found=self.code)
        return kind is None or kind.payload == "checked"

    def _entries(self) -> list[dict[str, Any]]:
        listed = self.metadata.get("entry")
        entries = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
        if len(entries) > 1 and self.code != UNIVERSAL:
            self.findings.add("entries-too-many", f"{META}/entry", found=len(entries))
        return entries

    def _check_documents(self, layer: Layer) -> None:
        columns, style = layer.columns_document, layer.style_document
        name = f"{PurePosixPath(layer.file).stem}_columns.json"
        if columns is not None:
            self._documents.check(columns, self.rules.columns, name)
            known = self.code in self.rules.types
            if known and isinstance(columns.get("code"), str) and columns["code"] != self.code:
                place = f"{name}/code"
                self.findings.add("wrong-value", place, found=columns["code"], expected=self.code)
            listed = columns.get("columns")
            stated = [c for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
            attributes = self.rules.attributes(self.code)
            self._documents.check_attributes(stated, attributes, f"{name}/columns")
        if style is not None:
            place = f"{PurePosixPath(layer.file).stem}_style.json"
            self._documents.check(style, self.rules.style, place)
        elif layer.file:
            self.findings.add("style-missing", layer.file)

    def document(self, name: str, *, required: bool) -> dict[str, Any] | None:
        """Return a JSON document of the package, or None with a finding."""
        if not self.archive.has(name):
            if required:
                self.findings.add("member-missing", name)
            return None
        data = self.archive.read(name, self.findings)
        if data is None:
            return None
        if data.startswith(BOM):
            self.findings.add("byte-order-mark", name)
            data = data[3:]
        try:
            found = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.findings.add("member-not-json", name, found=str(error))
            return None
        if not isinstance(found, dict):
            self.findings.add("wrong-type", name, found=found, expected="an object")
            return None
        return found

    @property
    def title(self) -> str:
        """Return the package's title."""
        return _text(self.metadata.get("title"))

    @property
    def author(self) -> str:
        """Return the author's name."""
        author = self.metadata.get("author")
        return _text(author.get("name")) if isinstance(author, dict) else ""

    @property
    def lgcodes(self) -> tuple[str, ...]:
        """Return the local governments' codes (5 digits)."""
        listed = self.metadata.get("lgcode")
        found = [c for c in listed if isinstance(c, str)] if isinstance(listed, list) else []
        return tuple(code for part in found for code in part.split(","))

    @property
    def information_date(self) -> datetime | None:
        """Return when the information holds [UTC]; Japan's time is assumed."""
        return self._time("information_date")

    @property
    def updated(self) -> datetime | None:
        """Return when the package was made [UTC]; Japan's time is assumed."""
        return self._time("updated")

    def _time(self, name: str) -> datetime | None:
        value = self.metadata.get(name)
        read = read_time(value) if isinstance(value, str) else None
        return read[0] if read else None

    def marking(self) -> Marking | None:
        """Return how all of it is marked, or None where the status cannot be told."""
        testflg, openflg = self.metadata.get("testflg"), self.metadata.get("openflg")
        found = marking_of(testflg, openflg)
        if found is None:
            self.findings.add("status-unreadable", f"{META}/testflg", found=testflg)
        elif openflg not in WIDTH:
            self.findings.add("marking-unreadable", f"{META}/openflg", found=openflg)
        return found


def is_package(data: bytes) -> bool:
    """Tell cheaply whether bytes are a zip with SIP4D's metadata in it."""
    return data[:4] == b"PK\x03\x04" and META.encode() in data


def open_package(
    data: bytes | IO[bytes], *, rulebook: Rulebook | None = None, limits: Limits | None = None
) -> Package:
    """Open a package; what breaks the rules is found, not raised.

    Raises:
        DataError: it is no zip, a bomb, or without readable metadata.
    """
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    findings = Findings()
    archive = Archive(file, findings, limits)
    return Package(archive, findings, rulebook or default_rules())


def _with_odd_numbers(raw: bytes) -> dict[str, Any] | None:
    """Return a feature that writes NaN or Infinity, which Python's parser reads."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
