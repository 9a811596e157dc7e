"""The hub: ``hinomi run``. One writer process, web workers beside it that only read."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hinomi.kernel.marking import ANONYMOUS
from hinomi.runtime import desk, folder, observing, roles, storing
from hinomi.runtime import socket as wire
from hinomi.runtime.alerts import AlertMail
from hinomi.runtime.config import DRILL, DRILL_SPEED, Config
from hinomi.runtime.deliveries_jobs import exchange_jobs
from hinomi.runtime.desk import LocalDesk
from hinomi.runtime.expiries import Expiries
from hinomi.runtime.folder import Holder
from hinomi.runtime.health import Drain, Probes
from hinomi.runtime.hub_sockets import listening, tell
from hinomi.runtime.intake import Watch
from hinomi.runtime.keys import Keys
from hinomi.runtime.outages import Outages
from hinomi.runtime.photos.job import Photos
from hinomi.runtime.retention import Retention
from hinomi.runtime.retention_grids import GridRetention
from hinomi.runtime.roles import Role
from hinomi.runtime.watch import Folders
from hinomi.runtime.workbench.job import Workbench

if TYPE_CHECKING:
    from hinomi.runtime.streams import Streams

log = logging.getLogger("hinomi.hub")

_LOOK_S = 0.2
_STOP_S = 3.0
_PATIENCE_S = 30.0
_DRAIN_S = 12.0
"""A worker answers what it was asked before it stops; see :mod:`hinomi.runtime.doorkeeper`."""
_CALM_S = 10.0
"""A worker that lived that long is replaced at once; one that dies young waits ever longer."""


class Worker(msgspec.Struct):
    """A web worker, and when it may be started again."""

    process: subprocess.Popen[bytes]
    started: float
    ready: int
    """The end of a pipe on which it says that it is there."""
    there: bool = False
    deaths: int = 0
    due: float = 0.0


class Hub:
    """Runs until told to stop. ``app`` is ``module:factory`` of the web app.

    On SIGHUP the web workers are replaced one by one, each once its successor is there: no request
    is lost.
    """

    def __init__(
        self,
        data: Path,
        config: Config,
        app: str,
        *,
        role: Role = "all",
        nats: Sequence[str] = (),
    ) -> None:
        self._data, self._config, self._app, self._role = data, config, app, role
        self._stop = threading.Event()
        self._renew = threading.Event()
        self._counts = observing.own_folder()
        self._listener = listening(config.host, config.port)
        shared = storing.folder_of(storing.address(data)) is None
        roles.checked(role, shared=shared)
        lock = folder.lock(data, "run") if role == "all" else folder.unlocked(data)
        host, port = self._listener.getsockname()[:2]
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._workers: list[Worker] = []
        path = folder.socket_path(data)
        if role != "all":
            path = path.with_name(f"{role}-{os.getpid()}.sock")
            os.environ[folder.SOCKET] = str(path)
        try:
            store = desk.open_store(data)
            # The store is there: the workers import their parts while this process imports its own.
            count = config.workers if role in {"all", "api"} else 0
            self._workers.extend(self._start_worker() for _ in range(count))
            self._desk = LocalDesk(data, lock, store=store)
            self._streams = _streams(nats)
        except BaseException:
            for worker in self._workers:
                worker.process.kill()
                _end(worker)
            lock.close()
            observing.forget(self._counts)
            raise
        observing.set_up(role)
        self._probes = None if self._workers else Probes(self._listener, store)
        self._server = wire.Server(path, self._answer)
        lock.describe(Holder(os.getpid(), "run", str(path), self.address))
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, then stop cleanly."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        signal.signal(signal.SIGHUP, lambda *_: self._renew.set())
        models = self._desk.models
        self._desk.settle = models.wake
        self._desk.writer.listeners.append(models.wake)
        self._server.start()
        if self._probes is not None:
            self._probes.start()
        for name, work in self._shared(self._jobs()).items():
            thread = threading.Thread(target=_guarded(name, work, self._stop), name=name)
            thread.start()
            self._threads.append(thread)
        if self._streams is not None:
            self._use(self._streams)
        waiting = list(self._workers)
        if not waiting:
            tell("READY=1")
        try:
            while not self._stop.wait(_LOOK_S):
                self._look_after_workers()
                if waiting and all(_is_there(worker, 0.0) for worker in waiting):
                    tell("READY=1")
                    waiting = []
                if self._renew.is_set():
                    self._renew.clear()
                    self._replace_workers()
        finally:
            self.close()

    def close(self) -> None:
        """Stop the workers, the threads and the store, in that order."""
        self._stop.set()
        Drain.on = True
        tell("STOPPING=1")
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                worker.process.terminate()
        if self._workers:
            # What they were asked for is still to be written by us.
            for worker in self._workers:
                _end(worker, _DRAIN_S)
        self._server.close()
        if self._probes is not None:
            self._probes.close()
        self._listener.close()
        for thread in self._threads:
            thread.join(_STOP_S)
        if self._streams is not None:
            self._streams.close()
        self._desk.close()
        observing.forget(self._counts)
        if self._role != "all":
            os.environ.pop(folder.SOCKET, None)

    def _use(self, streams: Streams) -> None:
        """Ring for others, hear them, and share the models' work by the queue."""
        models = self._desk.models
        self._desk.writer.listeners.append(streams.ring)
        streams.start()
        if self._role in {"all", "models"}:
            streams.listen(models.wake)
            models.offer = streams.offer
            streams.work(models.advance)

    def _shared(self, jobs: dict[str, roles.Job]) -> dict[str, roles.Job]:
        """Return this role's jobs; what one process of all does, under its lease."""
        jobs = roles.of_role(jobs, self._role)
        work = getattr(self._desk.store, "work", None)
        if work is None:
            return jobs
        return {
            name: job if name in roles.EVERYWHERE or name.startswith("nmea")
            else roles.leased(work, name, job)
            for name, job in jobs.items()
        }  # fmt: skip

    def _jobs(self) -> dict[str, Callable[[threading.Event], None]]:
        """Return what runs beside each other in the writer, by name."""
        config = self._config
        jobs: dict[str, Callable[[threading.Event], None]] = {
            "models": self._desk.models.run,
            "expiries": Expiries(self._desk.writer, self._desk.catalog).run,
            "retention": Retention(self._desk.store, self._desk.catalog, self._data).run,
            "grid-retention": GridRetention(self._desk.store, self._desk.catalog, self._data).run,
            "erasing": self._desk.eraser.run,
            "photos": Photos(
                self._desk.writer, config.photos, cursor=self._data / "photos.position"
            ).run,
            **self._bell(),
        }
        if config.watch:
            folders = [Path(name) for name in config.watch]
            outages = Outages(self._desk.writer)
            jobs["watch"] = Folders(folders, self._desk.intake, tell=outages.folder).run
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
        if self._role in {"all", "models"}:
            jobs["drill"] = self._drill()
            jobs["workbench"] = Workbench(self._desk.writer, self._desk.catalog).run
        return jobs

    def _drill(self) -> roles.Job:
        """Return the job that plays exercises; the configured one begins with it, once."""
        drill = self._config.drill
        name = drill if isinstance(drill, str) else DRILL
        if getattr(self._desk.store, "work", None) is None:
            conductor = self._desk.serve_drills()
            if drill:
                conductor.start(name, DRILL_SPEED)
            return conductor.run
        due = [name] if drill else []

        def play(stop: threading.Event) -> None:
            # Only who has the lease may say that an exercise was interrupted.
            conductor = self._desk.serve_drills()
            if due:
                conductor.start(due.pop(), DRILL_SPEED)
            conductor.run(stop)

        return play

    def _bell(self) -> dict[str, Callable[[threading.Event], None]]:
        """Return the job that hears what other processes append, where the store tells it."""
        listen = getattr(self._desk.store, "listen", None)
        if listen is None:
            return {}
        return {"bell": lambda stop: listen(self._desk.models.wake, stop)}

    def _run_feeds(self, stop: threading.Event) -> None:
        # Imported here: without feeds no HTTP client is loaded.
        from hinomi.runtime.feeds import Feeds, Poll, Seen  # noqa: PLC0415

        outages = Outages(self._desk.writer)
        seen = Seen(self._data / "feeds.db")
        try:
            sources = self._desk.catalog.sources.values()
            poll = Poll(rates=tuple(feed for source in sources for feed in source.feeds))
            Feeds(self._config.feeds, self._take, seen, tell=outages.feed, poll=poll).run(stop)
        finally:
            seen.close()

    def _run_mqtt(self, stop: threading.Event) -> None:
        # Imported here: without a broker no MQTT client is loaded.
        from hinomi.runtime.mqtt.job import run  # noqa: PLC0415

        settings = self._config.mqtt
        if settings is not None:
            place = self._desk.store, self._desk.catalog, self._data
            whom = Keys(self._data).named(settings.user) if settings.user else ANONYMOUS
            run(settings, self._desk.sensing, place, self.address, whom, stop)

    def _take(self, data: bytes, name: str, address: str, taken_at: datetime) -> None:
        self._desk.intake.take(data, name, address, taken_at)

    def _answer(self, request: wire.Request, watch: Watch, gone: threading.Event) -> object:
        return desk.answer(self._desk, request, watch, gone)

    def _start_worker(self) -> Worker:
        descriptor = self._listener.fileno()
        command = [sys.executable, "-m", "hinomi.runtime.web"]
        ready, says = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [*command, str(descriptor), str(self._data), self._app, str(says)],
                stdin=subprocess.PIPE,
                pass_fds=(descriptor, says),
            )
        finally:
            os.close(says)
        return Worker(process, time.monotonic(), ready)

    def _replace_workers(self) -> None:
        """Replace each worker once its successor is there; the socket is never without one."""
        for number, old in enumerate(self._workers):
            new = self._start_worker()
            if not _is_there(new, _PATIENCE_S):
                log.error("part=web the new worker does not start; the old one goes on")
                new.process.kill()
                _end(new)
                return
            self._workers[number] = new
            old.process.terminate()
            _end(old, _DRAIN_S)

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
                _end(worker)
                self._workers[number] = self._start_worker()
                self._workers[number].deaths = worker.deaths


def _streams(nats: Sequence[str]) -> Streams | None:
    if not nats:
        return None
    # Imported here: only what shares its work over NATS pays for it.
    from hinomi.runtime.streams import Streams  # noqa: PLC0415

    return Streams(nats)


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


def _is_there(worker: Worker, seconds: float) -> bool:
    """Wait until a worker says that it is there; its end of the pipe closes if it dies."""
    if not worker.there:
        waiting = select.poll()
        waiting.register(worker.ready, select.POLLIN)
        worker.there = bool(waiting.poll(seconds * 1000)) and os.read(worker.ready, 1) == b"1"
    return worker.there


def _end(worker: Worker, patience_s: float = _STOP_S) -> None:
    process = worker.process
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
        os.close(worker.ready)
