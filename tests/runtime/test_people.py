"""People: sessions end, links are old after a while, names are names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hinomi.kernel.errors import DeniedError, InputError, MissingError
from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.runtime.people import LASTS, LINK_LASTS, MAX_JOINS, WINDOW, People


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 9, 1, 18, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(tmp_path: Path, clock: Clock) -> Iterator[People]:
    found = People(tmp_path, organisation="輪島市", now=clock)
    yield found
    found.close()


def test_a_session_ends_after_its_time(people: People, clock: Clock) -> None:
    session = people.join("高橋", "officer", "a")
    clock.now += LASTS - timedelta(seconds=1)
    assert people.principal(session.secret) == session.principal
    clock.now += timedelta(seconds=1)
    assert people.principal(session.secret) is None


def test_the_secret_of_a_session_is_kept_nowhere(people: People, tmp_path: Path) -> None:
    secret = people.join("高橋", "officer", "a").secret
    assert secret.encode() not in (tmp_path / "sessions.db").read_bytes()


def test_a_link_is_old_after_its_time(people: People, clock: Clock) -> None:
    link = people.link()
    clock.now += LINK_LASTS
    with pytest.raises(DeniedError):
        people.follow(link, "当直", "a")


def test_a_mistyped_name_does_not_use_up_the_link(people: People) -> None:
    link = people.link()
    with pytest.raises(InputError):
        people.follow(link, " ", "a")
    assert people.follow(link, "当直", "a").principal.organisations[0] == "輪島市"


def test_a_guest_cannot_pass_for_an_organisation_or_a_person(people: People) -> None:
    guest = people.join("輪島市", "commander", "a").principal
    assert guest.name == "輪島市（訓練）"
    assert not guest.may_see(Marking(Status.EXERCISE, Disclosure.AMBER, ("輪島市",)))
    assert guest.may_see(Marking(Status.EXERCISE, Disclosure.AMBER, ("輪島市", "exercise")))
    assert not guest.may_see(Marking(Status.ACTUAL, Disclosure.GREEN))


def test_a_drill_may_be_closed_to_guests(tmp_path: Path) -> None:
    people = People(tmp_path, join=False)
    with pytest.raises(DeniedError):
        people.join("高橋", "officer", "a")
    people.close()


@pytest.mark.parametrize("name", ["", "　", "a" * 41, "a\nb", "\u202eevil"])
def test_what_is_no_name_is_refused(people: People, name: str) -> None:
    with pytest.raises(InputError):
        people.join(name, "officer", "a")


def test_an_address_joins_so_often_and_then_waits(people: People, clock: Clock) -> None:
    for number in range(MAX_JOINS):
        people.join(f"p{number}", "officer", "a")
    with pytest.raises(DeniedError, match="Too many"):
        people.join("one more", "officer", "a")
    assert people.join("elsewhere", "officer", "b")
    clock.now += WINDOW
    assert people.join("one more", "officer", "a")


def test_a_session_is_no_key_to_sign_in_with(people: People) -> None:
    secret = people.join("高橋", "officer", "a").secret
    with pytest.raises(DeniedError):
        people.sign_in(secret, "a")


def test_who_is_signed_in_is_found_by_name_as_long_as_they_are(
    people: People, clock: Clock
) -> None:
    """No key says who signed in at an identity provider; `policy why` asks for them by name."""
    suzuki = Principal("suzuki@id.example", ("town",), Disclosure.AMBER)
    people.begin(suzuki)
    assert people.named("suzuki@id.example") == suzuki
    clock.now += LASTS
    with pytest.raises(MissingError):
        people.named("suzuki@id.example")
