"""Federation: nodes that tell each other what agreement and marking allow, by cursor, signed.

A node without partners loads nothing of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.store import Store
from hinomi.runtime.socket import Receive, Show
from hinomi.runtime.writer import Writer

if TYPE_CHECKING:
    from hinomi.runtime.federation.door import Door
    from hinomi.runtime.federation.following import Federation
    from hinomi.runtime.federation.inbox import Ack
    from hinomi.runtime.federation.logs import Logs
    from hinomi.runtime.federation.orders import Erase
    from hinomi.runtime.federation.outbox import Publish

FILE = "federation.db"
_LOOK_S = 1.0


class Partners:
    """The writer's side: nothing is loaded before the first partner is there."""

    def __init__(self, writer: Writer, catalog: Catalog, data: Path) -> None:
        self._writer, self._catalog, self._data = writer, catalog, data
        self._made: Federation | None = None
        self.publish: Publish | None = None
        self.logs: Logs | None = None
        self.erase: Erase | None = None
        self._lock = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Follow partners, once there are any."""
        while not (self._data / FILE).exists():
            if stop.wait(_LOOK_S):
                return
        self._federation().run(stop)

    def receive(self, batches: Sequence[bytes]) -> list[Ack]:
        """Take batches that partners sent; durable on return."""
        return self._federation().receive(list(batches))

    def answer(self, request: Receive | Show) -> list[Ack] | int:
        """Do what a web process asks for in a partner's name."""
        if isinstance(request, Receive):
            return self.receive(request.batches)
        from hinomi.runtime.federation.logs import shown  # noqa: PLC0415

        return shown(self._federation(), self.logs, request.node, request.growth)

    def _federation(self) -> Federation:
        from hinomi.runtime.federation.following import Federation  # noqa: PLC0415

        with self._lock:
            if self._made is None:
                self._made = Federation(self._writer, self._catalog, self._data)
                self._made.publish, self._made.logs = self.publish, self.logs
                if self.erase is not None:
                    self._made.erase = self.erase
            return self._made


def open_door(
    data: Path, store: Store, catalog: Catalog, publish: Publish | None = None
) -> Callable[[], Door]:
    """Return what opens the door for partners in a web process, when the first one calls."""

    @cache
    def opened() -> Door:
        from hinomi.runtime import folder  # noqa: PLC0415
        from hinomi.runtime.federation.door import Door  # noqa: PLC0415
        from hinomi.runtime.federation.inbox import Ack  # noqa: PLC0415
        from hinomi.runtime.socket import Line  # noqa: PLC0415

        line = Line(folder.socket_path(data))

        def receive(batches: Sequence[bytes]) -> list[Ack]:
            acks: list[Ack] = line.ask(Receive(tuple(batches)), list[Ack])
            return acks

        door = Door(data, store, catalog, receive)
        door.publish = publish
        door.show = lambda node, growth: int(line.ask(Show(node, growth), int))
        return door

    return opened
