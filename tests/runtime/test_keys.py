"""API keys: shown once, scoped, revocable, last use noted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Principal
from hinomi.runtime.keys import Keys, TooManyError

NANAO = Principal("nanao", ("nanao-city",), Disclosure.AMBER, ("response.shelters",))
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    found = Keys(tmp_path, now=lambda: NOW)
    yield found
    found.close()


def test_a_key_names_its_principal(keys: Keys) -> None:
    secret = keys.create(NANAO)
    assert keys.principal(secret) == NANAO
    assert keys.principal(f"{secret}x") is None


def test_the_secret_is_kept_nowhere(keys: Keys, tmp_path: Path) -> None:
    secret = keys.create(NANAO)
    assert secret.removeprefix("hinomi_").encode() not in (tmp_path / "keys.db").read_bytes()


def test_a_revoked_key_is_refused_in_another_process_at_once(keys: Keys, tmp_path: Path) -> None:
    secret = keys.create(NANAO)
    other = Keys(tmp_path)
    assert other.principal(secret) == NANAO
    keys.revoke("nanao")
    assert other.principal(secret) is None
    other.close()
    assert keys.every()[0].revoked_at == NOW


def test_the_last_use_is_noted(keys: Keys) -> None:
    secret = keys.create(NANAO)
    assert keys.every()[0].used_at is None
    keys.principal(secret)
    assert keys.every()[0].used_at == NOW


@pytest.mark.parametrize("name", ["", "anonymous", "operator", "nanao"])
def test_reserved_and_taken_names_are_refused(keys: Keys, name: str) -> None:
    keys.create(NANAO)
    with pytest.raises(InputError):
        keys.create(Principal(name))


def test_as_user_finds_valid_keys_and_names_the_nearest(keys: Keys) -> None:
    keys.create(NANAO)
    assert keys.named("nanao") == NANAO
    assert keys.named("anonymous") == ANONYMOUS
    with pytest.raises(MissingError, match="nanao"):
        keys.named("nanoa")


def test_a_folder_without_keys_is_not_written_by_looking(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    assert keys.principal("hinomi_x") is None
    assert keys.every() == []
    assert list(tmp_path.iterdir()) == []


def test_a_role_makes_its_holder_one_of_every_drill(keys: Keys) -> None:
    secret = keys.create(Principal("佐藤", ("town",), Disclosure.AMBER, (), ("officer",)))
    found = keys.principal(secret)
    assert found is not None
    assert (found.roles, found.organisations) == (("officer",), ("town", "exercise"))
    assert [key.roles for key in keys.every()] == [("officer",)]


def test_a_file_of_before_roles_is_read(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "keys.db") as old:
        old.execute(
            "create table keys (name text primary key, digest blob not null unique,"
            " organisations text not null, clearance integer not null, writes text not null,"
            " created_at text not null, revoked_at text, used_at text) strict"
        )
        row = ("nanao", b"x", '["nanao-city"]', 2, '["response.shelters"]', NOW.isoformat())
        old.execute("insert into keys values (?, ?, ?, ?, ?, ?, null, null)", row)
    old.close()
    found = Keys(tmp_path)
    assert found.named("nanao") == NANAO
    found.close()


def test_a_rate_is_shared_by_all_processes(tmp_path: Path) -> None:
    one, other = Keys(tmp_path, now=lambda: NOW), Keys(tmp_path, now=lambda: NOW)
    secret = one.create(NANAO, rate=4)
    for keys in (one, other, one, other):
        assert keys.principal(secret)
    for keys in (one, other):
        with pytest.raises(TooManyError):
            keys.principal(secret)
        keys.close()


def test_a_clock_that_was_set_back_locks_no_key(tmp_path: Path) -> None:
    at = [NOW + timedelta(hours=1)]
    keys = Keys(tmp_path, now=lambda: at[0])
    secret = keys.create(NANAO, rate=1)
    assert keys.principal(secret)
    at[0] = NOW
    assert keys.principal(secret)
    with pytest.raises(TooManyError):
        keys.principal(secret)
    keys.close()
