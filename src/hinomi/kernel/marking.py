"""Marking (status, disclosure, audience) and the policy that enforces it."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import TYPE_CHECKING

import msgspec

from hinomi.kernel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Status(Enum):
    """通常, 訓練, 試験: whether a statement is about the world, a drill, or a trial of the line."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


class Disclosure(IntEnum):
    """FIRST's Traffic Light Protocol 2.0, from open to closed."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def label(self) -> str:
        """Return the name as TLP 2.0 writes it, without the ``TLP:`` prefix."""
        return "AMBER+STRICT" if self is Disclosure.AMBER_STRICT else self.name

    @classmethod
    def of(cls, label: str) -> Disclosure:
        """Return the disclosure that TLP 2.0 calls ``label`` (the prefix ``TLP:`` is allowed)."""
        name = label.upper().removeprefix("TLP:").replace("+", "_")
        if name not in cls.__members__:
            expected = ", ".join(d.label for d in cls)
            raise InputError(f"{label!r} is no TLP 2.0 label; expected one of {expected}.")
        return cls[name]


class Marking(msgspec.Struct, frozen=True, order=False, cache_hash=True):
    """Status × disclosure × audience (sorted organisation ids; empty: everyone so cleared)."""

    status: Status = Status.ACTUAL
    disclosure: Disclosure = Disclosure.CLEAR
    audience: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if list(self.audience) != sorted(set(self.audience)):
            msgspec.structs.force_setattr(self, "audience", tuple(sorted(set(self.audience))))

    def __str__(self) -> str:
        audience = f" [{', '.join(self.audience)}]" if self.audience else ""
        return f"{self.status.value} TLP:{self.disclosure.label}{audience}"


OPEN = Marking()
"""通常, TLP:CLEAR, for everyone."""


def strictest(markings: Iterable[Marking]) -> Marking:
    """Return what something made of all these must carry: one status, the narrowest circle.

    Raises:
        InputError: the statuses differ (actual, exercise and test are never mixed), or the
            audiences have no organisation in common.
    """
    given = list(markings)
    if not given:
        return OPEN
    statuses = {m.status for m in given}
    if len(statuses) > 1:
        names = ", ".join(sorted(s.value for s in statuses))
        raise InputError(f"One result cannot be made from several statuses ({names}).")
    audiences = [set(m.audience) for m in given if m.audience]
    shared = set.intersection(*audiences) if audiences else set()
    if audiences and not shared:
        raise InputError("The inputs' audiences have no organisation in common.")
    if any(m.disclosure > Disclosure.GREEN and not m.audience for m in given):
        shared = set()  # One of them is the operator's alone; so is what is made of it.
    return Marking(statuses.pop(), max(m.disclosure for m in given), tuple(sorted(shared)))


class Principal(msgspec.Struct, frozen=True, cache_hash=True):
    """Who asks: a name, the organisations they act for, and what they may see and do."""

    name: str
    organisations: tuple[str, ...] = ()
    clearance: Disclosure = Disclosure.CLEAR
    writes: tuple[str, ...] = ()
    """Collections they may write to; ``*`` is all."""
    roles: tuple[str, ...] = ()
    """What they are in a headquarters: which acts they may perform."""
    only: Status | None = None
    """The one status they may write in, and see more of than anyone: a drill's guest."""

    def may_see(self, marking: Marking) -> bool:
        """Tell whether today's policy shows this marking to the caller.

        Open and for everyone: yes. Otherwise the clearance must reach the disclosure, and where an
        audience is named, one of the caller's organisations (or for RED the caller) must be in it.
        Above GREEN an empty audience names nobody but the operator. Status is no secret: the
        question selects it.
        """
        if marking.disclosure is Disclosure.CLEAR and not marking.audience:
            return True
        if self.clearance < marking.disclosure or self.only not in {None, marking.status}:
            return False
        if "*" in self.organisations:
            return True
        if not marking.audience:
            return marking.disclosure <= Disclosure.GREEN
        return bool({*self.organisations, self.name} & set(marking.audience))

    def may_write(self, collection: str) -> bool:
        """Tell whether the caller may add statements to the collection."""
        return not {"*", f"{collection.partition('.')[0]}.*", collection}.isdisjoint(self.writes)


ANONYMOUS = Principal("anonymous")
OPERATOR = Principal("operator", ("*",), Disclosure.RED, ("*",))
"""Whoever runs the command line on the machine that holds the data folder."""
