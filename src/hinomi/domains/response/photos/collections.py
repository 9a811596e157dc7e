"""response.photo_intake (受付写真) and response.photos (公開写真): two collections, on purpose.

What came in, its original, its unblurred working copy and what was found out about it stay in the
first, for the headquarters alone. The second holds only what a person confirmed, and of that only
what may be seen: nothing in it names the sender, the camera or the original.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text

State = Literal[
    "received", "waiting", "redrawing", "confirmed", "rejected", "unreadable", "withdrawn"
]
STATES: dict[str, Text] = {
    "received": Text("自動処理中", "Being covered"),
    "waiting": Text("確認待ち", "Waiting for a person"),
    "redrawing": Text("描き直し中", "Being drawn anew"),
    "confirmed": Text("公開済み", "Published"),
    "rejected": Text("不採用", "Rejected"),
    "unreadable": Text("読めない写真", "Unreadable"),
    "withdrawn": Text("公開取消", "Withdrawn"),
}
BoxKind = Literal["face", "plate", "hand"]
From = Literal["exif", "device", "tap", "person", "received", ""]


class Box(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of the picture that is covered; shares of its width and height, from top left."""

    left: float
    top: float
    right: float
    bottom: float
    kind: BoxKind = "hand"
    score: float | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one witness says of where or when: the photo, the telephone, the sender's finger."""

    by: From
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    at: datetime | None = None


class Finding(msgspec.Struct, frozen=True):
    """What does not fit together, or was assumed; ``grave`` ones must be looked at."""

    code: str
    ja: str
    en: str
    grave: bool = True


class Intake(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A photo as the headquarters has it. Personal data: it never leaves the organisation."""

    state: State
    text: str = ""
    """What the sender wrote."""
    sent_by: Literal["resident", "reporter"]
    sender: str = ""
    """A reporter's name; residents are not asked for theirs."""
    received_at: datetime
    media_type: str
    size_bytes: int
    width: int
    height: int
    original: str
    """Digest of the bytes as they came."""
    working: str = ""
    """Digest of the upright copy without EXIF that boxes are drawn on."""
    covered: str = ""
    """Digest of what would be published."""
    thumbnail: str = ""
    boxes: tuple[Box, ...] = ()
    detectors: tuple[str, ...] = ()
    """What looked for faces and plates; empty: nothing did, and a person must."""
    looked: bool = False
    """Whether the detectors ran over this photo."""
    taken_at: datetime | None = None
    taken_from: From = ""
    place_from: From = ""
    direction_deg: float | None = None
    camera: str = ""
    claims: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()
    trouble: str = ""
    """Why it could not be read."""
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    published: str = ""
    """Key of the published photo."""
    originals: Literal["kept", "erasing", "erased"] = "kept"
    erased_at: datetime | None = None


class Photo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A photo that a person confirmed: faces and number plates are covered, EXIF is gone."""

    title: str
    text: str = ""
    taken_at: datetime | None = None
    taken_from: From = ""
    """Where the time comes from: the photo, the telephone, a person, or only its arrival."""
    place_from: From = ""
    direction_deg: float | None = None
    media_type: str = "image/jpeg"
    width: int
    height: int
    image: str
    """Digest (SHA-256) of the published picture."""
    thumbnail: str = ""


INTAKE = Collection(
    id="response.photo_intake",
    title=Text("受付写真(未確認)", "Photos received (not confirmed)"),
    text=Text(
        "現地から届いた写真。原本は個人情報として本部内に留め、人が確認するまで何も公開しません。",
        "Photos from the field as they came in. Originals are personal data and stay in the"
        " headquarters; nothing leaves it before a person confirms.",
    ),
    schema=Intake,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)

PHOTOS = Collection(
    id="response.photos",
    title=Text("現地写真", "Photos from the field"),
    text=Text(
        "住民・職員から届き、本部が確認して公開した写真。顔とナンバープレートは塗りつぶし、"
        "撮影機器などの埋め込み情報は除いてあります。",
        "Photos by residents and staff that the headquarters confirmed. Faces and number plates are"
        " covered, embedded metadata is gone.",
    ),
    schema=Photo,
    kind=Kind.DOCUMENTS,
    verb=Verb.RESPOND,
    licence="投稿者の同意のもと自治体が公開(再利用条件は自治体が定める)",
)
