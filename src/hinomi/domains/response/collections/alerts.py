"""response.alerts and .acknowledgements: what must be heard, and who has heard it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A municipality or a river reached level 4 or 5. Key: which, level, when."""

    area_code: str
    """A municipality's 7 digits; of a river its own code."""
    area_name: str
    area_name_en: str = ""
    areas: tuple[str, ...] = ()
    """Whom it concerns: municipalities, or beginnings of their codes (17: 石川県)."""
    level: int
    text: str
    text_en: str
    state: Literal["raised", "over"]
    raised_at: datetime
    over_at: datetime | None = None
    """When the level fell or rose further."""


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody has taken an alert in. Key: the alert's."""

    area_code: str
    level: int
    acknowledged_by: str
    acknowledged_at: datetime
    organisation: str
    note: str = ""


ALERTS = Collection(
    id="response.alerts",
    title=Text("警報音の対象", "Alerts"),
    text=Text(
        "市町村・河川が新たにレベル4・5に達したこと。誰かが確認するまで音・通知・メールで知らせます。",
        "A municipality or river newly at level 4 or 5: told by sound, notice and e-mail until"
        " somebody acknowledges it.",
    ),
    schema=Alert,
    verb=Verb.RESPOND,
    licence="CC0-1.0",
)
ACKNOWLEDGEMENTS = Collection(
    id="response.acknowledgements",
    title=Text("警報の確認", "Acknowledgements"),
    text=Text("警報を誰がいつ確認したか。", "Who acknowledged an alert, and when."),
    schema=Acknowledgement,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
