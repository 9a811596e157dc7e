"""The towns: what they say, at an even rate, and what befalls their nodes."""

from __future__ import annotations

import random
import signal
import threading
import time
from typing import TYPE_CHECKING

from benchmarks.nation.setting import Setting
from hinomi.domains.response.collections.shelters import Shelter
from hinomi.kernel.errors import HinomiError
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import Record
from hinomi.kernel.store import Put
from hinomi.runtime import clock
from hinomi.runtime import socket as wire

if TYPE_CHECKING:
    from benchmarks.nation.processes import Process

SHELTERS = "response.shelters"


def update(town: str, number: int, rounds: int = 2) -> Record:
    """Return the next that a prefecture's towns say about one of their shelters.

    Of so many statements in a row about a shelter the first says that it is closed, the others that
    it is open, with ever more people. The hub writes each opening and closing into its chronology.
    """
    key = f"{town}-{number % 50}"
    return Record(
        collection=SHELTERS,
        key=key,
        said_at=clock.now(),
        body=Shelter(
            name=f"避難所{number % 50}",
            match_key=key,
            state="open" if number // 50 % rounds else "closed",
            people=number,
            municipality=town,
        ),
        source=f"town-{town}",
        place={"type": "Point", "coordinates": spot(town, number % 50)},
        marking=OPEN,
    )


def spot(town: str, shelter: int) -> list[float]:
    """Return where a shelter is: each prefecture's lie apart from all others', 1 km and more."""
    row, column = divmod(int(town), 7)
    return [128.0 + 2.4 * column + shelter % 10 / 50, 31.0 + 2.0 * row + shelter // 10 / 50]


class Feeder(threading.Thread):
    """The towns of one prefecture: updates at an even rate, each acknowledged by its node."""

    def __init__(self, node: Process, rate: float, rounds: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._node, self._rate, self._stop_event = node, rate, stop
        self._rounds = rounds
        self.sent: dict[str, float] = {}
        """Record id -> when it was said."""
        self.append_ms: list[float] = []

    def run(self) -> None:
        due = time.monotonic() + random.random() / self._rate
        number = 0
        while not self._stop_event.wait(max(0.0, due - time.monotonic())):
            number += 1
            self._say(number)
            # A node that was stopped is not flooded with what people could not say meanwhile.
            due = max(due + 1 / self._rate, time.monotonic())

    def _say(self, number: int) -> None:
        record = update(self._node.data.name, number, self._rounds)
        start = time.monotonic()
        try:
            put = self._node.line.ask(wire.Append([record]), Put)
        except HinomiError:
            return  # The node is down: the town is told so, and nothing was acknowledged.
        self.append_ms.append((time.monotonic() - start) * 1e3)
        self.sent[put.ids[0]] = record.said_at.timestamp()


def trouble(nodes: list[Process], setting: Setting, stop: threading.Event) -> None:
    """Kill a node each minute, and cut another off for ten seconds."""
    every_s = min(60.0, setting.seconds / 3)
    while not stop.wait(every_s / 2):
        killed, cut = random.sample(nodes, 2)
        began = clock.now().timestamp()
        killed.kill()
        stop.wait(2.0)
        killed.start()
        killed.down.append((began, clock.now().timestamp()))
        if stop.wait(every_s / 4):
            return
        began = clock.now().timestamp()
        cut.signal(signal.SIGSTOP)
        stop.wait(min(10.0, setting.seconds / 6))
        cut.signal(signal.SIGCONT)
        cut.down.append((began, clock.now().timestamp()))
