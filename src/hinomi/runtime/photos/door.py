"""The door that photos come in by: checked by their header, weighed, kept, stated as received.

Nothing is decoded here. What is written is marked for the headquarters alone, whoever sends it.
"""

from __future__ import annotations

import ipaddress
import sqlite3
import threading
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category

import msgspec

from hinomi.domains.response.photos import claims
from hinomi.domains.response.photos.collections import INTAKE, Claim, Finding, Intake
from hinomi.kernel.errors import (
    ConflictError,
    DataError,
    DeniedError,
    Problem,
    Text,
    UnavailableError,
)
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Principal, Status
from hinomi.kernel.records import Origin, Record, instant
from hinomi.runtime.acting import check_status
from hinomi.runtime.photos.settings import PhotoSettings
from hinomi.standards import exif
from hinomi.vocabulary.acts import DRILL_GROUP
from hinomi.vocabulary.areas import codes
from hinomi.vocabulary.times import day_in_japan

if TYPE_CHECKING:
    from hinomi.kernel.ports import Gazetteer
    from hinomi.runtime.service import Service

MAX_BYTES = 25 * 1024 * 1024
"""Bytes of one photo; a 50-megapixel JPEG of a telephone has about 20 million."""
MAX_PIXELS = 64_000_000
MAX_TEXT = 1_000
WINDOW = timedelta(minutes=10)
MAX_GROUNDS = 100
"""Municipalities whose outline a place is compared with."""
_SCHEMA = "create table if not exists sent (who text not null, at text not null) strict;"
_RESIDENTS = "residents"


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One photo as a client sends it."""

    data: bytes
    text: str = ""
    told: tuple[Claim, ...] = ()
    """What the telephone and the sender's finger say."""
    status: Status = Status.ACTUAL


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender is told: that it is here, and what is missing. Nothing of others."""

    number: str
    known: bool
    """It had been sent before."""
    place_from: str
    taken_from: str
    notes: tuple[Finding, ...] = ()


class Door:
    """Takes photos in; safe to use from several threads and processes."""

    def __init__(
        self,
        data: Path,
        *,
        service: Service,
        organisation: str,
        gazetteer: Gazetteer | None = None,
        areas: tuple[str, ...] = (),
        settings: PhotoSettings | None = None,
    ) -> None:
        self.settings = settings or PhotoSettings()
        self._organisation = organisation
        self._service = service
        self._gazetteer = gazetteer
        self._areas = areas
        self._now = service.now
        self._path = data / "photos.db"
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def take(self, upload: Upload, principal: Principal, address: str) -> Receipt:
        """Keep a photo and state that it was received; durable on return.

        Raises:
            DeniedError: residents' photos are not taken here, or too many have come.
            DataError: no picture, or too large a one.
        """
        check_status(principal, upload.status)
        self._admit(principal, address)
        picture = checked(upload.data)
        text = _checked_text(upload.text)
        now = self._now()
        found = exif.decode(picture.exif) if picture.exif else exif.Exif()
        weighed = claims.weigh(found, upload.told, now, self._grounds(now))
        digest = sha256(upload.data).hexdigest()
        key = f"{upload.status.value}-{digest[:24]}"
        body = Intake(
            state="received",
            text=text,
            sent_by="resident" if principal == ANONYMOUS else "reporter",
            sender="" if principal == ANONYMOUS else principal.name,
            received_at=now,
            media_type=picture.media_type,
            size_bytes=len(upload.data),
            width=picture.width,
            height=picture.height,
            original=digest,
            taken_at=weighed.taken_at,
            taken_from=weighed.taken_from,
            place_from=weighed.place_from,
            direction_deg=found.direction_deg,
            camera=found.camera,
            claims=weighed.claims,
            findings=weighed.findings,
        )
        known = self._state(key, upload, body, weighed)
        return Receipt(
            number=key[-24:][:8].upper(),
            known=known,
            place_from=weighed.place_from,
            taken_from=weighed.taken_from,
            notes=tuple(f for f in weighed.findings if f.grave),
        )

    def _state(self, key: str, upload: Upload, body: Intake, weighed: claims.Weighed) -> bool:
        """Write the record; tell whether the same photo was here already."""
        service, door = self._service, self._principal(upload.status)
        if service.keep is None:
            raise UnavailableError("This server takes no photos.", "写真を受け付けません。")
        position = service.store.position()
        reader = service.reader(door, status=frozenset({upload.status}))
        if reader.find(INTAKE.id, keys=(key,), limit=1).items:
            return True
        placed = weighed.longitude is not None and weighed.latitude is not None
        record = Record(
            collection=INTAKE.id,
            key=key,
            said_at=body.received_at,
            body=body,
            source=self._organisation,
            when=instant(body.taken_at or body.received_at),
            place=point(weighed.longitude or 0.0, weighed.latitude or 0.0) if placed else None,
            origin=Origin(digest=body.original, path="original", entered_by=body.sender),
            marking=self._marking(upload.status),
        )
        service.keep(upload.data)
        try:
            service.append(door, [record], since=position)
        except ConflictError:  # The same photo by another door at the same moment.
            return True
        return False

    def _marking(self, status: Status) -> Marking:
        # A drill's photos show real people too; its guests are anybody.
        guests = status is Status.EXERCISE and self.settings.drill_guests
        drill = (DRILL_GROUP,) if guests else ()
        return Marking(status, Disclosure.AMBER, (self._organisation, *drill))

    def _principal(self, status: Status) -> Principal:
        """Return the door itself: it may write photos received, and nothing else."""
        marking = self._marking(status)
        return Principal("photo-door", marking.audience, Disclosure.AMBER, (INTAKE.id,))

    def _grounds(self, at: datetime) -> list[Geometry]:
        if self._gazetteer is None or not self._areas:
            return []
        day = day_in_japan(at)
        wanted = [c for c in self._areas if len(c) == 7]
        prefixes = tuple(c for c in self._areas if len(c) < 7)
        if prefixes:
            wanted += [c.code for c in codes.every("municipality") if c.code.startswith(prefixes)]
        found = (self._gazetteer.place(code, day) for code in wanted[:MAX_GROUNDS])
        return [place for place in found if place is not None]

    def _admit(self, principal: Principal, address: str) -> None:
        """Count a photo against its sender's share.

        Raises:
            DeniedError: the share is used up, or residents' photos are not taken here.
        """
        settings = self.settings
        if principal != ANONYMOUS:
            self._count({f"key:{principal.name}": settings.per_reporter})
            return
        if not settings.residents:
            raise DeniedError(
                "Photos are taken from reporters with a key only.",
                "ここではキーを持つ報告者の写真だけを受け付けます。",
                rule="photo-residents",
            )
        self._count({f"address:{bucket(address)}": settings.per_address,
                     _RESIDENTS: settings.in_all})  # fmt: skip

    def _count(self, shares: dict[str, int]) -> None:
        now = self._now()
        since = (now - WINDOW).isoformat()
        with self._lock, self._open() as db:
            db.execute("delete from sent where at <= ?", (since,))
            for who, most in shares.items():
                (sent,) = db.execute("select count(*) from sent where who = ?", (who,)).fetchone()
                if sent >= most:
                    raise DeniedError(
                        f"{most} photos in {WINDOW.seconds // 60} minutes is the most; wait.",
                        f"{WINDOW.seconds // 60}分に{most}枚までです。"
                        "しばらく待ってから送ってください。",
                        rule="too-many-photos",
                    )
            db.executemany("insert into sent values (?, ?)",
                           [(who, now.isoformat()) for who in shares])  # fmt: skip

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.touch(mode=0o600)
            self._db = sqlite3.connect(self._path, timeout=5.0, check_same_thread=False)
            self._db.executescript(_SCHEMA)
        return self._db


def checked(data: bytes) -> exif.Picture:
    """Return what the header tells, of a picture that may be taken in.

    Raises:
        DataError: no picture, or too large.
    """
    if len(data) > MAX_BYTES:
        raise _too_large(f"{len(data):,} bytes", f"{MAX_BYTES:,} bytes")
    picture = exif.look(data)
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large(f"{picture.width} × {picture.height}", f"{MAX_PIXELS:,} pixels")
    return picture


def bucket(address: str) -> str:
    """Return what counts as one sender: an IPv4 address, or a /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if found.version == 4:
        return str(found)
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped) if mapped else str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


def _checked_text(text: str) -> str:
    plain = "".join(c for c in text if c == "\n" or category(c) not in {"Cc", "Cs", "Cf"})
    if len(plain) > MAX_TEXT:
        words = Text(f"{MAX_TEXT}字を超えています", f"has more than {MAX_TEXT} characters")
        raise DataError([Problem("photo.text", "text", words, found=str(len(plain)))])
    return plain.strip()


def _too_large(found: str, expected: str) -> DataError:
    text = Text("写真が大きすぎます", "is too large")
    return DataError([Problem("photo.too-large", "photo", text, found=found, expected=expected)])
