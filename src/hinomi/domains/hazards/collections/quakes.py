"""Earthquakes: the quake, what each report says of it, intensities, early warnings, advisories."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.hazards.terms import LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.areas.codes import Kind as AreaCode
from hinomi.vocabulary.english import area_in_english

TsunamiWord = Literal["warning", "checking", "possible", "slight", "none"]
"""``warning``: warnings are in force (see hazards.tsunami); ``checking``: not yet known;
``slight``: some change of sea level, no damage; ``none``: no danger in Japan."""


_KINDS: dict[str, tuple[AreaCode, ...]] = {
    "prefecture": ("prefecture",),
    "area": ("seismic",),
    "city": ("municipality", "ward"),
}


class Hypocentre(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where it was, when, how big: the record's place is the epicentre."""

    event_id: str
    """EventID; all telegrams of one quake share it."""
    hypocentre: str = ""
    """震央地名: 駿河湾."""
    hypocentre_en: str = ""
    """As JMA calls it in English; the Japanese name where it does not."""
    magnitude: float | None = None
    """None where JMA gives no number; ``magnitude_text`` says why."""
    depth_km: float | None = None
    """0 is ごく浅い, 700 is ７００ｋｍ以上, None is not known."""
    origin_time: datetime | None = None
    detected_at: datetime | None = None
    """ArrivalTime: when the first station saw it."""
    hypocentre_code: str = ""
    hypocentre_detail: str = ""
    """詳細震央地名, abroad."""
    near: str = ""
    """Distance and direction from a mark: 牡鹿半島の東南東１３０ｋｍ付近."""
    position_text: str = ""
    """JMA's words for position and depth; 震源要素不明 where there are none."""
    magnitude_type: str = ""
    """``Mj``, ``Mw``, ``M``."""
    magnitude_text: str = ""
    """Ｍ６．５, Ｍ不明, Ｍ８を超える巨大地震."""
    determined_by: str = ""
    """Where not by JMA: ＰＴＷＣ, ＵＳＧＳ."""
    quake_condition: str = ""
    """``仮定震源要素`` where an early warning only assumes the hypocentre."""

    def __post_init__(self) -> None:
        """Look the English name up."""
        if self.hypocentre and not self.hypocentre_en:
            named = area_in_english("hypocentre", self.hypocentre, self.hypocentre_code)
            msgspec.structs.force_setattr(self, "hypocentre_en", named)


class Quake(Hypocentre, frozen=True, kw_only=True):
    """One earthquake as all reports of it say together."""

    max_intensity: str = ""
    """震度 as JMA writes it: 1 to 4, 5-, 5+, 6-, 6+, 7."""
    max_intensity_at_least: float | None = None
    """The least instrumental intensity (計測震度) of that class: sortable."""
    max_long_period: str = ""
    """長周期地震動階級 1 to 4."""
    tsunami: TsunamiWord | None = None
    tsunami_text: str = ""
    headline: str = ""
    telegrams: list[str] = []
    """The reports that it is made of, newest first."""
    heard: int = 0
    """How many statements about it have come, withdrawals included."""


class QuakeReport(Hypocentre, frozen=True, kw_only=True):
    """One kind of telegram about a quake: the newest of its kind."""

    telegram: str
    """VXSE51, VXSE52, VXSE53, VXSE61, VXSE62."""
    title: str
    headline: str
    info_type: str
    serial: str = ""
    office: str = ""
    max_intensity: str = ""
    max_intensity_at_least: float | None = None
    max_long_period: str = ""
    tsunami: TsunamiWord | None = None
    comment: str = ""
    """固定付加文 on tsunami and early warnings."""
    comment_codes: list[str] = []
    note: str = ""
    """その他の付加文: 震源要素を訂正します."""
    free_text: str = ""
    text: str = ""
    """Body/Text: why it is withdrawn."""
    name: str = ""
    """命名地震."""
    link: str = ""


class Station(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An intensity station's value."""

    code: str
    name: str
    """With ``＊`` where it is not JMA's own."""
    intensity: str
    revised: str = ""
    long_period: str = ""
    sva_cm_s: float | None = None
    """絶対速度応答スペクトル, the greatest [cm/s]."""
    bands: list[tuple[str, float | None, float | None]] = []
    """By period band: band, long-period class, spectral velocity [cm/s]."""


class Intensity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How strongly one quake shook one area."""

    area_name: str
    area_name_en: str = ""
    """As JMA calls it in English; the Japanese name where it does not."""
    prefecture: str
    intensity: str
    """震度 as JMA writes it; "" where none has arrived (``condition`` says so)."""
    at_least: float | None
    """The least instrumental intensity (計測震度) of that class: sortable."""
    event_id: str
    measure: Literal["intensity", "long-period"]
    area_kind: Literal["prefecture", "area", "city"]
    """都道府県, 細分区域, 市町村."""
    area_code: str
    long_period: str = ""
    condition: str = ""
    """震度５弱以上未入電."""
    revised: str = ""
    """追加, 上方修正."""
    telegram: str
    stations: list[Station] = []

    def __post_init__(self) -> None:
        """Look the English name up."""
        if not self.area_name_en:
            named = self.area_name
            for kind in _KINDS[self.area_kind]:
                named = area_in_english(kind, self.area_name, self.area_code)
                if named != self.area_name:
                    break
            msgspec.structs.force_setattr(self, "area_name_en", named)


class EewArea(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One area of an early warning."""

    code: str
    name: str
    prefecture: str
    kind: str
    kind_code: str
    """10, 11, 19 warnings (19: 既に到達); 00, 01, 09 forecasts."""
    intensity_from: str
    intensity_to: str
    """``over`` is 程度以上."""
    long_period_from: str = ""
    long_period_to: str = ""
    arrival_at: datetime | None = None
    condition: str = ""
    """既に主要動到達と推測, ＰＬＵＭ法で推定."""


class Eew(Hypocentre, frozen=True, kw_only=True):
    """An earthquake early warning (緊急地震速報): the newest report."""

    kind: Literal["warning", "forecast", "test"]
    telegram: str
    serial: int
    final: bool
    """最終報."""
    warned: bool
    """Whether any area is under a warning (警報)."""
    headline: str
    info_type: str
    max_from: str = ""
    max_to: str = ""
    max_at_least: float | None = None
    max_long_period: str = ""
    change: str = ""
    """MaxIntChange: 0 little, 1 up, 2 down (JMA's code)."""
    change_reason: str = ""
    land_or_sea: str = ""
    comment: str = ""
    text: str = ""
    areas: list[EewArea] = []


AdvisoryKind = Literal["nankai", "hokkaido-sanriku", "activity", "count", "notice"]


class Count(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many earthquakes between two times; None is 不明."""

    type: str
    start: datetime | None
    end: datetime | None
    number: int | None
    felt: int | None


class Advisory(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What JMA says about earthquakes in words: Nankai Trough, later large quakes, activity."""

    kind: AdvisoryKind
    telegram: str
    title: str
    headline: str
    event_id: str
    info_type: str
    stage: str = ""
    """調査中, 巨大地震警戒, 巨大地震注意, 調査終了, 臨時解説, 定例解説."""
    stage_code: str = ""
    in_force: bool = True
    serial: str = ""
    text: str = ""
    appendix: str = ""
    next_advisory: str = ""
    counts: list[Count] = []


QUAKES = Collection(
    id="hazards.quakes",
    title=Text("地震", "Earthquakes"),
    text=Text(
        "地震ごとの震源・規模・最大震度・津波の有無(震度速報などの各電文をまとめたもの)。",
        "One record a quake: where, how big, greatest intensity, tsunami; made of all its reports.",
    ),
    schema=Quake,
    licence=LICENCE,
)
QUAKE_REPORTS = Collection(
    id="hazards.quake_reports",
    title=Text("地震の電文", "Earthquake reports"),
    text=Text(
        "地震ごと・電文の種類ごとの最新の発表(震度速報、震源、震源・震度、震源要素更新、長周期)。",
        "The newest telegram of each kind about each quake.",
    ),
    schema=QuakeReport,
    licence=LICENCE,
)
INTENSITIES = Collection(
    id="hazards.intensities",
    title=Text("震度", "Seismic intensities"),
    text=Text(
        "地震ごとの都道府県・細分区域・市町村の震度と長周期地震動階級、観測点の値。",
        "Intensity and long-period class per quake in prefectures, areas and municipalities.",
    ),
    schema=Intensity,
    licence=LICENCE,
)
EEW = Collection(
    id="hazards.eew",
    title=Text("緊急地震速報", "Earthquake early warnings"),
    text=Text(
        "緊急地震速報(警報・予報)の最新報。受信だけでは秒単位の配信は保証されない。",
        "The newest report of each early warning. The public feed does not promise seconds.",
    ),
    schema=Eew,
    licence=LICENCE,
)
ADVISORIES = Collection(
    id="hazards.quake_advisories",
    title=Text("地震に関する情報", "Earthquake advisories"),
    text=Text(
        "南海トラフ地震、北海道・三陸沖後発地震、地震活動、地震回数、お知らせ。",
        "Nankai Trough, possible later large quakes, seismic activity, counts, notices.",
    ),
    schema=Advisory,
    verb=Verb.OBSERVE,
    licence=LICENCE,
)
COLLECTIONS = (QUAKES, QUAKE_REPORTS, INTENSITIES, EEW, ADVISORIES)
