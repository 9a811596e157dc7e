"""What all stores do alike with a statement: check it, narrow its feature, page and list rules."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.geometry import check_geometry
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Record


def check_records(records: Iterable[Record]) -> None:
    """Refuse what no store can keep.

    Raises:
        InputError: a geometry is not valid, or ``said_at`` has no zone; the record is named.
    """
    for record in records:
        if record.said_at.tzinfo is None:
            raise InputError(f"{record.collection}/{record.key}: said_at has no zone.")
        if record.place is not None:
            try:
                check_geometry(record.place)
            except InputError as error:
                name = f"{record.collection}/{record.key}"
                raise InputError(f"{name}: {error.text.en}", f"{name}: {error.text.ja}") from error


def check_narrowing(old: Marking, new: Marking) -> None:
    """Refuse a new marking that is not at least as strict as the old one.

    Raises:
        InputError: another status, a wider disclosure or a wider audience.
    """
    wider_audience = bool(old.audience) and not (
        new.audience and set(new.audience) <= set(old.audience)
    )
    if new.status is not old.status or new.disclosure < old.disclosure or wider_audience:
        raise InputError(
            f"{new} does not narrow {old}: the status stays, disclosure and audience get stricter.",
            f"{new}は{old}より厳しくありません。区分は変えられず、公開範囲は狭める方向のみです。",
        )


def nothing_said(collection: str, key: str) -> MissingError:
    """Return the error for a remark on what was never said."""
    return MissingError(Text("発表", f"statement in {collection} with that marking"), key)


def narrowed_feature(feature: bytes, old: Marking, new: Marking) -> bytes:
    """Return the stored feature with the new marking in its envelope, all else as it was."""
    head, found, tail = feature.rpartition(_envelope_end(old))
    return head + _envelope_end(new) + tail if found else feature


def _envelope_end(marking: Marking) -> bytes:
    fields = {
        "status": marking.status,
        "disclosure": marking.disclosure.label,
        "audience": marking.audience,
    }
    return b"," + msgspec.json.encode(fields)[1:] + b',"geometry":'


def covers(entries: Iterable[str], key: str) -> bool:
    """Tell whether a complete list's entries (keys, or prefixes that end in ``*``) cover a key."""
    return any(key.startswith(e[:-1]) if e.endswith("*") else e == key for e in entries)


def cover_entries(key: str) -> list[str]:
    """Return every entry that would cover the key: itself and each of its prefixes with ``*``."""
    return [key, *(f"{key[:n]}*" for n in range(len(key) + 1))]


def page_token(place: Sequence[object]) -> str:
    """Return where a page ended as an opaque text for addresses."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def token_place(token: str, *shapes: tuple[type, ...]) -> list[Any]:
    """Return where the page before ended; it has one of the shapes.

    Raises:
        InputError: the token was not made by this store for such a question.
    """
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        place = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, msgspec.DecodeError):
        place = None
    if not isinstance(place, list) or tuple(map(type, place)) not in shapes:
        raise foreign_token(token)
    return place


def foreign_token(token: str) -> InputError:
    """Return the error for a page token that belongs to another question or to none."""
    return InputError(
        f"The page token {token[:40]!r} is not one that this question gave.",
        f"ページトークン{token[:40]!r}はこの問い合わせのものではありません。",
    )
