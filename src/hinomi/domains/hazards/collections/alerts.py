"""``hazards.alerts``: what others warn of by CAP, by J-Alert and by L-Alert, as they state it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text


class Code(msgspec.Struct, frozen=True, gc=False):
    """A code in a sender's own list: of an event, an area, a parameter."""

    name: str
    value: str


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The texts in one language, as the sender wrote them."""

    language: str
    event: str
    headline: str = ""
    description: str = ""
    instruction: str = ""
    sender_name: str = ""
    areas: list[str] = []


class ReceivedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a message in one set of areas, in all its languages.

    The key is ``sender,identifier/number``. What a later message updates or cancels is retracted.
    """

    title: str
    """Headline or event, in Japanese where the sender has it."""
    title_en: str
    event: str
    sender: str
    sender_name: str = ""
    identifier: str
    message_type: str
    """Alert, Update, Cancel, Ack, Error."""
    status_stated: str
    """Actual, Exercise, System, Test, Draft: System and Draft are kept as tests."""
    scope: str
    in_force: bool
    """False for cancels, acknowledgements, errors and all-clears."""
    categories: list[str] = []
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    responses: list[str] = []
    area: str = ""
    """The areas' descriptions."""
    effective_at: datetime | None = None
    onset_at: datetime | None = None
    expires_at: datetime | None = None
    """As stated; without it the record ends a day after it was sent."""
    signature: str = "unsigned"
    """``trusted``, ``untrusted``, ``weak``, ``invalid``, ``unchecked`` or ``unsigned``."""
    signer: str = ""
    says: list[Said] = []
    geocodes: list[Code] = []
    event_codes: list[Code] = []
    parameters: list[Code] = []
    references: list[str] = []
    """``sender,identifier,sent`` of the messages that this one is about."""
    incidents: list[str] = []
    codes: list[str] = []
    resources: list[str] = []
    web: str = ""
    contact: str = ""
    note: str = ""
    restriction: str = ""
    addresses: list[str] = []
    version: str = ""
    """``1.1``, ``1.2``; of a satellite's report ``DCX``."""
    channel: str = "cap"
    """``cap``, ``j-alert``, ``l-alert``, ``municipality``, ``outside-japan``."""


ALERTS = Collection(
    id="hazards.alerts",
    title=Text("受信した警報(CAP等)", "Alerts received (CAP and others)"),
    text=Text(
        "他機関がCAPや、衛星経由のJアラート・Lアラートで伝える警報。送信者の述べたとおり。"
        "更新・取消は参照に従って反映します。",
        "What others warn of by CAP, or by J-Alert and L-Alert over the satellite, as they state"
        " it; updates and cancels are applied by their references.",
    ),
    schema=ReceivedAlert,
    licence="as the sender states; none stated: for use in the headquarters only",
)
COLLECTIONS = (ALERTS,)
