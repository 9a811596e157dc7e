"""The intake: what comes is kept, understood or set aside, and always told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.marking import ANONYMOUS, OPERATOR
from hinomi.kernel.reader import Reader
from hinomi.kernel.store import Page, Query
from hinomi.runtime import files
from hinomi.runtime.intake import Intake
from hinomi.runtime.writer import Writer

Lines = Callable[..., bytes]


def seen(writer: Writer, catalog: Catalog, collection: str) -> dict[str, dict[str, object]]:
    reader = Reader(writer.store, catalog, OPERATOR)
    return {item.key: item.body() for item in reader.every(collection)}


def test_a_file_becomes_records_that_lead_back_to_its_bytes(
    intake: Intake, writer: Writer, catalog: Catalog, lines: Lines, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(lines("one,1", "two,2"))
    report = intake.ingest([path])
    assert (report.records_new, report.records_known, report.exit_code) == (2, 0, 0)
    reader = Reader(writer.store, catalog, OPERATOR)
    trace = reader.trace(reader.get("demo.things", "one").id)
    origin = trace.origins[0][0]
    assert origin.address == str(path)
    assert writer.store.blob(origin.digest) == path.read_bytes()


@pytest.mark.parametrize("names", [(b"\x8e\x9e.txt", "時.txt"), (b"\x82.txt", "\ufffd.txt")])
def test_a_files_name_may_be_in_any_encoding(
    intake: Intake,
    writer: Writer,
    catalog: Catalog,
    lines: Lines,
    tmp_path: Path,
    names: tuple[bytes, str],
) -> None:
    name, told = names
    (tmp_path / os.fsdecode(name)).write_bytes(lines("one,1"))
    report = intake.ingest([tmp_path])
    assert (report.records_new, report.exit_code) == (1, 0)
    reader = Reader(writer.store, catalog, OPERATOR)
    origin = reader.trace(reader.get("demo.things", "one").id).origins[0][0]
    assert origin.address == str(tmp_path / told)


def test_the_same_bytes_from_the_same_place_are_read_once(
    intake: Intake, writer: Writer, lines: Lines, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(lines("one,1"))
    intake.ingest([path])
    position = writer.store.position()
    again = intake.ingest([path])
    assert again.sources["demo-lines"].repeated == 1
    assert (again.records_new, writer.store.position()) == (0, position)


def test_the_same_bytes_from_elsewhere_are_kept_as_another_origin(
    intake: Intake, writer: Writer, catalog: Catalog, lines: Lines, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(lines("one,1"))
    report = intake.ingest([tmp_path])
    assert (report.records_new, report.records_known) == (1, 1)
    reader = Reader(writer.store, catalog, OPERATOR)
    origins = reader.trace(reader.get("demo.things", "one").id).origins
    assert {o.address for o, _ in origins} == {str(tmp_path / "a.txt"), str(tmp_path / "b.txt")}


def test_good_records_go_on_when_others_of_the_payload_are_refused(
    intake: Intake, writer: Writer, catalog: Catalog, lines: Lines
) -> None:
    report = intake.take(lines("one,1", "bad"), "a.txt", "feed", writer.now())
    assert report.exit_code == 5
    assert list(seen(writer, catalog, "demo.things")) == ["one"]
    state = next(iter(seen(writer, catalog, "operations.payloads").values()))
    assert (state["outcome"], state["refused"]) == ("partly", 1)


def test_a_record_that_the_store_refuses_costs_only_itself(
    intake: Intake, writer: Writer, catalog: Catalog, lines: Lines
) -> None:
    items = [("good.txt", lines("one,1")), ("swapped.txt", lines("two,2", "three,3,36.5,136.6"))]
    for name, data in items:
        report = intake.take(data, name, name, writer.now())
    assert report.exit_code == 5
    assert set(seen(writer, catalog, "demo.things")) == {"one", "two"}
    finding = report.findings[0]
    assert finding.problem.code == "intake.refused-record"
    assert "three" in finding.problem.path


def test_a_fault_in_a_parser_sets_one_payload_aside_and_exits_1(
    intake: Intake, writer: Writer, catalog: Catalog, lines: Lines, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"lines fault")
    (tmp_path / "b.txt").write_bytes(lines("one,1"))
    report = intake.ingest([tmp_path])
    assert report.exit_code == 1
    assert list(seen(writer, catalog, "demo.things")) == ["one"]
    outcomes = {
        s["name"]: s["outcome"] for s in seen(writer, catalog, "operations.payloads").values()
    }
    assert outcomes == {"a.txt": "fault", "b.txt": "understood"}


def test_bytes_of_no_format_are_kept_counted_and_raise_an_alarm(
    intake: Intake, writer: Writer, catalog: Catalog
) -> None:
    report = intake.take(b"what is this", "x.odd", "x.odd", writer.now())
    assert report.exit_code == 0
    assert report.sources["unknown"].unknown == 1
    alarms = seen(writer, catalog, "operations.alarms")
    assert [a["code"] for a in alarms.values()] == ["intake.unknown-format"]
    digest = next(iter(seen(writer, catalog, "operations.payloads")))
    assert writer.store.blob(digest) == b"what is this"


def test_a_payload_of_which_nothing_was_understood_is_never_a_success(
    intake: Intake, writer: Writer, catalog: Catalog, lines: Lines
) -> None:
    report = intake.take(lines(), "empty.txt", "empty.txt", writer.now())
    assert report.sources["demo-lines"].unknown == 1
    codes = [a["code"] for a in seen(writer, catalog, "operations.alarms").values()]
    assert codes == ["intake.nothing-understood"]


def test_an_area_unknown_in_many_payloads_is_one_alarm(
    intake: Intake, writer: Writer, catalog: Catalog, lines: Lines
) -> None:
    for number in range(3):
        intake.take(lines(f"k{number},1,9999"), "a.txt", f"a{number}", writer.now())
    assert len(seen(writer, catalog, "operations.alarms")) == 1


def test_a_source_is_amber_while_something_of_it_stands_in_the_quarantine(
    intake: Intake, writer: Writer, catalog: Catalog, lines: Lines
) -> None:
    intake.take(lines("one,1"), "a.txt", "a", writer.now())
    assert seen(writer, catalog, "operations.sources")["demo-lines"]["state"] == "green"
    intake.take(lines("bad"), "b.txt", "b", writer.now())
    state = seen(writer, catalog, "operations.sources")["demo-lines"]
    assert (state["state"], state["payloads"], state["quarantined"]) == ("amber", 2, 1)


def test_anonymous_callers_do_not_see_payloads_and_alarms(
    intake: Intake, writer: Writer, catalog: Catalog
) -> None:
    intake.take(b"secret", "names.txt", "names", writer.now())
    reader = Reader(writer.store, catalog, ANONYMOUS)
    assert reader.find("operations.payloads").items == []
    assert reader.find("operations.alarms").items == []
    assert [i.key for i in reader.find("operations.sources").items] == ["unknown"]


def test_a_restarted_intake_knows_what_came_before(
    writer: Writer, catalog: Catalog, areas: object, lines: Lines
) -> None:
    first = Intake(writer, catalog, areas)
    first.take(lines("one,1,9999"), "a.txt", "a", writer.now())
    second = Intake(writer, catalog, areas)
    second.take(lines("two,1,9999"), "b.txt", "b", writer.now())
    assert seen(writer, catalog, "operations.sources")["demo-lines"]["payloads"] == 2
    assert len(seen(writer, catalog, "operations.alarms")) == 1


def test_bytes_that_come_twice_at_once_are_read_once(
    intake: Intake, writer: Writer, lines: Lines
) -> None:
    now = writer.now()
    data = [lines("one,1"), lines("two,2"), lines("one,1")]
    report = intake.take_all([files.payload(d, "a.txt", "a.txt", now) for d in data])
    counted = report.sources["demo-lines"]
    assert (report.records_new, report.records_known, counted.repeated) == (2, 0, 1)


def test_many_payloads_cost_few_questions_to_the_ledger(
    intake: Intake, writer: Writer, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    find = writer.store.find

    def counting(query: Query) -> Page:
        asked.append(len(query.keys or ()))
        return find(query)

    monkeypatch.setattr(writer.store, "find", counting)
    now = writer.now()
    taken = [files.payload(lines(f"k{n},1"), f"{n}", f"{n}", now) for n in range(150)]
    assert intake.take_all(taken).records_new == 150
    assert asked == [64, 64, 22, 150]
