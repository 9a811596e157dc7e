"""Wake-ups and a work queue over NATS JetStream. They only save waiting: the log is the truth.

A wake-up is the newest position under one subject: whoever is slow finds the newest alone. A piece
of work is a model's name; at most one of each waits, so that the queue never grows beyond the
number of models, and what is not acknowledged in time is given to another. A server that is away
costs time (a look at the log every few seconds), never a record.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from hinomi.kernel.errors import InputError
from hinomi.runtime.observing import observed

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

log = logging.getLogger("hinomi.streams")

ACK_S = 30.0
"""Work that nobody acknowledged for so long goes to another [s]; a lease guards it meanwhile."""
_ANSWER_S = 5.0
_AGAIN_S = 1.0
_TRIES = 6
"""How often a piece of work is given out; the log knows of it anyway."""
_FORGOTTEN_S = 300
"""Work that nobody ended in so long leaves the queue, or nothing of its name would come again [s]:
what killed its workers is never acknowledged."""
_CLUSTER = 3
"""Nodes that keep each write; two of them go on without the third."""
_OTHERWISE = 10058
"""JetStream: the stream is there with another configuration."""


class Streams:
    """One connection to NATS, in a thread with a loop of its own."""

    def __init__(self, servers: Sequence[str], prefix: str = "hinomi") -> None:
        if find_spec("nats") is None:
            raise InputError(
                "NATS needs nats-py: pip install 'hinomi[nats]'.",
                "NATSにはnats-pyが必要です: pip install 'hinomi[nats]'",
            )
        self._servers, self._prefix = list(servers), prefix
        # On one node of a cluster alone the queue would be gone with it.
        self._replicas = _CLUSTER if len(self._servers) >= _CLUSTER else 1
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
        self._client: Client | None = None
        self._js: JetStreamContext | None = None
        self._told = self._newest = 0
        self._bell = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.connected = threading.Event()
        self._closing = False

    def start(self) -> None:
        """Connect, now or when a server is there."""
        self._thread.start()
        self._begin(self._connect())
        self._begin(self._publish())

    def close(self) -> None:
        """Hang up."""

        async def end() -> None:
            self._closing = True
            if self._client is not None:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(self._client.close(), 1.0)
            # The library's own tasks too: it leaves some behind.
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            if others:
                await asyncio.wait(others, timeout=1.0)

        if self._thread.is_alive():
            with contextlib.suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(end(), self._loop).result(3.0)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(3.0)
        self._loop.close()

    def ring(self, position: int) -> None:
        """Tell all of a new position; only the newest waits to be told."""
        self._newest = max(self._newest, position)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._bell.set)

    def listen(self, hear: Callable[[int], None]) -> None:
        """Call ``hear`` with each position that any process tells, from now on."""
        self._begin(self._hear(hear))

    def offer(self, name: str, position: int) -> bool:
        """Queue a piece of work unless it waits already; tell whether the queue has it."""
        if not self.connected.is_set():
            return False
        try:
            return asyncio.run_coroutine_threadsafe(self._offer(name, position), self._loop).result(
                _ANSWER_S + 1.0
            )
        except (TimeoutError, RuntimeError):
            return False

    def work(self, do: Callable[[str], bool]) -> None:
        """Take pieces of work one by one, from now on; ``do`` tells whether it is done."""
        self._begin(self._work(do))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        def begin() -> None:
            task = self._loop.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._loop.call_soon_threadsafe(begin)

    async def _connect(self) -> None:
        import nats  # noqa: PLC0415

        async def lost() -> None:
            self.connected.clear()
            if self._closing:
                return
            log.warning("part=streams NATS is away: work goes on, a little later")

        async def back() -> None:
            self.connected.set()
            self._bell.set()

        async def fault(error: Exception) -> None:
            log.info("part=streams %s %s", type(error).__name__, error)

        while self._client is None:
            with contextlib.suppress(Exception):
                self._client = await nats.connect(
                    self._servers, max_reconnect_attempts=-1, reconnect_time_wait=0.3,
                    connect_timeout=2, disconnected_cb=lost, reconnected_cb=back, error_cb=fault,
                    pending_size=1024 * 1024,
                )  # fmt: skip
                break
            await asyncio.sleep(_AGAIN_S)
        self._js = self._client.jetstream(timeout=_ANSWER_S)
        while not await self._made():
            await asyncio.sleep(_AGAIN_S)
        self.connected.set()

    async def _made(self) -> bool:
        """Make the two streams unless they are there."""
        from nats.js.api import DiscardPolicy, RetentionPolicy, StreamConfig  # noqa: PLC0415
        from nats.js.errors import APIError  # noqa: PLC0415

        assert self._js is not None  # noqa: S101 - connected first
        wakes = StreamConfig(
            name=f"{self._prefix}_wake", subjects=[f"{self._prefix}.position"],
            max_msgs_per_subject=1, num_replicas=self._replicas,
        )  # fmt: skip
        work = StreamConfig(
            name=f"{self._prefix}_work", subjects=[f"{self._prefix}.work.*"],
            retention=RetentionPolicy.WORK_QUEUE, discard=DiscardPolicy.NEW,
            discard_new_per_subject=True, max_msgs_per_subject=1, max_msgs=10_000,
            max_age=_FORGOTTEN_S, num_replicas=self._replicas,
        )  # fmt: skip
        try:
            for config in (wakes, work):
                try:
                    await self._js.add_stream(config)
                except APIError as error:
                    if error.err_code != _OTHERWISE:
                        raise
                    await self._js.update_stream(config)
        except Exception as error:  # noqa: BLE001 - the library's many; tried again
            log.warning("part=streams cannot be made yet: %s", error)
            return False
        return True

    async def _publish(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            newest = self._newest
            if newest <= self._told or self._js is None or not self.connected.is_set():
                continue
            try:
                await self._js.publish(f"{self._prefix}.position", str(newest).encode())
                self._told = newest
            except Exception as error:  # noqa: BLE001 - the library's many
                log.info("part=streams a wake-up is late: %s", error)
                self._loop.call_later(_AGAIN_S, self._bell.set)

    async def _hear(self, hear: Callable[[int], None]) -> None:
        from nats.js.api import DeliverPolicy  # noqa: PLC0415

        await self._until_connected()
        assert self._js is not None  # noqa: S101 - connected
        while True:
            try:
                subscription = await self._js.subscribe(
                    f"{self._prefix}.position", ordered_consumer=True,
                    deliver_policy=DeliverPolicy.LAST,
                )  # fmt: skip
                async for message in subscription.messages:
                    hear(int(message.data))
            except Exception as error:  # noqa: BLE001 - the library's many
                log.info("part=streams the bell is not heard: %s", error)
            await asyncio.sleep(_AGAIN_S)

    async def _offer(self, name: str, position: int) -> bool:
        from nats.js.errors import APIError  # noqa: PLC0415

        assert self._js is not None  # noqa: S101 - connected
        subject = f"{self._prefix}.work.{name.replace('.', '-')}"
        try:
            await self._js.publish(
                subject, name.encode(), headers={"Nats-Msg-Id": f"{name}:{position}"}
            )
        except APIError:
            # One of the name waits already: that is what discarding new ones by subject is for.
            return True
        except Exception as error:  # noqa: BLE001 - the library's many
            log.info("part=streams %s is not queued: %s", name, error)
            return False
        return True

    async def _work(self, do: Callable[[str], bool]) -> None:
        await self._until_connected()
        while True:
            try:
                await self._pull(do)
            except Exception as error:  # noqa: BLE001 - the library's many
                log.info("part=streams no work is heard of: %s", error)
            await asyncio.sleep(_AGAIN_S)

    async def _pull(self, do: Callable[[str], bool]) -> None:
        from nats.js.api import ConsumerConfig  # noqa: PLC0415

        assert self._js is not None  # noqa: S101 - connected
        waiting = await self._js.pull_subscribe(
            f"{self._prefix}.work.*", durable="models", stream=f"{self._prefix}_work",
            config=ConsumerConfig(ack_wait=ACK_S, max_deliver=_TRIES, max_ack_pending=1000),
        )  # fmt: skip
        while True:
            try:
                (message,) = await waiting.fetch(1, timeout=5)
            except TimeoutError:
                continue
            name = message.data.decode()
            work = asyncio.to_thread(_observed, do, name)
            task = asyncio.ensure_future(work)
            while not task.done():
                done, _ = await asyncio.wait({task}, timeout=ACK_S / 3)
                if not done:
                    await message.in_progress()
            if task.exception() is None and task.result():
                await message.ack()
            elif message.metadata.num_delivered >= _TRIES:
                await message.term()  # It would lie there, and keep out the next of its name.
            else:
                await message.nak(delay=_AGAIN_S)

    async def _until_connected(self) -> None:
        while not self.connected.is_set():
            await asyncio.sleep(0.05)


def _observed(do: Callable[[str], bool], name: str) -> bool:
    with observed("queue", name, hop=5):
        return do(name)
