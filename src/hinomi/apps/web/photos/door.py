"""The requests of photos: taking one in, showing what may be shown to whom."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

from hinomi.apps.web import parameters
from hinomi.apps.web.http import JSON, Answer, Ask, HttpError, encode, not_here
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.photos import form
from hinomi.domains.response.photos.collections import INTAKE, PHOTOS, Claim
from hinomi.kernel.errors import (
    DataError,
    DeniedError,
    MissingError,
    Problem,
    Text,
)
from hinomi.kernel.marking import Status
from hinomi.vocabulary.times import JST

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

JPEG = "image/jpeg"
MAX_BODY = 26 * 1024 * 1024
"""Bytes of a form with one photo in it."""
SENT = {"working": JPEG, "covered": JPEG, "thumbnail": JPEG, "original": "application/octet-stream"}
"""What the headquarters may look at of a photo received."""
SHOWN = ("image", "thumbnail")
"""What everyone may look at of a published one."""
DIGEST = Parameter(
    "digest",
    Text("見ている写真のダイジェスト", "of the picture that is meant: another one is not given"),
    {"type": "string"},
)
_NO_STORE = (b"cache-control", b"no-store")


def upload(web: Web, ask: Ask) -> Answer:
    """Take a photo in; what is wrong with it is told to its sender alone."""
    # Imported here: most workers never get a photo.
    from hinomi.runtime.photos.door import WINDOW, Upload  # noqa: PLC0415

    if web.service.photos is None:
        raise not_here("This server takes no photos.", "ここでは写真を受け付けません。")
    given = form.fields(ask.headers.get(b"content-type", b""), ask.body, "photo")
    wanted = Upload(
        data=given.get("photo", b""),
        text=_text(given, "text"),
        told=(
            *_claim(given, "tap", ""),
            *_claim(given, "device", "device_"),
        ),
        status=_status(ask),
    )
    try:
        receipt = web.service.photos().take(wanted, ask.principal, ask.address)
    except DeniedError as error:
        if error.rule != "too-many-photos":
            raise
        wait = (b"retry-after", str(WINDOW.seconds).encode())
        raise HttpError(429, error.text.en, error.text.ja, (wait,)) from None
    return Answer(body=encode({"receipt": receipt}), status=200 if receipt.known else 201)


def received(web: Web, ask: Ask) -> Answer:
    """Answer a picture of a photo received, to whoever may see the photo's record."""
    part = _part(ask, SENT)
    reader = web.reader(ask)
    found = reader.get(INTAKE.id, ask.arguments["key"])
    disposition = (b"content-disposition", b"attachment" if part == "original" else b"inline")
    digest = str(found.body().get(part, ""))
    if ask.query.get("digest", digest) != digest:
        raise MissingError(Text("写真", "picture"), ask.query["digest"][:64], (digest,))
    return _bytes(web, digest, SENT[part], (_NO_STORE, disposition))


def published(web: Web, ask: Ask) -> Answer:
    """Answer a published picture, as long as its record stands."""
    part = _part(ask, dict.fromkeys(SHOWN, JPEG))
    found = web.reader(ask).get(PHOTOS.id, ask.arguments["key"])
    return _bytes(web, str(found.body().get(part, "")), JPEG, ())


def _bytes(
    web: Web, digest: str, media_type: str, headers: tuple[tuple[bytes, bytes], ...]
) -> Answer:
    data = web.service.store.blob(digest) if digest else None
    if data is None:
        raise MissingError(Text("写真", "picture"), "")
    return Answer(body=data, media_type=media_type, etag=digest, headers=headers)


def _part(ask: Ask, known: dict[str, str]) -> str:
    part = ask.arguments["part"]
    if part not in known:
        raise MissingError(Text("写真", "picture"), part, known)
    return part


def _status(ask: Ask) -> Status:
    value = ask.query.get("status", "actual")
    if value == "any":
        raise parameters.bad(
            "status", value, "actual, exercise or test", "actual・exercise・testです。"
        )
    return Status(value)


def _text(given: dict[str, bytes], name: str) -> str:
    try:
        return given.get(name, b"").decode()
    except UnicodeDecodeError:
        raise _bad(name, "UTF-8") from None


def _claim(given: dict[str, bytes], by: str, prefix: str) -> tuple[Claim, ...]:
    """Return what one witness says, nothing where they say nothing."""
    longitude = _number(given, f"{prefix}longitude", 180)
    latitude = _number(given, f"{prefix}latitude", 90)
    if (longitude is None) != (latitude is None):
        raise _bad(f"{prefix}longitude, {prefix}latitude", "both or none")
    accuracy = _number(given, f"{prefix}accuracy_m", 1e7)
    at = _time(given, f"{prefix}time")
    if longitude is None and at is None:
        return ()
    return (
        Claim(
            by="tap" if by == "tap" else "device",
            longitude=longitude,
            latitude=latitude,
            accuracy_m=accuracy if longitude is not None else None,
            at=at,
        ),
    )


def _number(given: dict[str, bytes], name: str, most: float) -> float | None:
    text = _text(given, name).strip()
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not abs(found) <= most:
        raise _bad(name, f"-{most:g} … {most:g}")
    return found


def _time(given: dict[str, bytes], name: str) -> datetime | None:
    text = _text(given, name).strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=JST)
    except ValueError:
        raise _bad(name, "RFC 3339: 2026-05-28T03:10:00+09:00") from None


def _bad(name: str, expected: str) -> DataError:
    text = Text("読めない値です", "cannot be read")
    return DataError([Problem("photo.field", name, text, expected=expected)])


__all__ = ["JSON", "MAX_BODY", "published", "received", "upload"]
