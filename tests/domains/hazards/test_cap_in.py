"""Received CAP: state by references in any order, markings, and nothing that leaks."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from hinomi.domains.hazards.observe import cap
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Principal, Status
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.reader import Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.standards.cap import alert as c
from hinomi.standards.cap.encode import encode
from hinomi.stores.memory import MemoryStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 6, 2, tzinfo=UTC)


class NoAreas:
    def place(self, code: str, on: object) -> None: ...

    def knows(self, code: str, on: object) -> bool:  # noqa: ARG002
        return False


def alert(number: int, message_type: str = "Alert", *about: int, **fields: Any) -> c.Alert:
    infos = tuple(
        c.Info(
            language=language,
            categories=("Met",),
            event=event,
            urgency="Expected",
            severity="Severe",
            certainty="Likely",
            expires=NOW + timedelta(hours=9),
            areas=(
                c.Area(
                    description="town", polygons=(((139, 35), (140, 35), (140, 36), (139, 35)),)
                ),
            ),
        )
        for language, event in (("ja-JP", "暴風"), ("en-US", "Storm"))
    )
    whole = {
        "sender": "pref",
        "status": "Actual",
        "scope": "Public",
        "infos": infos,
        "sent": NOW + timedelta(minutes=number),
        **fields,
    }
    references = tuple(
        c.Reference(whole["sender"], f"m{n}", NOW + timedelta(minutes=n)) for n in about
    )
    return c.Alert(
        identifier=f"m{number}", message_type=message_type, references=references, **whole
    )


def parse(data: bytes, trust: tuple[bytes, ...] = ()) -> Parsed:
    digest = hashlib.sha256(data).hexdigest()
    payload = Payload(data=data, name="a.cap", address="a.cap", digest=digest, taken_at=NOW)
    assert cap.detect(payload)
    return cap.parse(payload, NoAreas(), trust=trust)


def heard(*alerts: c.Alert) -> MemoryStore:
    store = MemoryStore()
    for one in alerts:
        parsed = parse(encode(one))
        store.put(parsed.records, complete=parsed.complete, at=LATER)
    return store


def seen(
    store: MemoryStore, who: Principal = OPERATOR, status: Status = Status.ACTUAL
) -> list[Any]:
    reader = Reader(store, default_catalog(), who, status=frozenset({status}))
    return [(s.key, s.body()["in_force"]) for s in reader.every("hazards.alerts")]


def test_languages_are_one_record_and_expires_ends_it() -> None:
    (record,) = parse(encode(alert(1))).records
    assert (record.body.title, record.body.title_en) == ("暴風", "Storm")
    assert record.when.end == NOW + timedelta(hours=9)
    assert record.place is not None
    assert record.place["coordinates"][0][0] in ([139.0, 35.0], [140.0, 35.0], [140.0, 36.0])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_updates_and_cancels_hold_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    messages = [alert(1), alert(2, "Update", 1), alert(3, "Cancel", 1, 2)]
    store = heard(*(messages[n] for n in order))
    assert seen(store) == [("pref,m3/1", False)]


def test_an_exercise_cancels_nothing_actual_and_neither_does_another_sender() -> None:
    store = heard(
        alert(1),
        alert(2, "Cancel", 1, status="Exercise"),
        alert(3, "Cancel", 1, sender="other", infos=()),
    )
    # The other's Cancel names a message of its own that nobody has; the first one stands.
    assert ("pref,m1/1", True) in seen(store)


def test_a_cancel_that_names_anothers_message_is_told_and_not_applied() -> None:
    named = c.Reference("pref", "m1", NOW + timedelta(minutes=1))
    stolen = msgspec.structs.replace(alert(2, "Cancel", 1, sender="other"), references=(named,))
    parsed = parse(encode(stolen))
    assert parsed.complete == []
    assert "cap.foreign-reference" in {p.code for p in parsed.problems}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Exercise", Status.EXERCISE),
        ("Test", Status.TEST),
        ("System", Status.TEST),
        ("Draft", Status.TEST),
    ],
)
def test_what_is_not_actual_is_never_seen_as_actual(status: str, expected: Status) -> None:
    store = heard(alert(1, status=status))
    assert seen(store) == []
    assert seen(store, ANONYMOUS, expected) == [("pref,m1/1", True)]


def test_restricted_and_private_alerts_stay_in_their_circle() -> None:
    store = heard(
        alert(1, scope="Restricted", restriction="for the police"),
        alert(2, scope="Private", addresses=("town-a",)),
        alert(3, scope="Restricted", restriction="TLP:GREEN"),
    )
    town = Principal("t", ("town-a",), Disclosure.RED)
    other = Principal("u", ("town-b",), Disclosure.GREEN)
    assert seen(store, ANONYMOUS) == []
    assert {k for k, _ in seen(store, town)} == {"pref,m2/1", "pref,m3/1"}
    assert {k for k, _ in seen(store, other)} == {"pref,m3/1"}
    assert len(seen(store)) == 3


def test_a_broken_signature_is_marked_and_ends_nothing() -> None:
    broken = encode(alert(2, "Cancel", 1)).replace(
        b"</alert>",
        b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature></alert>',
    )
    parsed = parse(broken)
    assert parsed.complete == []
    assert parsed.records[0].source == "cap-invalid"
    assert parsed.records[0].body.signature == "invalid"
    assert parsed.records[0].rank < 0


def test_a_list_of_links_states_nothing_and_one_bad_alert_leaves_the_others() -> None:
    good, bad = encode(alert(1)), encode(alert(2)).replace(b"<scope>Public</scope>", b"")
    feed = b"<feed>%b%b</feed>" % tuple(d.partition(b"?>")[2].lstrip() for d in (bad, good))
    parsed = parse(feed)
    assert [r.key for r in parsed.records] == ["pref,m1/1"]
    assert {p.code for p in parsed.problems} == {"cap.missing"}
