"""``hazards.site_ground``: speed of shear waves in the uppermost 30 m, where it was imported."""

from __future__ import annotations

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.grids import Grid


class SiteGroundGrid(Grid, frozen=True, kw_only=True):
    """AVS30 of one first mesh (1次メッシュ); soft ground (slow waves) shakes more."""

    mesh: str
    known_share: float
    """Part of the cells with a value: the sea has none."""


SITE_GROUND = Collection(
    id="hazards.site_ground",
    title=Text("表層地盤(AVS30)", "Surface ground (AVS30)"),
    text=Text(
        "表層30 mの平均S波速度(250 mメッシュ)。J-SHISの表層地盤データのCSVを取り込むと、"
        "推計震度分布に使います。Hinomiには含まれません。",
        "Mean S-wave velocity of the uppermost 30 m on 250-m meshes: import J-SHIS's CSV of the"
        " surface ground, and shake maps use it. None comes with Hinomi.",
    ),
    schema=SiteGroundGrid,
    kind=Kind.COVERAGES,
    verb=Verb.REFER,
    licence="whoever sent it; J-SHIS: https://www.j-shis.bosai.go.jp/terms",
)
