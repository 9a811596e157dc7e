"""The service: what an app is given. Readers bound to a caller, and one door for writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import DeniedError, UnavailableError
from hinomi.kernel.marking import ANONYMOUS, Principal, Status
from hinomi.kernel.reader import ACTUAL, Reader
from hinomi.kernel.records import Record
from hinomi.kernel.store import Put, Store
from hinomi.runtime import clock, policy
from hinomi.runtime.acting import Acting, check_sees, check_status
from hinomi.runtime.cap_settings import Cap
from hinomi.runtime.mqtt.sensing import Sensing
from hinomi.runtime.narrowing import check_release
from hinomi.runtime.people import People
from hinomi.runtime.policy import Policy, masking
from hinomi.runtime.socket import Perform
from hinomi.runtime.writer import Append, Writer

if TYPE_CHECKING:
    from hinomi.runtime.audit import Audit
    from hinomi.runtime.federation.door import Door
    from hinomi.runtime.mqtt.messages import Sense, Sensed
    from hinomi.runtime.oidc import Provider
    from hinomi.runtime.photos.door import Door as PhotoDoor
    from hinomi.runtime.report import Report
    from hinomi.runtime.translog.trust import Trust
    from hinomi.runtime.websub import Subscriptions
    from hinomi.vocabulary.exchange import Sender


MOST_READERS = 1_000
"""Readers kept at a time: drills have some hundred guests."""


class Keyring(Protocol):
    """Who holds an API key."""

    def principal(self, secret: str) -> Principal | None:
        """Return the key's principal, or None for a key that is unknown or revoked."""


class Service:
    """A store and a catalogue behind Readers.

    ``append`` writes: by a :class:`Writer` of its own where nothing else writes to the store,
    through the local socket where another process does.
    """

    sender: Sender | None = None
    """Who sends packages from here; None is nobody in particular."""
    cap: Cap = Cap()
    """How CAP messages are sent."""
    subscriptions: Subscriptions | None = None
    """Where the hub finds what was asked of it."""
    keep: Callable[[bytes], str] | None = None
    """Keeps a file's bytes as a blob, wherever the writer is; None where there is none."""
    sense: Callable[[Sense], Sensed] | None = None
    """Takes sensors' readings in; durable on return."""
    photos: Callable[[], PhotoDoor] | None = None
    """The door for photos from the field; None where there is none."""
    partners: Callable[[], Door] | None = None
    """The door for partner nodes; None where there is none."""
    policy: Callable[[], Policy] = staticmethod(policy.shipped)
    """Who may see and do what."""
    oidc: Callable[[], Provider] | None = None
    """The identity provider; loaded with the first use, None where none is configured."""
    audit: Audit | None = None
    """Where it is written down who saw, changed and exported what."""
    trust: Callable[[], Trust] | None = None
    """The log of what is published; loaded with the first use."""
    take: Callable[[bytes, str], Report] | None = None
    """Takes an uploaded package in: (bytes, name); durable on return."""

    def __init__(  # noqa: PLR0913  (what an app is made of)
        self,
        store: Store,
        catalog: Catalog,
        *,
        append: Append | None = None,
        perform: Callable[[Perform], Put] | None = None,
        keyring: Keyring | None = None,
        templates: Path | None = None,
        now: clock.Clock = clock.now,
    ) -> None:
        self.store = store
        self.catalog = catalog
        self.now = now
        if append is None:
            writer = Writer(store, now=now)
            append, perform = writer.append, Acting(writer, catalog).perform
            self.keep = store.put_blob
            self.sense = Sensing(writer).take
        self._append = append
        self._perform = perform
        self._keyring = keyring
        self._readers: dict[tuple[Principal, frozenset[Status]], tuple[Policy, Reader]] = {}
        self.templates = templates
        self.people = keyring if isinstance(keyring, People) else None

    def principal(self, secret: str | None) -> Principal:
        """Return who a key belongs to; no key is the anonymous caller.

        Raises:
            DeniedError: the key is unknown or revoked.
        """
        if not secret:
            return ANONYMOUS
        found = self._keyring.principal(secret) if self._keyring else None
        if found is None:
            raise DeniedError(
                "This API key is unknown or revoked.", "このAPIキーは無効です。", rule="api-key"
            )
        return found

    def knows(self, secret: str) -> bool:
        """Tell whether a secret (a session's) is one of ours and still good."""
        return self._keyring is not None and self._keyring.principal(secret) is not None

    def reader(
        self,
        principal: Principal = ANONYMOUS,
        *,
        status: frozenset[Status] = ACTUAL,
        as_of: datetime | int | None = None,
    ) -> Reader:
        """Return the store as the caller may see it, in those statuses, at that moment."""
        # It holds nothing of its own: who asks again gets the same, as long as the policy is.
        rules, name = self.policy(), (principal, status)
        of, reader = self._readers.get(name, (None, None))
        if reader is None or of is not rules:
            reader = masking.reader(
                self.store, self.catalog, principal, rules, status=status, now=self.now
            )
            if len(self._readers) >= MOST_READERS:
                self._readers.clear()
            self._readers[name] = rules, reader
        return reader if as_of is None else reader.at(as_of)

    def append(
        self, principal: Principal, records: Sequence[Record], *, since: int | None = None
    ) -> Put:
        """Append records that a person or a system writes through an app.

        ``since`` is the position at which the caller saw what it states anew; the writer decides
        whether that still holds, so it holds across processes.

        Raises:
            ConflictError: something was said about one of the records' things after ``since``.
            DeniedError: the caller may not write to a collection, may not see what it writes, or
                widens what stands.
        """
        for record in records:
            check_status(principal, record.marking.status)
            if not principal.may_write(record.collection):
                raise DeniedError(
                    f"{principal.name} may not write to {record.collection}.",
                    f"{principal.name}は{record.collection}に書き込めません。",
                    rule="collection-writers",
                )
            check_sees(principal, record.marking)
            check_release(self.store, principal, record)
        return self._append(records, since=since)

    def perform(self, wish: Perform) -> Put:
        """Let a person act: decided and written by the writer in one step; see :class:`Acting`."""
        if self._perform is None:
            raise UnavailableError("Nothing can be written here.", "ここでは書き込めません。")
        return self._perform(wish)
