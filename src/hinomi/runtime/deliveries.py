"""Packages sent: a collection as SIP4D-ZIP to a folder, by SFTP or HTTP, on change, on schedule."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import HinomiError, MissingError, UnavailableError
from hinomi.kernel.marking import ANONYMOUS, Principal
from hinomi.kernel.reader import Reader, statuses
from hinomi.kernel.store import Store
from hinomi.runtime import clock, exchange, posting, sftp
from hinomi.runtime.config import OutDelivery
from hinomi.runtime.policy import Policy, masking, shipped
from hinomi.vocabulary.exchange import Sender
from hinomi.vocabulary.times import JST

log = logging.getLogger("hinomi.deliveries")

Publish = Callable[[Literal["package"], bytes, str], object]
"""Signs and logs what goes out, before it goes: (kind, bytes, name)."""
Tell = Callable[[str, int, str], object]
"""Hears how a sending went: (to where, failures in a row, why)."""
_LONGEST_WAIT_S = 900.0


class DeliveryState(msgspec.Struct):
    """How far a delivery is; kept over restarts, so that nothing is missed or sent twice."""

    position: int = 0
    """Changes up to here have been sent."""
    digest: str = ""
    """Of the content that was sent last."""
    sent_at: datetime | None = None
    sent: int = 0
    failures: int = 0
    error: str = ""
    due: datetime | None = None
    """After a failure: when it is tried again."""
    changed_at: datetime | None = None
    """The first change that waits to be sent."""
    timed_at: datetime | None = None
    """Set times up to here are dealt with."""


class Deliveries:
    """Sends what changed, when it has settled, and what is due by the clock."""

    def __init__(  # noqa: PLR0913 - all that a sending is made of
        self,
        store: Store,
        catalog: Catalog,
        configured: Sequence[OutDelivery],
        sender: Sender,
        *,
        path: Path | None = None,
        principal: Callable[[str], Principal] = lambda _: ANONYMOUS,
        now: clock.Clock = clock.now,
        publish: Publish | None = None,
        policy: Callable[[], Policy] = shipped,
        tell: Tell = lambda *_: None,
    ) -> None:
        self._tell = tell
        self._policy = policy
        self._publish = publish
        self._store, self._catalog, self._sender = store, catalog, sender
        self._configured = tuple(configured)
        self._path, self._principal, self._now = path, principal, now
        self.states: dict[str, DeliveryState] = {}
        if path is not None and path.exists():
            with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError):
                self.states = msgspec.json.decode(path.read_bytes(), type=dict[str, DeliveryState])

    def run(self, stop: threading.Event) -> None:
        """Send until ``stop`` is set."""
        while not stop.wait(0.5):
            self.round()

    def round(self) -> int:
        """Send what is due; return how many packages went out."""
        return sum(self._look(delivery) for delivery in self._configured)

    def _look(self, delivery: OutDelivery) -> bool:
        state = self.states.setdefault(delivery.name, DeliveryState())
        now = self._now()
        if state.due is not None and now < state.due:
            return False
        try:
            reader = self._reader(delivery)
            scheduled = self._scheduled(delivery, state, now)
            if not scheduled and not self._settled(delivery, state, reader, now):
                return False
            return self._send(delivery, state, reader, scheduled=scheduled)
        except (HinomiError, OSError) as error:
            state.failures += 1
            state.error = str(error)
            wait_s = min(2.0 ** min(state.failures, 12), _LONGEST_WAIT_S)
            state.due = now + timedelta(seconds=wait_s)
            log.warning("delivery %s: %s; again in %.0f s", delivery.name, error, wait_s)
            self._save()
            self._tell(delivery.to, state.failures, state.error)
            return False

    def _reader(self, delivery: OutDelivery) -> Reader:
        principal = self._principal(delivery.user) if delivery.user else ANONYMOUS
        status = statuses(delivery.status)
        return masking.reader(self._store, self._catalog, principal, self._policy(), status=status)

    def _scheduled(self, delivery: OutDelivery, state: DeliveryState, now: datetime) -> bool:
        """Tell whether the clock says so; a set time that passed while we were away counts."""
        if state.timed_at is None:
            state.timed_at = now
            self._save()
        if any(state.timed_at < one <= now for one in _set_times(delivery.at, now)):
            return True
        if delivery.every_s is None:
            return False
        every = timedelta(seconds=delivery.every_s)
        return state.sent_at is None or now - state.sent_at >= every

    def _settled(
        self, delivery: OutDelivery, state: DeliveryState, reader: Reader, now: datetime
    ) -> bool:
        """Tell whether a change has waited long enough for those that come with it."""
        if not delivery.on_change:
            return False
        if state.changed_at is None:
            found = reader.changes(state.position, collections=(delivery.collection,), limit=1)
            if not found.items:
                state.position = max(state.position, found.position)
                return False
            state.changed_at = now
        return now - state.changed_at >= timedelta(seconds=delivery.settle_s)

    def _send(
        self, delivery: OutDelivery, state: DeliveryState, reader: Reader, *, scheduled: bool
    ) -> bool:
        position = self._store.position()
        still = reader.at(position)
        went = False
        try:
            made = exchange.parcel(still, delivery.collection, self._sender)
        except MissingError:
            # Nothing that this receiver may see; when something comes, it is a change.
            made = None
        if made is not None:
            digest = sha256(made.data).hexdigest()
            if scheduled or digest != state.digest:
                self._put(delivery, made)
                went = True
                state.digest = digest
                state.sent += 1
        state.sent_at = self._now() if went or scheduled else state.sent_at
        state.position, state.changed_at = position, None
        state.failures, state.error, state.due = 0, "", None
        if scheduled:
            state.timed_at = self._now()
        self._save()
        self._tell(delivery.to, 0, "")
        return went

    def _put(self, delivery: OutDelivery, made: exchange.Parcel) -> None:
        if self._publish is not None:
            self._publish("package", made.data, made.name)
        if delivery.to.startswith("sftp:"):
            address = sftp.address_of(delivery.to)
            with sftp.connect(address, delivery.login) as session:
                sftp.put(session, address.folder, made.name, made.data)
        elif delivery.to.startswith(("https:", "http:")):
            posting.post(delivery.to, delivery.login, made.name, made.data)
        else:
            put_file(Path(delivery.to), made.name, made.data)
        log.info("delivery %s: %s, %d features", delivery.name, made.name, made.features)

    def _save(self) -> None:
        if self._path is not None:
            new = self._path.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(self.states))
            new.replace(self._path)


def _set_times(at: Sequence[str], now: datetime) -> list[datetime]:
    """Return the set times of today and yesterday in Japan."""
    today = now.astimezone(JST).date()
    days = (today - timedelta(days=1), today)
    return [datetime.combine(d, time.fromisoformat(text), JST) for d in days for text in at]


def put_file(folder: Path, name: str, data: bytes) -> None:
    """Put a file into a folder: whole and durable, or not at all.

    Raises:
        UnavailableError: the folder cannot be written to.
    """
    part = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UnavailableError(
            f"{folder / name}: {error.strerror}", f"{folder / name}に書けません: {error.strerror}"
        ) from error
