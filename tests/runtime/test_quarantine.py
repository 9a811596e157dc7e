"""The quarantine: what was set aside is read again by today's code, and by today's areas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPERATOR
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.runtime import operations, quarantine
from hinomi.runtime.intake import Intake
from hinomi.runtime.writer import Writer

Lines = Callable[..., bytes]


def wiser(catalog: Catalog) -> Catalog:
    """The same catalogue after its source has learned to read what it could not."""
    domain, own = catalog.domains
    source = domain.sources[0]

    def parse(payload: object, gazetteer: object) -> Parsed:
        data = payload.data.replace(b"\nbad", b"").replace(b"broken", b"\none,1").split(b"\n", 1)
        told = msgspec.structs.replace(payload, data=b"lines\n" + data[1])
        return source.parse(told, gazetteer)

    better = msgspec.structs.replace(source, parse=parse)
    return Catalog((msgspec.structs.replace(domain, sources=(better,)), own))


def test_what_was_refused_is_understood_by_better_code(
    intake: Intake, writer: Writer, catalog: Catalog, areas: object
) -> None:
    intake.take(b"lines broken", "a.txt", "a", writer.now())
    assert [k.state.outcome for k in quarantine.list_kept(writer.store)] == ["refused"]
    writer.now.at += timedelta(hours=1)
    report = quarantine.replay(Intake(writer, wiser(catalog), areas))
    assert (report.records_new, report.exit_code) == (1, 0)
    assert quarantine.list_kept(writer.store) == []
    reader = Reader(writer.store, catalog, OPERATOR)
    assert reader.get(operations.SOURCES.id, "demo-lines").body()["state"] == "green"


def test_a_replay_of_what_is_still_wrong_changes_nothing_but_says_so(
    intake: Intake, writer: Writer
) -> None:
    intake.take(b"lines broken", "a.txt", "a", writer.now())
    report = quarantine.replay(intake)
    assert report.exit_code == 5
    assert len(quarantine.list_kept(writer.store)) == 1


def test_an_alarm_is_over_when_its_payload_is_understood(
    intake: Intake, writer: Writer, catalog: Catalog, areas: object, lines: Lines
) -> None:
    intake.take(lines("one,1,9999"), "a.txt", "a", writer.now())
    reader = Reader(writer.store, catalog, OPERATOR)
    assert len(list(reader.every(operations.ALARMS.id))) == 1
    areas.places["9999"] = point(137.0, 37.0)
    writer.now.at += timedelta(hours=1)
    quarantine.rejoin(intake)
    assert list(reader.every(operations.ALARMS.id)) == []


def test_imported_areas_are_joined_to_what_came_before(
    intake: Intake, writer: Writer, catalog: Catalog, areas: object, lines: Lines
) -> None:
    intake.take(lines("one,1,9999"), "a.txt", "a", writer.now())
    intake.take(lines("two,1"), "b.txt", "b", writer.now())
    areas.places["9999"] = point(137.0, 37.0)
    report = quarantine.rejoin(intake)
    assert sum(t.payloads for t in report.sources.values()) == 1
    reader = Reader(writer.store, catalog, OPERATOR)
    assert reader.get("demo.things", "one").place() == point(137.0, 37.0)
    assert quarantine.rejoin(intake).sources == {}


def test_what_is_read_again_is_counted_once(
    intake: Intake, writer: Writer, catalog: Catalog, areas: object, lines: Lines
) -> None:
    def counted(source: str) -> tuple[int, ...]:
        state = Reader(writer.store, catalog, OPERATOR).get(operations.SOURCES.id, source).body()
        return tuple(state[name] for name in ("payloads", "records", "readings", "quarantined"))

    intake.take(lines("one,1,9999", "bad"), "a.txt", "a", writer.now())
    intake.take(lines("two,1"), "b.txt", "b", writer.now())
    first = counted("demo-lines")
    assert first[:2] == (2, 2)
    for _ in range(2):
        writer.now.at += timedelta(hours=1)
        quarantine.rejoin(intake)
        quarantine.replay(intake)
    assert counted("demo-lines") == first
    writer.now.at += timedelta(hours=1)
    areas.places["9999"] = point(137.0, 37.0)
    quarantine.replay(Intake(writer, wiser(catalog), areas))
    assert counted("demo-lines") == (*first[:3], 0)


def test_a_payload_is_shown_by_the_beginning_of_its_digest(
    intake: Intake, writer: Writer, lines: Lines
) -> None:
    intake.take(b"lines broken", "a.txt", "a", writer.now())
    intake.take(lines("one,1"), "b.txt", "b", writer.now())
    digest = quarantine.list_kept(writer.store)[0].digest
    assert quarantine.show(writer.store, digest[:8]).state.name == "a.txt"
    with pytest.raises(MissingError):
        quarantine.show(writer.store, "zz")
    with pytest.raises(InputError):
        quarantine.show(writer.store, "")


def test_what_was_refused_unread_is_listed_and_a_replay_leaves_it(
    intake: Intake, writer: Writer, tmp_path: object
) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 cut off")
    assert intake.ingest([tmp_path / "a.zip"]).exit_code == 5
    assert [k.state.name for k in quarantine.list_kept(writer.store)] == ["a.zip"]
    assert quarantine.replay(intake).sources == {}
