"""``hazards.forecasts``: weather, sea, seasonal and warning-possibility forecasts by area."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text


class Value(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One value for a time. ``text`` is kept where the value is no number."""

    value: float | None = None
    text: str = ""
    start: datetime | None = None
    end: datetime | None = None
    label: str = ""
    """JMA's name of the time: 今日, ０６時から１２時まで, 冬（１２月から２月）."""
    condition: str = ""
    """``値なし``, ``以上``, ``うねり``, ``雨か雪``."""
    description: str = ""
    part: str = ""
    """Where in a sentence's structure: ``Becoming``, ``Temporary``, ``SubArea/Base``."""
    modifier: str = ""
    """When within the time: 後, 夜遅く, 今後１８時間以内に."""
    where: str = ""
    """Where within the area: 海上, 山地, 三宅島."""
    other: dict[str, str] = {}
    """Further attributes as JMA writes them: ``bound``, ``range``, ``significant``."""


class Element(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One meteorological element with its values in the telegram's order."""

    name: str
    """Property's Type: 天気, 風, 降水確率, 最高気温, 雨の警報級の可能性."""
    quantity: str
    """JMA's element: Weather, WindSpeed, ProbabilityOfPrecipitation, Sentence."""
    type: str = ""
    """The element's own type where it says more than the name: 最大瞬間風速."""
    unit: str = ""
    """As JMA writes it: 度, ％, m, m/s, ノット, mm."""
    section: str = ""
    """区域予報, 地点予報, 日別平年値."""
    block: str = ""
    """The part of the property that it stands in: WeatherForecastPart (by the sentence's
    structure), WeatherPart (in one word)."""
    values: list[Value] = []


class Forecast(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one telegram forecasts for one area or station."""

    area_code: str
    area_name: str
    station: bool
    kind: str
    """``short-range``, ``weekly``, ``warning-possibility``, ``seasonal``, ``two-week``,
    ``marine``, ``storm-probability``, ``early-weather``, ``outlook``, ``uv``."""
    telegram: str
    title: str
    office: str
    event_id: str = ""
    serial: str = ""
    info_type: str = ""
    summary: str = ""
    """The first sentence or weather, for lists."""
    warning_possibility: str = ""
    """The greatest of 警報級の可能性 in it: 高, 中 or なし."""
    max_percent: float | None = None
    """The greatest probability in it [%]: of precipitation, of storm winds."""
    elements: list[Element] = []


FORECASTS = Collection(
    id="hazards.forecasts",
    title=Text("予報", "Forecasts"),
    text=Text(
        "区域・地点ごとの予報(天気、風、波、気温、降水確率、警報級の可能性、季節予報、海上予報)。",
        "Forecasts by area and station: weather, wind, waves, temperature, precipitation,"
        " possibility of warnings, seasonal and marine forecasts.",
    ),
    schema=Forecast,
    verb=Verb.OBSERVE,
    licence="公共データ利用規約（第1.0版）／CC BY 4.0, 気象庁",
)
