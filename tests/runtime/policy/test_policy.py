"""The policy as data: roles and attributes decide, personal data are covered, why is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.domains.response.collections.roster import ROSTER, Duty
from hinomi.kernel.errors import DeniedError, InputError, MissingError
from hinomi.kernel.filters import And, Compare, Like, Not, Property, Value
from hinomi.kernel.marking import (
    ANONYMOUS,
    OPERATOR,
    Disclosure,
    Marking,
    Principal,
    Status,
)
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime import policy
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys, TooManyError
from hinomi.runtime.opening import reading_service
from hinomi.runtime.people import People
from hinomi.runtime.policy import masking
from hinomi.runtime.policy.explaining import why
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SHIPPED = policy.shipped()
TOWN = ("nanao-city",)
AMBER = Marking(Status.ACTUAL, Disclosure.AMBER, TOWN)


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    found = Keys(tmp_path, now=Hands())
    yield found
    found.close()


def named(role: str, *, clearance: Disclosure = Disclosure.RED, **more: object) -> Principal:
    plain = Principal("suzuki", TOWN, clearance, (), (role,))
    return SHIPPED.principal(msgspec.structs.replace(plain, **more))


@pytest.mark.parametrize(
    ("role", "sees", "may"),
    [
        ("resident", "CLEAR", False), ("reporter", "GREEN", False),
        ("town-officer", "AMBER", True), ("prefecture-officer", "AMBER+STRICT", True),
        ("analyst", "GREEN", False), ("administrator", "RED", True),
    ],
)  # fmt: skip
def test_a_role_gives_clearance_and_writing(role: str, sees: str, *, may: bool) -> None:
    found = named(role)
    assert found.clearance.label == sees
    assert found.may_write("response.shelters") is may
    assert found.may_write("hazards.warnings") is (role == "administrator")


def test_ones_own_clearance_is_a_ceiling() -> None:
    assert named("town-officer", clearance=Disclosure.GREEN).clearance is Disclosure.GREEN
    assert not named("town-officer", clearance=Disclosure.GREEN).may_see(AMBER)
    assert named("town-officer").may_see(AMBER)
    assert not named("town-officer", organisations=("wajima-city",)).may_see(AMBER)


def test_who_has_no_role_of_the_policy_keeps_what_they_have() -> None:
    for one in (
        ANONYMOUS,
        OPERATOR,
        Principal("k", TOWN, Disclosure.AMBER, ("a.b",), ("officer",)),
    ):
        assert SHIPPED.principal(one) == one


_markings = st.builds(
    Marking,
    st.sampled_from(Status),
    st.sampled_from(Disclosure),
    st.sampled_from([(), TOWN, ("wajima-city",), ("suzuki",), ("nanao-city", "wajima-city")]),
)
_principals = st.builds(
    Principal,
    st.sampled_from(["suzuki", "anonymous"]),
    st.sampled_from([(), TOWN, ("*",), ("wajima-city",)]),
    st.sampled_from(Disclosure),
    st.just(()),
    st.sampled_from([(), ("town-officer",), ("analyst",), ("administrator",), ("officer",)]),
    st.sampled_from([None, Status.EXERCISE]),
)


@given(_principals, _markings)
def test_an_explanation_always_agrees_with_the_decision(
    principal: Principal, marking: Marking
) -> None:
    for one in (principal, SHIPPED.principal(principal), SHIPPED.broken(principal)):
        found = why(SHIPPED, one, marking, "response.shelters")
        assert found.sees is one.may_see(marking)
        assert found.steps


@given(_principals, _markings)
def test_no_role_shows_more_than_the_clearance_of_ones_own(
    principal: Principal, marking: Marking
) -> None:
    compiled = SHIPPED.principal(principal)
    assert compiled.clearance <= principal.clearance
    if compiled.may_see(marking) and "administrator" not in principal.roles:
        assert principal.may_see(marking)


def roster(store: MemoryStore, said_at: datetime = NOW, name: str = "能登花子") -> None:
    body = Duty(name=name, contact="090-0000-0000", remarks="夜間可", team="x", state="on_duty")
    record = Record(
        collection=ROSTER.id, key="d1", said_at=said_at, body=body, source="town", marking=AMBER
    )
    store.put([record], at=said_at)


def reader(store: MemoryStore, principal: Principal, now: datetime = NOW) -> Reader:
    return masking.reader(store, default_catalog(), principal, SHIPPED, now=lambda: now)


def leaves(found: Reader) -> bytes:
    """Return all that a reader gives of the roster, on every way that it offers."""
    item = next(iter(found.find(ROSTER.id).items))
    parts = [
        item.feature, *found.features(ROSTER.id).items, found.record(item.id).feature,
        found.get(ROSTER.id, item.key).feature, found.trace(item.id).record.feature,
        *(one.feature for one in found.history(ROSTER.id, item.key).items),
        *(c.record.feature for c in found.changes(0).items if c.record),
        *(one.feature for one in found.every(ROSTER.id)),
        *(one.feature for one in found.at(found.position()).find(ROSTER.id).items),
    ]  # fmt: skip
    return b"\n".join(parts)


def test_personal_fields_are_covered_on_every_way_for_who_need_not_know_them() -> None:
    store = MemoryStore()
    roster(store)
    assert leaves(reader(store, named("town-officer"))).count(b"090-0000-0000") >= 8
    told = leaves(reader(store, named("prefecture-officer")))
    assert b"090-0000-0000" not in told
    assert "夜間可".encode() not in told
    assert told.count(masking.COVER.encode()) >= 8


def test_a_filter_on_a_covered_field_is_refused_and_on_others_is_not() -> None:
    store = MemoryStore()
    roster(store)
    plain = Compare("=", Property("team"), Value("x"))
    hidden = And((plain, Not(Like(Property("contact"), "090%"))))
    asks = reader(store, named("prefecture-officer"))
    for condition in (hidden, Compare("=", Property("name"), Value("能登花子"))):
        with pytest.raises(DeniedError) as told:
            asks.find(ROSTER.id, filter=condition)
        assert told.value.rule == "personal"
        with pytest.raises(DeniedError):
            asks.count(asks.query(ROSTER.id, filter=condition))
        with pytest.raises(DeniedError):
            asks.features(ROSTER.id, filter=condition)
    asks.find(ROSTER.id, filter=plain)
    assert reader(store, named("town-officer")).find(ROSTER.id, filter=hidden).items == []


def test_after_its_retention_personal_data_are_covered_for_everyone() -> None:
    store = MemoryStore()
    roster(store, NOW - timedelta(days=366))
    for principal in (OPERATOR, named("town-officer")):
        assert b"090-0000-0000" not in leaves(reader(store, principal))
        assert b"090-0000-0000" in leaves(reader(store, principal, NOW - timedelta(days=10)))


def test_a_purpose_must_be_stated_where_one_is_asked_for() -> None:
    personal = msgspec.structs.replace(SHIPPED.personal[ROSTER.id], purposes=("rescue",))
    assert not SHIPPED.needs(named("town-officer"), personal)
    stated = ("town-officer", f"{policy.PURPOSE}rescue")
    assert SHIPPED.needs(named("town-officer", roles=stated), personal)
    assert not SHIPPED.needs(named("analyst", roles=("analyst", stated[1])), personal)


def test_a_folders_own_policy_is_used_and_a_broken_one_is_refused(
    tmp_path: Path, keys: Keys
) -> None:
    secret = keys.create(Principal("a", TOWN, Disclosure.RED, (), ("analyst",)))
    assert keys.principal(secret).clearance is Disclosure.GREEN  # type: ignore[union-attr]
    text = policy.SHIPPED.read_text(encoding="utf-8")
    own = tmp_path / policy.FILE
    changed = text.replace(
        'en = "Analyst" }\nclearance = "GREEN"', 'en = "Analyst" }\nclearance = "RED"'
    )
    own.write_text(changed, encoding="utf-8")
    assert policy.of(tmp_path).digest != SHIPPED.digest
    assert keys.principal(secret).clearance is Disclosure.RED  # type: ignore[union-attr]
    for wrong in ("version = 1", text.replace('clearance = "RED"', 'clearance = "PINK"'),
                  text + "\n[unknown]\n"):  # fmt: skip
        own.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError):
            policy.read(own)


def test_a_changed_policy_holds_within_its_bound_and_a_broken_one_for_nobody(
    tmp_path: Path,
) -> None:
    own, text = tmp_path / policy.FILE, policy.SHIPPED.read_text(encoding="utf-8")
    clock = [0.0]
    watched = policy.Watched(tmp_path, seconds=lambda: clock[0])
    assert watched() is SHIPPED
    own.write_text(f"{text}\n# the town's own\n", encoding="utf-8")
    clock[0] = 0.99 * policy.LOOK_S
    assert watched() is SHIPPED
    clock[0] = policy.LOOK_S
    changed = watched()
    assert changed.digest == policy.read(own).digest != SHIPPED.digest
    assert watched() is changed
    own.write_text("version = 1", encoding="utf-8")
    clock[0] = 2 * policy.LOOK_S
    for _ in range(2):
        with pytest.raises(InputError):
            watched()
    own.unlink()
    assert watched() is SHIPPED, "a fault is looked at each time: mended at once"


def test_a_look_every_tenth_of_a_second_delays_no_revocation(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    own, text = tmp_path / policy.FILE, policy.SHIPPED.read_text(encoding="utf-8")
    old = 'en = "Analyst" }\nclearance = "GREEN"'
    assert old in text
    own.write_text(text.replace(old, old.replace("GREEN", "AMBER")), encoding="utf-8")
    service = reading_service(tmp_path)
    assert service.people is not None
    keys = Keys(tmp_path)
    secret = keys.create(Principal("a", TOWN, Disclosure.RED, (), ("analyst",)))
    session = service.people.sign_in(secret, "192.0.2.1").secret
    for known in (secret, session):
        assert service.principal(known).clearance is Disclosure.AMBER
    # Without a wait: what a key or a session may do is the file's word of now.
    own.write_text(text, encoding="utf-8")
    for known in (secret, session):
        assert service.principal(known).clearance is Disclosure.GREEN
    keys.revoke("a")
    for known in (secret, session):
        with pytest.raises(DeniedError):
            service.principal(known)
    keys.close()
    service.people.close()


def test_who_asks_again_is_shown_what_the_policy_of_now_shows() -> None:
    """A reader is made once for a caller, and anew with another policy."""
    store = MemoryStore()
    roster(store, NOW)
    service = Service(store, default_catalog(), now=lambda: NOW)
    officer = named("town-officer")
    assert service.reader(officer) is service.reader(named("town-officer"))
    assert b"090-0000-0000" in leaves(service.reader(officer))
    fields = SHIPPED.personal[ROSTER.id]
    strict = msgspec.structs.replace(fields, purposes=("rescue",))
    service.policy = lambda: changed
    changed = msgspec.structs.replace(SHIPPED, personal={ROSTER.id: strict}, digest="other")
    assert b"090-0000-0000" not in leaves(service.reader(officer))


def test_a_key_is_held_to_its_rate_and_ends_by_itself(tmp_path: Path) -> None:
    hands = Hands()
    keys = Keys(tmp_path, now=hands)
    secret = keys.create(Principal("feed"), rate=3, expires_at=NOW + timedelta(hours=1))
    for _ in range(3):
        assert keys.principal(secret)
    with pytest.raises(TooManyError) as told:
        keys.principal(secret)
    assert told.value.status == 429
    hands.at += timedelta(seconds=20)
    assert keys.principal(secret)
    hands.at += timedelta(hours=1)
    assert keys.principal(secret) is None
    with pytest.raises(MissingError):
        keys.named("feed")
    keys.close()


def test_a_rotated_keys_old_secret_opens_for_the_overlap_only(tmp_path: Path) -> None:
    hands = Hands()
    keys = Keys(tmp_path, now=hands)
    old = keys.create(Principal("feed"))
    new = keys.rotate("feed", timedelta(hours=2))
    assert keys.principal(old) == keys.principal(new) == Principal("feed")
    hands.at += timedelta(hours=3)
    assert keys.principal(old) is None
    assert keys.principal(new)
    keys.revoke("feed")
    assert keys.principal(new) is None
    with pytest.raises(MissingError):
        keys.rotate("feed")
    keys.close()


def test_break_glass_is_for_those_whom_the_policy_names_and_ends(tmp_path: Path) -> None:
    hands = Hands()
    people = People(tmp_path, now=hands)
    keys = Keys(tmp_path, now=hands)
    officer = people.sign_in(
        keys.create(Principal("sato", TOWN, Disclosure.RED, (), ("town-officer",))), "10.0.0.1"
    )
    secret_marking = Marking(Status.ACTUAL, Disclosure.RED, ("police",))
    assert not officer.principal.may_see(secret_marking)
    broken = people.break_glass(officer.secret)
    seen = people.principal(broken.secret)
    assert seen is not None
    assert seen.may_see(secret_marking)
    assert seen.writes == officer.principal.writes
    assert broken.glass_until == NOW + timedelta(minutes=60)
    assert people.principal(officer.secret) is None  # The new session stands in its place.
    analyst = people.sign_in(
        keys.create(Principal("ito", TOWN, Disclosure.RED, (), ("analyst",))), "10.0.0.1"
    )
    guest = people.join("訓練", "officer", "10.0.0.2")
    for one in (analyst, guest):
        with pytest.raises(DeniedError):
            people.break_glass(one.secret)
    hands.at += timedelta(minutes=61)
    # The access is over; the officer is still at work.
    assert people.principal(broken.secret) == officer.principal
    assert people.glass_until(broken.secret) is None
    again = people.break_glass(broken.secret)
    assert people.glass_until(again.secret) == again.glass_until
    people.mend_glass(again.secret)
    assert people.principal(again.secret) == officer.principal, "ended before its time"
    again = people.break_glass(again.secret)
    keys.revoke("sato")
    assert people.principal(again.secret) is None
    keys.close()
    people.close()


def test_break_glass_opens_as_much_to_who_signed_in_at_an_identity_provider(
    tmp_path: Path,
) -> None:
    """No key of theirs is here: their session alone says who they are."""
    hands = Hands()
    people = People(tmp_path, now=hands)
    own = policy.shipped().principal(
        Principal("suzuki@id.example", TOWN, Disclosure.RED, roles=("town-officer",))
    )
    officer = people.begin(own)
    police = Marking(Status.ACTUAL, Disclosure.RED, ("police",))
    broken = people.break_glass(officer.secret)
    seen = people.principal(broken.secret)
    assert seen is not None
    assert (seen.may_see(police), seen.writes) == (True, own.writes)
    (tmp_path / policy.FILE).write_text(
        policy.SHIPPED.read_text().replace('"town-officer", "prefecture-officer", "officer", ', "")
    )
    closed = people.principal(broken.secret)
    assert closed is not None
    assert not closed.may_see(police), "a policy that takes it away takes it at once"
    (tmp_path / policy.FILE).unlink()
    hands.at += timedelta(minutes=61)
    assert people.principal(broken.secret) == own
    people.close()
