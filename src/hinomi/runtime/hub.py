"""The hub: ``hinomi run``. One writer process, web workers beside it that only read."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.runtime import desk, folder
from hinomi.runtime import socket as wire
from hinomi.runtime.alerts import AlertMail
from hinomi.runtime.config import DRILL, DRILL_SPEED, Config
from hinomi.runtime.deliveries_jobs import exchange_jobs
from hinomi.runtime.desk import LocalDesk
from hinomi.runtime.expiries import Expiries
from hinomi.runtime.folder import Holder
from hinomi.runtime.intake import Watch
from hinomi.runtime.retention import Retention
from hinomi.runtime.watch import Folders

log = logging.getLogger("hinomi.hub")

_LOOK_S = 0.2
_STOP_S = 3.0
_CALM_S = 10.0
"""A worker that lived that long is replaced at once; one that dies young waits ever longer."""


class Worker(msgspec.Struct):
    """A web worker, and when it may be started again."""

    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    due: float = 0.0


class Hub:
    """Runs until told to stop. ``app`` is ``module:factory`` of the web app."""

    def __init__(self, data: Path, config: Config, app: str) -> None:
        self._data, self._config, self._app = data, config, app
        self._stop = threading.Event()
        self._listener = _listen(config.host, config.port)
        lock = folder.lock(data, "run")
        host, port = self._listener.getsockname()[:2]
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._workers: list[Worker] = []
        try:
            store = desk.open_store(data)
            # The store is there: the workers import their parts while this process imports its own.
            self._workers.extend(self._start_worker() for _ in range(config.workers))
            self._desk = LocalDesk(data, lock, store=store)
        except BaseException:
            for worker in self._workers:
                worker.process.kill()
                _end(worker.process)
            lock.close()
            raise
        path = folder.socket_path(data)
        self._server = wire.Server(path, self._answer)
        lock.describe(Holder(os.getpid(), "run", str(path), self.address))
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, then stop cleanly."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        self._desk.settle = self._desk.models.wake
        self._desk.writer.listeners.append(self._desk.models.wake)
        self._server.start()
        for name, work in self._jobs().items():
            thread = threading.Thread(target=_guarded(name, work, self._stop), name=name)
            thread.start()
            self._threads.append(thread)
        try:
            while not self._stop.wait(_LOOK_S):
                self._look_after_workers()
        finally:
            self.close()

    def close(self) -> None:
        """Stop the workers, the threads and the store, in that order."""
        self._stop.set()
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                worker.process.terminate()
        self._server.close()
        self._listener.close()
        for thread in self._threads:
            thread.join(_STOP_S)
        for worker in self._workers:
            _end(worker.process)
        self._desk.close()

    def _jobs(self) -> dict[str, Callable[[threading.Event], None]]:
        """Return what runs beside each other in the writer, by name."""
        config = self._config
        jobs: dict[str, Callable[[threading.Event], None]] = {
            "models": self._desk.models.run,
            "expiries": Expiries(self._desk.writer, self._desk.catalog).run,
            "retention": Retention(self._desk.store, self._desk.catalog, self._data).run,
            **self._bell(),
        }
        if config.watch:
            folders = [Path(name) for name in config.watch]
            jobs["watch"] = Folders(folders, self._desk.intake).run
        if config.feeds:
            jobs["feeds"] = self._run_feeds
        jobs |= exchange_jobs(self._desk, config, self._data)
        for number, receiver in enumerate(config.nmea):
            # Imported here: without receivers nothing of them is loaded.
            from hinomi.runtime.nmea import Receiver  # noqa: PLC0415

            jobs[f"nmea-{number}"] = Receiver(receiver, self._desk.intake.take).run
        jobs["federation"] = self._desk.federation.run
        if config.mqtt is not None:
            jobs["mqtt"] = self._run_mqtt
        if config.mail is not None:
            jobs["alerts"] = AlertMail(
                self._desk.writer, self._desk.catalog, config, self._data / "alerts.json"
            ).run
        conductor = self._desk.serve_drills()
        jobs["drill"] = conductor.run
        if config.drill:
            conductor.start(config.drill if isinstance(config.drill, str) else DRILL, DRILL_SPEED)
        return jobs

    def _bell(self) -> dict[str, Callable[[threading.Event], None]]:
        """Return the job that hears what other processes append, where the store tells it."""
        listen = getattr(self._desk.store, "listen", None)
        if listen is None:
            return {}
        return {"bell": lambda stop: listen(self._desk.models.wake, stop)}

    def _run_feeds(self, stop: threading.Event) -> None:
        # Imported here: without feeds no HTTP client is loaded.
        from hinomi.runtime.feeds import Feeds, Seen  # noqa: PLC0415
        from hinomi.runtime.outages import Outages  # noqa: PLC0415

        outages = Outages(self._desk.writer)
        seen = Seen(self._data / "feeds.db")
        try:
            Feeds(self._config.feeds, self._take, seen, tell=outages.feed).run(stop)
        finally:
            seen.close()

    def _run_mqtt(self, stop: threading.Event) -> None:
        # Imported here: without a broker no MQTT client is loaded.
        from hinomi.runtime.mqtt.job import run  # noqa: PLC0415

        if self._config.mqtt is not None:
            place = self._desk.store, self._desk.catalog, self._data
            run(self._config.mqtt, self._desk.sensing, place, self.address, stop)

    def _take(self, data: bytes, name: str, address: str, taken_at: datetime) -> None:
        self._desk.intake.take(data, name, address, taken_at)

    def _answer(self, request: wire.Request, watch: Watch, gone: threading.Event) -> object:
        return desk.answer(self._desk, request, watch, gone)

    def _start_worker(self) -> Worker:
        descriptor = self._listener.fileno()
        command = [sys.executable, "-m", "hinomi.runtime.web"]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, str(descriptor), str(self._data), self._app],
            stdin=subprocess.PIPE,
            pass_fds=(descriptor,),
        )
        return Worker(process, time.monotonic())

    def _look_after_workers(self) -> None:
        now = time.monotonic()
        for number, worker in enumerate(self._workers):
            if worker.process.poll() is None:
                continue
            if not worker.due:
                calm = now - worker.started > _CALM_S
                worker.deaths = 1 if calm else worker.deaths + 1
                worker.due = now + (0.0 if calm else min(0.2 * 2.0**worker.deaths, 30.0))
                code = worker.process.returncode
                log.error("part=web a worker ended with %s; started again", code)
            if now >= worker.due:
                _end(worker.process)
                self._workers[number] = self._start_worker()
                self._workers[number].deaths = worker.deaths


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(
            f"{host}:{port} cannot be used ({error.strerror}); choose another with --port.",
            f"{host}:{port}は使えません({error.strerror})。--portで別の番号を指定してください。",
        ) from None
    listener.listen(1024)
    return listener


def _guarded(
    name: str, work: Callable[[threading.Event], None], stop: threading.Event
) -> Callable[[], None]:
    """Return a thread's work that begins again after a fault."""

    def run() -> None:
        wait_s = 1.0
        while not stop.is_set():
            try:
                work(stop)
            except Exception:
                log.exception("part=%s ended by a fault", name)
                if not stop.wait(wait_s):
                    wait_s = min(2 * wait_s, 60.0)
                    continue
            return

    return run


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()
