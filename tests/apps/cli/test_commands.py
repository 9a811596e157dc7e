"""The commands in one process: what they print, and how they exit."""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.marking import OPERATOR
from hinomi.kernel.records import Record
from hinomi.runtime import clock, folder, operations
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.opening import reading_service
from hinomi.stores.sqlite import SqliteStore

Hinomi = Callable[..., Any]


@pytest.fixture
def inbox(tmp_path: Path, warning: bytes, sites: bytes, gauges: bytes) -> Path:
    """A folder with a telegram, a site list, gauges, a broken telegram and an odd file."""
    box = tmp_path / "inbox"
    box.mkdir()
    (box / "w.xml").write_bytes(warning)
    (box / "sites.csv").write_bytes(sites)
    (box / "gauges.json").write_bytes(gauges)
    return box


def test_ingest_tells_what_was_read_new_and_known(hinomi: Hinomi, inbox: Path) -> None:
    first = hinomi("ingest", inbox, "--json").json()
    assert first["sources"]["jma-xml"]["understood"] == 1
    assert first["sources"]["municipal-shelters"]["records"] > 10
    assert first["readings_new"] > 0
    assert first["records_known"] == 0
    second = hinomi("ingest", inbox)
    assert second.code == 0
    assert "new: 0 records, 0 readings" in second.out


def test_ingest_exits_5_after_storing_the_good_when_some_was_refused(
    hinomi: Hinomi, inbox: Path, warning: bytes
) -> None:
    (inbox / "cut.xml").write_bytes(warning[: len(warning) // 2])
    ran = hinomi("ingest", inbox)
    assert ran.code == 5
    assert "cut.xml" in ran.err
    found = hinomi("find", "hazards.warnings", "--json").json()["features"]
    assert found


def test_ingest_exits_0_when_an_unknown_type_was_kept(hinomi: Hinomi, inbox: Path) -> None:
    (inbox / "odd.bin").write_bytes(b"\x00odd")
    ran = hinomi("ingest", inbox)
    assert ran.code == 0
    assert "odd.bin" in ran.err
    assert "odd.bin" in hinomi("quarantine", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("find", "hazards.warning"), 4, "hazards.warnings"),
        (("find", "hazards.warnings", "--bbox", "35,136,36"), 2, "W,S,E,N"),
        (("find", "hazards.warnings", "--when", "yesterday"), 2, "yesterday"),
        (("find", "hazards.warnings", "--filter", "level >"), 2, ""),
        (("find", "hazards.warnings", "--limit", "0"), 2, "limit"),
        (("find", "hazards.warnings", "--as", "nobody"), 4, "nobody"),
        (("ingest", "/nowhere/at/all"), 4, "/nowhere/at/all"),
        (("ingest", "x", "--as", "anonymous"), 3, "anonymous"),
        (("trace", "0" * 32), 4, "0" * 32),
        (("readings", "none.such"), 4, "none.such"),
        (("quarantine", "show", "ffff"), 4, "ffff"),
        (("quarantine", "list", "--as", "anonymous"), 3, "quarantine"),
        (("drill", "no-such-drill"), 4, "no-such-drill"),
        (("fnid",), 2, "find"),
        (("key", "create", "x", "--clearance", "PURPLE"), 2, "PURPLE"),
        (("key", "create", "x", "--write", "hazards.warning"), 4, "hazards.warnings"),
        (("key", "revoke", "x"), 4, "x"),
        (("restore", "/nowhere.tar"), 4, "nowhere.tar"),
    ],
)
def test_errors_are_told_with_the_exit_code_of_who_must_act(
    hinomi: Hinomi, inbox: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    hinomi("ingest", inbox / "w.xml")
    ran = hinomi(*arguments)
    assert ran.code == code
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_missing_data_folder_is_told(hinomi: Hinomi, data: Path) -> None:
    ran = hinomi("find", "hazards.warnings")
    assert ran.code == 4
    assert str(data) in ran.err


def test_a_folder_in_use_by_another_command_exits_6(
    hinomi: Hinomi, data: Path, inbox: Path
) -> None:
    held = folder.lock(data, "restore")
    ran = hinomi("ingest", inbox)
    held.close()
    assert ran.code == 6
    assert "restore" in ran.err


def test_errors_for_programs_are_json(hinomi: Hinomi, inbox: Path) -> None:
    hinomi("ingest", inbox)
    ran = hinomi("find", "hazards.warning", "--json")
    assert ran.err.startswith('{"error":"MissingError"')


def test_messages_follow_the_locale(
    hinomi: Hinomi, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert "新規" in hinomi("ingest", inbox).out
    assert "コレクション「x」はありません" in hinomi("find", "x").err


def test_find_gives_the_same_things_in_every_format(hinomi: Hinomi, inbox: Path) -> None:
    hinomi("ingest", inbox)
    asked = ("find", "response.sites", "--limit", "5")
    features = hinomi(*asked, "--format", "geojson").json()["features"]
    rows = list(csv.DictReader(io.StringIO(hinomi(*asked, "--format", "csv").out)))
    table = hinomi(*asked).out.splitlines()[1:]
    assert len(features) == len(rows) == len(table) == 5
    assert [f["id"] for f in features] == [r["key"] for r in rows]
    place = features[0]["geometry"]["coordinates"]
    assert [float(rows[0]["longitude"]), float(rows[0]["latitude"])] == place


def test_find_selects_by_box_filter_key_and_time(hinomi: Hinomi, inbox: Path) -> None:
    hinomi("ingest", inbox)

    def keys(*more: str) -> list[str]:
        found = hinomi("find", "response.sites", "--json", *more).json()["features"]
        return [f["id"] for f in found]

    every = keys()
    assert keys("--bbox", "139.2,31.5,139.3,31.6")
    assert len(keys("--bbox", "139.2,31.5,139.3,31.6")) < len(every)
    assert keys(every[0]) == [every[0]]
    assert keys("--filter", "name LIKE '望楼%'")
    assert keys("--as-of", "2001-01-01T00:00:00Z") == []
    assert keys("--status", "exercise") == []


def test_a_time_without_a_zone_is_taken_as_japans_and_said_so(hinomi: Hinomi, inbox: Path) -> None:
    hinomi("ingest", inbox)
    ran = hinomi("find", "hazards.warnings", "--when", "2026-06-01T09:00")
    assert ran.code == 0
    assert "2026-06-01T09:00:00+09:00" in ran.err


def test_history_shows_every_statement(hinomi: Hinomi, inbox: Path) -> None:
    hinomi("ingest", inbox)
    features = hinomi("find", "hazards.warnings", "--json").json()["features"]
    key = features[0]["id"]
    ran = hinomi("find", "hazards.warnings", key, "--history", "--json")
    assert [f["id"] for f in ran.json()["features"]] == [key]


def test_trace_leads_from_a_level_to_the_telegrams_bytes(
    hinomi: Hinomi, inbox: Path, warning: bytes
) -> None:
    hinomi("ingest", inbox)
    level = hinomi("find", "hazards.levels", "--json").json()["features"][0]
    told = hinomi("trace", level["properties"]["record"]).out
    assert "model hazards.levels@1" in told
    assert "parsed by jma-xml VPWW55" in told
    assert f"({len(warning):,} B)" in told
    said = hinomi("find", "hazards.warnings", "--json").json()["features"]
    made = [hinomi("trace", f["properties"]["record"]).out for f in said]
    assert any(f"made of it (1):\n    record {level['properties']['record']}" in m for m in made)
    by_key = hinomi("trace", f"hazards.levels/{level['id']}")
    assert by_key.out == told
    raw = hinomi("trace", said[0]["properties"]["record"], "--raw")
    assert raw.out.encode() == warning


def test_readings_of_a_series(hinomi: Hinomi, inbox: Path, data: Path) -> None:
    hinomi("ingest", inbox)
    service = reading_service(data)
    series = service.reader(OPERATOR).series("hazards.river_levels")[0].series.id
    service.store.close()
    rows = hinomi("readings", series, "--json").json()
    assert len(rows) == 1
    assert rows[0]["time"].startswith("2026-0")
    at = datetime.fromisoformat(rows[0]["time"]).astimezone(UTC)
    later = (at + timedelta(seconds=1)).isoformat()
    assert hinomi("readings", series, "--from", later, "--json").json() == []
    table = list(csv.reader(io.StringIO(hinomi("readings", series, "--format", "csv").out)))
    assert table[0][1] == "value_m"
    assert float(table[1][1]) == rows[0]["value"]
    assert {rows[0]["quality"], table[1][2]} <= {"good", "unchecked"}
    turned = hinomi("readings", series, "--from", later, "--to", rows[0]["time"])
    assert (turned.code, turned.out) == (2, "")
    assert "is after --to" in turned.err
    near = hinomi("readings", series[:-1])
    assert near.code == 4
    assert "hazards.river_levels" in near.err


def test_quarantine_tells_of_records_that_a_model_is_spared(hinomi: Hinomi, data: Path) -> None:
    with closing(SqliteStore(data)) as store:
        now = clock.now()
        shelter = default_catalog().collection("response.shelters").schema
        body = shelter(name="七尾小", match_key="七尾小", state="open")
        put = store.put([Record(collection="response.shelters", key="s1", said_at=now, body=body,
                                source="a")], at=now)  # fmt: skip
        alarm = operations.alarm_of(
            "response.notes",
            Problem(operations.POISONED, "", Text("毒", "poison"), found=put.ids[0]),
        )
        store.put([operations.alarm_record("k", alarm, at=now)], at=now)
    told = hinomi("quarantine", "list")
    assert "1 record set aside for a model" in told.err
    (row,) = hinomi("quarantine", "records", "--json").json()
    assert (row["model"], row["record"]) == ("response.notes", put.ids[0])
    shown = hinomi("quarantine", "records").out
    assert "response.shelters" in shown
    assert "s1" in shown
    assert hinomi("quarantine", "records", "--as", "anonymous").code == 3


def test_quarantine_shows_and_replays(hinomi: Hinomi, inbox: Path, warning: bytes) -> None:
    (inbox / "cut.xml").write_bytes(warning[:500])
    hinomi("ingest", inbox)
    kept = hinomi("quarantine", "list", "--json").json()
    assert [k["state"]["outcome"] for k in kept] == ["refused"]
    digest = kept[0]["digest"]
    shown = hinomi("quarantine", "show", digest[:10]).out
    assert "cut.xml" in shown
    assert hinomi("quarantine", "show", digest, "--raw").out.encode() == warning[:500]
    again = hinomi("quarantine", "replay", digest[:10], "--json")
    assert again.code == 5
    assert again.json()["sources"]["jma-xml"]["refused"] == 1


def test_keys_are_made_listed_and_revoked(hinomi: Hinomi, inbox: Path) -> None:
    hinomi("ingest", inbox)
    made = hinomi("key", "create", "nanao", "--org", "nanao-city", "--clearance", "GREEN")
    assert made.out.startswith("hinomi_")
    assert hinomi("find", "response.sites", "--as", "nanao").code == 0
    assert hinomi("key", "revoke", "nanao").code == 0
    assert hinomi("key", "list", "--json").json()[0]["revoked_at"]
    assert hinomi("find", "response.sites", "--as", "nanao").code == 4


def test_a_back_up_restores_everything_keys_and_archives_included(
    hinomi: Hinomi, inbox: Path, data: Path, tmp_path: Path
) -> None:
    hinomi("ingest", inbox)
    hinomi("key", "create", "nanao")
    (data / "archive").mkdir()
    (data / "archive" / "old.parquet").write_bytes(b"PAR1")
    (data / "archive" / ".half.parquet.new").write_bytes(b"PA")
    before = hinomi("find", "response.sites", "--limit", "1000", "--json").out
    assert hinomi("backup", tmp_path / "b.tar").code == 0
    assert hinomi("backup", tmp_path / "b.tar").code == 2
    other = ("--data", tmp_path / "other")
    assert hinomi("restore", tmp_path / "b.tar", *other).code == 0
    assert hinomi("restore", tmp_path / "b.tar", *other).code == 2
    assert hinomi("find", "response.sites", "--limit", "1000", "--json", *other).out == before
    assert [k["name"] for k in hinomi("key", "list", "--json", *other).json()] == ["nanao"]
    assert [f.name for f in (tmp_path / "other" / "archive").iterdir()] == ["old.parquet"]


def test_check_is_good_on_a_good_folder_and_tells_a_broken_one(
    hinomi: Hinomi, inbox: Path, data: Path
) -> None:
    hinomi("ingest", inbox)
    ran = hinomi("check")
    assert ran.code == 0
    assert "The store is whole" in ran.out
    blob = next(p for p in (data / "blobs").rglob("*") if p.is_file())
    blob.chmod(0o644)
    blob.write_bytes(b"changed")
    assert hinomi("check").code == 1


def test_check_works_before_there_is_a_folder(hinomi: Hinomi, data: Path) -> None:
    assert hinomi("check").code == 0
    assert not data.exists()


def test_graph_names_every_adapter_as_text_and_svg(hinomi: Hinomi, tmp_path: Path) -> None:
    text = hinomi("graph").out
    assert "hazards.levels" in text
    assert hinomi("graph", "--svg", tmp_path / "g.svg", "--lang", "ja").code == 0
    svg = (tmp_path / "g.svg").read_text(encoding="utf-8")
    for name in [f["id"] for f in hinomi("list", "sources", "--json").json()]:
        assert name in text
        assert name in svg


def test_list_shows_collections_before_there_is_any_data(hinomi: Hinomi) -> None:
    assert "hazards.warnings" in hinomi("list").out
    for what in ("sources", "models", "products"):
        assert hinomi("list", what).code == 0


def test_a_drill_leaves_the_actual_world_alone(hinomi: Hinomi) -> None:
    assert hinomi("drill", "--speed", "900000").code == 0
    assert hinomi("find", "hazards.warnings", "--json").json()["features"] == []
    asked = ("find", "hazards.levels", "--status", "exercise", "--json")
    assert hinomi(*asked).json()["features"]


def test_an_archive_that_climbs_out_writes_nothing(hinomi: Hinomi, tmp_path: Path) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("../../evil.txt")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"evil"))
    ran = hinomi("ingest", path)
    assert ran.code == 5
    assert "unsafe-name" in ran.err
    assert ran.err.count("evil.tar!/../../evil.txt: ") == 1
    assert ran.err.count("evil.tar!/../../evil.txt/") == 0
    assert not list(tmp_path.parent.rglob("evil.txt"))


def test_a_filter_that_names_no_property_is_refused_and_one_by_time_is_understood(
    hinomi: Hinomi, inbox: Path
) -> None:
    hinomi("ingest", inbox)
    wrong = hinomi("find", "hazards.warnings", "--filter", "levle >= 3")
    assert wrong.code == 2
    assert "Nearest: level" in wrong.err
    late = ("find", "hazards.warnings", "--json", "--filter")
    assert hinomi(*late, "said_at >= '2026-05-01T00:00:00Z'").json()["features"]
    assert not hinomi(*late, "said_at >= '2036-05-01T00:00:00Z'").json()["features"]


def test_boundaries_that_are_none_are_refused_with_the_files_name(
    hinomi: Hinomi, tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text("# no boundaries")
    ran = hinomi("areas", "import", tmp_path / "README.md")
    assert ran.code == 5
    assert ran.err.startswith("README.md: ")


def test_a_telegram_from_the_future_is_refused_and_hides_nothing(
    hinomi: Hinomi, inbox: Path, warning: bytes
) -> None:
    hinomi("ingest", inbox)
    stands = hinomi("find", "hazards.warnings", "--json").out
    late = warning.replace(b"<ReportDateTime>2026", b"<ReportDateTime>2126")
    (inbox / "late.xml").write_bytes(late)
    ran = hinomi("ingest", inbox / "late.xml")
    assert (ran.code, "intake.future" in ran.err) == (5, True)
    assert hinomi("find", "hazards.warnings", "--json").out == stands
    assert "late.xml" in hinomi("quarantine", "list").out
