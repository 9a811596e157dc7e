"""Predict: how deep water stands, from flood sensors and the ground, anew with each report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from hinomi import __version__
from hinomi.domains.hazards.collections.depths import (
    DEPTH_ERRORS,
    DEPTH_STEP_M,
    DEPTHS,
    ELEVATION,
    DepthErrorGrid,
    DepthGrid,
    Remark,
)
from hinomi.domains.hazards.collections.inundation_forecasts import INUNDATION_DEPTHS
from hinomi.domains.hazards.collections.sensors import SENSORS, Sensor
from hinomi.domains.hazards.depth_grounds import Place, grounds
from hinomi.domains.hazards.predict_depths_library import Library, look_up, runs_of
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Origin, Record, Stored
from hinomi.vocabulary.grids import box

if TYPE_CHECKING:
    from hinomi.science.depths.posts import Finding
    from hinomi.science.depths.surface import Surface

SOURCE = "hinomi"
SWITCH_CM = 10.0
"""One-coin sensors switch at 10, 20 and 30 cm; a depth that is none of these was measured."""
HIGHEST_CM = 30.0
_MEASURED_M = 0.02
_ERROR_STEP_M = 0.05
_MOST_REMARKS = 50
_STILL = datetime(9000, 1, 1, tzinfo=UTC)
"""Only a map that still stands reaches so far."""
_WATER = ("wet10", "wet20", "wet30")
LIMITS = Text(
    "浸水センサーと標高から推定した独自の値で、公式の情報ではありません。避難は公式の情報に従って"
    "ください。水は流れず水平に近いものとし、下水道・壁・暗渠・盛土が標高に無ければ誤ります。センサー"
    "から500 mを超える場所と、水がたまらない坂では、似た浸水計算があればそれにより、なければ何も"
    "言いません。",
    "Our own estimate from flood sensors and elevation, no official information; evacuate by"
    " official information. Water is taken as nearly level and still; where sewers, walls, culverts"
    " or banks are not in the elevation it is wrong. Beyond 500 m from a sensor, and on slopes that"
    " hold no water, runs of the library that look like it speak, or nothing is said.",
)
UNCERTAINTY = Text(
    "各地点の標準誤差は hazards.depth_errors に同じキーであります(標高0.3 m、水面勾配1/1000、"
    "スイッチの間隔から)。30 cmを超える深さは、近くの高い場所のセンサーがなければ下限です。",
    "hazards.depth_errors has each place's standard error under the same key (ground 0.3 m, surface"
    " slope 1/1000, the switches' steps). Beyond 30 cm a depth is a lower bound unless a sensor on"
    " higher ground near by tells.",
)


def predict_depths(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return a map of depth for each ground on which sensors say something new.

    What the maps that stood before said, and from when to when, stays: each is stated once more
    with its end.
    """
    parsed = Parsed()
    if keys and not any(keys.get(c.id) for c in (SENSORS, ELEVATION, INUNDATION_DEPTHS)):
        return parsed  # Its own maps: needed to end them, no news.
    try:
        for place in grounds(reader):
            _map(reader, place, parsed)
    except ModuleNotFoundError as missing:
        parsed.problems.append(
            Problem("depths.extra", "/", _TEXTS["extra"], "alarm", str(missing.name))
        )
    return parsed


class Post(msgspec.Struct, frozen=True):
    """A flood sensor on a ground, and the interval of depth that it says."""

    stored: Stored
    sensor: Sensor
    row: int
    column: int
    low_m: float
    high_m: float


class _Said(msgspec.Struct):
    properties: Sensor
    geometry: dict[str, Any] | None = None


_SAID = msgspec.json.Decoder(_Said)


def posts_of(reader: Reader, place: Place) -> Iterator[Post]:
    """Yield the flood sensors on a ground, by key, with what they say as an interval of depth."""
    west, south, east, north = place.bounds
    for stored in sorted(reader.every(SENSORS.id, bbox=place.bounds), key=lambda s: s.key):
        found = _SAID.decode(stored.feature)
        if found.properties.kind != "flood-switch" or found.geometry is None:
            continue
        if found.geometry["type"] != "Point":
            continue
        longitude, latitude = found.geometry["coordinates"][:2]
        row = math.floor((north - latitude) / (north - south) * place.rows)
        column = math.floor((longitude - west) / (east - west) * place.columns)
        if 0 <= row < place.rows and 0 <= column < place.columns:
            yield Post(stored, found.properties, row, column, *_interval(found.properties))


def _interval(sensor: Sensor) -> tuple[float, float]:
    """Return the least and greatest depth [m] that a believed state allows; NaN: none is."""
    if sensor.state == "dry":
        return 0.0, SWITCH_CM / 100
    if sensor.state not in _WATER or sensor.depth_cm is None:
        return math.nan, math.nan
    depth_cm = sensor.depth_cm
    if depth_cm > HIGHEST_CM or depth_cm % SWITCH_CM:
        return max(depth_cm / 100 - _MEASURED_M, 0.01), depth_cm / 100 + _MEASURED_M
    if depth_cm == HIGHEST_CM:
        return depth_cm / 100, math.inf
    return depth_cm / 100, (depth_cm + SWITCH_CM) / 100


def _map(reader: Reader, place: Place, parsed: Parsed) -> None:
    posts = list(posts_of(reader, place))
    told = [post for post in posts if not math.isnan(post.low_m)]
    stands = [
        item
        for item in reader.every(DEPTHS.id, when=(_STILL, None), bbox=place.bounds)
        if item.body()["network"] == place.network
    ]
    if not told:
        newest = max((p.stored.said_at for p in posts), default=None)
        if newest is not None:
            _end(reader, stands, newest, parsed)
        return
    runs = runs_of(reader, place)
    state = _state(place, posts, runs)
    if any(item.body()["state"] == state for item in stands):
        return
    said_at = max(
        *(post.stored.said_at for post in posts), *(item.said_at for item in stands),
        *(item.said_at for item in (*place.elevation, *runs)),
    )  # fmt: skip
    surface = place.surface(
        [p.row for p in posts], [p.column for p in posts], [p.low_m for p in posts],
        [p.high_m for p in posts],
    )  # fmt: skip
    found = _Found(surface, look_up(reader, place, runs, (
        [p.row for p in told], [p.column for p in told], [p.low_m for p in told],
        [p.high_m for p in told],
    )))  # fmt: skip
    _state_map(reader, place, posts, (said_at, state), found, parsed)
    _end(reader, [item for item in stands if item.said_at < said_at], said_at, parsed)


class _Found(NamedTuple):
    """The two tiers' words."""

    surface: Surface
    library: Library


def _state(place: Place, posts: Sequence[Post], runs: Sequence[Stored]) -> str:
    stated = [(p.stored.key, p.row, p.column, p.low_m, str(p.high_m)) for p in posts]
    whole = msgspec.json.encode((place.digest, stated, [run.id for run in runs], __version__))
    return blake2b(whole, digest_size=8).hexdigest()


def _state_map(
    reader: Reader,
    place: Place,
    posts: Sequence[Post],
    stated: tuple[datetime, str],
    found: _Found,
    parsed: Parsed,
) -> None:
    import numpy as np  # noqa: PLC0415

    from hinomi.science.depths.analogues import joined  # noqa: PLC0415
    from hinomi.science.inundation.ranks import LEAST_M  # noqa: PLC0415

    said_at, state = stated
    surface, library = found
    depth, error = surface.depth_m, surface.error_m
    if library.blend is not None:
        depth, error = joined(depth, error, library.blend)
    under = depth >= LEAST_M
    told = [post for post in posts if not math.isnan(post.low_m)]
    remarks = tuple(_remarks(surface.findings, posts))
    known = np.isfinite(error)
    common: dict[str, Any] = {"network": place.network, "state": state}
    body = DepthGrid(
        **_grid(place, "depth_m", depth, said_at, parsed), **common,
        wet=sum(post.low_m > 0 for post in told), dry=sum(post.low_m <= 0 for post in told),
        left_out=len(posts) - len(told) + sum(r.code in _LEAVES_OUT for r in remarks),
        area_m2=round(float(under.sum()) * place.width_m * place.length_m, 1),
        deepest_m=round(float(np.nanmax(depth, initial=0.0)), 2),
        largest_error_m=round(float(error[known].max()), 2) if known.any() else None,
        method="surface" if library.blend is None else "analogues",
        method_why=library.why.ja, method_why_en=library.why.en, runs=library.runs,
        remarks=remarks[:_MOST_REMARKS], parameters=str(surface.settings),
        code_version=__version__, uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en,
        limits=LIMITS.ja, limits_en=LIMITS.en,
    )  # fmt: skip
    how = DepthErrorGrid(**_grid(place, "depth_error_m", error, said_at, parsed), **common)
    key = f"{place.network}/{said_at:%Y%m%dT%H%M%SZ}"
    # Those under water first: they are what the map is made of.
    inputs = (
        *(p.stored.id for p in sorted(told, key=lambda p: -p.low_m)),
        *(item.id for item in (*place.elevation, *library.items)),
    )
    for collection, one in ((DEPTHS, body), (DEPTH_ERRORS, how)):
        parsed.records.append(
            Record(
                collection=collection.id, key=key, said_at=said_at, body=one, source=SOURCE,
                when=Interval(said_at, None), place=box(*place.bounds),
                origin=Origin(inputs=inputs),
                serial=len(reader.history(collection.id, key).items),
            )
        )  # fmt: skip
    parsed.problems += [
        Problem(f"depths.{r.code}", r.sensor, Text(r.text, r.text_en), "alarm", place.network)
        for r in remarks
        if r.code in _ALARMS
    ]


def _grid(place: Place, name: str, values: Any, at: datetime, parsed: Parsed) -> dict[str, Any]:
    """Keep a grid as a blob and return what its record says of it."""
    from hinomi.science import coverages  # noqa: PLC0415

    step = DEPTH_STEP_M if name == "depth_m" else _ERROR_STEP_M
    packed = coverages.pack(
        coverages.Packed(
            parameter=name, unit="m", times=(at,), bounds=place.bounds, values=values[None]
        ),
        step,
    )
    parsed.blobs.append(packed)
    return {
        "parameter": name, "unit": "m", "bounds": place.bounds, "rows": place.rows,
        "columns": place.columns, "moments": (at,), "grid_digest": sha256(packed).hexdigest(),
        "error": step / 2,
    }  # fmt: skip


def _end(reader: Reader, stands: Sequence[Stored], at: datetime, parsed: Parsed) -> None:
    """State what stood once more, with its end."""
    for item in stands:
        for collection, schema in ((DEPTHS, DepthGrid), (DEPTH_ERRORS, DepthErrorGrid)):
            for one in reader.find(collection.id, keys=(item.key,)).items:
                parsed.records.append(
                    Record(
                        collection=collection.id, key=one.key, said_at=one.said_at,
                        body=msgspec.convert(one.body(), schema), source=SOURCE,
                        when=Interval(one.when.start, max(at, one.said_at)), place=one.place(),
                        origin=Origin(inputs=(one.id,)),
                        serial=len(reader.history(collection.id, one.key).items),
                    )
                )  # fmt: skip


_TEXTS = {
    "outside": Text("標高の範囲の外です。", "It stands outside the elevation."),
    "void": Text("この場所の標高がありません。", "There is no elevation where it stands."),
    "nonsense": Text("示す深さの区間が成り立ちません。", "The interval that it says is none."),
    "same-cell": Text(
        "同じセルの{others}と食い違います。乾いている方を採りました。",
        "{others}, in the same cell, says otherwise; the dry one was taken.",
    ),
    "contradicts": Text(
        "浸水していますが、水がつながり{metres} m低い{others}は乾いています。標高に無い壁や段差が"
        "あるか、どちらかのセンサーの誤りです。両方を使いました。",
        "It is under water, but {others}, {metres} m lower and connected, is dry: a wall or step"
        " that the elevation has not, or one of the sensors is wrong. Both were used.",
    ),
    "outvoted": Text(
        "浸水していますが、水がつながり低い場所の{others}はみな乾いているため、使いませんでした。",
        "It is under water, but {others}, lower and connected, are all dry: it was not used.",
    ),
    "saturated": Text(
        "最も高いスイッチを超えています。どれだけ深いかは分からず、下限です。",
        "Over its highest switch; how far nobody tells: a lower bound.",
    ),
    "extra": Text(
        "計算の部品が入っていません。pip install 'hinomi[models]'",
        "What computes it is not installed: pip install 'hinomi[models]'",
    ),
}
_LEAVES_OUT = {"outside", "void", "nonsense", "outvoted"}
_ALARMS = {"same-cell", "contradicts", "outvoted", "void"}


def _remarks(findings: Sequence[Finding], posts: Sequence[Post]) -> Iterator[Remark]:
    """Yield findings in words; the gravest first."""
    order = {code: n for n, code in enumerate(("outvoted", "contradicts", "same-cell", "void"))}
    for finding in sorted(findings, key=lambda f: (order.get(f.fault, 9), f.post)):
        others = ", ".join(posts[other].stored.key for other in finding.others)
        metres = "" if math.isnan(finding.metres) else f"{finding.metres:.1f}"
        text = _TEXTS[finding.fault]
        yield Remark(
            sensor=posts[finding.post].stored.key, code=finding.fault,
            text=text.ja.format(others=others, metres=metres),
            text_en=text.en.format(others=others, metres=metres),
        )  # fmt: skip


DEPTHS_MODEL = Model(
    id="depths-from-sensors",
    title=Text("浸水深の推定(センサー・独自)", "Depth of water from sensors (our own)"),
    version="2",
    needs=(SENSORS.id, ELEVATION.id, INUNDATION_DEPTHS.id, DEPTHS.id, DEPTH_ERRORS.id),
    gives=(DEPTHS.id, DEPTH_ERRORS.id),
    predict=predict_depths,
    reference="docs/reference/depths.md; Franke & Nielson 1980, Int. J. Numer. Methods Eng. 15,"
    " 1691; Cohen et al. 2018, JAWRA 54, 847 (FwDET)",
    limits=LIMITS,
)
