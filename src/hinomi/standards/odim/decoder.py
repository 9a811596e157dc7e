"""HDF5 bytes to one image: rain rate, depth or reflectivity, with its times and corners."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import DataError, Problem, Text

Quantity = Literal["reflectivity_dbz", "rain_mm_per_h", "rain_mm"]

MAX_PIXELS = 20_000_000
_MAGIC = b"\x89HDF\r\n\x1a\n"
_ODIM_QUANTITIES: dict[str, Quantity] = {
    "DBZH": "reflectivity_dbz", "TH": "reflectivity_dbz", "DBZ": "reflectivity_dbz",
    "RATE": "rain_mm_per_h", "ACRR": "rain_mm",
}  # fmt: skip
"""ODIM table 16: what a quantity is called there."""
_FORMULA = re.compile(r"^GEO\s*=\s*([-+.\deE]+)\s*\*\s*PV\s*\+?\s*([-+.\deE]+)$")


class Image(msgspec.Struct):
    """One image, rows from north to south."""

    quantity: Quantity
    start: datetime
    end: datetime
    values: NDArray[np.float32]
    """[dBZ, mm/h or mm, shape (rows, columns)] NaN where no radar looked."""
    projection: str
    """PROJ string of the image's plane; empty where the file has none."""
    corners: tuple[tuple[float, float], ...]
    """[degree] longitude, latitude of lower left, upper left, upper right, lower right."""
    source: str


def looks_like(data: bytes) -> bool:
    """Tell whether bytes are HDF5 and name what radar images have."""
    return data[:8] == _MAGIC and (b"Conventions" in data or b"image1" in data)


def decode(data: bytes) -> Image:
    """Return the file's first image.

    Raises:
        DataError: no HDF5, no image, or an image without time or calibration.
    """
    # A wheel with a C library, needed only by those with radar files.
    import h5py  # noqa: PLC0415

    if data[:8] != _MAGIC:
        raise _error("/", "no HDF5 signature")
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            return _knmi(file) if "image1" in file else _odim(file)
    except (OSError, KeyError, ValueError, TypeError, IndexError, RuntimeError) as error:
        raise _error("/", f"{type(error).__name__}: {error}") from None


def _odim(file: Any) -> Image:
    part = file["dataset1"]
    data = part["data1"]
    what = {**_attributes(part, "what"), **_attributes(data, "what")}
    name = _text(what["quantity"])
    if name not in _ODIM_QUANTITIES:
        raise ValueError(f"quantity {name}; one of {', '.join(_ODIM_QUANTITIES)} is read")
    raw = _pixels(data["data"])
    values = raw.astype(np.float32) * np.float32(what["gain"]) + np.float32(what["offset"])
    # undetect is "looked, nothing there": no rain; nodata is "not looked".
    values[raw == what.get("undetect", np.nan)] = _nothing(_ODIM_QUANTITIES[name])
    values[raw == what.get("nodata", np.nan)] = np.nan
    whole, where = _attributes(file, "what"), _attributes(file, "where")
    instant = _when(_text(whole["date"]) + _text(whole["time"]))
    start = (
        _when(_text(what["startdate"]) + _text(what["starttime"]))
        if "startdate" in what
        else instant
    )
    end = _when(_text(what["enddate"]) + _text(what["endtime"])) if "enddate" in what else instant
    corners = tuple(
        (float(where[f"{c}_lon"]), float(where[f"{c}_lat"])) for c in ("LL", "UL", "UR", "LR")
        if f"{c}_lon" in where
    )  # fmt: skip
    return Image(
        quantity=_ODIM_QUANTITIES[name], start=start, end=end, values=values,
        projection=_text(where.get("projdef", "")), corners=corners,
        source=_text(whole.get("source", "")),
    )  # fmt: skip


def _knmi(file: Any) -> Image:
    image = file["image1"]
    about, calibration = dict(image.attrs), dict(image["calibration"].attrs)
    parameter = _text(about["image_geo_parameter"])
    quantity: Quantity = "rain_mm" if "PRECIPITATION_[MM]" in parameter else "reflectivity_dbz"
    formula = _FORMULA.match(_text(calibration["calibration_formulas"]).strip())
    if formula is None:
        raise ValueError(f"calibration {calibration['calibration_formulas']!r}")
    raw = _pixels(image["image_data"])
    values = raw.astype(np.float32) * np.float32(formula[1]) + np.float32(formula[2])
    for name in ("calibration_missing_data", "calibration_out_of_image"):
        if name in calibration:
            values[raw == int(np.ravel(calibration[name])[0])] = np.nan
    overview, where = dict(file["overview"].attrs), dict(file["geographic"].attrs)
    flat = [float(v) for v in np.ravel(where["geo_product_corners"])]
    projection = dict(file["geographic/map_projection"].attrs)
    return Image(
        quantity=quantity,
        start=_knmi_time(overview["product_datetime_start"]),
        end=_knmi_time(overview["product_datetime_end"]),
        values=values,
        projection=_text(projection["projection_proj4_params"]),
        corners=tuple(zip(flat[::2], flat[1::2], strict=True)),
        source=_text(overview["product_group_name"]),
    )


def _pixels(dataset: Any) -> NDArray[Any]:
    if len(dataset.shape) != 2 or not 0 < dataset.size <= MAX_PIXELS:
        raise ValueError(f"an image of shape {dataset.shape}")
    pixels: NDArray[Any] = dataset[()]
    return pixels


def _attributes(group: Any, name: str) -> dict[str, Any]:
    return dict(group[name].attrs) if name in group else {}


def _nothing(quantity: Quantity) -> float:
    return -32.0 if quantity == "reflectivity_dbz" else 0.0


def _text(value: Any) -> str:
    first = np.ravel(value)[0] if not isinstance(value, (str, bytes)) else value
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)


def _when(text: str) -> datetime:
    return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _knmi_time(value: Any) -> datetime:
    return datetime.strptime(_text(value)[:20], "%d-%b-%Y;%H:%M:%S").replace(tzinfo=UTC)


def _error(path: str, found: str) -> DataError:
    return DataError(
        [
            Problem(
                "odim.unreadable",
                path,
                Text(f"レーダーのHDF5として読めません: {found}", f"Not a radar image: {found}"),
                found=found[:200],
                expected="ODIM_H5 (COMP, IMAGE) or KNMI HDF5 with one image",
            )
        ]
    )
