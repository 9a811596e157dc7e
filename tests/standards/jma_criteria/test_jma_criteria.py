"""JMA's criteria per mesh: files built from the published columns."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from hinomi.kernel.errors import DataError
from hinomi.standards.jma_criteria import NONE, decode, looks_like

SURFACE = (
    "#更新日:令和 8年 5月28日現在\n"
    "二次細分区域コード,格子番号,レベル５大雨特別警報の表面雨量指数基準値,"
    "レベル４大雨危険警報の表面雨量指数基準値,レベル３大雨警報の表面雨量指数基準値,"
    "レベル２大雨注意報の表面雨量指数基準値\n"
    "3220100,53330100,35,28,20,12\n"
    "3220100,53330101,－,-1,22,13\n"
    "3220100,53330101,－,-1,22,13\n"
    "3220100,5333,1,2,3,4\n"
    "3220100,53330102,35,x,20,12\n"
)
RUNOFF = (
    "二次細分区域コード,格子番号,河川番号,河川名,レベル５大雨特別警報の流域雨量指数基準値,"
    "レベル４大雨危険警報の流域雨量指数基準値,レベル３大雨警報の流域雨量指数基準値,"
    "レベル３大雨警報の複合基準における流域雨量指数基準値,"
    "レベル３大雨警報の複合基準における表面雨量指数基準値,レベル２大雨注意報の流域雨量指数基準値\n"
    "3220100,53330100,87010001,斐伊川,40,35,30,24,10,20\n"
    "3220100,53330101,87010000,,－,－,9,－,－,6\n"
)


def test_the_surface_table_is_read_with_its_date_and_its_blanks() -> None:
    data = SURFACE.encode("cp932")
    assert looks_like(data)
    found = decode(data)
    assert (found.table, found.index, found.updated_on) == ("1-1", "surface", date(2026, 5, 28))
    assert found.areas == ["3220100"] * 3
    assert found.meshes.tolist() == [53330100, 53330101, 53330102]
    assert found.levels[5].tolist() == [35, NONE, 35]
    assert found.levels[4].tolist() == [28, NONE, NONE]
    assert [p.path for p in found.problems] == [
        "/row[4]",
        "/row[3]/レベル4大雨危険警報の表面雨量指数基準値",
    ]


def test_the_runoff_table_has_rivers_and_composite_criteria() -> None:
    found = decode(RUNOFF.encode("cp932"))
    assert (found.table, found.index) == ("1-2", "runoff")
    assert found.rivers.tolist() == [87010001, 87010000]
    assert found.river_names == ["斐伊川", ""]
    (composite,) = found.composites
    assert composite.level == 3
    assert composite.runoff.tolist() == [24, NONE]
    assert composite.surface.tolist() == [10, NONE]
    assert 3 in found.levels
    assert found.levels[3].tolist() == [30, 9]


def test_lists_of_meshes_are_told_by_their_columns() -> None:
    head = "二次細分区域コード,格子番号"
    assert decode(f"{head}\n3220100,53330100\n".encode("cp932")).table == "1-3"
    assert decode(f"{head},河川番号\n3220100,53330100,1\n".encode("cp932")).table == "1-4"


def soil_table(level: str) -> bytes:
    names = ",".join(f"60分雨量{rain}ミリの時の土壌雨量指数" for rain in range(151))
    cells = ",".join(str(200 - rain) for rain in range(151))
    text = f"#レベル{level}\n二次細分区域コ－ド,格子番号,{names}\n3220100,53330100,{cells}\n"
    return text.encode("cp932")


def test_the_soil_tables_curve_is_by_the_rain_of_an_hour() -> None:
    found = decode(soil_table("５"))
    assert found.table == "2-1"
    assert found.curves[5].shape == (1, 151)
    np.testing.assert_array_equal(found.curves[5][0, [0, 150]], [200, 50])


@pytest.mark.parametrize(
    "data", [b"", b"a,b,c\n1,2,3", "二次細分区域コード,格子番号\n".encode("cp932")]
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(DataError):
        decode(data)
