"""JMA's CSV and K-NET's ASCII: what they say, and what is wrong with broken ones."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards.accelerograms import decode_jma, decode_knet
from hinomi.vocabulary.times import JST

JMA = (
    "SITE CODE= EED南阿蘇村中松,33.0265,131.1910, 10,5.8\n LAT.=   32.8803\n LON.=  131.0736\n"
    " SAMPLING RATE= 100Hz\n UNIT  = gal(cm/s/s)\nINITIAL TIME = 2016 04 16 03 54 40\n NS,EW,UD\n"
    "-0.059,-0.144,-0.002\n-0.011,-0.080,0.034\n"
)
KNET_HEAD = {
    "Origin Time": "1996/08/11 03:12:00", "Lat.": "38.920", "Long.": "140.630",
    "Depth. (km)": "7", "Mag.": "5.9", "Station Code": "AKT013", "Station Lat.": "39.6069",
    "Station Long.": "140.3213", "Station Height(m)": "34", "Record Time": "1996/08/11 03:12:39",
    "Sampling Freq(Hz)": "100Hz", "Duration Time(s)": "59", "Dir.": "E-W",
    "Scale Factor": "2000(gal)/8388608", "Max. Acc. (gal)": "4.383",
    "Last Correction": "1996/08/11 03:00:00", "Memo.": "",
}  # fmt: skip


def knet(**changed: str) -> bytes:
    head = {**KNET_HEAD, **{k.replace("_", " "): v for k, v in changed.items()}}
    lines = [f"{name:<18}{value}" for name, value in head.items()]
    return "\n".join([*lines, "  -18205   -17995", "  -17836"]).encode()


def test_a_jma_file_gives_its_station_time_and_gal() -> None:
    wave = decode_jma(JMA.encode("cp932"))
    assert (wave.station, wave.station_name) == ("EED", "南阿蘇村中松")
    assert (wave.longitude, wave.latitude) == (131.0736, 32.8803)
    assert wave.starts_at == datetime(2016, 4, 16, 3, 54, 40, tzinfo=JST)
    assert wave.acceleration_gal.tolist() == [[-0.059, -0.011], [-0.144, -0.08], [-0.002, 0.034]]


def test_an_old_file_s_station_has_no_place_rather_than_a_wrong_one() -> None:
    text = JMA.replace("32.8803", " 0.0000").replace("131.0736", "  0.0000")
    wave = decode_jma(text.encode("cp932"))
    assert np.isnan([wave.longitude, wave.latitude]).all()


def test_a_knet_file_starts_fifteen_seconds_before_its_record_time() -> None:
    wave = decode_knet(knet())
    assert wave.starts_at == datetime(1996, 8, 11, 3, 12, 24, tzinfo=JST)
    assert wave.components == ("EW",)
    assert wave.acceleration_gal[0, 0] == pytest.approx(-18205 * 2000 / 8388608)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (JMA.replace("-0.080", "x").encode("cp932"), "line 9"),
        (JMA.replace("-0.144,-0.002", "-0.144").encode("cp932"), "line 8"),
        (JMA.replace("2016 04", "2016 14").encode("cp932"), "line 6"),
        (JMA.replace("NS,EW,UD", "EW,NS,UD").encode("cp932"), "line 7"),
        ("\n".join(JMA.splitlines()[:7]).encode("cp932"), "line 8"),
        (b"", "line 1"),
    ],
)
def test_a_broken_jma_file_is_told_by_its_line(data: bytes, path: str) -> None:
    with pytest.raises(DataError) as refused:
        decode_jma(data)
    assert refused.value.problems[0].path == path


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (knet(Scale_Factor="2000"), "Scale Factor"),
        (knet(**{"Dir.": "?"}), "head"),
        (knet(Record_Time="yesterday"), "head"),
        (knet() + b" x", "samples"),
        (b"", "head"),
    ],
)
def test_a_broken_knet_file_is_told_by_its_part(data: bytes, path: str) -> None:
    with pytest.raises(DataError) as refused:
        decode_knet(data)
    assert refused.value.problems[0].path == path


@settings(deadline=None)
@given(st.data())
def test_cut_and_changed_bytes_are_refused_or_read_and_never_a_fault(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([JMA.encode("cp932"), knet()]))
    at = data.draw(st.integers(0, len(whole)))
    changed = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + 4 :]
    for decode in (decode_jma, decode_knet):
        with contextlib.suppress(DataError):
            assert decode(changed).acceleration_gal.size


def test_real_records_are_read_whole(shared_data: Path) -> None:
    folder = shared_data / "hazard" / "jma_intensity"
    sizes = {f.name: decode_jma(f.read_bytes()).acceleration_gal.shape for f in folder.iterdir()}
    assert sizes["AA06EA01.csv"] == (3, 30_000)
    assert sizes["Q416EED018.csv"] == (3, 24_000)
