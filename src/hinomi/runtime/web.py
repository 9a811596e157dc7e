"""One web worker: a process that only reads the store; what it writes goes through the socket.

Started by the hub as ``python -m hinomi.runtime.web FD DATA APP``: the listening socket is
inherited, so that a worker that dies is replaced without a refused connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import resource
import signal
import sys
import threading
from asyncio.tasks import _enter_task, _leave_task
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from hinomi.runtime import config, logs, observing, proxies
from hinomi.runtime.doorkeeper import Doorkeeper
from hinomi.runtime.opening import reading_service
from hinomi.runtime.service import Service

log = logging.getLogger("hinomi.web")

_BACKLOG = 1024
_KEPT_BYTES = 32 * 1024 * 1024
"""Freed memory that a worker keeps for the next answers."""
_BEGIN_S = 0.05
_MOST_FILES = 65_536
_COUNT_S = 1.0
"""What was answered is counted within this, even if nothing more is asked."""
_GRACE_S = 1.0
"""Open streams would keep a worker for ever; it has nothing to lose."""


def load(app: str) -> Callable[[Service], Any]:
    """Return the factory that ``module:name`` names."""
    module, _, name = app.partition(":")
    factory: Callable[[Service], Any] = getattr(import_module(module), name)
    return factory


def keep_memory() -> None:
    """Let glibc keep freed pages of some hundred kB: asking the kernel anew costs a fifth of one.

    See mallopt(3): M_TRIM_THRESHOLD -1, M_MMAP_THRESHOLD -3 (at most 32 MiB). Other libraries
    do without.
    """
    with contextlib.suppress(OSError, AttributeError):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(-1, _KEPT_BYTES)
        allocator.mallopt(-3, _KEPT_BYTES // 4)


def keep_turns(loop: asyncio.AbstractEventLoop) -> None:
    """Let no thread that granian starts now push another from its core in the middle of an answer.

    Its thread for the network wakes with every answer, and the system then gives it the core of the
    thread that answers, with cold caches for both: a quarter of a feature's time. What SCHED_BATCH
    wakes takes its turn instead (sched(7)); new threads inherit it. The loop's own thread, which
    tells subscribers, goes on as it was. Other systems do without.
    """
    with contextlib.suppress(OSError, AttributeError):
        if os.sched_getscheduler(0) == os.SCHED_OTHER:
            usual = os.sched_param(0)
            os.sched_setscheduler(0, os.SCHED_BATCH, usual)
            loop.call_soon(os.sched_setscheduler, 0, os.SCHED_OTHER, usual)


def straight(at_once: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
    """Return granian's maker of schedulers, with a way past the event loop for what needs none.

    Granian takes each request to Python in a thread of its own, which hands it to the loop's
    thread and goes for the next. What ``at_once`` answers is answered in that first thread: no
    task, no hand-over, a third of the server's own time a request. The rest goes on as ever.

    Limits:
        Granian has no public door for this (2.8.7). Where its parts are not as expected, requests
        take the ordinary way; ``tests/runtime/test_web.py`` tells.
    """
    from granian._futures import _new_cbscheduler as ordinary  # noqa: PLC0415
    from granian._granian import CallbackScheduler  # noqa: PLC0415

    class Straight(CallbackScheduler):
        __slots__ = ()

        # The arguments are the base's: it keeps them when it is made.
        def __init__(self, loop: asyncio.AbstractEventLoop, inner: Callable[..., Any], *_: Any):
            super().__init__()

            def begin(coroutine: Any, watcher: Any) -> None:
                watcher.taskref(loop.create_task(coroutine))

            def schedule(watcher: Any) -> None:
                try:
                    sent = at_once(watcher.scope)
                    if sent is not None:
                        status, headers, body = sent
                        send = watcher.proto.send
                        send({"type": "http.response.start", "status": status, "headers": headers})
                        send({"type": "http.response.body", "body": body})
                        watcher.taskref(None)
                        watcher.done()
                        return
                except Exception:
                    # The caller has gone, or a fault of ours that the ordinary way will tell of.
                    log.debug("hop=6 a request leaves the straight way", exc_info=True)
                loop.call_soon_threadsafe(begin, inner(watcher), watcher, context=self._ctx)

            self._schedule_fn = schedule

    def make(loop: asyncio.AbstractEventLoop, inner: Callable[..., Any], **how: Any) -> Any:
        # Granian asks for it just before it starts its threads.
        keep_turns(loop)
        try:
            around = partial(_enter_task, loop), partial(_leave_task, loop)
            return Straight(loop, inner, None, *around)
        except (AttributeError, TypeError):
            log.warning("part=web granian is not as expected: all requests take the loop")
            return ordinary(loop, inner, **how)  # type: ignore[no-untyped-call]

    return make


def serve(descriptor: int, data: Path, app: str, says: int | None = None) -> None:
    """Serve the app on an inherited listening socket until SIGTERM, or until the hub is gone.

    ``says`` is the end of a pipe on which to say that we are there.
    """
    from granian._granian import SocketHolder  # noqa: PLC0415
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.server import embed  # noqa: PLC0415
    from granian.server.embed import Server  # noqa: PLC0415
    from uvloop import new_event_loop  # noqa: PLC0415

    class Inheriting(Server):
        def _init_shared_socket(self) -> None:
            # Granian's own way to share a socket; its type hints do not know the argument.
            self._shd = SocketHolder(descriptor, False, _BACKLOG)  # type: ignore[call-arg, assignment]  # noqa: FBT003

    async def main() -> None:
        loop = asyncio.get_running_loop()
        web = load(app)(reading_service(data))
        door = Doorkeeper(web, proxies.networks(config.read(data).proxies))
        # What was loaded stays: a full collection looks at it no more (25 ms and growing).
        gc.collect()
        gc.freeze()
        at_once = getattr(web, "at_once", None)
        if at_once is not None:
            embed._new_cbscheduler = straight(door.at_once(at_once))  # type: ignore[attr-defined]
        server = Inheriting(
            door,
            interface=Interfaces.ASGI,
            log_enabled=False,
            backlog=_BACKLOG,
        )

        stopping: list[asyncio.Task[None]] = []

        def stop() -> None:
            stopping.append(loop.create_task(drain()))

        async def drain() -> None:
            await door.drain()
            observing.settle()
            threading.Timer(_GRACE_S, os._exit, (0,)).start()
            server.interrupt_signal = True
            server.main_loop_interrupt.set()

        def count() -> None:
            observing.settle()
            loop.call_later(_COUNT_S, count)

        if observing.measuring():
            count()
        loop.add_signal_handler(signal.SIGTERM, stop)
        if says is not None:
            # The socket has listened all along: who calls from now on is answered here.
            loop.call_later(_BEGIN_S, _say, says)
        await server.serve()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())


def _say(says: int) -> None:
    with contextlib.suppress(OSError):
        os.write(says, b"1")
        os.close(says)


def _more_files() -> None:
    """Let the process hold as many connections as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, _MOST_FILES)), hard))


def _die_with_the_hub() -> None:
    # Not through sys.stdin: its lock would be held when this process ends by itself.
    while os.read(0, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    # Ctrl-C goes to the whole group; the hub decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_memory()
    threading.Thread(target=_die_with_the_hub, daemon=True).start()
    logs.set_up(os.environ.get("HINOMI_LOG", "warning"))
    observing.set_up("web")
    _more_files()
    _says = int(sys.argv[4]) if len(sys.argv) > 4 else None
    serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], _says)
    os._exit(0)
