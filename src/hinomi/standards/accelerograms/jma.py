"""JMA's strong-motion CSV (強震観測データ): seven lines of head, then NS, EW, UD in gal."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np

from hinomi.kernel.errors import DataError
from hinomi.standards.accelerograms.waveform import Waveform, refused
from hinomi.vocabulary.times import JST

HEAD_LINES = 7
_COLUMNS = ("NS", "EW", "UD")
_RATE = re.compile(r"SAMPLING RATE=\s*([0-9.]+)\s*Hz")
_START = re.compile(r"INITIAL TIME =\s*(\d{4})\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)")


def decode(data: bytes) -> Waveform:
    """Return the record of a file.

    The position is the station's, NaN in older files, which leave it 0; the numbers behind the
    station's name in the first line are the quake's, and not read.

    Raises:
        DataError: it is no such file, or a sample is no number.
    """
    lines = data.decode("cp932", "replace").splitlines()
    head = lines[:HEAD_LINES]
    if len(head) < HEAD_LINES or not head[0].startswith("SITE CODE="):
        raise _refused("line 1", "SITE CODE= ...")
    rate, start = _RATE.search(head[3]), _START.search(head[5])
    if rate is None or start is None or "gal" not in head[4]:
        raise _refused(
            "lines 4 to 6", "SAMPLING RATE= 100Hz, UNIT  = gal(cm/s/s), INITIAL TIME = ..."
        )
    if tuple(c.strip() for c in head[6].split(",")) != _COLUMNS:
        raise _refused("line 7", "NS,EW,UD")
    code = head[0].removeprefix("SITE CODE=").split(",")[0].strip()
    latitude, longitude = _position(head)
    return Waveform(
        station=code[:3], station_name=code[3:].strip(), longitude=longitude, latitude=latitude,
        starts_at=_time(start), rate_hz=float(rate[1]), components=_COLUMNS,
        acceleration_gal=_samples(lines[HEAD_LINES:]),
    )  # fmt: skip


def _position(head: list[str]) -> tuple[float, float]:
    try:
        latitude, longitude = (float(line.split("=")[1]) for line in head[1:3])
    except (IndexError, ValueError):
        raise _refused("lines 2 and 3", "LAT.= 32.8803") from None
    # Older files leave 0: no station stands in the Gulf of Guinea.
    known = latitude != 0 or longitude != 0
    return (latitude, longitude) if known else (float("nan"), float("nan"))


def _time(start: re.Match[str]) -> datetime:
    try:
        year, month, day, hour, minute, second = (int(part) for part in start.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=JST)
    except ValueError as error:
        raise _refused("line 6", f"a time; {error}") from None


def _samples(lines: list[str]) -> np.ndarray:
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise _refused(f"line {HEAD_LINES + 1}", "samples")
    try:
        return np.ascontiguousarray(np.array([line.split(",") for line in lines], dtype=float).T)
    except ValueError:
        for number, line in enumerate(lines, HEAD_LINES + 1):
            try:
                if len([float(part) for part in line.split(",")]) == len(_COLUMNS):
                    continue
            except ValueError:
                pass
            raise _refused(f"line {number}", f"three numbers, not {line[:60]!r}") from None
        raise


def _refused(path: str, expected: str) -> DataError:
    return refused(
        "accelerogram.jma", path, "気象庁の強震波形(CSV)として読めません。",
        "Not JMA's strong-motion CSV.", expected,
    )  # fmt: skip
