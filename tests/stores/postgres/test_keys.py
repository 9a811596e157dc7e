"""API keys and sessions of a town on PostgreSQL: every process of every server knows the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from hinomi.kernel.errors import DeniedError, InputError
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime import storing
from hinomi.runtime.keys import FILE, SCHEMA, Keys, TooManyError, move
from hinomi.runtime.people import MAX_FAILURES, People
from hinomi.runtime.tables import FileTables
from hinomi.stores.postgres.schema import WEB_ROLE

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SATO = Principal("佐藤", ("town",), Disclosure.AMBER, ("response.shelters",))


@pytest.fixture
def served(town: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(storing.VARIABLE, town)
    return town


@pytest.fixture
def two(served: str, tmp_path: Path) -> Iterator[tuple[Keys, Keys]]:
    """The keys as two servers see them: each has a folder of its own."""
    assert served
    found = tuple(Keys(tmp_path / name, now=lambda: NOW) for name in ("one", "two"))
    yield found  # type: ignore[misc]
    for keys in found:
        keys.close()


def test_what_one_server_makes_rotates_and_revokes_the_other_knows_at_once(
    two: tuple[Keys, Keys], tmp_path: Path
) -> None:
    one, other = two
    secret = one.create(SATO)
    assert other.principal(secret) == SATO
    newer = other.rotate("佐藤")
    assert one.principal(newer) == one.principal(secret) == SATO
    with pytest.raises(InputError, match="already"):
        other.create(SATO)
    other.revoke("佐藤")
    assert one.principal(newer) is None
    assert one.principal(secret) is None
    assert not list(tmp_path.glob(f"*/{FILE}"))


def test_only_hashes_are_kept_and_the_role_of_questions_sees_none_of_them(
    two: tuple[Keys, Keys], served: str
) -> None:
    secret = two[0].create(SATO)
    with psycopg.connect(served, autocommit=True) as db:
        kept = db.execute("SELECT keys::text FROM hinomi.keys").fetchall()
        assert secret.removeprefix("hinomi_") not in str(kept)
        db.execute(f"SET ROLE {WEB_ROLE}")
        for table in ("keys", "old_digests"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"SELECT 1 FROM hinomi.{table}")  # noqa: S608


def test_a_rate_is_for_all_servers_together(two: tuple[Keys, Keys]) -> None:
    one, other = two
    secret = one.create(SATO, rate=20)
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda n: _asks((one, other)[n % 2], secret), range(40)))
    assert asked.count(True) == 20


def _asks(keys: Keys, secret: str) -> bool:
    try:
        return keys.principal(secret) is not None
    except TooManyError:
        return False


def test_a_lost_connection_is_opened_again(two: tuple[Keys, Keys], served: str) -> None:
    secret = two[0].create(SATO)
    with psycopg.connect(served, autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert two[0].principal(secret) == SATO


def test_two_that_rotate_at_once_leave_one_key_and_both_secrets(two: tuple[Keys, Keys]) -> None:
    first = two[0].create(SATO)
    with ThreadPoolExecutor(2) as pool:
        secrets = list(pool.map(lambda keys: keys.rotate("佐藤"), two))
    assert all(two[0].principal(secret) == SATO for secret in (first, *secrets))


def test_the_keys_of_a_file_are_taken_over_once_and_what_was_revoked_stays_so(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(storing.VARIABLE)
    with closing(Keys(tmp_path)) as file:
        secret, gone = file.create(SATO), file.create(Principal("gone"))
    monkeypatch.setenv(storing.VARIABLE, served)
    with closing(Keys(tmp_path)) as keys:
        assert keys.principal(secret) == SATO
        keys.revoke("gone")
    assert not (tmp_path / FILE).exists()
    (tmp_path / f"{FILE}.moved").rename(tmp_path / FILE)  # Another server's copy of the same file.
    with closing(Keys(tmp_path)) as again:
        assert again.principal(gone) is None
        assert again.principal(secret) == SATO


def test_keys_move_with_a_town_both_ways(served: str, tmp_path: Path) -> None:
    with closing(Keys(tmp_path)) as keys:
        secret = keys.create(SATO)
    assert move(served, f"sqlite:{tmp_path}/small") == 1
    with closing(FileTables(tmp_path / "small" / FILE, SCHEMA)) as file:
        assert file.rows("select name from keys") == [("佐藤",)]
    assert move(f"sqlite:{tmp_path}/small", served) == 0
    with closing(Keys(tmp_path)) as keys:
        assert keys.principal(secret) == SATO


def test_a_session_is_good_on_every_server_and_failed_tries_count_together(
    served: str, tmp_path: Path
) -> None:
    assert served
    with closing(Keys(tmp_path / "one")) as keys:
        secret = keys.create(Principal("sato", ("town",), Disclosure.AMBER, (), ("officer",)))
    hands = [NOW]
    one, other = (People(tmp_path / name, now=lambda: hands[0]) for name in ("one", "two"))
    session = one.sign_in(secret, "10.0.0.1")
    assert other.principal(session.secret) == session.principal
    other.sign_out(session.secret)
    assert one.principal(session.secret) is None
    for number in range(MAX_FAILURES):
        with pytest.raises(DeniedError, match="unknown"):
            (one, other)[number % 2].sign_in("wrong", "10.0.0.9")
    with pytest.raises(DeniedError, match="Too many"):
        one.sign_in(secret, "10.0.0.9")
    hands[0] += timedelta(minutes=11)
    assert one.sign_in(secret, "10.0.0.9").principal.name == "sato"
    for people in (one, other):
        people.close()
