"""The collection ``areas``: the dated area master as records, with geometry once imported."""

from __future__ import annotations

import msgspec

from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.areas.codes import Kind


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A municipality, ward, forecast area or seismic area; its place is the boundary."""

    code: str
    """As JMA writes it: 7 digits (JIS 5 + 00) for a municipality, 6 for a forecast area."""
    kind: Kind
    name: str
    name_en: str = ""
    prefecture_code: str = ""
    prefecture: str = ""
    municipality_code: str = ""
    """Of a ward: the designated city."""
    group_code: str = ""
    """市町村等をまとめた地域."""
    primary_code: str = ""
    """一次細分区域."""
    office_code: str = ""
    """府県予報区."""
    seismic_code: str = ""
    """地震情報の細分区域."""
    edition: str = ""
    """The boundary file's own date, as far as it has one."""
    members: int = 0
    """Of a union: how many municipalities it was made of."""
    missing: tuple[str, ...] = ()
    """Of a union: the members for which the file has no boundary."""
    approximate: bool = False
    """The boundary is not exactly JMA's: a member is divided, inferred or missing."""


AREAS = Collection(
    id="areas",
    title=Text("地域", "Areas"),
    text=Text(
        "市町村・予報区・地震情報の細分区域と、その境界。境界は利用者が一度取り込みます。",
        "Municipalities, forecast and seismic areas with their boundaries, which the user imports"
        " once.",
    ),
    schema=Area,
    verb=Verb.REFER,
    licence="国土数値情報(行政区域データ)利用約款 https://nlftp.mlit.go.jp/ksj/other/agreement.html",
)
