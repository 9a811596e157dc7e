"""NIED's K-NET / KiK-net ASCII: seventeen lines of head, then counts of one component."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import numpy as np

from hinomi.kernel.errors import DataError
from hinomi.standards.accelerograms.waveform import Waveform, refused
from hinomi.vocabulary.times import JST

HEAD_LINES = 17
_DELAY = timedelta(seconds=15)
"""The recorder's memory: Record Time is 15 s after the first sample (NIED's format page)."""
_SCALE = re.compile(r"([0-9.]+)\s*\(gal\)\s*/\s*([0-9.]+)")
_COMPONENTS = {"N-S": "NS", "E-W": "EW", "U-D": "UD", "1": "NS1", "2": "EW1", "3": "UD1",
               "4": "NS", "5": "EW", "6": "UD"}  # fmt: skip
"""KiK-net numbers its components: 1 to 3 down the borehole, 4 to 6 at the surface."""


def decode(data: bytes) -> Waveform:
    """Return the one component of a file, in gal as recorded (its offset included).

    Raises:
        DataError: it is no such file, or a sample is no number.
    """
    lines = data.decode("ascii", "replace").splitlines()
    head = {line[:18].strip(): line[18:].strip() for line in lines[:HEAD_LINES]}
    try:
        scale = _SCALE.fullmatch(head["Scale Factor"])
        if scale is None:
            raise _refused("Scale Factor", "2000(gal)/8388608")
        component = _COMPONENTS[head["Dir."]]
        rate_hz = float(head["Sampling Freq(Hz)"].removesuffix("Hz"))
        started = datetime.strptime(head["Record Time"], "%Y/%m/%d %H:%M:%S").replace(tzinfo=JST)
        position = float(head["Station Long."]), float(head["Station Lat."])
        station = head["Station Code"]
    except KeyError as missing:
        raise _refused("head", f"{missing} as the format has it") from None
    except ValueError as error:
        raise _refused("head", f"numbers and times: {error}") from None
    try:
        counts = np.array(" ".join(lines[HEAD_LINES:]).split(), dtype=np.float64)
    except ValueError as error:
        raise _refused("samples", f"whole numbers: {error}") from None
    if not counts.size:
        raise _refused("samples", "at least one")
    return Waveform(
        station=station, station_name="", longitude=position[0], latitude=position[1],
        starts_at=started - _DELAY, rate_hz=rate_hz, components=(component,),
        acceleration_gal=(counts * (float(scale[1]) / float(scale[2])))[None],
    )  # fmt: skip


def _refused(path: str, expected: str) -> DataError:
    return refused(
        "accelerogram.knet", path, "K-NETの強震波形として読めません。", "Not a K-NET record.",
        expected,
    )  # fmt: skip
