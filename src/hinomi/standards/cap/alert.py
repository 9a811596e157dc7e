"""A CAP message as typed values: OASIS Common Alerting Protocol 1.2, section 3.2.

http://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html. Texts are as sent; times are
aware; coordinates are turned to longitude, latitude by :mod:`hinomi.standards.cap.shapes`.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

NAMESPACES = {
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
}
MEDIA_TYPE = "application/cap+xml"
"""Section 5.2 of RFC 7303's registry: https://www.iana.org/assignments/media-types."""

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MESSAGE_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra"),
    *("CBRNE", "Other"),
)
RESPONSES = (
    *("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear"),
    "None",
)
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
ANSWERS = ("Update", "Cancel", "Ack", "Error")
"""Message types that speak of earlier messages and so must name them (section 3.2.1)."""


class Pair(msgspec.Struct, frozen=True):
    """``valueName`` and ``value``: an event code, a parameter, a geocode."""

    name: str
    value: str


class Reference(msgspec.Struct, frozen=True):
    """An earlier message, as ``sender,identifier,sent``."""

    sender: str
    identifier: str
    sent: datetime

    def text(self) -> str:
        """Return the triple as it is written."""
        return f"{self.sender},{self.identifier},{time_text(self.sent)}"


class Circle(msgspec.Struct, frozen=True):
    """A centre and a radius [km]."""

    longitude: float
    latitude: float
    radius_km: float


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A file that belongs to the message; bytes inside the message stay in the raw payload."""

    description: str
    media_type: str = ""
    size: int | None = None
    uri: str = ""
    embedded: bool = False
    """``derefUri``: the file itself stands in the message, base64."""
    digest: str = ""


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """Where: a description, and what is known of its shape and codes."""

    description: str
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    """Rings of (longitude, latitude), closed."""
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Pair, ...] = ()
    altitude_ft: float | None = None
    ceiling_ft: float | None = None


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What the message says, in one language, of one event in some areas."""

    language: str = "en-US"
    categories: tuple[str, ...]
    event: str
    responses: tuple[str, ...] = ()
    urgency: str
    severity: str
    certainty: str
    audience: str = ""
    event_codes: tuple[Pair, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Pair, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One CAP message."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    message_type: str
    scope: str
    version: str = "1.2"
    source: str = ""
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()

    def reference(self) -> Reference:
        """Return how later messages name this one."""
        return Reference(self.sender, self.identifier, self.sent)


def time_text(time: datetime) -> str:
    """Return a time as section 3.3.2 wants it: no fractions, and never ``Z``.

    Example:
        >>> from datetime import UTC
        >>> time_text(datetime(2026, 1, 2, 3, 4, 5, 600, UTC))
        '2026-01-02T03:04:05-00:00'
    """
    text = time.replace(microsecond=0).isoformat()
    return text[:-6] + "-00:00" if text.endswith("+00:00") else text
