"""Hostile and broken files each get a clear error; the rest goes on; memory stays bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hinomi.kernel.errors import InputError
from hinomi.kernel.filters import Constant
from hinomi.kernel.marking import OPEN
from hinomi.kernel.store import Query
from hinomi.standards import cql2
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore

CODES = {
    "laughs.xml": "jmaxml.dtd",
    "quadratic.xml": "intake.unknown-format",
    "outside-file.xml": "jmaxml.dtd",
    "outside-net.xml": "jmaxml.dtd",
    "nested.xml": "jmaxml.too-large",
    "nested-1gb.zip": "intake.too-large",
    "declared-sjis.xml": "jmaxml.xml",
    "declared-unknown.xml": "jmaxml.xml",
    "bad-utf8.xml": "jmaxml.encoding",
    "truncated.xml": "jmaxml.xml",
    "year-9999.xml": "jmaxml.time",
    "no-such-day.xml": "jmaxml.time",
    "attribute-10mb.xml": "jmaxml.xml",
    "unknown-type.xml": "jmaxml.unknown-type",
    "nan.json": "gsi.broken-feature",
    "infinite.json": "gsi.broken-feature",
    "swapped.json": "place.swapped",
    "displaced.json": "place.outside-japan",
    "deep.json": "intake.unknown-format",
    "not-json.json": "intake.unknown-format",
    "cut.zip": "intake.broken-archive",
    "cut.xml.gz": "intake.broken-archive",
}


def findings(outcome: Any, name: str) -> list[dict[str, Any]]:
    return [
        f["problem"]
        for f in outcome.report["findings"]
        if Path(f["address"].partition("!")[0]).name == name or name in f["address"]
    ]


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_each_is_told_with_where_and_what_was_expected(outcome: Any, name: str, code: str) -> None:
    found = findings(outcome, name)
    assert code in {p["code"] for p in found}, found
    for problem in found:
        assert problem["text"]["ja"]
        assert problem["text"]["en"]


def test_every_hostile_file_is_counted_and_none_is_a_fault_of_ours(
    outcome: Any, hostile: ModuleType
) -> None:
    tallies = {Path(name).name: tally for name, tally in outcome.report["files"].items()}
    assert set(hostile.FILES) <= set(tallies)
    assert all(tally["fault"] == 0 for tally in tallies.values())
    silent = [
        name
        for name in hostile.FILES
        if not any(tallies[name][k] for k in ("refused", "partly", "unknown"))
    ]
    assert silent == []


def test_the_good_parts_and_the_good_files_go_on(outcome: Any) -> None:
    assert outcome.code == 5
    areas = {f["properties"]["area_name"] for f in outcome.find("hazards.warnings")}
    assert areas == {"浜田市", "松江市"}, "the file after them all, and the tar's good member"
    names = {f["properties"]["name"] for f in outcome.find("response.sites")}
    assert names == {"公園1"}, "each list's good row, and no row with an impossible place"


def test_nothing_is_written_outside_the_data_folder(outcome: Any) -> None:
    assert not list(outcome.data.parent.parent.glob("climb.xml"))
    assert not Path("/etc/absolute.xml").exists()


def test_memory_stays_bounded_while_a_gigabyte_is_offered(outcome: Any) -> None:
    assert outcome.peak_mb < 400


def test_nothing_of_another_file_leaks_into_a_record(outcome: Any) -> None:
    assert "root:" not in json.dumps(outcome.find("hazards.warnings"))
    assert "root:" not in json.dumps(outcome.report)


SQL = [
    "source = 'x'' OR 1=1 --'",
    "source LIKE '%''; DROP TABLE record; --'",
    "record IN ('''; DELETE FROM record; --', '\" OR 1=1')",
    "\"source\" = 'jma' UNION SELECT * FROM record",
    "source = 'x'; DROP TABLE record",
    "json_extract(feature, '$') = 1",
    "source = 'x' OR sqlite_version() <> ''",
]


@pytest.mark.parametrize("text", SQL)
def test_sql_in_a_filter_is_text_or_an_error_and_never_sql(outcome: Any, text: str) -> None:
    store = SqliteStore(outcome.data, read_only=True)
    visible = frozenset({OPEN})
    before = store.count(Query(collection="hazards.warnings", visible=visible))
    try:
        where = cql2.parse_text(text)
    except InputError:
        where = Constant(value=False)
    found = store.find(Query(collection="hazards.warnings", visible=visible, filter=where))
    assert found.items == []
    assert store.count(Query(collection="hazards.warnings", visible=visible)) == before
    store.close()


def test_a_list_of_a_million_values_is_answered_or_refused_in_bounded_memory(
    outcome: Any,
) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from hinomi.kernel.errors import InputError\n"
        "from hinomi.kernel.filters import In, Property\n"
        "from hinomi.kernel.marking import OPEN\n"
        "from hinomi.kernel.store import Query\n"
        "from hinomi.standards import cql2\n"
        "from hinomi.stores.sqlite import SqliteStore\n"
        "store = SqliteStore(Path(sys.argv[1]), read_only=True)\n"
        "values = tuple(f'v{n}' for n in range(999_999)) + ('浜田市',)\n"
        "where = In(Property('area_name'), values)\n"
        "query = Query(collection='hazards.warnings', visible=frozenset({OPEN}), filter=where)\n"
        "print(len(store.find(query).items))\n"
        "text = 'area_name IN (' + ','.join(repr(v) for v in values) + ')'\n"
        "try:\n"
        "    cql2.parse_text(text)\n"
        "    print('parsed')\n"
        "except InputError as error:\n"
        "    print('refused')\n"
        # Not ru_maxrss: that remembers the process that this one was forked from.
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(status.split('VmHWM:')[1].split()[0]) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, outcome.data],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    matched, parsed, peak_mb = done.stdout.split()
    assert matched == "1"
    assert parsed in {"parsed", "refused"}
    assert int(peak_mb) < 700


def test_both_stores_survive_a_filter_nested_ten_thousand_deep() -> None:
    with pytest.raises(InputError):
        cql2.parse_text("NOT (" * 10_000 + "source = 'a'" + ")" * 10_000)
    with pytest.raises(InputError):
        cql2.parse_json(b'{"op":"not","args":[' * 10_000 + b"true" + b"]}" * 10_000)
    assert MemoryStore().position() == 0
