"""response.sites and response.shelters: where to flee to, and where one can stay."""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.vocabulary.english import called, municipality_in_english, municipality_of
from hinomi.vocabulary.exchange import Sent

State = Literal["open", "closed", "unknown"]
LICENCE = (
    "国土地理院コンテンツ利用規約 https://www.gsi.go.jp/kikakuchousei/kikakuchousei40182.html;"
    " 自治体のデータは各自治体の規約(多くはCC BY 4.0)"
)


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What sites and shelters have in common; what a source does not state is left out."""

    name: str
    name_kana: str = ""
    name_en: str = ""
    """As its owner states it."""
    called_en: str = ""
    """What an English reader sees: the stated English, else the stated reading in Roman letters
    with the kinds (小学校) in English, else the name as written with its kinds in English."""
    address: str = ""
    municipality_code: str = ""
    """JMA's 7 digits; empty where the source names a municipality that is not in the table."""
    municipality: str = ""
    municipality_en: str = ""
    common_id: str = ""
    """共通ID, the nation-wide identifier of GSI's lists."""
    local_id: str = ""
    """The municipality's or prefecture's own identifier."""
    match_key: str
    """Municipality and plain name: what statements of several sources about one place share."""
    capacity: int | None = None
    """People it can take: indoors where the source tells indoors and outdoors apart."""
    capacity_outdoor: int | None = None
    capacity_text: str = ""
    """As the source writes it."""
    flood: bool | None = None
    """洪水: suitable when this threatens; so for the next seven."""
    landslide: bool | None = None
    """崖崩れ、土石流及び地滑り."""
    storm_surge: bool | None = None
    """高潮."""
    earthquake: bool | None = None
    """地震."""
    tsunami: bool | None = None
    """津波."""
    fire: bool | None = None
    """大規模な火事."""
    inland_flood: bool | None = None
    """内水氾濫."""
    volcano: bool | None = None
    """火山現象."""
    elevation_m: float | None = None
    phone: str = ""
    district: str = ""
    serves: str = ""
    """対象となる町会・自治会."""
    remarks: str = ""

    def __post_init__(self) -> None:
        """Make the English out of what is stated."""
        if self.called_en or not self.name:
            return
        town = municipality_of(self.municipality_code)
        english = called(self.name, kana=self.name_kana, stated=self.name_en, town=town)
        msgspec.structs.force_setattr(self, "called_en", english)
        named = municipality_in_english(self.municipality_code)
        msgspec.structs.force_setattr(self, "municipality_en", named)


class Site(Place, frozen=True, kw_only=True, omit_defaults=True):
    """A designated emergency evacuation site (指定緊急避難場所): to escape from the danger."""

    also_shelter: bool | None = None
    """It is (at the address of) a designated shelter too."""


class Shelter(Place, frozen=True, kw_only=True, omit_defaults=True):
    """A shelter (指定避難所, or one opened ad hoc), as designated or as it stands."""

    state: State
    """``unknown``: the source says that it is designated, not whether it is open."""
    people: int | None = None
    """Head-count."""
    crowding: float | None = None
    """People by capacity, where both are known."""
    also_site: bool | None = None
    accepts: str = ""
    """受入対象者: whom it takes in, where it is for some only."""
    sent: Sent | None = None
    """As the sender of a package wrote it, where it came in one."""


SITES = Collection(
    id="response.sites",
    title=Text("指定緊急避難場所", "Emergency evacuation sites"),
    text=Text(
        "災害の危険から命を守るために逃げる場所。災害の種別ごとに使えるかが決まっています。",
        "Places to escape to from immediate danger, each for certain kinds of disaster.",
    ),
    schema=Site,
    licence=LICENCE,
)

SHELTERS = Collection(
    id="response.shelters",
    title=Text("避難所", "Shelters"),
    text=Text(
        "避難した人が過ごす場所。指定の一覧と、開設・避難者数の発表を、発表者ごとに並べて持ちます。",
        "Places to stay: the designated ones, and what is said of their opening and head-counts,"
        " each source's statements beside the others'.",
    ),
    schema=Shelter,
    licence=LICENCE,
)
