"""Predict: one place for what several organisations say of it (論理統合)."""

from __future__ import annotations

from collections.abc import Sequence

from hinomi.domains.response.collections.merging import PLACES, SETTLEMENTS, TRUST
from hinomi.domains.response.merging.region import Region, Settled
from hinomi.domains.response.merging.things import KINDS
from hinomi.domains.response.merging.views import Places
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader

MANY = 3000
"""From so many changed keys on everything is read: that is quicker than asking for each."""


def predict_places(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the places that a change makes, alters or ends."""
    watched = {c: tuple(keys.get(c, ())) for c in (*KINDS, SETTLEMENTS.id)}
    count = sum(map(len, watched.values()))
    if keys and not count and not keys.get(TRUST.id):
        return Parsed(kind=PLACES.id)
    region = Region(reader, Settled(reader))
    if not keys or keys.get(TRUST.id) or count > MANY:
        region.read_all()
        gone = [ref for standing in region.standing.values() for ref in standing.refs]
        records = Places(region).records(region.components(), gone)
    else:
        touched = region.read_around(watched)
        records = Places(region).records(region.components(touched), touched)
    return Parsed(records=records, kind=PLACES.id)


MERGED_PLACES = Model(
    id="response.merging",
    title=Text("論理統合", "Merging of statements"),
    version="2",
    needs=(*KINDS, SETTLEMENTS.id, TRUST.id),
    gives=(PLACES.id,),
    predict=predict_places,
    reference="Fellegi and Sunter 1969, doi:10.1080/01621459.1969.10501049",
    limits=Text(
        "位置・名称・住所・識別子・時刻から同じものかを推定します。"
        "1者が別々に挙げるもの(校庭と体育館など)はまとめません。"
        "道路と被害箇所の重みは実測によらず定めたものです。写真は、題名や説明の言葉から何が写って"
        "いるかを読みます。",
        "Whether two are one is estimated from position, name, address, identifiers and time. What"
        " one source lists apart (a school's yard and its gymnasium) stays apart. The weights for"
        " roads and damage are set by hand, not measured. What a photo shows is told by the words"
        " that people gave it.",
    ),
)
