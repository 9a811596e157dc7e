"""response.damage: what has been damaged in a municipality, cumulative, as 第4号様式 counts it.

Names and units: 火災・災害等即報要領(昭和59年10月15日付け消防災第267号), 第4号様式(その2).
What was read of it, and what could not be checked, stands in docs/how-to/reports.md. Beyond the
form: 心肺停止, 安否不明 and 負傷(程度不明), which SIP4D counts apart (01-011-01).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.exchange import Sent

Group = Literal[
    "people", "homes", "other_buildings", "other", "affected", "fires", "loss", "response"
]
GROUPS: dict[Group, Text] = {
    "people": Text("人的被害", "People"),
    "homes": Text("住家被害", "Homes"),
    "other_buildings": Text("非住家被害", "Other buildings"),
    "other": Text("その他の被害", "Other damage"),
    "affected": Text("り災", "Affected"),
    "fires": Text("火災発生", "Fires"),
    "loss": Text("被害額", "Loss"),
    "response": Text("応急対応", "Response"),
}


class Item(msgspec.Struct, frozen=True):
    """One figure of the form: the body's field, where it stands, what it is called, its unit."""

    name: str
    group: Group
    label: Text
    unit: str

    @property
    def is_area(self) -> bool:
        """Whether it is measured, not counted."""
        return self.unit == "ha"


ITEMS: tuple[Item, ...] = (
    Item("dead", "people", Text("死者", "dead"), "人"),
    Item(
        "dead_related",
        "people",
        Text("死者のうち災害関連死者", "of the dead: disaster-related"),
        "人",
    ),
    Item("cardiac_arrest", "people", Text("心肺停止", "in cardiac arrest"), "人"),
    Item("missing", "people", Text("行方不明者", "missing"), "人"),
    Item("unaccounted", "people", Text("安否不明者", "unaccounted for"), "人"),
    Item("injured_serious", "people", Text("重傷", "seriously injured"), "人"),
    Item("injured_slight", "people", Text("軽傷", "slightly injured"), "人"),
    Item("injured_unknown", "people", Text("負傷(程度不明)", "injured, degree not known"), "人"),
    Item("destroyed_buildings", "homes", Text("全壊", "destroyed"), "棟"),
    Item("destroyed_households", "homes", Text("全壊", "destroyed"), "世帯"),
    Item("destroyed_people", "homes", Text("全壊", "destroyed"), "人"),
    Item("half_buildings", "homes", Text("半壊", "half destroyed"), "棟"),
    Item("half_households", "homes", Text("半壊", "half destroyed"), "世帯"),
    Item("half_people", "homes", Text("半壊", "half destroyed"), "人"),
    Item("partial_buildings", "homes", Text("一部破損", "partly damaged"), "棟"),
    Item("partial_households", "homes", Text("一部破損", "partly damaged"), "世帯"),
    Item("partial_people", "homes", Text("一部破損", "partly damaged"), "人"),
    Item("above_floor_buildings", "homes", Text("床上浸水", "flooded above floor"), "棟"),
    Item("above_floor_households", "homes", Text("床上浸水", "flooded above floor"), "世帯"),
    Item("above_floor_people", "homes", Text("床上浸水", "flooded above floor"), "人"),
    Item("below_floor_buildings", "homes", Text("床下浸水", "flooded below floor"), "棟"),
    Item("below_floor_households", "homes", Text("床下浸水", "flooded below floor"), "世帯"),
    Item("below_floor_people", "homes", Text("床下浸水", "flooded below floor"), "人"),
    Item("public_buildings", "other_buildings", Text("公共建物", "public buildings"), "棟"),
    Item("private_buildings", "other_buildings", Text("その他", "other"), "棟"),
    Item("paddies_lost_ha", "other", Text("田 流失・埋没", "paddies lost"), "ha"),
    Item("paddies_flooded_ha", "other", Text("田 冠水", "paddies flooded"), "ha"),
    Item("fields_lost_ha", "other", Text("畑 流失・埋没", "fields lost"), "ha"),
    Item("fields_flooded_ha", "other", Text("畑 冠水", "fields flooded"), "ha"),
    Item("schools", "other", Text("文教施設", "schools"), "箇所"),
    Item("hospitals", "other", Text("病院", "hospitals"), "箇所"),
    Item("roads", "other", Text("道路", "roads"), "箇所"),
    Item("bridges", "other", Text("橋りょう", "bridges"), "箇所"),
    Item("rivers", "other", Text("河川", "rivers"), "箇所"),
    Item("ports", "other", Text("港湾", "ports"), "箇所"),
    Item("erosion_control", "other", Text("砂防", "erosion control works"), "箇所"),
    Item("waste_plants", "other", Text("清掃施設", "waste plants"), "箇所"),
    Item("slope_failures", "other", Text("崖くずれ", "slope failures"), "箇所"),
    Item("railways", "other", Text("鉄道不通", "railways cut"), "箇所"),
    Item("ships", "other", Text("被害船舶", "ships"), "隻"),
    Item("water_households", "other", Text("水道", "water"), "戸"),
    Item("telephone_lines", "other", Text("電話", "telephone"), "回線"),
    Item("power_households", "other", Text("電気", "power"), "戸"),
    Item("gas_households", "other", Text("ガス", "gas"), "戸"),
    Item("block_walls", "other", Text("ブロック塀等", "block walls"), "箇所"),
    Item("affected_households", "affected", Text("り災世帯数", "affected households"), "世帯"),
    Item("affected_people", "affected", Text("り災者数", "affected people"), "人"),
    Item("fires_buildings", "fires", Text("建物", "buildings"), "件"),
    Item("fires_hazmat", "fires", Text("危険物", "hazardous materials"), "件"),
    Item("fires_other", "fires", Text("その他", "other"), "件"),
    Item("loss_schools", "loss", Text("公立文教施設", "public schools"), "千円"),
    Item(
        "loss_agricultural_works",
        "loss",
        Text("農林水産業施設", "farming, forestry and fishery works"),
        "千円",
    ),
    Item("loss_public_works", "loss", Text("公共土木施設", "public works"), "千円"),
    Item("loss_other_public", "loss", Text("その他の公共施設", "other public facilities"), "千円"),
    Item("loss_agriculture", "loss", Text("農業被害", "agriculture"), "千円"),
    Item("loss_forestry", "loss", Text("林業被害", "forestry"), "千円"),
    Item("loss_livestock", "loss", Text("畜産被害", "livestock"), "千円"),
    Item("loss_fishery", "loss", Text("水産被害", "fishery"), "千円"),
    Item("loss_commerce", "loss", Text("商工被害", "commerce and industry"), "千円"),
    Item("loss_other", "loss", Text("その他", "other"), "千円"),
    Item("calls_119", "response", Text("119番通報件数", "calls to 119"), "件"),
    Item("fire_staff", "response", Text("消防職員出動延人数", "firefighters, in all"), "人"),
    Item(
        "fire_corps", "response", Text("消防団員出動延人数", "volunteer firefighters, in all"), "人"
    ),
)

FIGURES: dict[str, Item] = {item.name: item for item in ITEMS}

SIP4D: dict[str, str] = {
    "citycode": "municipality_code",
    "cityname": "municipality",
    "deadno": "dead",
    "cpano": "cardiac_arrest",
    "missingno": "missing",
    "safetyukno": "unaccounted",
    "seriousno": "injured_serious",
    "slightno": "injured_slight",
    "unknownno": "injured_unknown",
    "alldstno": "destroyed_buildings",
    "halfdstno": "half_buildings",
    "partdstno": "partial_buildings",
    "floorfno": "above_floor_buildings",
    "ufloorfno": "below_floor_buildings",
    "fireno": "fires_buildings",
    "pubfacno": "public_buildings",
    "note": "remarks",
}
"""SIP4D's damage counts per municipality (information type 01-011-01): its column -> ours. Of
``citycode`` it takes the first five digits of our seven. ``fireno`` does not say which fires it
counts; ours gives those of buildings."""


Worst = Literal["lives", "injured", "homes", "other", "none", ""]
WORST: dict[Worst, Text] = {
    "lives": Text("死者・行方不明者等あり", "Dead or missing"),
    "injured": Text("負傷者あり", "Injured"),
    "homes": Text("住家被害あり", "Homes damaged"),
    "other": Text("その他の被害あり", "Other damage"),
    "none": Text("被害なし(報告による)", "None, as reported"),
}
"""The gravest of what is reported; empty: no figure is known yet."""
_GRAVITY: tuple[tuple[Worst, tuple[str, ...]], ...] = (
    ("lives", ("dead", "cardiac_arrest", "missing", "unaccounted")),
    ("injured", ("injured_serious", "injured_slight", "injured_unknown")),
    ("homes", tuple(i.name for i in ITEMS if i.group == "homes")),
    ("other", tuple(i.name for i in ITEMS if i.group not in {"people", "homes", "response"})),
)


class Damage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A municipality's damage by one disaster, as known so far; what is not known is left out."""

    municipality_code: str
    """JMA's 7 digits."""
    municipality: str
    incident: str = ""
    """災害名; empty while there is only one disaster."""
    number: int
    """第N報 of this municipality."""
    final: bool = False
    """確定: surveyed to the end."""
    said_by: str = ""
    """情報源: who found the figures that are new in this report (消防, 警察, 調査班 …)."""
    correction: str = ""
    """Why a report was corrected; empty for one that was not."""
    stated: dict[str, str] = {}
    """Figure -> id of the record in which it was first stated so; what is not named here is new in
    this record."""
    dead: int | None = None
    dead_related: int | None = None
    cardiac_arrest: int | None = None
    missing: int | None = None
    unaccounted: int | None = None
    injured_serious: int | None = None
    injured_slight: int | None = None
    injured_unknown: int | None = None
    destroyed_buildings: int | None = None
    destroyed_households: int | None = None
    destroyed_people: int | None = None
    half_buildings: int | None = None
    half_households: int | None = None
    half_people: int | None = None
    partial_buildings: int | None = None
    partial_households: int | None = None
    partial_people: int | None = None
    above_floor_buildings: int | None = None
    above_floor_households: int | None = None
    above_floor_people: int | None = None
    below_floor_buildings: int | None = None
    below_floor_households: int | None = None
    below_floor_people: int | None = None
    public_buildings: int | None = None
    private_buildings: int | None = None
    paddies_lost_ha: float | None = None
    paddies_flooded_ha: float | None = None
    fields_lost_ha: float | None = None
    fields_flooded_ha: float | None = None
    schools: int | None = None
    hospitals: int | None = None
    roads: int | None = None
    bridges: int | None = None
    rivers: int | None = None
    ports: int | None = None
    erosion_control: int | None = None
    waste_plants: int | None = None
    slope_failures: int | None = None
    railways: int | None = None
    ships: int | None = None
    water_households: int | None = None
    telephone_lines: int | None = None
    power_households: int | None = None
    gas_households: int | None = None
    block_walls: int | None = None
    affected_households: int | None = None
    affected_people: int | None = None
    fires_buildings: int | None = None
    fires_hazmat: int | None = None
    fires_other: int | None = None
    loss_schools: int | None = None
    loss_agricultural_works: int | None = None
    loss_public_works: int | None = None
    loss_other_public: int | None = None
    loss_agriculture: int | None = None
    loss_forestry: int | None = None
    loss_livestock: int | None = None
    loss_fishery: int | None = None
    loss_commerce: int | None = None
    loss_other: int | None = None
    calls_119: int | None = None
    fire_staff: int | None = None
    fire_corps: int | None = None
    relief_act: bool | None = None
    """災害救助法 is applied."""
    worst: Worst = ""
    """The gravest kind of damage, for the map."""
    headquarters: str = ""
    """災害対策本部等の名称."""
    headquarters_from: str = ""
    """設置日時, as the municipality writes it."""
    headquarters_to: str = ""
    """解散日時."""
    outline: str = ""
    """災害の概況."""
    measures: str = ""
    """応急対策の状況: fire brigades, requests to the Self-Defense Forces, other measures."""
    remarks: str = ""
    """備考."""
    sent: Sent | None = None
    """As the sender of a package wrote it, where it came in one."""


def with_worst(body: Damage) -> Damage:
    """Return the report with its gravest kind of damage.

    Example:
        >>> body = Damage(municipality_code="1720400", municipality="輪島市", number=1, dead=0)
        >>> with_worst(body).worst, with_worst(msgspec.structs.replace(body, half_people=3)).worst
        ('none', 'homes')
    """
    figures = {name: getattr(body, name) for name in FIGURES}
    known = "none" if any(value is not None for value in figures.values()) else ""
    worst = next((w for w, names in _GRAVITY if any(figures[n] for n in names)), known)
    return msgspec.structs.replace(body, worst=worst)


DAMAGE = Collection(
    id="response.damage",
    title=Text("被害状況", "Damage"),
    text=Text(
        "市町村ごとの人的被害・住家被害など(消防庁第4号様式の項目)。累計で、報を重ねます。"
        "未入力は「未確認」で、0とは区別します。",
        "Per municipality the damage to people, homes and more, as the Fire and Disaster Management"
        " Agency's form no. 4 counts it: cumulative, report by report. A figure that is missing is"
        " not known; it is not zero.",
    ),
    schema=Damage,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
