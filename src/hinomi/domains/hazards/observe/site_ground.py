"""Surface ground (表層地盤): J-SHIS's CSV of 250-m meshes, as coverages by first mesh."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from hinomi.domains.hazards.collections.site_ground import SITE_GROUND, SiteGroundGrid
from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.vocabulary.grids import box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SOURCE_ID = "site-ground"
STEP_M_S = 1.0


def detect(payload: Payload) -> bool:
    """Tell whether bytes are such a file, by its first lines."""
    from hinomi.standards import jshis_ground  # noqa: PLC0415 - numpy

    head = payload.data[:65_536].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not (head[:1] in b"#C" or head[:1].isdigit()):
        return False
    return jshis_ground.looks_like(payload.data)


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return one coverage for each first mesh, in every status: a drill's ground is the same."""
    from hinomi.standards import jshis_ground  # noqa: PLC0415

    found = jshis_ground.decode(payload.data)
    parsed = Parsed(kind=SOURCE_ID, problems=found.problems)
    try:
        for mesh, values in sorted(found.avs30_m_s.items()):
            _add(mesh, values, payload, parsed)
    except ModuleNotFoundError as missing:
        raise DataError(
            [Problem("site-ground.extra", "/", _EXTRA, found=str(missing.name))]
        ) from None
    return parsed


def _add(mesh: str, values: NDArray[np.float32], payload: Payload, parsed: Parsed) -> None:
    import numpy as np  # noqa: PLC0415

    from hinomi.science import coverages  # noqa: PLC0415
    from hinomi.standards.jshis_ground import south_west  # noqa: PLC0415

    at = payload.taken_at
    west, south = south_west(mesh)
    bounds = (west, round(south, 9), west + 1, round(south + 2 / 3, 9))
    packed = coverages.pack(
        coverages.Packed(
            parameter="avs30_m_s", unit="m/s", times=(at,), bounds=bounds, values=values[None]
        ),
        STEP_M_S,
    )  # fmt: skip
    body = SiteGroundGrid(
        parameter="avs30_m_s", unit="m/s", bounds=bounds, rows=values.shape[0],
        columns=values.shape[1], moments=(at,), grid_digest=sha256(packed).hexdigest(),
        error=STEP_M_S / 2, mesh=mesh, known_share=round(float(np.isfinite(values).mean()), 4),
    )  # fmt: skip
    parsed.blobs.append(packed)
    parsed.records += [
        Record(
            collection=SITE_GROUND.id, key=f"jshis/{mesh}", said_at=at, when=Interval(at, None),
            body=body, place=box(*bounds), source=SOURCE_ID, marking=Marking(status),
            origin=Origin(payload.digest, payload.address, "/"),
        )
        for status in Status
    ]  # fmt: skip


_EXTRA = Text(
    "地盤を格子にする部品が入っていません。pip install 'hinomi[models]'",
    "What turns ground into grids is not installed: pip install 'hinomi[models]'",
)

SOURCE = Source(
    id=SOURCE_ID,
    title=Text("表層地盤(J-SHIS・250 mメッシュ)", "Surface ground (J-SHIS, 250-m meshes)"),
    gives=(SITE_GROUND.id,),
    licence=SITE_GROUND.licence,
    reference="J-SHIS データ規約集 表層地盤データ記述ファイル規約, https://www.j-shis.bosai.go.jp/",
    detect=detect,
    parse=parse,
)
