"""Coasts (津波予報区) with a tsunami warning or advisory in force, and whom they concern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hinomi.domains.response.predict.things import Raised, Thing, statements, withdrawn
from hinomi.kernel.errors import Text
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.areas.codes import ever, every

TSUNAMI_ID = "hazards.tsunami"
ADVISORY, WARNING = 2, 3
"""津波注意報, 津波警報: ``severity`` of :data:`hazards.tsunami`; 4 is 大津波警報."""
_PART = "warning/"

_LEAVE = Text(
    "沿岸部や川沿いにいる人は、ただちに高台や避難ビルなど安全な場所へ避難",
    "leave coasts and rivers at once for high ground or an evacuation building",
)
_OUT = Text(
    "海の中にいる人は、ただちに海から上がって、海岸から離れる",
    "get out of the sea and away from the shore",
)
"""What JMA asks for with each kind of warning, 津波警報・注意報の種類."""
_KINDS = {2: "Tsunami Advisory", 3: "Tsunami Warning", 4: "Major Tsunami Warning"}

BESIDE: dict[str, tuple[str, ...]] = {
    "120": ("01",),  # オホーツク海沿岸
    "202": ("02",),  # 陸奥湾
    "312": ("12", "13", "14"),  # 東京湾内湾
    "320": ("13",),  # 伊豆諸島
    "321": ("13",),  # 小笠原諸島
    "330": ("14",),  # 相模湾・三浦半島
    "341": ("15",),  # 佐渡
    "391": ("23", "24"),  # 伊勢・三河湾
    "522": ("28",),  # 淡路島南部
    "551": ("32",),  # 隠岐
    "712": ("40", "41", "42", "43", "46"),  # 有明・八代海
    "731": ("42",),  # 壱岐・対馬
    "771": ("46",),  # 種子島・屋久島地方
    "772": ("46",),  # 奄美群島・トカラ列島
    "800": ("47",),  # 沖縄本島地方
    "801": ("47",),  # 大東島地方
    "802": ("47",),  # 宮古島・八重山地方
}
"""津波予報区 -> prefectures, where its name does not begin with the prefecture's. After 気象庁
「津波予報区について」 by whole prefectures: who lies on the other side of a border is told too."""


def prefectures_of(code: str, name: str = "") -> tuple[str, ...]:
    """Return the prefectures whose coast it is; none where neither code nor name tells.

    Example:
        >>> prefectures_of("360"), prefectures_of("391"), prefectures_of("999")
        (('17',), ('23', '24'), ())
    """
    if code in BESIDE:
        return BESIDE[code]
    known = ever(code, "tsunami")
    called = known.name if known is not None else name
    return tuple(p.code for p in every("prefecture") if called.startswith(p.name))


def coasts(
    reader: Reader, changed: Sequence[str] | None, raised: dict[str, list[Raised]]
) -> Iterable[Thing]:
    """Yield coasts by the warning in force there."""
    del raised
    keys = None if changed is None else [key for key in changed if key.startswith(_PART)]
    gone = dict.fromkeys(keys or ())
    for now in statements(reader, TSUNAMI_ID, keys):
        gone.pop(now.key, None)
        said = now.properties()
        if said.get("part") != "warning":
            continue
        rank = said.get("severity", 0) if said.get("in_force") else 0
        start = now.when.start or now.said_at
        thing = Thing(id=_id(now.key), start=start, inputs=(now.id,))
        if rank < ADVISORY:
            yield thing
            continue
        yield _coast(said, thing, rank)
    for key in gone:
        yield from withdrawn(reader, TSUNAMI_ID, key, _id(key))


def _id(key: str) -> str:
    return f"coast:{key.removeprefix(_PART).replace('/', ':')}"


def _coast(said: dict[str, object], thing: Thing, rank: int) -> Thing:
    code, name = str(said.get("code", "")), str(said.get("name", ""))
    known = ever(code, "tsunami")
    called = Text(name, (known.name_en if known is not None else "") or name)
    kind = Text(str(said.get("kind_name") or "津波注意報"), _KINDS.get(rank, _KINDS[ADVISORY]))
    asks = _LEAVE if rank >= WARNING else _OUT
    return Thing(
        id=thing.id,
        start=thing.start,
        inputs=thing.inputs,
        rank=rank,
        kind="tsunami",
        area_code=code,
        name=called,
        heading=Text(f"{kind.ja} {called.ja}", f"{kind.en} {called.en}"),
        text=Text(f"{called.ja} {kind.ja}: {asks.ja}", f"{called.en}: {kind.en}: {asks.en}"),
        areas=prefectures_of(code, name),
        coast=code,
    )
