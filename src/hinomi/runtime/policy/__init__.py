"""The policy as data: one file says who may see and do what; the Reader decides by it.

``policy.toml`` (the folder's own, else the one beside this) becomes, for each caller, a Principal
(:mod:`hinomi.kernel.marking`), by which every Reader shows or hides, and the set of personal
fields that the Reader's store masks. Nothing else in the system looks at roles to decide what
is seen.
"""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.vocabulary.acts import COMMANDER, OFFICER

FILE = "policy.toml"
SHIPPED = Path(__file__).parent / FILE
PURPOSE = "purpose:"
"""Begins the tag of a stated purpose among a principal's roles."""
BREAK_GLASS = "break-glass"
"""The tag of who has broken the glass."""
LOOK_S = 0.1
"""A changed file holds for whoever asks :class:`Watched` after this at the latest."""


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ja: str
    en: str


class Role(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a role gives."""

    title: _Words
    clearance: str = "CLEAR"
    writes: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    personal: bool = False
    everywhere: bool = False
    """Acts for every organisation: an administrator."""


class Personal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Personal data of a collection."""

    fields: tuple[str, ...]
    retention_days: int = 365
    purposes: tuple[str, ...] = ()

    @property
    def retention(self) -> timedelta:
        """Return how long after it was said it is shown to anyone."""
        return timedelta(days=self.retention_days)


class BreakGlass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Access to everything in an emergency."""

    roles: tuple[str, ...] = ()
    minutes: int = 60


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Who may see and do what."""

    version: str
    roles: dict[str, Role]
    personal: dict[str, Personal] = {}
    break_glass: BreakGlass = BreakGlass()
    digest: str = ""
    """What the audit log names it by."""

    def principal(self, own: Principal) -> Principal:
        """Return what somebody may see and do: their own attributes under their roles.

        Their own clearance is a ceiling (need-to-know): no role gives more. Who has no role of
        the policy keeps what their key says.
        """
        if self.roles.keys().isdisjoint(own.roles):
            return own
        return _kept(self, "principal", own, self._compiled)

    def _compiled(self, own: Principal) -> Principal:
        held = [self.roles[name] for name in own.roles if name in self.roles]
        given = max(Disclosure.of(role.clearance) for role in held)
        writes = dict.fromkeys([*own.writes, *(w for role in held for w in role.writes)])
        acts = dict.fromkeys([*own.roles, *(a for role in held for a in role.acts)])
        everywhere = any(role.everywhere for role in held) and "*" not in own.organisations
        return msgspec.structs.replace(
            own,
            clearance=min(own.clearance, given),
            writes=tuple(writes),
            roles=tuple(acts),
            organisations=(*own.organisations, "*") if everywhere else own.organisations,
        )

    def masked(self, principal: Principal) -> dict[str, tuple[str, ...]]:
        """Return the personal fields, by collection, that the principal has no need to know."""
        return _kept(self, "masked", principal, self._masked)

    def _masked(self, principal: Principal) -> dict[str, tuple[str, ...]]:
        return {
            name: personal.fields
            for name, personal in self.personal.items()
            if not self.needs(principal, personal)
        }

    def needs(self, principal: Principal, personal: Personal) -> bool:
        """Tell whether the principal has a need to know personal data, and the purpose for it."""
        if "*" in principal.organisations or BREAK_GLASS in principal.roles:
            return True
        named = [self.roles[name] for name in principal.roles if name in self.roles]
        # A key without a role of the policy has it by its work in the headquarters.
        by_work = not named and bool({OFFICER, COMMANDER} & set(principal.roles))
        if not by_work and not any(role.personal for role in named):
            return False
        stated = {r.removeprefix(PURPOSE) for r in principal.roles if r.startswith(PURPOSE)}
        return not personal.purposes or bool(stated & set(personal.purposes))

    def may_break_glass(self, principal: Principal) -> bool:
        """Tell whether the principal may see everything in an emergency."""
        return principal.only is None and bool(set(self.break_glass.roles) & set(principal.roles))

    def broken(self, principal: Principal) -> Principal:
        """Return the principal with the glass broken: all is seen, nothing more may be written."""
        return msgspec.structs.replace(
            principal,
            clearance=Disclosure.RED,
            organisations=tuple(dict.fromkeys([*principal.organisations, "*"])),
            roles=tuple(dict.fromkeys([*principal.roles, BREAK_GLASS])),
        )


T = TypeVar("T")
_KEPT: dict[tuple[str, str, Principal], Any] = {}
_MOST_KEPT = 10_000


def _kept(policy: Policy, what: str, principal: Principal, make: Callable[[Principal], T]) -> T:
    """Return what a policy gives to a principal: worked out once, as long as both are the same."""
    name = (policy.digest, what, principal)
    if not policy.digest:
        return make(principal)
    found = _KEPT.get(name)
    if found is None:
        if len(_KEPT) > _MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[name] = make(principal)
    return cast(T, found)


def of(folder: Path) -> Policy:
    """Return a data folder's policy, read again when its file changes.

    Raises:
        InputError: the file is no policy; nothing is guessed.
    """
    # Each request asks: a Path of its own would cost five times the question.
    name = f"{folder}/{FILE}"
    try:
        # A policy that is there and cannot be looked at is a fault, never the shipped one.
        changed = os.stat(name).st_mtime_ns  # noqa: PTH116
    except FileNotFoundError:
        return shipped()
    return _read(name, changed)


class Watched:
    """A data folder's policy for who asks thousands of times a second.

    Its file is looked at every :data:`LOOK_S` at most. Keys and sessions are looked up apart from
    it, each time: what they may do is narrowed, and they are revoked, at once.
    """

    def __init__(self, folder: Path, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._seconds = folder, seconds
        # As one: threads may ask at the same time.
        self._seen = of(folder), seconds() + LOOK_S

    def __call__(self) -> Policy:
        """Return the policy as it is now, or was a moment ago.

        Raises:
            InputError: the file is no policy any more; none that was before is taken instead.
        """
        found, until = self._seen
        now = self._seconds()
        if now < until:
            return found
        found = of(self._folder)
        self._seen = found, now + LOOK_S
        return found


@lru_cache(maxsize=1)
def shipped() -> Policy:
    """Return the policy that comes with Hinomi."""
    return read(SHIPPED)


def read(path: Path) -> Policy:
    """Return the policy in a file.

    Raises:
        InputError: it is none: the place and what was expected are named.
    """
    try:
        data = path.read_bytes()
        policy = msgspec.convert(tomllib.loads(data.decode()), Policy)
        for role in policy.roles.values():
            Disclosure.of(role.clearance)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"{path}: {error}", f"ポリシー{path}: {error}") from None
    return msgspec.structs.replace(policy, digest=sha256(data).hexdigest()[:16])


@lru_cache(maxsize=8)
def _read(name: str, changed: int) -> Policy:
    del changed
    return read(Path(name))
