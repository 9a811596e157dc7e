"""Packages through the whole node: in, stored, traced, out again; and what must never leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Marking, Principal, Status
from hinomi.runtime import exchange
from hinomi.standards import sip4d
from hinomi.standards.sip4d import statements
from hinomi.standards.sip4d.markings import ISUT, RESPONDERS
from hinomi.vocabulary.exchange import PACKAGES as SENT
from hinomi.vocabulary.exchange import Sender

PACKAGES = "exchange/sip4d-zip"
NAMES = (
    "052_20250801_0000000.zip",
    "20260609111841_R_1003665_20251004.zip",
    "bomtest.zip",
    "kunren_023_01-001-01_20260414140049_1.zip",
    "polygon_style_err_sample.zip",
    "ttid_nashi.zip",
)


def _all(node: Any) -> Any:
    return node.reader(OPERATOR, status=frozenset(Status))


@pytest.mark.parametrize("name", NAMES)
def test_a_package_read_stored_and_written_is_the_same(
    shared_data: Path, node: Any, name: str
) -> None:
    path = shared_data / PACKAGES / name
    report = node.intake.ingest([path])
    assert report.exit_code == 0 or not report.sources["sip4d"].refused
    (package,) = list(_all(node).every("response.packages"))
    status = frozenset({package.marking.status})
    again = exchange.parcel_again(node.reader(OPERATOR, status=status), package.key)
    assert list(sip4d.differences(path.read_bytes(), again.data)) == []
    assert package.body()["conforms"] is sip4d.check(path.read_bytes()).conforms


def test_what_came_is_written_in_our_names_and_conforms(shared_data: Path, node: Any) -> None:
    node.intake.ingest([shared_data / PACKAGES / NAMES[3]])
    reader = node.reader(OPERATOR, status=frozenset({Status.EXERCISE}))
    made = exchange.parcel(reader, "response.shelters", Sender(author="愛知県", lgcode=("23000",)))
    verdict = sip4d.check(made.data)
    assert (verdict.conforms, verdict.plausible, verdict.features) == (True, True, 5555)
    assert verdict.code == "01-001-01"
    assert made.name.startswith("23000_01-001-01_")


def test_a_record_leads_back_to_the_packages_bytes(shared_data: Path, node: Any) -> None:
    path = shared_data / PACKAGES / NAMES[0]
    node.intake.ingest([path])
    reader = node.reader(OPERATOR, status=frozenset({Status.EXERCISE}))
    first = next(reader.every("response.layers"))
    (origin, _) = reader.trace(first.id).origins[0]
    assert origin.path == "c28388_pub.geojson/features[0]"
    assert reader.blob(first, origin.digest) == path.read_bytes()
    assert first.body()["legend"] == "通行不能"
    assert first.body()["colour"] == "#c7161e"
    assert str(first.marking) == f"exercise TLP:AMBER [{RESPONDERS}]"


def test_what_an_update_leaves_out_is_over(node: Any) -> None:
    for key in ("a", "b"):
        node.shelter(key)
    sender = Sender(author="七尾市")
    first = exchange.parcel(node.reader(), "response.shelters", sender).data
    node.wait(60)
    node.shelter("a", people=9)
    only_a: Any = {"keys": ("a",)}
    second = exchange.parcel(node.reader(), "response.shelters", sender, **only_a).data
    other = type(node)()
    other.wait(3600)
    other.intake.take(first, "one.zip", "one.zip", other.at)
    assert other.reader().find("response.shelters").items[0].source == "七尾市"
    other.intake.take(second, "two.zip", "two.zip", other.at)
    found = other.reader().find("response.shelters").items
    assert [f.body()["people"] for f in found] == [9]


def test_whose_status_is_unreadable_is_set_aside_whole(node: Any) -> None:
    node.shelter("a")
    data = exchange.parcel(node.reader(), "response.shelters").data
    other = type(node)()
    report = other.intake.take(_spoilt(data, testflg="?"), "x.zip", "x.zip", other.at)
    assert report.sources["sip4d"].refused == 1
    assert not other.reader(OPERATOR, status=frozenset(Status)).find("response.shelters").items


def test_whose_disclosure_is_unreadable_is_the_operators_alone(node: Any) -> None:
    node.shelter("a")
    data = exchange.parcel(node.reader(), "response.shelters").data
    other = type(node)()
    other.intake.take(_spoilt(data, openflg="公開"), "x.zip", "x.zip", other.at)
    assert not other.reader().find("response.shelters").items
    assert len(other.reader(OPERATOR).find("response.shelters").items) == 1


def _spoilt(data: bytes, **change: str) -> bytes:
    import io  # noqa: PLC0415
    import zipfile  # noqa: PLC0415

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == sip4d.META:
                content = json.dumps({**json.loads(content), **change}).encode()
            new.writestr(name, content)
    return out.getvalue()


CANARIES = {
    "exercise": Marking(Status.EXERCISE),
    "test": Marking(Status.TEST),
    "amber": Marking(disclosure=Disclosure.AMBER),
    "responders": Marking(disclosure=Disclosure.AMBER, audience=(RESPONDERS,)),
    "isut": Marking(disclosure=Disclosure.AMBER, audience=(ISUT,)),
    "strict": Marking(disclosure=Disclosure.AMBER_STRICT, audience=(RESPONDERS,)),
    "red": Marking(disclosure=Disclosure.RED, audience=(RESPONDERS,)),
    "kobe": Marking(disclosure=Disclosure.AMBER, audience=("kobe-city",)),
    "open-kobe": Marking(audience=("kobe-city",)),
}


@pytest.mark.parametrize(
    ("principal", "status", "seen"),
    [
        (ANONYMOUS, Status.ACTUAL, {"open"}),
        (ANONYMOUS, Status.EXERCISE, {"exercise"}),
        (ANONYMOUS, Status.TEST, {"test"}),
        (Principal("r", (RESPONDERS,), Disclosure.AMBER), Status.ACTUAL, {"open", "responders"}),
        (Principal("i", (ISUT,), Disclosure.AMBER), Status.ACTUAL, {"open", "isut"}),
        (Principal("k", ("kobe-city",), Disclosure.RED), Status.ACTUAL, {"open"}),
        (OPERATOR, Status.ACTUAL, {"open", "responders", "isut"}),
    ],
    ids=["anyone", "drill", "trial", "responder", "isut", "kobe", "operator"],
)
def test_no_package_holds_what_its_receiver_or_its_flag_forbids(
    node: Any, principal: Principal, status: Status, seen: set[str]
) -> None:
    node.shelter("open")
    for key, marking in CANARIES.items():
        node.shelter(key, marking)
    reader = node.reader(principal, status=frozenset({status}))
    data = exchange.parcel(reader, "response.shelters").data
    package = sip4d.open_package(data)
    names = {f.properties["name"] for f in package.layers[0].features()}
    assert names == {f"避難所{key}" for key in seen}
    # Whoever reads it again gives it no wider marking than its narrowest part had.
    marking = package.marking()
    assert marking is not None
    assert marking.status is status
    assert (marking.disclosure is Disclosure.CLEAR) is (seen <= {"open", "exercise", "test"})


def test_statuses_never_share_a_package(node: Any) -> None:
    node.shelter("open")
    with pytest.raises(InputError):
        exchange.parcel(_all(node), "response.shelters")


def test_nothing_to_send_is_said(node: Any) -> None:
    with pytest.raises(MissingError):
        exchange.parcel(node.reader(), "response.roads")


def test_beyond_the_limit_features_are_refused_and_nothing_is_taken_to_be_over(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("a", "b", "c"):
        node.shelter(key)
    data = exchange.parcel(node.reader(), "response.shelters").data
    other = type(node)()
    other.intake.take(data, "x.zip", "x.zip", other.at)
    monkeypatch.setattr(statements, "MAX_FEATURES", 1)
    node.wait(60)
    node.shelter("a", people=7)
    again = exchange.parcel(node.reader(), "response.shelters").data
    other.wait(3600)
    report = other.intake.take(again, "y.zip", "y.zip", other.at)
    assert report.exit_code == 5
    found = other.reader().find("response.shelters").items
    assert sorted(f.body()["people"] for f in found) == [3, 3, 7]


def test_a_package_of_very_many_features_is_stored_in_pieces_as_if_at_once(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in "abcdefg":
        node.shelter(key)
    data = exchange.parcel(node.reader(), "response.shelters").data
    whole, pieces = type(node)(), type(node)()
    told = whole.intake.take(data, "x.zip", "x.zip", whole.at)
    monkeypatch.setattr(statements, "HELD", 2)
    monkeypatch.setattr("hinomi.runtime.intake.WALKED_RECORDS", 3)
    told_in_pieces = pieces.intake.take(data, "x.zip", "x.zip", pieces.at)
    assert told_in_pieces.collections == told.collections
    assert told_in_pieces.records_new == told.records_new == 8
    for collection in ("response.shelters", SENT.id):
        one, other = (n.reader().find(collection).items for n in (whole, pieces))
        assert {(s.key, s.id) for s in one} == {(s.key, s.id) for s in other}
    again = pieces.intake.take(data, "x.zip", "elsewhere.zip", pieces.at)
    assert (again.records_new, again.records_known) == (0, 8)


def test_of_too_many_features_those_left_out_stay_and_people_are_told(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in "abc":
        node.shelter(key)
    other = type(node)()
    monkeypatch.setattr(statements, "CLOSED", 0)
    first = exchange.parcel(node.reader(), "response.shelters").data
    other.intake.take(first, "x.zip", "x.zip", other.at)
    node.wait(60)
    only_a: Any = {"keys": ("a",)}
    second = exchange.parcel(node.reader(), "response.shelters", **only_a).data
    other.wait(3600)
    report = other.intake.take(second, "y.zip", "y.zip", other.at)
    assert len(other.reader().find("response.shelters").items) == 3
    assert "sip4d.left-out-stays" in {f.problem.code for f in report.findings}


def test_a_feature_that_the_store_refuses_costs_only_itself(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in "abcde":
        node.shelter(key)
    data = exchange.parcel(node.reader(), "response.shelters").data
    other = type(node)()
    monkeypatch.setattr(statements, "HELD", 2)
    put = other.intake.writer.store.put

    def choosy(records: Any, *rest: Any, **more: Any) -> Any:
        if any(r.collection == "response.shelters" and r.key.endswith("c") for r in records):
            raise InputError("not this one")
        return put(records, *rest, **more)

    monkeypatch.setattr(other.intake.writer.store, "put", choosy)
    report = other.intake.take(data, "x.zip", "x.zip", other.at)
    assert report.exit_code == 5
    assert len(other.reader().find("response.shelters").items) == 4
    assert [f.problem.code for f in report.findings] == ["intake.refused-record"]
