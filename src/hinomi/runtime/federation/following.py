"""The writer's part: follow each partner that has an address, and send to those who cannot call."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import DataError, DeniedError, HinomiError
from hinomi.runtime import clock, storing
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Direction, Peer
from hinomi.runtime.federation.calling import Caller
from hinomi.runtime.federation.door import Wish, worth
from hinomi.runtime.federation.inbox import Ack, Inbox
from hinomi.runtime.federation.logs import Logs, Showing, about_s
from hinomi.runtime.federation.orders import Erase, Orders, nothing_erased
from hinomi.runtime.federation.outbox import Outbox, Publish, View
from hinomi.runtime.federation.registry import Registry, State
from hinomi.runtime.writer import Writer
from hinomi.standards.batches import Batch, Cursor

log = logging.getLogger("hinomi.federation")

WITNESS_S = 60.0
"""How often a partner's log is looked at."""
WAIT_S = 25.0
"""A question waits so long at the partner for something new."""
PACE_S = 0.2
"""A batch goes so long after the last: the first change at once, the next ones together."""
LOOK_S = 1.0
"""How often partners are looked up: `hinomi peer add` is heard while the server runs."""
SWITCH_S = 0.001
_LONGEST_WAIT_S = 30.0
_UNRUNG_S, _SHARED_UNRUNG_S = 1.0, 0.25
"""The log is looked at so often where nobody rings: other processes do not, if there are any."""
_IDLE_S = 10.0
"""A partner hears so often that there was nothing for it: its lag is then told rightly."""


class Federation:
    """All partners of a node, in the process that writes."""

    def __init__(self, writer: Writer, catalog: Catalog, data: Path) -> None:
        self._writer, self._catalog, self._data = writer, catalog, data
        self.registry = Registry(data)
        self._lock = threading.Lock()
        self._inbox: Inbox | None = None
        self._own: tuple[nodekey.NodeKey, Outbox] | None = None
        self.publish: Publish | None = None
        self.logs: Logs | None = None
        self.erase: Erase = nothing_erased
        shared = hasattr(writer.store, "exclusive")
        self.unrung_s = _SHARED_UNRUNG_S if shared else _UNRUNG_S

    def run(self, stop: threading.Event) -> None:
        """Keep a thread for each partner and direction until told to stop."""
        # A batch gives the interpreter away a hundred times, at each of its statements; beside a
        # thread that computes it waited 5 ms to have it back, four times as long in all.
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        lines: dict[tuple[str, Direction], _Line] = {}
        while not stop.is_set():
            wanted = self._wanted()
            for name in [name for name, line in lines.items() if wanted.get(name) != line.peer]:
                ended = lines.pop(name)
                ended.end()
                if ended.ring in self._writer.listeners:
                    self._writer.listeners.remove(ended.ring)
            for name, peer in wanted.items():
                if name not in lines:
                    lines[name] = _Line(self, peer, name[1])
                    lines[name].start()
            stop.wait(LOOK_S)
        for line in lines.values():
            line.end()
        for line in lines.values():
            line.join(2.0)
        if self._own is not None:
            self._own[1].close()
        self.registry.close()

    def receive(self, sealed: list[bytes]) -> list[Ack]:
        """Take batches that partners sent; durable on return."""
        return self.inbox().take(sealed)

    def heard_nothing(self, peer: Peer) -> None:
        """Note that a partner answers, and that it has nothing that is missing here."""
        state = self.registry.state(peer.name, "in")
        state.level_at = clock.now().timestamp()
        self.went_well(peer, "in", state)

    def went_well(self, peer: Peer, direction: Direction, state: State) -> None:
        """Keep how a partner is doing; people are told where it is back."""
        state.failures, state.error = 0, ""
        state.heard_at = clock.now().timestamp()
        self.registry.note(peer.name, direction, state)
        self.inbox().alarms.reached(peer, state)

    def inbox(self) -> Inbox:
        """Return the one inbox."""
        with self._lock:
            if self._inbox is None:
                node = self.own()[0].node
                orders = Orders(self._writer.store, self.erase)
                self._inbox = Inbox(self._writer, self._catalog, self.registry, node, orders)
            return self._inbox

    def own(self) -> tuple[nodekey.NodeKey, Outbox]:
        """Return this node's key and outbox."""
        if self._own is None:
            key = nodekey.load(self._data)
            address = storing.address(self._data)
            log_id = self.registry.log_id()
            store = self._writer.store
            outbox = Outbox(address, store, self._catalog, key, log_id)
            outbox.publish = self.publish
            self._own = key, outbox
        return self._own

    def listen(self, ring: Callable[[int], None]) -> None:
        """Ring after each append in this process."""
        if ring not in self._writer.listeners:
            self._writer.listeners.append(ring)

    def past(self, peer: Peer, position: int) -> int:
        """Return the position after what a partner told itself, if that comes next."""
        echoes = self.inbox().echoes
        with self._writer.lock:
            return echoes.past(peer.node, position)

    def position(self) -> int:
        """Return the log's position."""
        return self._writer.store.position()

    def _wanted(self) -> dict[tuple[str, Direction], Peer]:
        found: dict[tuple[str, Direction], Peer] = {}
        for peer in self.registry.every():
            if peer.url and peer.pulls:
                found[peer.name, "in"] = peer
            if peer.url and peer.pushes:
                found[peer.name, "out"] = peer
        return found


class _Line(threading.Thread):
    """One partner, one direction."""

    def __init__(self, federation: Federation, peer: Peer, direction: Direction) -> None:
        super().__init__(name=f"peer {peer.name} {direction}", daemon=True)
        self._federation, self.peer, self._direction = federation, peer, direction
        self._over = threading.Event()
        self._bell = threading.Event()
        self._caller: Caller | None = None
        self._failures = 0
        self._look_at = self._sent_at = 0.0
        self._showing = Showing()

    def end(self) -> None:
        """Let the thread end; a question that waits at the partner is given up."""
        self._over.set()
        self._bell.set()

    def ring(self, _: int) -> None:
        """Hear that something was appended."""
        self._bell.set()

    def run(self) -> None:
        """Follow or send; wait ever longer after failures."""
        work = self._follow if self._direction == "in" else self._send
        while not self._over.is_set():
            try:
                self._caller = Caller(self.peer, self._federation.own()[0])
                work(self._caller)
            except (HinomiError, msgspec.MsgspecError) as error:
                self._failed(error)
            except Exception:
                log.exception("peer=%s a fault of ours", self.peer.name)
                self._failures += 1
            finally:
                if self._caller is not None:
                    self._caller.close()
            self._over.wait(min(0.25 * 2.0 ** min(self._failures, 10), _LONGEST_WAIT_S))

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        log.info("peer=%s direction=%s failed: %s", self.peer.name, self._direction, error)
        registry = self._federation.registry
        state = registry.state(self.peer.name, self._direction)
        state.failures, state.error = self._failures, str(error)
        if isinstance(error, DataError | DeniedError):
            state.refused += 1
        registry.note(self.peer.name, self._direction, state)
        self._federation.inbox().alarms.reached(self.peer, state)

    def _follow(self, caller: Caller) -> None:
        registry, inbox = self._federation.registry, self._federation.inbox()
        while not self._over.is_set():
            self._witness(caller)
            stands = registry.reached(self.peer.node)
            wish = Wish(
                stands.cursor,
                stands.log,
                stands.view,
                stands.mark,
                registry.wanted(self.peer, stands),
                WAIT_S,
            )
            sealed = caller.fetch(wish)
            self._failures = 0
            if sealed is None:
                self._federation.heard_nothing(self.peer)
                continue
            ack = inbox.take([sealed])[0]
            if ack.refused:
                raise DeniedError(ack.refused, ack.refused, rule="batch")

    def _witness(self, caller: Caller) -> None:
        """Look at the partner's log now and then; a rewritten one is told to people."""
        logs = self._federation.logs
        if logs is None or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + about_s(WITNESS_S)
        try:
            logs.look(self.peer, caller.growth)
        except DeniedError as error:
            log.warning("peer=%s %s", self.peer.name, error)
            self._federation.inbox().alarms.history(self.peer.name, error.text)
        except HinomiError as error:
            # One that keeps no log, or a line that breaks: the batches will tell.
            log.info("peer=%s its log cannot be looked at: %s", self.peer.name, error)

    def _send(self, caller: Caller) -> None:
        outbox = self._federation.own()[1]
        view = View(self.peer.shows, self.peer.node)
        self._federation.listen(self.ring)
        stands = caller.reached()
        looked = self._begin(outbox, view, stands)
        acked = looked
        idle_until = time.monotonic() + _IDLE_S
        while not self._over.is_set():
            self._showing.show(caller, self._federation.logs)
            if not self.peer.pulls:
                self._witness(caller)
            batch = outbox.batch(view, looked, stands.history_s)
            batch = msgspec.structs.replace(batch, after=acked)
            if not (batch.items or worth(batch)) and time.monotonic() < idle_until:
                looked = self._await(batch.then, idle_until)
                continue
            self._sent_at = time.monotonic()
            ack = caller.send(outbox.sealed(batch))
            if ack.refused:
                raise DeniedError(ack.refused, ack.refused, rule="batch")
            if not ack.taken:
                stands = caller.reached()
                looked = acked = self._begin(outbox, view, stands)
                continue
            looked = acked = batch.then
            idle_until = time.monotonic() + _IDLE_S
            self._note_out(batch)
            if not looked.snapshot and looked.position >= batch.end:
                looked = self._await(looked, idle_until)

    def _begin(self, outbox: Outbox, view: View, stands: Ack) -> Cursor:
        """Return where to go on: at the partner's cursor, if it is of this log and view."""
        same = (
            stands.log == self._federation.registry.log_id()
            and stands.view == view.digest()
            and stands.cursor.position <= self._federation.position()
            and stands.mark == outbox.mark(stands.cursor.position)
        )
        return stands.cursor if same else Cursor()

    def _await(self, looked: Cursor, idle_until: float) -> Cursor:
        """Wait until there is something that the partner did not tell itself, and it is time.

        Returns the cursor, moved past what it did. Its lag is told now and then all the same.
        """
        federation, position = self._federation, looked.position
        while not self._over.is_set():
            position = federation.past(self.peer, position)
            is_late = time.monotonic() >= idle_until and position > looked.position
            # Its log grows, or is rewritten, without a word to the partner.
            is_late = is_late or self._showing.is_due(federation.logs)
            early_s = self._sent_at + PACE_S - time.monotonic()
            if federation.position() <= position and not is_late:
                self._bell.wait(federation.unrung_s)
                self._bell.clear()
            elif early_s > 0 and not is_late:
                self._over.wait(early_s)
            else:
                break
        return Cursor(position)

    def _note_out(self, batch: Batch) -> None:
        self._failures = 0
        registry = self._federation.registry
        state = registry.state(self.peer.name, "out")
        state.batches_out += 1
        state.sent_to = batch.then.position
        self._federation.went_well(self.peer, "out", state)
