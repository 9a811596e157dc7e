"""Rain from radars and analyses: FMI's PGM, ODIM and KNMI HDF5, JMA's GRIB2 of analysed rain."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from hinomi.domains.hazards.collections.rain import (
    RAIN,
    RAIN_FORECASTS,
    STEP_MM_PER_H,
    RainGrid,
    rain_key,
)
from hinomi.domains.hazards.collections.rain_indices import RAIN_TANKS
from hinomi.kernel.errors import DataError, Grade, InputError, Problem, Text
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.vocabulary.grids import box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hinomi.science.coverages import Plane

FMI_RADIUS_M = 6_371_288.0
"""FMI's sphere: with it the corners give the stated size of a pixel to a millimetre."""
FRAME = timedelta(minutes=5)
"""How long a picture without a period of its own holds: FMI's and KNMI's interval."""
_PGM, _HDF5, _GRIB = b"P5", b"\x89HDF", b"GRIB"


class _Frame(msgspec.Struct):
    network: str
    start: datetime
    end: datetime
    rates: NDArray[np.float32]
    """[mm/h, shape (rows, columns)]."""
    path: str
    made_from: str
    relation: str = ""
    plane: Plane | None = None
    bounds: tuple[float, float, float, float] | None = None
    status: Status = Status.ACTUAL


def detect(payload: Payload) -> bool:
    """Tell whether bytes are a radar picture or GRIB2, by their first bytes."""
    head = payload.data[:4096]
    return (
        (head[:2] == _PGM and b"# obstime " in head)
        or (head[:4] == _HDF5 and (b"Conventions" in payload.data or b"image1" in payload.data))
        or (head[:4] == _GRIB and head[7:8] == b"\x02")
    )


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return one record for each picture of rain; its grid goes along as a blob."""
    parsed = Parsed(kind="radar")
    try:
        if payload.data[:4] == _GRIB:
            _add_grib(payload, parsed)
        else:
            read = _of_pgm if payload.data[:2] == _PGM else _of_hdf5
            _add(read(payload.data), payload, parsed)
    except ModuleNotFoundError as missing:
        raise DataError([_absent(missing)]) from None
    return parsed


def _of_pgm(data: bytes) -> _Frame:
    from hinomi.science.coverages import Plane  # noqa: PLC0415
    from hinomi.science.nowcast.rain import FMI_RAIN, rain_rate  # noqa: PLC0415
    from hinomi.standards import fmi_pgm  # noqa: PLC0415

    found = fmi_pgm.decode(data)
    if found.corners is None:
        raise DataError([_problem("radar.nowhere", "/bottomleft", "no corners")])
    west, south, east, north = found.corners
    projection = f"+proj=stere +lat_0=90 +lon_0=25 +lat_ts=60 +R={FMI_RADIUS_M}"
    return _Frame(
        network="fmi-suomi1", start=found.at - FRAME, end=found.at, path="/",
        rates=rain_rate(found.reflectivity_dbz, relation=FMI_RAIN), made_from="reflectivity",
        relation=f"Z = {FMI_RAIN[0]:g} R^{FMI_RAIN[1]:g}",
        plane=Plane(projection, (west, south), (east, north)),
    )  # fmt: skip


def _of_hdf5(data: bytes) -> _Frame:
    from hinomi.science.coverages import Plane  # noqa: PLC0415
    from hinomi.science.nowcast.rain import MARSHALL_PALMER, rain_rate  # noqa: PLC0415
    from hinomi.standards import odim  # noqa: PLC0415

    image = odim.decode(data)
    if not image.projection or len(image.corners) != 4:
        raise DataError([_problem("radar.nowhere", "/where", "no projection or no corners")])
    rates, relation = image.values, ""
    if image.quantity == "reflectivity_dbz":
        rates = rain_rate(image.values)
        relation = "Z = {:g} R^{:g}".format(*MARSHALL_PALMER)
    elif image.quantity == "rain_mm":
        hours = (image.end - image.start) / timedelta(hours=1)
        if hours <= 0:
            raise DataError([_problem("radar.period", "/what", f"{image.start} to {image.end}")])
        rates = image.values / hours
    # An image of an instant stands for the minutes before it.
    start = image.start if image.start < image.end else image.end - FRAME
    return _Frame(
        network=_name(image.source), start=start, end=image.end, path="/", rates=rates,
        made_from={"reflectivity_dbz": "reflectivity", "rain_mm": "depth"}.get(
            image.quantity, "rate"
        ),
        relation=relation,
        plane=Plane(image.projection, image.corners[0], image.corners[2]),
    )  # fmt: skip


def _add_grib(payload: Payload, parsed: Parsed) -> None:
    """Add what a file of JMA's tells: rain that fell, rain forecast, tanks of the soil."""
    from hinomi.domains.hazards.observe import radar_grib  # noqa: PLC0415 - numpy
    from hinomi.standards import grib2  # noqa: PLC0415

    decoded = grib2.decode(payload.data)
    parsed.problems += decoded.problems
    sorted_ = radar_grib.sort(decoded.fields)
    for field in sorted_.fell:
        hours = (field.end - field.start) / timedelta(hours=1)
        rates = (grib2.values(field) / hours).astype("float32")
        frame = _Frame(
            network=f"grib-{field.centre}-{field.parameter}", start=field.start, end=field.end,
            rates=rates, path=f"/fields/{field.number}", made_from="depth",
            bounds=field.grid.bbox, status=radar_grib.status_of(field),
        )  # fmt: skip
        _add(frame, payload, parsed)
    made = [*radar_grib.forecasts(sorted_.forecast, payload), *radar_grib.tanks(sorted_, payload)]
    for record, data in made:
        parsed.records.append(record)
        parsed.blobs.append(data)
    if not (sorted_.fell or made):
        first = decoded.fields[0] if decoded.fields else None
        what = "no field" if first is None else f"category {first.category}, {first.parameter}"
        parsed.problems.append(
            Problem("radar.not-rain", "/", Text("雨量の格子がありません。", "No field of rain."),
                    "note", what, "discipline 0, category 1, an interval's sum")
        )  # fmt: skip


def _add(frame: _Frame, payload: Payload, parsed: Parsed) -> None:
    import numpy as np  # noqa: PLC0415

    from hinomi.science import coverages  # noqa: PLC0415
    from hinomi.science.nowcast.rain import LIGHTEST_MM_PER_H, bounded  # noqa: PLC0415

    rates, wrong = bounded(frame.rates)
    if wrong:
        parsed.problems.append(_problem("radar.impossible", frame.path, f"{wrong} cells"))
    bounds = frame.bounds
    try:
        if frame.plane is not None:
            rates, bounds = coverages.to_degrees(rates, frame.plane)
    except InputError as error:
        parsed.problems.append(_problem("radar.nowhere", frame.path, str(error)))
        return
    if bounds is None or not np.isfinite(rates).any():
        parsed.problems.append(_problem("radar.empty", frame.path, "no cell is known"))
        return
    known = np.isfinite(rates)
    packed = coverages.pack(
        coverages.Packed(
            parameter="rain_mm_per_h", unit="mm/h", times=(frame.end,), bounds=bounds,
            values=rates[None],
        ),
        STEP_MM_PER_H,
    )  # fmt: skip
    west, south, east, north = (round(v, 6) for v in bounds)
    body = RainGrid(
        parameter="rain_mm_per_h", unit="mm/h", bounds=(west, south, east, north),
        rows=rates.shape[0], columns=rates.shape[1], moments=(frame.end,),
        grid_digest=sha256(packed).hexdigest(), error=STEP_MM_PER_H / 2, network=frame.network,
        made_from=frame.made_from, relation=frame.relation,
        greatest=round(float(np.nanmax(rates)), 1),
        wet_share=round(float((rates[known] >= LIGHTEST_MM_PER_H).mean()), 4),
        known_share=round(float(known.mean()), 4),
    )  # fmt: skip
    parsed.blobs.append(packed)
    parsed.records.append(
        Record(
            collection=RAIN.id, key=rain_key(frame.network, frame.end),
            when=Interval(frame.start, frame.end), said_at=frame.end, body=body,
            place=box(west, south, east, north), source="radar",
            origin=Origin(payload.digest, payload.address, frame.path),
            marking=Marking(frame.status),
        )
    )  # fmt: skip


def _name(source: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in source.lower())
    return "-".join(part for part in kept.split("-") if part)[:40] or "odim"


_TEXTS = {
    "radar.nowhere": Text("画像の位置が分かりません。", "Where the picture lies is not stated."),
    "radar.period": Text("観測時間が正しくありません。", "The period of the sum is not one."),
    "radar.impossible": Text(
        "負または過大な雨量を欠測としました。",
        "Negative or impossible rain was taken as not known.",
    ),
    "radar.empty": Text("すべて欠測です。", "Nothing is known in this picture."),
}


def _problem(code: str, path: str, found: str) -> Problem:
    grade: Grade = "alarm" if code == "radar.impossible" else "error"
    return Problem(code, path, _TEXTS[code], grade, found, "0 to 400 mm/h, with place and time")


def _absent(missing: ModuleNotFoundError) -> Problem:
    return Problem(
        "radar.extra", "/",
        Text(
            "レーダーを読む部品が入っていません。pip install 'hinomi[models,nowcast,formats]'",
            "What reads radar is not installed: pip install 'hinomi[models,nowcast,formats]'",
        ),
        "error", str(missing.name), "the extras models, nowcast and formats",
    )  # fmt: skip


SOURCE = Source(
    id="radar",
    title=Text("レーダー・解析雨量", "Radar and analysed rain"),
    gives=(RAIN.id, RAIN_FORECASTS.id, RAIN_TANKS.id),
    licence="as each sender states: FMI CC BY 4.0, KNMI open data, JMA public data licence",
    reference="ODIM_H5 2.4 (OPERA); https://en.ilmatieteenlaitos.fi/open-data; WMO FM 92 GRIB2",
    detect=detect,
    parse=parse,
)
