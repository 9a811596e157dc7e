"""Writing: POST, PUT and DELETE of items, by API key and with optimistic locking."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web import parameters
from hinomi.apps.web.deliver import etag_matches
from hinomi.apps.web.http import Answer, Ask, HttpError
from hinomi.apps.web.items import address, feature_answer, tag_of
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import (
    ConflictError,
    DataError,
    DeniedError,
    HinomiError,
    InputError,
    MissingError,
    Problem,
    Text,
)
from hinomi.kernel.geometry import Geometry, check_geometry
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Status
from hinomi.kernel.records import ENVELOPE, Interval, Origin, Record, Stored

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

MAX_KEY = 200
_GIVEN_BACK = frozenset({"record", "recorded_at"})
"""The store's own: a client that sends back what it read is not refused for them."""


def create(web: Web, ask: Ask) -> Answer:
    """Add an item; its key is the feature's id, or a new one."""
    collection = _writable(web, ask)
    draft = _Draft(web, ask, collection)
    key = draft.key or str(uuid.uuid4())
    record = draft.record(key, None)
    since = web.service.store.position()
    if _current(web, ask, collection.id, key, record.marking.status) is not None:
        raise _exists(key)
    try:
        return _append(web, ask, record, since, created=True)
    except ConflictError:
        raise _exists(key) from None


def replace(web: Web, ask: Ask) -> Answer:
    """State an item anew; If-Match names the statement that was read, If-None-Match: * none."""
    collection = _writable(web, ask)
    key = ask.arguments["key"]
    draft = _Draft(web, ask, collection)
    if draft.key not in {"", key}:
        raise _refused(
            "id", Text("パスと違うidです", "the id differs from the path"), draft.key, key
        )
    status = draft.status if "status" not in ask.query else Status(_status(ask))
    since = web.service.store.position()
    current = _current(web, ask, collection.id, key, status)
    _check_unchanged(ask, current)
    return _append(web, ask, draft.record(key, current), since, created=current is None)


def retract(web: Web, ask: Ask) -> Answer:
    """Withdraw what was stated; the history keeps it."""
    collection = _writable(web, ask)
    key = ask.arguments["key"]
    since = web.service.store.position()
    current = _current(web, ask, collection.id, key, Status(_status(ask)))
    if current is None:
        raise MissingError(Text("もの", f"item in {collection.id}"), key)
    _check_unchanged(ask, current)
    _check_source(ask, current.source)
    record = Record(
        collection=collection.id,
        key=key,
        said_at=_after(web.service.now(), current),
        body=msgspec.convert(current.body(), collection.schema, strict=False),
        source=current.source,
        when=current.when,
        place=current.place(),
        origin=Origin(entered_by=ask.principal.name),
        marking=current.marking,
        retracts=True,
    )
    web.service.append(ask.principal, [record], since=since)
    return Answer(status=204)


def _status(ask: Ask) -> str:
    value = ask.query.get("status", "actual")
    if value not in {s.value for s in Status}:
        raise parameters.bad(
            "status", value, "actual, exercise or test", "actual, exercise, testのいずれかです。"
        )
    return value


def _writable(web: Web, ask: Ask) -> Collection:
    collection = web.catalog.collection(ask.arguments["collection"])
    if ask.principal == ANONYMOUS:
        raise DeniedError(
            "Writing needs an API key (X-API-Key or Authorization: Bearer).",
            "書き込みにはAPIキーが必要です(X-API-KeyかAuthorization: Bearer)。",
            rule="api-key",
        )
    if not ask.principal.may_write(collection.id):
        raise DeniedError(
            f"{ask.principal.name} may not write to {collection.id}.",
            f"{ask.principal.name}は{collection.id}に書き込めません。",
            rule="collection-writers",
        )
    if collection.kind is not Kind.FEATURES:
        raise InputError(
            f"{collection.id} holds {collection.kind.value}; features are written here.",
            f"{collection.id}は地物のコレクションではありません。",
        )
    return collection


def _current(web: Web, ask: Ask, collection: str, key: str, status: Status) -> Stored | None:
    reader = web.service.reader(ask.principal, status=frozenset({status}))
    return next(iter(reader.find(collection, keys=(key,), limit=1).items), None)


def _check_unchanged(ask: Ask, current: Stored | None) -> None:
    wanted, unwanted = ask.headers.get(b"if-match"), ask.headers.get(b"if-none-match")
    if wanted is None and unwanted is None:
        raise HttpError(
            428,
            "Send If-Match with the ETag that you read, or If-None-Match: * for a new item.",
            "読んだETagをIf-Matchで、新しいものにはIf-None-Match: *を送ってください。",
        )
    unchanged = (
        current is not None and etag_matches(wanted, tag_of(current))
        if wanted is not None
        else current is None or not etag_matches(unwanted, tag_of(current))
    )
    if not unchanged:
        raise ConflictError(
            "The item is not as you read it; read it again.",
            "読んだ後に変更されています。もう一度読んでください。",
        )


def _check_source(ask: Ask, source: str) -> None:
    own = {ask.principal.name, *ask.principal.organisations}
    if source not in own and "*" not in own:
        raise DeniedError(
            f"{ask.principal.name} does not speak for {source}.",
            f"{ask.principal.name}は{source}としては発表できません。",
            rule="source",
        )


def _after(now: datetime, current: Stored | None) -> datetime:
    """Return when something is said: not before what it replaces.

    Or a clock that was set back would hide what was just acknowledged.
    """
    return now if current is None else max(now, current.said_at)


def _exists(key: str) -> HttpError:
    return HttpError(
        409,
        f"{key!r} exists already; change it by PUT with If-Match.",
        f"「{key}」は既にあります。変更はIf-Match付きのPUTで行います。",
    )


def _append(web: Web, ask: Ask, record: Record, since: int, *, created: bool) -> Answer:
    """Append what was written in knowledge of the feed up to ``since``, and answer with it."""
    put = web.service.append(ask.principal, [record], since=since)
    reader = web.service.reader(ask.principal, status=frozenset({record.marking.status}))
    stored = reader.record(put.ids[0])
    location = (b"location", address(ask, stored).encode())
    return feature_answer(
        ask, stored, headers=(location,) if created else (), status=201 if created else 200
    )


class _Draft:
    """A GeoJSON Feature as it came, checked against the collection; all problems are listed."""

    def __init__(self, web: Web, ask: Ask, collection: Collection) -> None:
        self.ask = ask
        self.collection = collection
        self.now: datetime = web.service.now()
        self.problems: list[Problem] = []
        feature = _feature(ask.body)
        given = feature.get("properties") or {}
        if not isinstance(given, dict):
            raise _refused("properties", _OBJECT, repr(given), "object")
        self.given: dict[str, Any] = given
        self.key = self._key(feature.get("id"))
        self.place = self._place(feature.get("geometry"))
        self.body = self._body()
        self.status = self._envelope("status", Status, collection.marking.status)
        self.said_at = self._time("said_at")
        if self.said_at is not None and self.said_at > self.now:
            self._add("said_at", Text("未来の時刻です", "is in the future"), str(self.said_at), "")
        self.when = self._when()

    def record(self, key: str, current: Stored | None) -> Record:
        """Return the statement; what the feature leaves open is taken from the current one."""
        usual = current.marking if current is not None else self.collection.marking
        marking = Marking(self.status, self._disclosure(usual), self._audience(usual))
        own = self.ask.principal
        usual_source = current.source if current is not None else next(
            (o for o in own.organisations if o != "*"), own.name
        )  # fmt: skip
        source = self._envelope("source", str, usual_source)
        if self.problems:
            raise DataError(self.problems)
        _check_source(self.ask, source)
        return Record(
            collection=self.collection.id,
            key=key,
            said_at=self.said_at or _after(self.now, current),
            body=self.body,
            source=source,
            when=self.when,
            place=self.place,
            origin=Origin(entered_by=own.name),
            marking=marking,
        )

    def _add(self, path: str, text: Text, found: str, expected: str) -> None:
        self.problems.append(
            Problem("api.feature", path, text, found=found[:100], expected=expected)
        )

    def _key(self, value: Any) -> str:
        if value is None:
            return ""
        text = str(value) if isinstance(value, str | int) else ""
        if not 0 < len(text) <= MAX_KEY or not text.isprintable():
            found = repr(value)
            self._add(
                "id", Text("使えない文字か長さです", "is no key"), found, "1 to 200 characters"
            )
        return text

    def _place(self, value: Any) -> Geometry | None:
        if value is None:
            return None
        try:
            geometry = check_geometry(value)
        except InputError as error:
            self._add("geometry", error.text, "", "a GeoJSON geometry, longitude first")
        except (TypeError, KeyError, ValueError, AttributeError, RecursionError):
            self._add("geometry", Text("図形ではありません", "is no geometry"), "", "GeoJSON")
        else:
            return geometry
        return None

    def _body(self) -> Any:
        """Return the body; every property is converted by itself so that all faults are found."""
        found: dict[str, Any] = {}
        fields = {f.encode_name: f for f in msgspec.structs.fields(self.collection.schema)}
        for name in self.given.keys() - fields.keys() - set(ENVELOPE):
            text = Text("この属性はありません", "the collection has no such property")
            self._add(f"properties/{name[:80]}", text, "", ", ".join(fields)[:200])
        for name, field in fields.items():
            if name in self.given:
                try:
                    found[field.name] = msgspec.convert(self.given[name], field.type)
                except msgspec.ValidationError as error:
                    text = Text(f"型が違います({error})", str(error))
                    self._add(f"properties/{name}", text, repr(self.given[name]), str(field.type))
            elif field.required:
                self._add(f"properties/{name}", Text("必要です", "is required"), "", "")
        if self.problems:
            return None
        try:
            return self.collection.schema(**found)
        except (TypeError, ValueError, HinomiError) as error:
            self._add("properties", Text(f"{error}", f"{error}"), "", "")
        return None

    def _when(self) -> Interval:
        start, end = self._time("start"), self._time("end")
        try:
            return Interval(start, end)
        except InputError as error:
            self._add("properties/end", error.text, "", "")
        return Interval()

    def _time(self, name: str) -> datetime | None:
        value = self.given.get(name)
        if value is None:
            return None
        try:
            return parameters.instant(name, value if isinstance(value, str) else repr(value))
        except InputError as error:
            self._add(f"properties/{name}", error.text, repr(value), "RFC 3339")
        return None

    def _envelope(self, name: str, kind: Any, usual: Any) -> Any:
        if self.given.get(name) is None:
            return usual
        try:
            return msgspec.convert(self.given[name], kind)
        except msgspec.ValidationError as error:
            text = Text(f"値が違います({error})", str(error))
            self._add(f"properties/{name}", text, repr(self.given[name]), "")
        return usual

    def _disclosure(self, usual: Marking) -> Disclosure:
        label = self._envelope("disclosure", str, usual.disclosure.label)
        try:
            return Disclosure.of(label)
        except InputError as error:
            self._add("properties/disclosure", error.text, label, "")
        return usual.disclosure

    def _audience(self, usual: Marking) -> tuple[str, ...]:
        found: tuple[str, ...] = self._envelope("audience", tuple[str, ...], usual.audience)
        return found


_OBJECT = Text("オブジェクトではありません", "is no object")


def _feature(data: bytes) -> dict[str, Any]:
    try:
        feature = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        text = Text(f"JSONではありません({error})", f"not JSON ({error})")
        raise _refused("body", text, "", "a GeoJSON Feature") from None
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _refused("type", Text("Featureではありません", "is no Feature"), "", "Feature")
    return feature


def _refused(path: str, text: Text, found: str, expected: str) -> DataError:
    return DataError([Problem("api.feature", path, text, found=found[:100], expected=expected)])
