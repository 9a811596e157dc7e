"""Rain: radar pictures of every kind in, and the next hour from them."""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from hinomi.domains.hazards import DOMAIN
from hinomi.domains.hazards.observe import radar
from hinomi.domains.hazards.predict_rain import alike
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Status
from hinomi.kernel.ports import Parsed, Payload
from hinomi.science.coverages import unpack
from hinomi.standards import fmi_pgm, grib2

NOW = datetime(2026, 9, 1, tzinfo=UTC)
HINOMI = Path(sys.executable).parent / "hinomi"


class Nowhere:
    def place(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        return None

    def knows(self, code: str, on: date) -> bool:  # noqa: ARG002
        return False


def parsed(data: bytes) -> Parsed:
    payload = Payload(data=data, name="f", address="f", digest="0" * 64, taken_at=NOW)
    (source,) = (s for s in DOMAIN.sources if s.detect(payload))
    assert source is radar.SOURCE
    return source.parse(payload, Nowhere())


def pgm(pixels: np.ndarray, at: datetime) -> bytes:
    """Return a picture as FMI writes it: 8 degrees wide around 25 E, 2 km to a pixel."""
    rows, columns = pixels.shape
    head = (
        f"P5\n# obstime {at:%Y%m%d%H%M}\n# metersperpixel_x 2000\n# metersperpixel_y 2000\n"
        f"# bottomleft 21.0 60.0\n# topright 29.5 63.0\n{columns} {rows}\n255\n"
    )
    return head.encode() + pixels.astype(np.uint8).tobytes()


def shower(step: float) -> np.ndarray:
    """Return dBZ as FMI's bytes: showers that move 2 pixels right and 1 down a frame."""
    y, x = np.mgrid[0:160, 0:200]
    dbz = np.full(x.shape, -32.0)
    for row, column, size in ((40, 50, 9), (90, 70, 12), (60, 120, 8), (110, 40, 10)):
        away = (x - column - 2 * step) ** 2 + (y - row - step) ** 2
        dbz = np.maximum(dbz, 45 * np.exp(-away / (2 * size**2)))
    return np.clip(2 * dbz + 64, 0, 254)


def test_real_pictures_of_finland_and_the_netherlands(shared_data: Path) -> None:
    folder = shared_data / "hazard" / "radar"
    fmi = sorted((folder / "fmi_20170509").iterdir())[3]
    (record,) = (one := parsed(gzip.decompress(fmi.read_bytes()))).records
    grid = unpack(one.blobs[0])
    assert record.said_at == grid.times[0] == datetime(2017, 5, 9, 11, tzinfo=UTC)
    highest = np.nanmax(fmi_pgm.decode(gzip.decompress(fmi.read_bytes())).reflectivity_dbz)
    rate = (10 ** (highest / 10) / 223) ** (1 / 1.53)
    assert record.body.greatest == pytest.approx(rate, abs=0.06)
    knmi = sorted((folder / "knmi_20100826").iterdir())[0]
    (record,) = (two := parsed(knmi.read_bytes())).records
    assert record.body.made_from == "depth"
    west, south, east, north = unpack(two.blobs[0]).bounds
    assert west == pytest.approx(0.0, abs=0.1)
    assert south == pytest.approx(48.9, abs=0.1)
    assert east == pytest.approx(10.86, abs=0.1)
    assert north == pytest.approx(55.97, abs=0.1)


def test_fmis_sphere_gives_the_size_of_pixel_that_the_file_states(shared_data: Path) -> None:
    path = sorted((shared_data / "hazard" / "radar" / "fmi_20170509").iterdir())[0]
    found = fmi_pgm.decode(gzip.decompress(path.read_bytes()))
    rows, columns = found.reflectivity_dbz.shape
    assert found.corners is not None
    plane = f"+proj=stere +lat_0=90 +lon_0=25 +lat_ts=60 +R={radar.FMI_RADIUS_M}"
    forth = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
    x0, y0 = forth.transform(*found.corners[:2])
    x1, y1 = forth.transform(*found.corners[2:])
    assert (x1 - x0) / columns == pytest.approx(found.metres_per_pixel[0], abs=0.001)
    assert (y1 - y0) / rows == pytest.approx(found.metres_per_pixel[1], abs=0.001)


def analysis(status: int = 0) -> bytes:
    """Return an hour of analysed rain in JMA's layout (format only, no JMA file)."""
    levels = np.zeros((30, 40), np.int64)
    levels[10:20, 10:20] = 3
    statement = grib2.Statement(
        parameter=200, levels=levels, level_values=(0, 10, 455), scale=1,
        start=NOW - timedelta(hours=1), end=NOW,
    )  # fmt: skip
    grid = grib2.Grid(
        columns=40, rows=30, west=130.0, north=34.0, step_lon=0.0125, step_lat=1 / 120
    )
    return grib2.encode([statement], grid, NOW, status=status)


def test_analysed_rain_keeps_its_grid_and_its_status() -> None:
    (record,) = (found := parsed(analysis())).records
    grid = unpack(found.blobs[0])
    assert grid.values[0, 15, 15] == pytest.approx(45.5, abs=0.05)
    assert grid.values.shape == (1, 30, 40)
    assert record.marking.status is Status.ACTUAL
    (test,) = parsed(analysis(status=1)).records
    assert test.marking.status is Status.TEST


def test_a_field_that_is_no_rain_is_told_and_kept_out(shared_data: Path) -> None:
    (path,) = (shared_data / "hazard" / "jma_grib2").glob("*NOWC*")
    found = parsed(path.read_bytes())
    assert not found.records
    assert [p.code for p in found.problems] == ["radar.not-rain"]


def test_impossible_rain_is_not_known_and_raises_an_alarm() -> None:
    pixels = shower(0)
    pixels[5, 5] = 254  # 95 dBZ.
    found = parsed(pgm(pixels, NOW))
    assert [(p.code, p.grade, p.found) for p in found.problems] == [
        ("radar.impossible", "alarm", "1 cells")
    ]
    assert found.records[0].body.greatest < 100


@pytest.mark.parametrize("cut", [3, 60, 200, 4000])
def test_a_cut_picture_is_an_error_that_says_where(cut: int) -> None:
    payload = Payload(
        data=pgm(shower(0), NOW)[:cut], name="f", address="f", digest="0" * 64, taken_at=NOW
    )
    with pytest.raises(DataError, match="/"):
        radar.parse(payload, Nowhere())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["pgm", "grib"]), st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_spoilt_pictures_never_do_more_than_be_refused(what: str, at: int, spoilt: bytes) -> None:
    whole = pgm(shower(0)[:20, :20], NOW) if what == "pgm" else analysis()
    data = whole[:at] + spoilt + whole[at + len(spoilt) :]
    payload = Payload(data=data, name="f", address="f", digest="0" * 64, taken_at=NOW)
    if radar.detect(payload):
        with contextlib.suppress(DataError):
            found = radar.parse(payload, Nowhere())
            assert len(found.records) == len(found.blobs)


@pytest.fixture(scope="module")
def nowcasts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Eight pictures by the real command, in a process of its own; what came out, by key."""
    folder = tmp_path_factory.mktemp("radar")
    files = folder / "files"
    files.mkdir()
    for number in range(8):
        at = NOW + timedelta(minutes=5 * number)
        (files / f"{number}.pgm").write_bytes(pgm(shower(number), at))
    data = folder / "data"
    subprocess.run([HINOMI, "ingest", files, "--data", data], check=True, capture_output=True)
    found = {}
    for name in ("rain_nowcasts", "rain_chances", "nowcast_scores"):
        words = ["find", f"hazards.{name}", "--data", data, "--limit", "50"]
        done = subprocess.run(
            [HINOMI, *words, "--format", "geojson"], check=True, capture_output=True, text=True
        )
        own = {f["id"]: f["properties"] for f in json.loads(done.stdout)["features"]}
        found |= own if name == "rain_nowcasts" else {name: own}
    return found


def test_pictures_before_another_grid_are_not_taken_for_those_just_before() -> None:
    def picture(rows: int) -> Any:
        return SimpleNamespace(body=lambda: {"bounds": [0, 0, 1, 1], "rows": rows, "columns": 9})

    rows = (5, 5, 6, 5, 5, 5)
    pictures = [picture(each) for each in rows]
    assert alike(pictures) == pictures[3:], "the two first would be taken for older by one step"
    assert alike(pictures[3:]) == pictures[3:]


def test_the_next_hour_follows_the_showers(nowcasts: dict[str, Any]) -> None:
    assert (
        len(nowcasts.keys() - {"rain_chances", "nowcast_scores"}) == 7
    )  # The first picture alone does not move.
    last = nowcasts["fmi-suomi1/20260901T003500Z"]
    assert last["frames"] == 3
    assert len(last["moments"]) == 12
    # 2 pixels right and 1 down in 5 minutes, at 2.2 km: about 59 km/h to the east-south-east.
    assert last["speed_km_h"] == pytest.approx(59, rel=0.15)
    assert last["direction_deg"] == pytest.approx(117, abs=10)
    assert "気象庁の予報ではありません" in last["limits"]


def test_each_nowcast_tells_how_the_one_before_did(nowcasts: dict[str, Any]) -> None:
    (score,) = nowcasts["fmi-suomi1/20260901T003500Z"]["scores"]
    assert score["lead_min"] == 30
    assert score["csi"] > score["csi_persistence"]
    assert score["fss"] > score["fss_persistence"]
    assert score["mean_error"] < score["mean_error_persistence"]
    assert score["crps"] < score["mean_error_persistence"]
    assert score["brier"] < score["brier_persistence"]
    assert len(score["stated"]) == len(score["came"]) == len(score["counts"]) == 10
    assert nowcasts["nowcast_scores"]["fmi-suomi1"]["scores"] == [score]
    assert nowcasts["fmi-suomi1/20260901T002500Z"]["scores"] == []


def test_chances_of_three_strengths_stand_beside_each_nowcast(nowcasts: dict[str, Any]) -> None:
    chances = nowcasts["rain_chances"]
    assert len(chances) == 3 * 7
    last = chances["fmi-suomi1/20260901T003500Z/over-10"]
    assert last["threshold_mm_per_h"] == 10
    assert last["members"] == 32
    assert last["scores"][0]["lead_min"] == 30
    assert "気象庁の予報ではありません" in last["limits"]
