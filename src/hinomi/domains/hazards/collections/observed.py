"""What has happened on the ground: inundated areas, levee breaches, landslides."""

from __future__ import annotations

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.vocabulary.exchange import Sent

LICENCE = "各発表者の規約 (each sender's terms: license_id of its package)"


class Inundation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """浸水範囲 (SIP4D 01-008-03)."""

    municipality_code: str = ""
    municipality: str = ""
    remarks: str = ""
    sent: Sent | None = None
    """As its sender wrote it."""


class LeveeBreach(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """堤防決壊 (SIP4D 01-009-01 point, -02 line, -03 area)."""

    municipality_code: str = ""
    municipality: str = ""
    river_name: str = ""
    river_name_kana: str = ""
    water_system: str = ""
    office: str = ""
    """整備局等."""
    bank: str = ""
    """左右岸."""
    distance_mark: str = ""
    """キロポスト, as written."""
    detail: str = ""
    measures: str = ""
    occurred_day: str = ""
    occurred_time: str = ""
    remarks: str = ""
    sent: Sent | None = None


class Landslide(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """土砂災害 (SIP4D 01-010-01 point, -02 line, -03 area)."""

    name: str = ""
    kind: str = ""
    """rockfall (がけ崩れ), landslide (地すべり), debris_flow, avalanche, other."""
    municipality_code: str = ""
    municipality: str = ""
    households: int | None = None
    dead: int | None = None
    injured: int | None = None
    detail: str = ""
    measures: str = ""
    occurred_day: str = ""
    occurred_time: str = ""
    remarks: str = ""
    sent: Sent | None = None


def _collection(name: str, ja: str, en: str, schema: type[msgspec.Struct]) -> Collection:
    text = Text(
        f"現地や衛星などで確認された{ja}。送信者自身の属性名と値も残します。",
        f"{en} that were seen; the sender's own names and values are kept beside.",
    )
    return Collection(
        id=f"hazards.{name}", title=Text(ja, en), text=text, schema=schema, licence=LICENCE
    )


INUNDATION = _collection("inundation", "浸水範囲", "Inundated areas", Inundation)
LEVEE_BREACHES = _collection("levee_breaches", "堤防決壊", "Levee breaches", LeveeBreach)
LANDSLIDES = _collection("landslides", "土砂災害", "Landslides", Landslide)
COLLECTIONS = (INUNDATION, LEVEE_BREACHES, LANDSLIDES)
