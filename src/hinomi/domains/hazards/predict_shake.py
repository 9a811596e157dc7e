"""Predict: how strongly it shook between the municipalities that have told their intensity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from hinomi import __version__
from hinomi.domains.hazards.collections.depth_areas import BUILDINGS, POPULATION
from hinomi.domains.hazards.collections.quakes import INTENSITIES, QUAKES, Intensity, Quake
from hinomi.domains.hazards.collections.shake_maps import SHAKE_MAPS, ShakeMapGrid
from hinomi.domains.hazards.collections.site_ground import SITE_GROUND
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.geometry import Geometry, bounds
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Origin, Record, Stored, instant
from hinomi.vocabulary.grids import box

if TYPE_CHECKING:
    from hinomi.domains.hazards.shake_exposure import Ground
    from hinomi.science.shaking.ground_motion import Quake as Kind
    from hinomi.science.shaking.maps import Frame, Observed, Source

SOURCE = "hinomi"
WEAKEST = 4.5
"""Magnitude from which a map is made: the relation is fitted from 5.8 on."""
AROUND = (SITE_GROUND.id, POPULATION, BUILDINGS)
"""When what stands around changes, the newest maps are made anew."""
NEWEST = 20
"""Of a backlog the newest quakes are mapped."""
STEP, SIGMA_STEP = 0.02, 0.01
MESH_LON, MESH_LAT = 1 / 320, 1 / 480
"""[degree] the 250-m mesh (4分の1地域メッシュ)."""
MOST_CELLS = 1_000_000
MOST_NAMED = 5_000
"""Blocks and buildings that a map's origin names; all are counted."""
MOST_NODES = 15_000
"""Cells at which the correction is worked out; between them it is drawn straight."""
VS30_M_S = 350.0
OF_A_TOWN = 0.3
"""A municipality tells the greatest of its stations: so far may its middle be from it."""
_JAPAN = (120.0, 20.0, 155.0, 50.0)
UNCERTAINTY = Text(
    "標準偏差をファイル内のintensity_sigmaに示します。震度の観測がない所ほど大きくなります。",
    "The file's intensity_sigma is the standard deviation: greatest far from any observation.",
)
MOMENT_LESS = 0.171
"""Mw = Mj - 0.171 (宇津 1982), as JMA's early warnings take it before Si & Midorikawa's relation
(気象庁 緊急地震速報の概要や処理手法に関する技術的参考資料)."""
LIMITS = Text(
    "独自の推計で、気象庁の推計震度分布ではありません。断層の向きは電文にないため、規模相当の断層を全方位に"
    "置いた平均です(断層に沿う側は過小、直交する側は過大になり得ます)。市町村の震度は代表点に置きます。",
    "Our own estimate, not JMA's. No telegram tells the fault's direction: it is the mean over"
    " faults of the quake's size in all directions (too low along the true one, too high across"
    " it). A municipality's intensity stands at one point.",
)
FITTED = (5.8, 8.3)
"""Mw of the 21 quakes behind the relation (司・翠川 1999)."""
BEYOND = Text(
    f"規模が距離減衰式の範囲(Mw{FITTED[0]}〜{FITTED[1]})の外です。小さい地震では過大、大きい地震では頭打ちになります。",
    f"The magnitude is outside the relation's quakes (Mw {FITTED[0]} to {FITTED[1]}): too strong"
    " for smaller ones, held for greater ones.",
)
DEEPEST_KM = 150.0
"""[km] Below it JMA predicts no intensity either (深発地震: 緊急地震速報の概要や処理手法に関する
技術的参考資料): what shakes is far off along the plate, and the relation's depth term runs away."""
DEEP = Text(
    "深さ150kmより深い地震のため、推計震度分布を作りません(異常震域となり、距離減衰式が使えません)。",
    "No shake map: the quake is deeper than 150 km, where no attenuation relation holds.",
)
UNIFORM = Text(
    f"地盤データがないため、地盤は一様(AVS30={VS30_M_S:g}m/s)です。軟弱地盤では小さすぎます。",
    f"No ground was imported: it is the same everywhere (AVS30 {VS30_M_S:g} m/s), too low on soft"
    " ground.",
)
DAMAGE = Text(
    "全壊棟数は木造の被害率曲線によるもので、火災・津波・土砂災害・液状化を含みません。人口は夜間の居住地です。",
    "Houses destroyed are by curves for wooden ones; fire, tsunami, slopes and liquefaction are not"
    " in it. People are counted where they live.",
)


def predict_shake(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the maps of the quakes that changed."""
    made = Parsed(kind=SHAKE_MAPS.id)
    try:
        quakes, gone = _changed(reader, keys)
        for quake in quakes:
            if not _map(reader, quake, made):
                gone.add(quake.key)
        _withdraw(reader, gone, made)
    except ModuleNotFoundError as missing:
        text = Text(
            "震度分布の部品が入っていません。pip install 'hinomi[models]'",
            "What computes shake maps is not installed: pip install 'hinomi[models]'",
        )
        made.problems.append(Problem("shake.extra", "/", text, "note", str(missing.name)))
    return made


def _changed(reader: Reader, keys: dict[str, Sequence[str]]) -> tuple[list[Stored], set[str]]:
    """Return the quakes to be mapped, and those that stand no longer though something changed."""
    if not keys or any(keys.get(name) for name in AROUND):
        found = list(reader.every(QUAKES.id))
        events = {item.key for item in reader.every(SHAKE_MAPS.id)}
    else:
        events = set(keys.get(QUAKES.id, ()))
        events |= {key.partition("/")[0] for key in keys.get(INTENSITIES.id, ())}
        found = list(reader.every(QUAKES.id, keys=tuple(sorted(events)))) if events else []
    newest = sorted(found, key=lambda item: item.said_at)[-NEWEST:]
    return newest, events - {item.key for item in found}


def _withdraw(reader: Reader, events: set[str], made: Parsed) -> None:
    """Take back the maps of quakes that were withdrawn, or of which none can be made any more."""
    if not events:
        return
    made.records += [
        Record(
            collection=SHAKE_MAPS.id, key=item.key, said_at=item.said_at, source=SOURCE,
            body=msgspec.convert(item.body(), ShakeMapGrid), when=item.when, retracts=True,
            origin=Origin(inputs=(item.id,)),
        )
        for item in reader.every(SHAKE_MAPS.id, keys=tuple(sorted(events)))
    ]  # fmt: skip


def _map(reader: Reader, item: Stored, made: Parsed) -> bool:
    """Add a quake's map; False: none can be made."""
    quake, place = msgspec.convert(item.body(), Quake), item.place()
    if not _can(quake, place):
        return False
    if quake.depth_km is not None and quake.depth_km > DEEPEST_KM:
        depth = f"{quake.depth_km:g} km"
        made.problems.append(Problem("shake.deep", item.key, DEEP, "note", depth, "to 150 km"))
        return False
    import numpy as np  # noqa: PLC0415

    from hinomi.domains.hazards.shake_exposure import ground_of, reached  # noqa: PLC0415 - heavy
    from hinomi.science.coverages import Packed, pack  # noqa: PLC0415
    from hinomi.science.shaking.maps import Source, shake_map  # noqa: PLC0415

    assert place is not None  # noqa: S101 - as _can has seen
    assert quake.magnitude is not None and quake.depth_km is not None  # noqa: S101, PT018
    longitude, latitude = place["coordinates"][:2]
    mw = moment_magnitude(quake)
    source = Source(longitude, latitude, quake.depth_km, mw, kind_of(quake.depth_km))
    frame = _frame(source)
    ground = ground_of(reader, frame)
    observed, used = _observed(reader, item.key, frame, ground)
    spacing = math.ceil(math.sqrt(frame.rows * frame.columns / MOST_NODES))
    vs30 = np.where(np.isfinite(ground.avs30_m_s), ground.avs30_m_s, VS30_M_S)
    found = shake_map(
        source, frame, observed, vs30_m_s=vs30 if ground.share else VS30_M_S, spacing=spacing
    )
    inside = reached(reader, frame, found)
    said_at = max([item.said_at, *(one.said_at for one in used)])
    grids = [
        Packed(parameter=name, unit="1", times=(item.when.start or said_at,), bounds=frame.bounds,
               values=values.clip(min=0)[None])
        for name, values in (("intensity", found.intensity), ("intensity_sigma", found.sigma))
    ]  # fmt: skip
    data = pack(grids[0], STEP, (grids[1], SIGMA_STEP))
    limits = _limits(mw, ground.share, told=bool(inside.levels))
    body = ShakeMapGrid(
        parameter="intensity", unit="1", bounds=frame.bounds, rows=frame.rows,
        columns=frame.columns, moments=grids[0].times, grid_digest=sha256(data).hexdigest(),
        error=STEP / 2, event_id=item.key, hypocentre=quake.hypocentre,
        magnitude=quake.magnitude, mw=round(mw, 2), length_km=_length_km(source),
        ground_share=round(ground.share, 4), depth_km=quake.depth_km, quake_kind=source.kind,
        observed=len(used), bias=round(found.bias, 2),
        greatest=round(float(found.intensity.max()), 1),
        sigma=round(float(np.median(found.sigma)), 2), levels=inside.levels,
        destroyed_low=inside.destroyed_low, destroyed_high=inside.destroyed_high,
        told=inside.told.ja, told_en=inside.told.en, code_version=__version__,
        parameters=f"Si & Midorikawa 1999 PGV, Mw {mw:.2f}; rupture of unknown direction, Wells &"
        f" Coppersmith 1994 / Strasser et al. 2010; AVS30 {VS30_M_S:g} m/s where none is known;"
        " Midorikawa et al. 1999; Worden et al. 2018, b 25.7 km, between-event share 0.25",
        uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en,
        limits=limits.ja, limits_en=limits.en,
    )  # fmt: skip
    stood = [one.id for one in (*used, *ground.inputs)]
    made.blobs.append(data)
    made.records.append(
        Record(
            collection=SHAKE_MAPS.id, key=item.key, said_at=said_at, body=body,
            when=instant(grids[0].times[0]), place=box(*frame.bounds), source=SOURCE,
            origin=Origin(inputs=(item.id, *stood, *inside.inputs[:MOST_NAMED])),
            serial=len(reader.history(SHAKE_MAPS.id, item.key).items),
        )
    )  # fmt: skip
    return True


def moment_magnitude(quake: Quake) -> float:
    """Return the moment magnitude of a quake with a size."""
    assert quake.magnitude is not None  # noqa: S101 - as _can has seen
    return quake.magnitude - (0.0 if quake.magnitude_type == "Mw" else MOMENT_LESS)


def _length_km(source: Source) -> float:
    from hinomi.science.shaking.ruptures import size_km  # noqa: PLC0415

    return round(size_km(source.magnitude, source.kind, math.radians(45))[0], 1)


def _limits(mw: float, share: float, *, told: bool) -> Text:
    fitted = FITTED[0] <= mw <= FITTED[1]
    parts = [
        LIMITS, *([] if fitted else [BEYOND]), *([] if share else [UNIFORM]),
        *([DAMAGE] if told else []),
    ]  # fmt: skip
    return Text("".join(p.ja for p in parts), " ".join(p.en for p in parts))


def _can(quake: Quake, place: Geometry | None) -> bool:
    """Tell whether a map makes sense: a place, a depth and a size, in or near Japan."""
    if place is None or place["type"] != "Point" or quake.depth_km is None:
        return False
    if quake.magnitude is None or not WEAKEST <= quake.magnitude < 10:
        return False
    longitude, latitude = place["coordinates"][:2]
    west, south, east, north = _JAPAN
    return bool(west <= longitude <= east and south <= latitude <= north)


def kind_of(depth_km: float) -> Kind:
    """Return the type that a depth suggests: JMA's reports do not tell it."""
    return "crustal" if depth_km <= 25 else "interface" if depth_km <= 60 else "slab"


def _frame(source: Source) -> Frame:
    """Return whole 250-m meshes (larger for great quakes) to where intensity 2 ends."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science.shaking.maps import EARTH_KM, FARTHEST_KM, Frame, at_places  # noqa: PLC0415

    reach = np.arange(20.0, FARTHEST_KM + _length_km(source) + 1, 10.0)
    degrees = np.degrees(reach / EARTH_KM)
    north = source._replace(latitude=0.0, longitude=0.0)
    felt = at_places(north, np.zeros(degrees.size), degrees, VS30_M_S) >= 2.5
    high = float(degrees[felt][-1]) if felt.any() else float(degrees[0])
    wide = high / math.cos(math.radians(source.latitude))
    cells = (2 * high / MESH_LAT) * (2 * wide / MESH_LON)
    times = max(1, math.ceil(math.sqrt(cells / MOST_CELLS)))
    lon, lat = MESH_LON * times, MESH_LAT * times
    left, low = (
        math.floor((source.longitude - wide) / lon),
        math.floor((source.latitude - high) / lat),
    )
    columns, rows = math.ceil(2 * wide / lon) + 1, math.ceil(2 * high / lat) + 1
    return Frame((left * lon, low * lat, (left + columns) * lon, (low + rows) * lat), rows, columns)


def _observed(
    reader: Reader, event: str, frame: Frame, ground: Ground
) -> tuple[Observed | None, list[Stored]]:
    """Return the municipalities' intensities inside the frame, at their outlines' middles."""
    import numpy as np  # noqa: PLC0415

    from hinomi.domains.hazards.shake_exposure import ground_under  # noqa: PLC0415
    from hinomi.science.shaking.maps import Observed  # noqa: PLC0415

    rows, used = [], []
    west, south, east, north = frame.bounds
    own = Compare("=", Property("event_id"), Value(event))
    for item in reader.every(INTENSITIES.id, filter=own):
        body, place = msgspec.convert(item.body(), Intensity), item.place()
        if body.measure != "intensity" or body.area_kind != "city" or body.at_least is None:
            continue
        if place is None:
            continue
        left, low, right, top = bounds(place)[:4]
        longitude, latitude = (left + right) / 2, (low + top) / 2
        if west < longitude < east and south < latitude < north:
            width = 0.5 if 4.5 <= body.at_least < 6.5 else 1.0
            sure = math.hypot(width / math.sqrt(12), OF_A_TOWN)
            avs30 = ground_under(ground, frame, place) if ground.share else math.nan
            rows.append((
                longitude, latitude, body.at_least + width / 2, sure,
                VS30_M_S if math.isnan(avs30) else avs30,
            ))  # fmt: skip
            used.append(item)
    if not rows:
        return None, []
    return Observed(*np.array(rows, np.float64).T), used


SHAKE = Model(
    id="shake-map",
    title=Text("推計震度分布(独自)", "Shake map (our own)"),
    version="2",
    needs=(QUAKES.id, INTENSITIES.id, *AROUND),
    gives=(SHAKE_MAPS.id,),
    predict=predict_shake,
    reference="Si & Midorikawa 1999, 日本建築学会構造系論文集 523; Fujimoto & Midorikawa 2006;"
    " Thompson & Worden 2018, BSSA 108(1), 371; Worden et al. 2018, BSSA 108(2), 853",
    limits=LIMITS,
)
