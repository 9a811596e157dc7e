"""``hazards.typhoons``: analysis, forecasts, wind areas and track of each typhoon."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.standards.jmaxml.typhoons import Position


class Typhoon(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A typhoon (or a depression that may become one), or one part of what is said of it.

    ``part`` tells which: ``analysis`` (key: the event), ``forecast`` (``event/+24h``), ``track``
    (``event/track``) and the wind areas around the analysed centre (``event/storm``,
    ``event/gale``). Numbers are those of the part's own time.
    """

    part: str
    event_id: str
    name: str
    """International name (``TALIM``); "" while it is a depression."""
    name_kana: str
    number: str
    """Year and number, ``1718``."""
    called: str
    """For people: 台風第１８号（タリム）, 熱帯低気圧."""
    called_en: str
    """``Typhoon TALIM (1718)``, ``Tropical depression``."""
    title: str
    in_force: bool
    """False once JMA says that it has ended as a typhoon, or will not become one."""
    remark: str
    label: str
    """``実況``, ``予報　２４時間後``."""
    hours: int | None = None
    valid_at: datetime | None = None
    location: str = ""
    typhoon_class: str = ""
    area_class: str = ""
    intensity_class: str = ""
    direction: str = ""
    speed_kmh: float | None = None
    speed_text: str = ""
    pressure_hpa: float | None = None
    max_wind_ms: float | None = None
    gust_ms: float | None = None
    radius_km: float | None = None
    """Of the circle of 70 percent probability, or the widest reach of the wind area."""
    positions: list[Position] = []
    """In the analysis: every position with all its values, the analysis first."""
    telegram: str
    serial: str
    info_type: str
    office: str


TYPHOONS = Collection(
    id="hazards.typhoons",
    title=Text("台風", "Typhoons"),
    text=Text(
        "台風の実況と予報(中心、気圧、風、予報円、暴風域・強風域、経路)。",
        "Typhoons: analysed and forecast centres, pressure, winds, probability circles, areas of"
        " strong wind, track.",
    ),
    schema=Typhoon,
    licence="公共データ利用規約（第1.0版）／CC BY 4.0, 気象庁",
)
