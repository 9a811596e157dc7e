"""A scenario's run in a process of its own: ``python -m hinomi.runtime.workbench.work``.

It reads its task from stdin and writes messages to stdout, each after its length: how far it is,
then what came of it. It opens no store and no network; when nobody listens any more it ends.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO

import msgspec

from hinomi.domains.hazards.collections.scenarios import Cost
from hinomi.domains.hazards.workbench.running import (
    Forecast,
    Foretold,
    Outcome,
    Task,
    foretell,
    simulate,
    warm,
)
from hinomi.kernel.errors import HinomiError, InputError, Text, UnavailableError

log = logging.getLogger("hinomi.workbench")

_TOLD_S = 0.5
_KEPT_S = 120.0


class Told(msgspec.Struct, frozen=True, tag=True):
    """How much is done, 0 to 1."""

    share: float


class Ended(msgspec.Struct, frozen=True, tag=True):
    """What came of it."""

    outcome: Outcome
    cost: Cost


class Foresaid(msgspec.Struct, frozen=True, tag=True):
    """What came of a forecast."""

    made: Foretold


class Refused(msgspec.Struct, frozen=True, tag=True):
    """Why nothing came of it."""

    ja: str
    en: str


_MESSAGES = msgspec.msgpack.Decoder(Told | Ended | Foresaid | Refused)


class Order(msgspec.Struct, frozen=True):
    """What a process is asked for: a scenario, or a case as a forecast."""

    task: Task
    forecast: Forecast | None = None


def timed(
    task: Task, told: Callable[[float], None], stopped: Callable[[], bool] = lambda: False
) -> Ended:
    """Run a scenario here, and measure what it takes."""
    warm(task.case)
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = simulate(task, told, stopped)
    cost = Cost(
        cpu_s=round(time.process_time() - cpu, 3), wall_s=round(time.perf_counter() - wall, 3),
        cells=outcome.cells, steps=outcome.steps,
    )  # fmt: skip
    return Ended(outcome, cost)


class Apart:
    """A process for runs: compiling the kernel takes seconds, so it stays for the next one.

    Not safe between threads.
    """

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = command or [sys.executable, "-m", "hinomi.runtime.workbench.work"]
        self._process: subprocess.Popen[bytes] | None = None
        self._used = 0.0

    def __call__(
        self, task: Task, told: Callable[[float], None], stopped: Callable[[], bool]
    ) -> Ended | None:
        """Run a scenario at a low priority; None where it was stopped.

        Raises:
            InputError: the scenario makes no sense or costs too much.
            UnavailableError: the process died.
        """
        said = self._ask(Order(task), told, stopped)
        return said if isinstance(said, Ended) else None

    def foretell(
        self, task: Task, forecast: Forecast, stopped: Callable[[], bool]
    ) -> Foretold | None:
        """Run a case as a forecast; as a scenario otherwise."""
        said = self._ask(Order(task, forecast), lambda _share: None, stopped)
        return said.made if isinstance(said, Foresaid) else None

    def _ask(
        self, order: Order, told: Callable[[float], None], stopped: Callable[[], bool]
    ) -> Ended | Foresaid | None:
        """Return what the process makes of an order; None where it was stopped.

        Raises:
            InputError: the scenario makes no sense or costs too much.
            UnavailableError: the process died.
        """
        process = self._started()
        over = threading.Event()
        watching = threading.Thread(target=_watch, args=(process, stopped, over), daemon=True)
        watching.start()
        try:
            said = _asked(process, order, told)
        finally:
            over.set()
            watching.join()
            self._used = time.monotonic()
        if isinstance(said, Ended | Foresaid):
            return said
        if said is not None:
            raise InputError(said.en, said.ja)
        code = self.close()
        if stopped():
            return None
        raise UnavailableError(
            f"The run's process ended with {code}: too little memory, or a fault of ours.",
            f"計算のプロセスが終了しました({code})。メモリ不足か内部障害です。",
        )

    def rest(self) -> None:
        """Let the process go if nobody has needed it for a while: it holds 250 MB."""
        if self._process is not None and time.monotonic() - self._used > _KEPT_S:
            self.close()

    def close(self) -> int:
        """End the process; return how it ended."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.kill()
        code = process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        return code

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process


def _asked(
    process: subprocess.Popen[bytes], order: Order, told: Callable[[float], None]
) -> Ended | Foresaid | Refused | None:
    """Return what a process says to an order; None where it ends."""
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    try:
        _send(process.stdin, msgspec.msgpack.encode(order))
    except BrokenPipeError:
        return None
    while True:
        said = _receive(process.stdout)
        if not isinstance(said, Told):
            return said
        told(said.share)


def _watch(
    process: subprocess.Popen[bytes], stopped: Callable[[], bool], over: threading.Event
) -> None:
    while not over.wait(0.2):
        if stopped():
            process.kill()
            return


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(8, "big") + data)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    return data if len(data) == size else None


def _receive(stream: IO[bytes]) -> Told | Ended | Foresaid | Refused | None:
    data = _read(stream)
    return None if data is None else _MESSAGES.decode(data)


def main() -> int:
    """Read tasks, one after the other, run each, say what came of it."""
    # People's questions go first; who killed the server leaves nothing running.
    os.nice(10)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints must not stand between the messages.
    while (data := _read(sys.stdin.buffer)) is not None:
        _send(out, msgspec.msgpack.encode(_answer(data, out)))
    return 0


def _answer(data: bytes, out: IO[bytes]) -> Ended | Foresaid | Refused:
    said = -_TOLD_S

    def told(share: float) -> None:
        nonlocal said
        if time.monotonic() - said >= _TOLD_S:
            said = time.monotonic()
            _send(out, msgspec.msgpack.encode(Told(share)))

    try:
        order = msgspec.msgpack.decode(data, type=Order)
        if order.forecast is None:
            return timed(order.task, told)
        return Foresaid(foretell(order.task, order.forecast, told, lambda: False))
    except HinomiError as error:
        return Refused(error.text.ja, error.text.en)
    except ModuleNotFoundError as missing:
        text = missing_parts(missing)
        return Refused(text.ja, text.en)
    except MemoryError:
        return Refused(
            "メモリが足りません。格子を粗くしてください。", "Too little memory: take coarser cells."
        )
    except Exception as error:
        log.exception("a run failed by a fault")
        return Refused(f"内部障害です: {error!r}"[:300], f"A fault of ours: {error!r}"[:300])


def missing_parts(missing: ModuleNotFoundError) -> Text:
    """Return what to do where models are not installed."""
    error = UnavailableError(
        f"Runs need {missing.name}: pip install 'hinomi[models]'.",
        f"計算する部品がありません: pip install 'hinomi[models]' ({missing.name})",
    )
    return error.text


if __name__ == "__main__":
    sys.exit(main())
