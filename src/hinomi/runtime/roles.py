"""What each process of a server does, and what only one of all processes does at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, get_args

from hinomi.kernel.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from hinomi.stores.postgres.work import Work

log = logging.getLogger("hinomi.roles")

Role = Literal["all", "api", "ingest", "models"]
"""``api`` answers and takes what people write, ``ingest`` takes feeds and sends to partners,
``models`` runs models and watches the clock; ``all`` is one process for everything."""
ROLES: tuple[Role, ...] = get_args(Role)
Job = Callable[[threading.Event], None]

_OF: dict[str, Role] = {
    "models": "models",
    "expiries": "models",
    "retention": "models",
    "grid-retention": "models",
    "erasing": "models",
    "drill": "models",
    "workbench": "models",
    "bell": "models",
}
"""Jobs by name; every other one is ``ingest``'s."""
EVERYWHERE = frozenset({"models", "bell"})
"""Jobs that all processes do at once: their work is leased piece by piece. So are receivers."""
_KEEP_S = 1.5
_LOOK_S = 1.0


def of_role(jobs: dict[str, Job], role: Role) -> dict[str, Job]:
    """Return the jobs of a role."""
    if role == "all":
        return jobs
    return {name: job for name, job in jobs.items() if _OF.get(name, "ingest") == role}


def checked(role: Role, *, shared: bool) -> Role:
    """Return the role, if the store lets several processes write.

    Raises:
        InputError: it does not.
    """
    if role != "all" and not shared:
        raise InputError(
            f"--role {role} needs a store that several processes write to: --store postgresql://…",
            f"--role {role} は複数のプロセスが書き込める保存先(--store postgresql://…)が必要です。",
        )
    return role


def leased(work: Work, name: str, job: Job) -> Job:
    """Return the job as one process of all does it: when that dies, another begins."""
    lease = f"job/{name}"

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                taken = work.take(lease)
            except UnavailableError as error:
                log.warning("part=%s waits for the store: %s", name, error)
                taken = None
            if taken is None:
                stop.wait(_LOOK_S)
                continue
            own = threading.Event()
            keeper = threading.Thread(
                target=_keep, args=(work, lease, own, stop), name=f"lease-{name}", daemon=True
            )
            keeper.start()
            try:
                job(own)
            finally:
                own.set()
                keeper.join(_KEEP_S * 2)
                _let_go(work, lease)

    return run


def _keep(work: Work, lease: str, own: threading.Event, stop: threading.Event) -> None:
    """Lengthen the lease until the job ends; end the job when the lease is lost."""
    failures = 0
    while not own.is_set():
        if stop.wait(_KEEP_S):
            break
        try:
            held = bool(work.keep([lease]))
            failures = 0
        except UnavailableError:
            # Nobody else can take it either while the store is away; a little later they can.
            failures += 1
            held = failures < 3
        if not held:
            log.warning("part=%s is another process's now", lease)
            break
    own.set()


def _let_go(work: Work, lease: str) -> None:
    try:
        work.let_go(lease)
    except UnavailableError:
        log.info("part=%s ends when its lease does: the store is away", lease)
