"""``hazards.notices``: information in words, observations with it, charts, announcements."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.domains.hazards.collections.floods import AreaRef
from hinomi.domains.hazards.collections.forecasts import Element
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text


class Passage(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A text with its heading and what it is about."""

    text: str
    section: str = ""
    """概況, 予想, 防災事項, 付加情報, 本文."""
    title: str = ""
    type: str = ""
    label: str = ""
    areas: list[str] = []


class Statement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is said of one area or station: a kind, observed elements, or both."""

    section: str = ""
    area: str = ""
    area_code: str = ""
    station: bool = False
    kind: str = ""
    kind_code: str = ""
    condition: str = ""
    class_name: str = ""
    details: dict[str, str] = {}
    """Location, Status (付近), Prefecture as JMA writes them."""
    elements: list[Element] = []


class Feature(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A thing on a weather chart: a low, a high, a front, a typhoon, an area of fog."""

    kind: str
    longitude: float | None = None
    latitude: float | None = None
    pressure_hpa: float | None = None
    direction: str = ""
    speed: str = ""
    positions: int = 0
    """Number of positions of its line."""
    elements: list[Element] = []


class Addition(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of AdditionalInfo: 平年差, the next issue's date."""

    name: str
    text: str
    about: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One piece of information: its serials follow each other under one key."""

    kind: str
    """``weather-information``, ``disaster-bulletin``, ``overview``, ``typhoon-information``, ..."""
    telegram: str
    title: str
    headline: str
    text: str
    """All passages in one text, for reading and searching."""
    office: str
    event_id: str = ""
    serial: str = ""
    info_type: str = ""
    tags: str = ""
    """情報タグ as JMA writes them, blanks between: ``線状降水帯発生``, ``大雪 高波``."""
    typhoon_number: str = ""
    area_name: str = ""
    area_code: str = ""
    """Of the first area."""
    valid_until: datetime | None = None
    in_force: bool = True
    areas: list[AreaRef] = []
    passages: list[Passage] = []
    statements: list[Statement] = []
    features: list[Feature] = []
    contents: dict[str, int] = {}
    """What a chart or a list of areas holds: ``等圧線: 30``."""
    additions: list[Addition] = []


NOTICES = Collection(
    id="hazards.notices",
    title=Text("気象情報等", "Notices"),
    text=Text(
        "気象情報、気象防災速報、気象解説情報、台風情報、天気概況、潮位情報、天気図、お知らせ。",
        "Weather information and bulletins, typhoon information, overviews, tide information,"
        " weather charts, announcements.",
    ),
    schema=Notice,
    licence="公共データ利用規約（第1.0版）／CC BY 4.0, 気象庁",
)
