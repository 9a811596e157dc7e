"""People: who is signed in to the page; every process of a town knows the same sessions and tries.

They lie in ``sessions.db`` of the data folder, for a town on PostgreSQL in its database.

Three ways in: a personal key, a drill's open door (a name is enough; exercise statements only), and
the one-time link that ``hinomi run`` prints for whoever sits at the machine. Secrets are 256 random
bits and kept as hashes; a key that is revoked ends its sessions at once.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category

import msgspec

from hinomi.kernel.errors import DeniedError, InputError, MissingError
from hinomi.kernel.marking import Disclosure, Principal, Status
from hinomi.runtime import clock, policy, tables
from hinomi.runtime.acting import HEADQUARTERS
from hinomi.runtime.keys import Keys
from hinomi.runtime.watching import Watch, checked
from hinomi.vocabulary.acts import COMMANDER, DRILL_GROUP, ROLES

if TYPE_CHECKING:
    from hinomi.runtime.oidc import Provider

FILE = "sessions.db"
PREFIX = "session_"
LASTS = timedelta(hours=24)
"""A session: a shift and its overlap."""
LINK_LASTS = timedelta(hours=12)
GUEST_MARK = "（訓練）"
"""Ends the name of a drill's guest: nobody takes them for who they may be called like."""
MAX_NAME = 40
MAX_FAILURES = 10
MAX_JOINS = 60
MAX_GUESTS = 500
MAX_WATCHES = 2_000
"""Of the oldest, those beyond are forgotten: guests of drills come and go."""
WINDOW = timedelta(minutes=10)
"""Within which an address may fail or join so often."""
_GLASS_UNTIL = "break-glass-until:"
"""Begins the tag of a session whose glass is broken; its end follows."""
_SCHEMA = """
create table if not exists sessions (
    digest blob primary key, key text not null, principal text not null, expires_at text not null
);
create table if not exists links (digest blob primary key, expires_at text not null);
create table if not exists tries (address text not null, what text not null, at text not null);
create table if not exists watches (
    name text primary key, watch text not null, at text not null
);
"""


class Session(msgspec.Struct, frozen=True):
    """A person who has signed in; the secret goes into their browser's cookie."""

    secret: str
    principal: Principal
    expires_at: datetime
    glass_until: datetime | None = None
    """When break-glass access ends; the session goes on without it."""


class People:
    """The data folder's people; safe to use from several threads and processes."""

    def __init__(
        self,
        folder: Path,
        *,
        organisation: str = HEADQUARTERS,
        join: bool = True,
        watch: Watch | None = None,
        now: clock.Clock = clock.now,
    ) -> None:
        self.open_drill = join
        self.oidc: Callable[[], Provider] | None = None
        self.usual_watch = watch or Watch()
        self._organisation = organisation
        self._now = now
        self._keys = Keys(folder, now=now)
        self._folder = folder
        self._lock = threading.Lock()
        self._kept: tables.Tables | None = None

    def principal(self, secret: str) -> Principal | None:
        """Return whom a session or an API key belongs to; None: unknown, ended or revoked."""
        if not secret.startswith(PREFIX):
            # A token has two dots; neither a key nor a session has one.
            if self.oidc is not None and secret.count(".") == 2:
                return self.oidc().bearer(secret)
            return self._keys.principal(secret)
        found = self._session(secret)
        return self._in_force(*found[:2]) if found is not None else None

    def named(self, name: str) -> Principal:
        """Return somebody by name: of a key, or who is signed in now (at an identity provider).

        Raises:
            MissingError: nobody is called so.
        """
        try:
            return self._keys.named(name)
        except MissingError:
            rows = self._tables().rows(
                "select key, principal from sessions where expires_at > ? order by expires_at desc",
                self._now().isoformat(),
            )
            for key, text in rows:
                stored = msgspec.json.decode(text, type=Principal)
                found = self._in_force(key, stored) if stored.name == name else None
                if found is not None:
                    return found
            raise

    def _in_force(self, key: str, stored: Principal) -> Principal | None:
        """Return what a session's principal may see and do now; None: its key is gone."""
        rules = policy.of(self._folder)
        roles = tuple(r for r in stored.roles if not r.startswith(_GLASS_UNTIL))
        if key:
            try:
                own = self._keys.named(key)
            except MissingError:
                return None
        else:
            # The policy may have been narrowed since; it never widens a session.
            own = rules.principal(msgspec.structs.replace(stored, roles=roles))
        broken = any(self._now() < end for end in _glass_ends(stored))
        return rules.broken(own) if broken and rules.may_break_glass(own) else own

    def sign_in(self, key: str, address: str) -> Session:
        """Begin a session with a personal key.

        Raises:
            DeniedError: the key is unknown, or this address has failed too often.
        """
        self._check_tries(address, "fail", MAX_FAILURES)
        principal = None if key.startswith(PREFIX) else self._keys.principal(key)
        if principal is None:
            raise self._failed(address)
        return self._begin(principal, key=principal.name)

    def join(self, name: str, role: str, address: str) -> Session:
        """Begin a drill guest's session: a name and a role, exercise statements only.

        Raises:
            DeniedError: the drill's door is closed here, or too many have come.
            InputError: the name or the role is none.
        """
        if not self.open_drill:
            raise DeniedError(
                "Drills are not open to guests here.",
                "ここでは訓練に自由に参加できません。",
                rule="drill-guest",
            )
        if role not in ROLES:
            listed = ", ".join(ROLES)
            raise InputError(f"role={role[:40]!r}: expected one of {listed}.",
                             f"役割は{listed}のいずれかです。")  # fmt: skip
        checked = checked_name(name)
        self._check_tries(address, "join", MAX_JOINS)
        self._note_try(address, "join")
        guests = self._tables().rows(
            "select count(*) from sessions where key = '' and expires_at > ?",
            self._now().isoformat(),
        )
        if guests and guests[0][0] >= MAX_GUESTS:
            raise _too_many()
        principal = Principal(
            f"{checked}{GUEST_MARK}",
            (DRILL_GROUP,),
            Disclosure.AMBER,
            roles=(role,),
            only=Status.EXERCISE,
        )
        return self._begin(principal)

    def link(self) -> str:
        """Return a one-time secret by which whoever sits at the machine signs in."""
        secret = secrets.token_urlsafe(32)
        until = (self._now() + LINK_LASTS).isoformat()
        self._tables().run("insert into links values (?, ?)", _digest(secret), until)
        return secret

    def follow(self, link: str, name: str, address: str) -> Session:
        """Begin the local operator's session by the link; it works once.

        Raises:
            DeniedError: the link is unknown, used or too old.
            InputError: the name is none.
        """
        checked = checked_name(name)
        self._check_tries(address, "fail", MAX_FAILURES)
        done = self._tables().run(
            "delete from links where digest = ? and expires_at > ?",
            _digest(link), self._now().isoformat(),
        )  # fmt: skip
        if not done:
            raise self._failed(address)
        return self._begin(
            Principal(
                checked,
                (self._organisation, DRILL_GROUP, "*"),
                Disclosure.RED,
                ("*",),
                (COMMANDER,),
            )
        )

    def break_glass(self, secret: str) -> Session:
        """Begin a session that sees everything for a while, in place of the one it is asked from.

        It ends when that one would have, and goes on without the access once its minutes are over.
        The caller writes down and reports why before it is used.

        Raises:
            DeniedError: the policy gives it to nobody like them, or this is no session.
        """
        now = self._now()
        rules, found = policy.of(self._folder), self._session(secret)
        principal = self._in_force(*found[:2]) if found is not None else None
        if found is None or principal is None or not rules.may_break_glass(principal):
            raise DeniedError(
                "The policy does not give break-glass access to you.",
                "緊急アクセスはポリシーで認められていません。",
                rule="break-glass",
            )
        key, stored, ends = found
        until = min(now + timedelta(minutes=rules.break_glass.minutes), ends)
        roles = [role for role in stored.roles if not role.startswith(_GLASS_UNTIL)]
        tagged = (*roles, f"{_GLASS_UNTIL}{until.isoformat()}")
        begun = self._begin(
            msgspec.structs.replace(stored, roles=tagged), key=key, lasts=ends - now
        )
        self.sign_out(secret)
        return Session(begun.secret, rules.broken(principal), ends, until)

    def glass_until(self, secret: str) -> datetime | None:
        """Return when a session's break-glass access ends; None: it has none now."""
        found = self._session(secret)
        ends = [] if found is None else _glass_ends(found[1])
        return max((end for end in ends if self._now() < end), default=None)

    def mend_glass(self, secret: str) -> None:
        """End break-glass access before its time; the session goes on without it."""
        found = self._session(secret)
        if found is not None:
            roles = tuple(r for r in found[1].roles if not r.startswith(_GLASS_UNTIL))
            text = msgspec.json.encode(msgspec.structs.replace(found[1], roles=roles)).decode()
            self._tables().run(
                "update sessions set principal = ? where digest = ?", text, _digest(secret)
            )

    def _session(self, secret: str) -> tuple[str, Principal, datetime] | None:
        """Return a session's key, who it was begun for, and when it ends; None: there is none."""
        rows = self._tables().rows(
            "select key, principal, expires_at from sessions where digest = ? and expires_at > ?",
            _digest(secret), self._now().isoformat(),
        )  # fmt: skip
        for key, text, ends in rows:
            return key, msgspec.json.decode(text, type=Principal), datetime.fromisoformat(ends)
        return None

    def begin(self, principal: Principal, *, lasts: timedelta = LASTS) -> Session:
        """Begin the session of somebody whom an identity provider vouches for."""
        return self._begin(principal, lasts=lasts)

    def sign_out(self, secret: str) -> None:
        """End a session."""
        self._tables().run("delete from sessions where digest = ?", _digest(secret))

    def own_watch(self, name: str) -> Watch | None:
        """Return what a person has chosen to be told of; None: nothing of their own."""
        rows = self._tables().rows("select watch from watches where name = ?", name)
        try:
            return msgspec.json.decode(rows[0][0], type=Watch) if rows else None
        except msgspec.DecodeError:
            return None  # Of another version: the installation's own holds.

    def watch_of(self, name: str) -> Watch:
        """Return what a person is told of: their own choice, or the installation's."""
        return self.own_watch(name) or self.usual_watch

    def choose_watch(self, name: str, watch: Watch | None) -> None:
        """Keep what a person wants to be told of; None: what the installation is told of.

        Raises:
            InputError: a code is none.
        """
        text = None if watch is None else msgspec.json.encode(checked(watch)).decode()
        kept = self._tables()
        with kept.together():
            kept.run("delete from watches where name = ?", name)
            if text is not None:
                at = self._now().isoformat()
                kept.run("insert into watches values (?, ?, ?)", name, text, at)
            kept.run(
                "delete from watches where name in"
                " (select name from watches order by at desc limit 1000000 offset ?)",
                MAX_WATCHES,
            )

    def close(self) -> None:
        """Let go of the files or the connections."""
        self._keys.close()
        with self._lock:
            if self._kept is not None:
                self._kept.close()
                self._kept = None

    def _begin(self, principal: Principal, *, key: str = "", lasts: timedelta = LASTS) -> Session:
        secret = PREFIX + secrets.token_urlsafe(32)
        until = self._now() + lasts
        text = msgspec.json.encode(principal).decode()
        kept, now = self._tables(), self._now().isoformat()
        with kept.together():
            for table in ("sessions", "links"):
                kept.run(f"delete from {table} where expires_at <= ?", now)  # noqa: S608
            row = (_digest(secret), key, text, until.isoformat())
            kept.run("insert into sessions values (?, ?, ?, ?)", *row)
        return Session(secret, principal, until)

    def _failed(self, address: str) -> DeniedError:
        self._note_try(address, "fail")
        return DeniedError(
            "This key or link is unknown, used or revoked.",
            "このキー(またはリンク)は無効か、使用済みです。",
            rule="sign-in",
        )

    def _check_tries(self, address: str, what: str, most: int) -> None:
        since = (self._now() - WINDOW).isoformat()
        found = self._tables().rows(
            "select count(*) from tries where address = ? and what = ? and at > ?",
            address,
            what,
            since,
        )
        if found and found[0][0] >= most:
            raise _too_many()

    def _note_try(self, address: str, what: str) -> None:
        kept, now = self._tables(), self._now()
        with kept.together():
            kept.run("delete from tries where at <= ?", (now - WINDOW).isoformat())
            kept.run("insert into tries values (?, ?, ?)", address, what, now.isoformat())

    def _tables(self) -> tables.Tables:
        with self._lock:
            if self._kept is None:
                self._kept = tables.of(self._folder, FILE, _SCHEMA)
            return self._kept


def checked_name(name: str) -> str:
    """Return a person's name, trimmed.

    Raises:
        InputError: it is empty, too long or has characters that no name has.
    """
    found = name.strip().removesuffix(GUEST_MARK).strip()
    if not 0 < len(found) <= MAX_NAME or any(category(c)[0] == "C" for c in found):
        raise InputError(f"A name has 1 to {MAX_NAME} characters.", f"名前は1~{MAX_NAME}文字です。")
    return found


def _too_many() -> DeniedError:
    minutes = WINDOW.total_seconds() / 60
    return DeniedError(
        f"Too many tries from this address; wait {minutes:.0f} minutes.",
        f"試行が多すぎます。{minutes:.0f}分待ってください。",
        rule="too-many-tries",
    )


def _glass_ends(stored: Principal) -> list[datetime]:
    tags = [role for role in stored.roles if role.startswith(_GLASS_UNTIL)]
    return [datetime.fromisoformat(tag.removeprefix(_GLASS_UNTIL)) for tag in tags]


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
