"""``hinomi import`` and ``hinomi export``, as a person calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyogrio

TABLE = """施設名,緯度,経度,収容人数,開設状況
第一小学校,37.39,136.90,120,開設中
第二小学校,37.40,136.91,約80人,未開設
謎の施設,137.4,36.9,1,開設
"""
INTO = ("--collection", "response.shelters", "--source", "輪島市")


def test_a_table_comes_in_after_a_look_and_goes_out_to_gis(hinomi: Any, tmp_path: Path) -> None:
    file = tmp_path / "hinan.csv"
    file.write_text(TABLE, encoding="cp932")
    seen = hinomi("import", file, *INTO, "--preview", "--json").json()
    assert (seen["good"], seen["refused"]) == (2, 1)
    assert hinomi("import", file, *INTO, "--preview").out.count("第一小学校") == 1
    ran = hinomi("import", file, *INTO)
    assert ran.code == 5
    assert "2 new" in ran.out
    assert "[import.place]" in ran.out
    out = tmp_path / "out.gpkg"
    assert hinomi("export", "response.shelters", out, "--filter", "state = 'open'").code == 0
    meta, _, _, columns = pyogrio.raw.read(out)
    assert columns[list(meta["fields"]).index("name")].tolist() == ["第一小学校"]


def test_a_drills_file_gets_the_word_into_its_name(hinomi: Any, tmp_path: Path) -> None:
    file = tmp_path / "hinan.csv"
    file.write_text(TABLE, encoding="utf-8")
    assert hinomi("import", file, *INTO, "--status", "exercise").code == 5
    ran = hinomi("export", "response.shelters", tmp_path / "a.csv", "--status", "exercise")
    assert "訓練_a.csv" in ran.out
    assert "第一小学校" in (tmp_path / "訓練_a.csv").read_text(encoding="utf-8-sig")
    assert not (tmp_path / "a.csv").exists()
    hinomi("export", "response.shelters", tmp_path / "a.csv")
    assert "第一小学校" not in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")


def test_nonsense_names_what_was_expected(hinomi: Any, tmp_path: Path) -> None:
    file = tmp_path / "hinan.csv"
    file.write_text(TABLE, encoding="utf-8")
    hinomi("import", file, *INTO)
    assert hinomi("import", file, *INTO, "--map", "ない列=name").code == 4
    assert hinomi("import", file, *INTO, "--map", "施設名").code == 2
    assert hinomi("import", tmp_path / "hinann.csv", *INTO).code == 4
    assert hinomi("export", "response.shelters", tmp_path / "a.doc").code == 4
    assert hinomi("export", "response.shelters", tmp_path / "a.csv", "--bbox", "x").code == 2
