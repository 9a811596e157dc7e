"""response.alerts and .acknowledgements: what must be heard, and who has heard it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

Kind = Literal["level", "quake", "tsunami", "eew"]
"""What rings: a level (河川 too), 震度, 津波警報・注意報, 緊急地震速報(警報)."""


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that must be heard: a level 4 or 5, a strong quake, a tsunami warning.

    Key: which, how grave, when.
    """

    kind: Kind = "level"
    area_code: str
    """A municipality's 7 digits; of a river its own code, of a coast 津波予報区's; of a quake a
    prefecture's 2 digits, empty where none is known."""
    area_name: str
    area_name_en: str = ""
    areas: tuple[str, ...] = ()
    """Whom it concerns: municipalities, or beginnings of their codes (17: 石川県). Empty: not
    known, so everyone."""
    coast: str = ""
    """津波予報区."""
    strengths: dict[str, float] = {}
    """Of a quake: area -> the least instrumental intensity (計測震度) of its class."""
    level: int = 0
    """警戒レベル 4 or 5; 0 for what has none."""
    rank: int = 0
    """How grave among its kind: the level; 2 to 4 津波注意報, 津波警報, 大津波警報; 4 to 9 震度4 to
    7. 0: the level."""
    heading: str = ""
    """A few words: 震度6強 石川県."""
    heading_en: str = ""
    text: str
    text_en: str
    state: Literal["raised", "over"]
    raised_at: datetime
    over_at: datetime | None = None
    """When it fell, rose further or was withdrawn."""


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody has taken an alert in. Key: the alert's."""

    area_code: str
    areas: tuple[str, ...] = ()
    kind: Kind = "level"
    level: int = 0
    acknowledged_by: str
    acknowledged_at: datetime
    organisation: str
    note: str = ""


ALERTS = Collection(
    id="response.alerts",
    title=Text("警報音の対象", "Alerts"),
    text=Text(
        "市町村・河川が新たにレベル4・5に達したこと、強い地震、津波警報・注意報、緊急地震速報(警報)。"
        "誰かが確認するまで音・通知・メールで知らせます。",
        "A municipality or river newly at level 4 or 5, a strong quake, a tsunami warning or"
        " advisory, an early warning: told by sound, notice and e-mail until somebody acknowledges"
        " it.",
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
