"""The hub's work: verify what was asked, send what changed, signed, and again where it failed."""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Literal

import httpx

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import HinomiError, MissingError
from hinomi.kernel.marking import Principal
from hinomi.kernel.reader import statuses
from hinomi.kernel.store import Store
from hinomi.runtime import answers, clock, exchange
from hinomi.runtime.policy import Policy, addresses, masking, shipped
from hinomi.runtime.websub.subscriptions import Asked, Subscription, Subscriptions
from hinomi.runtime.websub.topics import topic_of
from hinomi.vocabulary.exchange import Sender

log = logging.getLogger("hinomi.websub")

MAX_VERIFICATIONS = 3
MAX_TRIES = 12
"""About a day of failures; then the subscription ends by itself with its lease."""
_LONGEST_WAIT_S = 3600.0
_MAX_ANSWER = 4096
_PATIENCE_S = 10.0


class Hub:
    """Runs in the writer process beside the feed."""

    def __init__(  # noqa: PLR0913 - all that a sending is made of
        self,
        store: Store,
        catalog: Catalog,
        subscriptions: Subscriptions,
        principal: Callable[[str], Principal],
        *,
        sender: Sender | None = None,
        first_wait_s: float = 5.0,
        now: clock.Clock = clock.now,
        publish: Callable[[Literal["package"], bytes, str], object] | None = None,
        policy: Callable[[], Policy] = shipped,
    ) -> None:
        self._policy = policy
        self._publish = publish
        self._store, self._catalog, self._kept = store, catalog, subscriptions
        self._principal, self._sender = principal, sender or Sender()
        self._first_wait_s, self._now = first_wait_s, now
        # A redirect could lead anywhere: the callback is the one that was verified.
        # Only who asks from this machine may name it; a name that is looked up to it does not.
        self._client = httpx.Client(
            timeout=10.0, follow_redirects=False, event_hooks=addresses.guard(addresses.closed)
        )

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        try:
            while not stop.wait(0.5):
                self.round()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def round(self) -> int:
        """Do what is to do; return how many notifications went out."""
        for asked in self._kept.waiting(self._now()):
            self._verify(asked)
        self._kept.end_expired(self._now())
        return sum(self._notify(one) for one in self._kept.active())

    def _verify(self, asked: Asked) -> None:
        """Ask the callback whether it meant it (section 5.3), and act on its answer."""
        challenge = secrets.token_urlsafe(24)
        query = {
            "hub.mode": asked.mode,
            "hub.topic": asked.topic,
            "hub.challenge": challenge,
            "hub.lease_seconds": str(asked.lease_s),
        }
        try:
            address = httpx.URL(asked.callback).copy_merge_params(query)
            with self._client.stream("GET", address) as answer:
                said = answers.read(answer, _MAX_ANSWER, _PATIENCE_S, cut=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("verification of %s: %s", asked.callback, error)
            if asked.tries + 1 >= MAX_VERIFICATIONS:
                self._kept.forget(asked)
            else:
                self._kept.again(asked, self._now() + timedelta(seconds=self._wait_s(asked.tries)))
            return
        meant = answer.is_success and hmac.compare_digest(said.strip(), challenge.encode())
        if meant and asked.mode == "subscribe":
            self._kept.begin(asked, self._now())
        elif meant:
            self._kept.end(asked.topic, asked.callback)
        else:
            log.warning("%s did not confirm %s", asked.callback, asked.mode)
        self._kept.forget(asked)

    def _notify(self, one: Subscription) -> bool:
        if self._now() < one.due:
            return False
        try:
            topic = topic_of(one.topic, self._catalog)
            principal = self._principal(one.user)
        except HinomiError as error:
            # The key was revoked, or the collection is gone: nothing more goes there.
            log.warning("subscription of %s ends: %s", one.callback, error)
            self._kept.end(one.topic, one.callback)
            return False
        reader = masking.reader(
            self._store,
            self._catalog,
            principal,
            self._policy(),
            status=statuses(topic.status),
        )
        position = self._store.position()
        if position == one.position:
            return False
        changed = reader.changes(one.position, collections=(topic.collection,), limit=1)
        if not changed.items:
            self._kept.sent(one, position, one.digest)
            return False
        try:
            made = exchange.parcel(reader.at(position), topic.collection, self._sender)
        except MissingError:
            self._kept.sent(one, position, one.digest)
            return False
        digest = sha256(made.data).hexdigest()
        if digest == one.digest:
            self._kept.sent(one, position, digest)
            return False
        return self._send(one, made, position, digest)

    def _send(self, one: Subscription, made: exchange.Parcel, position: int, digest: str) -> bool:
        if self._publish is not None:
            self._publish("package", made.data, made.name)
        headers = {
            "Content-Type": exchange.MEDIA_TYPE,
            "Content-Disposition": f'attachment; filename="{made.name}"',
            "Link": f'<{_hub_of(one.topic)}>; rel="hub", <{one.topic}>; rel="self"',
        }
        if one.secret:
            signature = hmac.new(one.secret.encode(), made.data, sha256).hexdigest()
            headers["X-Hub-Signature"] = f"sha256={signature}"
        try:
            # What it says beyond its status nobody reads: it might never end.
            with self._client.stream(
                "POST", one.callback, content=made.data, headers=headers
            ) as answer:
                pass
        except httpx.HTTPError as error:
            return self._failed(one, str(error))
        if answer.status_code == httpx.codes.GONE:
            self._kept.end(one.topic, one.callback)
            return False
        if not answer.is_success:
            return self._failed(one, str(answer.status_code))
        self._kept.sent(one, position, digest)
        return True

    def _failed(self, one: Subscription, why: str) -> bool:
        wait_s = self._wait_s(min(one.tries, MAX_TRIES))
        log.warning("notification to %s: %s; again in %.0f s", one.callback, why, wait_s)
        self._kept.failed(one, self._now() + timedelta(seconds=wait_s))
        return False

    def _wait_s(self, tries: int) -> float:
        return float(min(self._first_wait_s * 2.0**tries, _LONGEST_WAIT_S))


def _hub_of(topic: str) -> str:
    return f"{topic.split('/collections/', 1)[0]}/websub"
