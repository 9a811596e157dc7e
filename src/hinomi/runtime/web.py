"""One web worker: a process that only reads the store; what it writes goes through the socket.

Started by the hub as ``python -m hinomi.runtime.web FD DATA APP``: the listening socket is
inherited, so that a worker that dies is replaced without a refused connection.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from hinomi.runtime import logs
from hinomi.runtime.opening import reading_service
from hinomi.runtime.service import Service

_BACKLOG = 1024
_GRACE_S = 1.0
"""Open streams would keep a worker for ever; it has nothing to lose."""


def load(app: str) -> Callable[[Service], Any]:
    """Return the factory that ``module:name`` names."""
    module, _, name = app.partition(":")
    factory: Callable[[Service], Any] = getattr(import_module(module), name)
    return factory


def serve(descriptor: int, data: Path, app: str) -> None:
    """Serve the app on an inherited listening socket until SIGTERM, or until the hub is gone."""
    from granian._granian import SocketHolder  # noqa: PLC0415
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.server.embed import Server  # noqa: PLC0415
    from uvloop import new_event_loop  # noqa: PLC0415

    class Inheriting(Server):
        def _init_shared_socket(self) -> None:
            # Granian's own way to share a socket; its type hints do not know the argument.
            self._shd = SocketHolder(descriptor, False, _BACKLOG)  # type: ignore[call-arg, assignment]  # noqa: FBT003

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = Inheriting(
            load(app)(reading_service(data)),
            interface=Interfaces.ASGI,
            log_enabled=False,
            backlog=_BACKLOG,
        )

        def stop() -> None:
            threading.Timer(_GRACE_S, os._exit, (0,)).start()
            server.interrupt_signal = True
            server.main_loop_interrupt.set()

        loop.add_signal_handler(signal.SIGTERM, stop)
        await server.serve()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())


def _die_with_the_hub() -> None:
    # Not through sys.stdin: its lock would be held when this process ends by itself.
    while os.read(0, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    # Ctrl-C goes to the whole group; the hub decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_the_hub, daemon=True).start()
    logs.set_up(os.environ.get("HINOMI_LOG", "warning"))
    serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    os._exit(0)
