"""The inbox: verified batches become records, several batches in one commit."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import (
    DataError,
    DeniedError,
    HinomiError,
    Problem,
    UnavailableError,
)
from hinomi.kernel.records import Origin, Readings, Record
from hinomi.kernel.store import Put
from hinomi.runtime import clock
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Peer
from hinomi.runtime.federation.alarms import Alarms
from hinomi.runtime.federation.echoes import Echoes
from hinomi.runtime.federation.narrower import Narrower, refusal
from hinomi.runtime.federation.orders import Orders, concerned
from hinomi.runtime.federation.outbox import SCHEME, VIA
from hinomi.runtime.federation.registry import Reached, Registry, State
from hinomi.runtime.federation.statements import record_of
from hinomi.runtime.operations import ERASURES
from hinomi.runtime.writer import Writer
from hinomi.standards import batches
from hinomi.standards.batches import Batch, Cursor, Narrowing, Rows, Told
from hinomi.stores.erasing import ERASED

log = logging.getLogger("hinomi.federation")

_ERASED = ERASED.encode()

MOST_TOGETHER = 16 * 1024 * 1024
"""[B] What batches hold, inflated, that are taken in one commit (and one that is larger)."""
Kept = tuple[Record, str]
"""A record, and the id under which it may be known already (empty: its own)."""


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one batch: where the sender goes on from."""

    cursor: Cursor
    log: str = ""
    view: str = ""
    mark: int = 0
    history_s: float = 0.0
    taken: bool = True
    """False: it did not begin where this node stands; nothing was taken."""
    peer: str = ""
    """The sender's name here; for this node's own books."""
    end: int = 0
    refused: str = ""
    """Why it was refused whole: its sender is unknown, or its signature wrong."""
    records: int = 0
    readings: int = 0
    known: int = 0


class Incoming(msgspec.Struct):
    """A batch on its way in."""

    peer: Peer
    batch: Batch
    data: bytes
    records: int = 0
    readings: int = 0
    known: int = 0
    problems: list[Problem] = []


class Inbox:
    """Takes batches; one caller at a time (the writer's process)."""

    def __init__(
        self, writer: Writer, catalog: Catalog, registry: Registry, node: str, orders: Orders
    ) -> None:
        self._writer, self._catalog = writer, catalog
        self._registry = registry
        self._node = node
        self._narrower, self._orders = Narrower(writer, catalog), orders
        self.alarms = Alarms(writer)
        self.echoes = Echoes()
        """Under the writer's lock."""

    def take(self, sealed: Sequence[bytes]) -> list[Ack]:
        """Take batches in few commits; durable on return, one answer each.

        As many together as hold no more than one may: small ones can be inflated to much.
        """
        acks: list[Ack] = []
        while len(acks) < len(sealed):
            acks += self._take(sealed[len(acks) :])
        return acks

    def _take(self, sealed: Sequence[bytes]) -> list[Ack]:
        """Take the first of these in one commit, until they hold as much as one may."""
        acks: list[Ack | None] = [None] * len(sealed)
        taken: list[tuple[int, Incoming]] = []
        reached: dict[str, Reached] = {}
        held = 0
        for index, data in enumerate(sealed):
            if held > MOST_TOGETHER:
                break
            try:
                coming = self._opened(data)
            except (DataError, DeniedError) as error:
                acks[index] = Ack(cursor=Cursor(), taken=False, refused=error.text.en)
                continue
            held += sum(map(len, coming.batch.items))
            node = coming.peer.node
            stands = reached.get(node) or self._registry.reached(node)
            if not continues(stands, coming.batch):
                acks[index] = _ack(stands, taken=False)
                continue
            batch = coming.batch
            reached[node] = Reached(
                cursor=batch.then,
                log=batch.log,
                view=batch.view,
                mark=batch.mark,
                history_s=self._registry.wanted(coming.peer, stands),
            )
            taken.append((index, coming))
            acks[index] = _ack(reached[node], taken=True)
        # What the disk loses of it, the cursors that follow tell: then it is asked for again.
        with self._writer.retold():
            came = self._append([coming for _, coming in taken])
        here = self._writer.store.position() if taken else 0
        reached = {n: msgspec.structs.replace(one, here=here) for n, one in reached.items()}
        states: dict[str, State] = {}
        for _, coming in taken:
            self._count_in(coming, states)
        self._registry.reach(reached, came, states.items())
        for index, coming in taken:
            acks[index] = _counted(acks[index], coming)
            self.alarms.reached(coming.peer, states[coming.peer.name])
            self._tell(coming)
        return [ack for ack in acks if ack is not None]

    def _count_in(self, coming: Incoming, states: dict[str, State]) -> None:
        """Count what a batch brought in how its sender is doing."""
        name, batch = coming.peer.name, coming.batch
        if name not in states:
            states[name] = self._registry.state(name, "in")
        state = states[name]
        state.failures, state.error = 0, ""
        state.heard_at = clock.now().timestamp()
        state.batches_in += 1
        state.records += coming.records
        state.readings += coming.readings
        state.known += coming.known
        state.position = batch.then.position
        state.its_end = max(batch.end, batch.then.position)
        if state.position >= state.its_end and not batch.then.snapshot:
            state.level_at = state.heard_at

    def _opened(self, data: bytes) -> Incoming:
        """Return a batch whose signature is its sender's.

        Raises:
            DeniedError: the sender is no partner, or the signature is wrong (an alarm is raised).
            DataError: it cannot be read.
        """
        sealed = batches.unseal(data)
        peer = self._registry.of_node(nodekey.node_of(sealed.key))
        if peer is None or sealed.key != peer.public:
            raise DeniedError(
                "The sender of this batch is no partner here.", "送信元は連携先ではありません。",
                rule="peer",
            )  # fmt: skip
        if not nodekey.good(peer.public, sealed.signature, sealed.signed()):
            self.alarms.signature(peer.name)
            raise DeniedError(
                "The signature of this batch is wrong; nothing of it was taken.",
                "署名が正しくありません。受け取りませんでした。", rule="signature",
            )  # fmt: skip
        batch = batches.unpack(sealed.packed)
        if batch.node != peer.node:
            raise DeniedError("The batch is another node's.", "別のノードのものです。", rule="peer")
        return Incoming(peer, batch, data, problems=[])

    def _append(self, coming: list[Incoming]) -> list[str]:
        """Append what the batches hold; return which batches of readings came with them."""
        kept: list[tuple[Incoming, Kept]] = []
        readings: list[tuple[Incoming, Readings]] = []
        came: dict[str, None] = {}
        for one in coming:
            found, problems = batches.items(one.batch)
            one.problems += problems
            for item in found:
                if item.node == self._node:
                    continue
                if isinstance(item, Narrowing) or (
                    isinstance(item, Told) and item.collection == ERASURES.id
                ):
                    # What stands before it in the batch is appended before it.
                    self._put(kept, readings)
                    kept, readings = [], []
                if isinstance(item, Told):
                    self._keep(one, item, kept)
                elif isinstance(item, Rows):
                    self._keep_rows(one, item, readings, came)
                else:
                    one.problems += self._narrower.apply(one.peer, item)
        self._put(kept, readings)
        return list(came)

    def _keep(self, one: Incoming, told: Told, kept: list[tuple[Incoming, Kept]]) -> None:
        try:
            record = record_of(self._catalog, one.peer, told)
        except (HinomiError, msgspec.MsgspecError, ValueError, KeyError) as error:
            one.problems.append(refusal(told.collection, told.key, str(error)))
            return
        if not one.peer.accepts(concerned(record), record.marking.status.value):
            one.problems.append(refusal(told.collection, told.key, "not taken from this partner"))
            return
        if record.collection == ERASURES.id:
            stay = self._orders.obey(one.peer, record)
            if stay:
                found = f"not erased, since another partner told of them: {stay}"
                one.problems.append(refusal(told.collection, told.key, found))
        elif not one.peer.speaks_for(record.source):
            found = f"it does not speak for {record.source}"
            one.problems.append(refusal(told.collection, told.key, found))
            return
        # Its id is of what was said: not of what is left of it, or of today's marking.
        changed = told.narrowed or _ERASED in told.feature
        kept.append((one, (record, told.id if changed else "")))

    def _keep_rows(
        self,
        one: Incoming,
        rows: Rows,
        readings: list[tuple[Incoming, Readings]],
        came: dict[str, None],
    ) -> None:
        name = f"{rows.node}/{rows.position}/{rows.part}"
        if rows.part and (name in came or self._registry.came(name)):
            one.known += len(rows.rows)
            return
        series = []
        for line in rows.series:
            accepted = one.peer.accepts(
                line.collection, line.marking.status.value
            ) and one.peer.speaks_for(line.source)
            if not accepted or line.collection not in self._catalog.collections:
                one.problems.append(refusal(line.collection, line.id, "not taken here"))
                return
            series.append(line)
        origin = Origin(
            address=f"{SCHEME}{rows.node}/{rows.position}", path=f"{VIA}{one.peer.node}"
        )
        readings.append((one, Readings(series=tuple(series), rows=rows.rows, origin=origin)))
        if rows.part:
            came[name] = None

    def _put(
        self, kept: list[tuple[Incoming, Kept]], readings: list[tuple[Incoming, Readings]]
    ) -> None:
        """Append in one transaction; where the store refuses it, one by one."""
        fresh = [(one, record) for one, (record, known) in kept if not self._known(one, known)]
        if not fresh and not readings:
            return
        try:
            done = self._appended(fresh, readings)
        except UnavailableError:
            raise
        except HinomiError:
            self._put_good(fresh, readings)
            return
        self._count(fresh, readings, done)

    def _appended(
        self, fresh: list[tuple[Incoming, Record]], readings: list[tuple[Incoming, Readings]]
    ) -> Put:
        """Append, and remember a stretch of the log that the partner itself told."""
        first = fresh[0][0] if fresh and not readings else None
        if (
            first is None
            or not (first.peer.url and first.peer.pushes)
            or any(one is not first for one, _ in fresh)
        ):
            return self._writer.put([r for _, r in fresh], [b for _, b in readings])
        with self._writer.lock:
            before = self._writer.store.position()
            done = self._writer.put([r for _, r in fresh])
            # No more than these: neither another process's nor what a list takes back.
            if done.position - before == done.new > 0:
                self.echoes.note(first.peer.node, before, done.position)
        return done

    def _known(self, one: Incoming, record_id: str) -> bool:
        if not record_id:
            return False
        store = self._writer.store
        known = store.record(record_id, visible=store.markings()) is not None
        one.known += known
        return known

    def _count(
        self,
        fresh: list[tuple[Incoming, Record]],
        readings: list[tuple[Incoming, Readings]],
        done: Put,
    ) -> None:
        for one, _ in fresh:
            one.records += 1
        for one, batch in readings:
            one.readings += len(batch.rows)
        if fresh:
            fresh[0][0].known += done.known
            fresh[0][0].records -= done.known

    def _put_good(
        self, fresh: list[tuple[Incoming, Record]], readings: list[tuple[Incoming, Readings]]
    ) -> None:
        for one, record in fresh:
            try:
                self._count([(one, record)], [], self._writer.put([record]))
            except UnavailableError:
                raise
            except HinomiError as error:
                one.problems.append(refusal(record.collection, record.key, error.text.en))
        for one, batch in readings:
            try:
                self._count([], [(one, batch)], self._writer.put([], [batch]))
            except UnavailableError:
                raise
            except HinomiError as error:
                one.problems.append(refusal(batch.series[0].collection, "", error.text.en))

    def _tell(self, one: Incoming) -> None:
        """Keep a batch with problems whole, and say so where people see it."""
        if not one.problems:
            return
        digest = self._writer.store.put_blob(one.data)
        log.warning("hop=4 peer=%s problems=%d batch=%s", one.peer.name, len(one.problems), digest)
        self.alarms.problems(one.peer.name, one.problems, digest)


def continues(stands: Reached, batch: Batch) -> bool:
    """Tell whether a batch begins where this node stands in the sender's log.

    One that begins anew is taken when the log or what is shown is another one, or when the log
    was set back: all of it comes again, and what is known is known.
    """
    if (batch.log, batch.view) == (stands.log, stands.view):
        return batch.after in (stands.cursor, Cursor())
    return batch.after == Cursor()


def _ack(stands: Reached, *, taken: bool) -> Ack:
    return Ack(
        cursor=stands.cursor, log=stands.log, view=stands.view, mark=stands.mark, taken=taken
    )


def _counted(ack: Ack | None, coming: Incoming) -> Ack | None:
    """Return the answer to a batch with what came of it."""
    if ack is None:
        return None
    return msgspec.structs.replace(
        ack,
        peer=coming.peer.name,
        end=coming.batch.end,
        records=coming.records,
        readings=coming.readings,
        known=coming.known,
    )
