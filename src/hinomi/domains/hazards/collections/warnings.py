"""hazards.warnings, .levels and .outlooks: what is in force where, and what is expected."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.hazards.terms import LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.standards.jmaxml.properties import Property, Value
from hinomi.vocabulary.hazards import AreaKind

Phase = Literal["issued", "upgraded", "downgraded", "continued", "released", "none"]


class WarningState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What JMA says of one hazard in one area: the state that holds until it says otherwise."""

    area_code: str
    """As JMA writes it: 7 digits for a municipality, 6 for a forecast area."""
    area_name: str
    area_kind: AreaKind
    hazard: str
    """An id of vocabulary/hazards.py."""
    kind_code: str
    """JMA's code of the kind; empty where it says that nothing is in force."""
    kind_name: str
    product: str = ""
    """What the product is called, where the kind's name says little (警戒)."""
    condition: str = ""
    """Which dangers an old 大雨警報 is about: 土砂災害、浸水害."""
    level: int
    """0 to 5 of JMA's levels; 0 when nothing is in force."""
    level_stated: bool
    """The sender states the level; otherwise it is an equivalent (注意報 2, 警報 3, 特別警報 5)."""
    in_force: bool
    phase: Phase
    phase_name: str
    """The phase as JMA writes it: 発表, 継続, 解除, 警報から注意報, ..."""
    last_kind_code: str = ""
    last_kind_name: str = ""
    telegram: str
    """The telegram's type: VPWW55."""
    info_type: str
    """発表, 訂正, 取消."""
    title: str
    headline: str
    office: str
    event_id: str = ""
    serial: str = ""
    notice: str = ""
    """Notice and Comment of the whole telegram."""
    additions: dict[str, str] = {}
    """Further parts of the telegram as texts: OfficeInfo (whom to call), AdditionalInfo (surge)."""
    notes: list[str] = []
    """What JMA adds to this kind here: Attention, Addition, NextKinds."""
    details: list[Property] = []
    """Peaks, amounts, periods, as JMA gives them."""


class InForce(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing in force in a municipality."""

    hazard: str
    kind_name: str
    """As JMA writes it, or the product where that says more (土砂災害警戒情報)."""
    kind_code: str
    level: int
    level_stated: bool
    stated_at: datetime
    """When it was last stated."""
    since: datetime | None = None
    """When this kind was issued, or first heard of as continued."""
    until: datetime | None = None


class AlertLevel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A municipality's highest level in force and all that makes it up.

    The record's ``start`` is when this level was reached.
    """

    area_code: str
    area_name: str
    area_name_en: str = ""
    """As JMA's table of areas writes it; the Japanese name where it has none."""
    level: int
    level_stated: bool
    """The highest level is one that JMA states."""
    count: int
    hazards: str
    """The hazards in force, highest first, by ids with a comma between."""
    in_force: list[InForce]


class Line(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of an outlook: for each step a value, a class's code or a text; null where none."""

    what: str
    place: str = ""
    unit: str = ""
    values: list[float | None] = []
    codes: list[str] = []
    names: dict[str, str] = {}
    """What the codes are called."""
    texts: list[str] = []


class Outlook(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What JMA expects of one element in one area over the coming steps."""

    area_code: str
    area_name: str
    element: str
    """As JMA names it: 大雨浸水危険度, 風, 高潮."""
    hazard: str
    level_max: int
    """The highest level of any step; 0 where the element has no levels."""
    level_max_at: datetime | None
    """Start of the first step at that level."""
    step_starts: list[datetime | None]
    step_durations: list[str]
    """ISO 8601: PT3H."""
    step_names: list[str]
    lines: list[Line]
    others: list[Value] = []
    """What the telegram says of the element beside its steps: peaks, what follows."""
    telegram: str
    office: str


WARNINGS = Collection(
    id="hazards.warnings",
    title=Text("気象警報・注意報等", "Weather warnings"),
    text=Text(
        "地域と現象ごとの警報・注意報等の状態。発表から解除まで。",
        "The state of warnings per area and hazard, from issue to release.",
    ),
    schema=WarningState,
    licence=LICENCE,
)
LEVELS = Collection(
    id="hazards.levels",
    title=Text("市町村の警戒レベル相当", "Alert level per municipality"),
    text=Text(
        "市町村ごとの、発表中で最も高いレベルとその内訳。",
        "Per municipality the highest level in force and what makes it up.",
    ),
    schema=AlertLevel,
    verb=Verb.PREDICT,
    licence=LICENCE,
)
OUTLOOKS = Collection(
    id="hazards.outlooks",
    title=Text("警報・注意報時系列情報", "Outlook of warnings, step by step"),
    text=Text(
        "地域と要素ごとの、今後の時間帯別の危険度と予想値。",
        "Per area and element the danger and the values expected in the coming steps.",
    ),
    schema=Outlook,
    licence=LICENCE,
)

COLLECTIONS = (WARNINGS, LEVELS, OUTLOOKS)
