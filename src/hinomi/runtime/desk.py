"""The desk: everything that writes into a data folder, done here or by the server that holds it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from hinomi.kernel.errors import InputError, Problem
from hinomi.kernel.records import Record
from hinomi.kernel.store import Put
from hinomi.runtime import config, erasures, folder, quarantine, storing, translog
from hinomi.runtime import socket as wire
from hinomi.runtime.acting import Acting
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.erasing import Done, Eraser, report
from hinomi.runtime.federation import Partners
from hinomi.runtime.federation.logs import Logs
from hinomi.runtime.folder import Lock
from hinomi.runtime.intake import Intake, Progress, Watch, unwatched
from hinomi.runtime.models import Models
from hinomi.runtime.models_cursors import FileCursors, SharedCursors
from hinomi.runtime.models_poison import RunApart
from hinomi.runtime.mqtt.messages import Sense
from hinomi.runtime.mqtt.sensing import Sensing
from hinomi.runtime.report import Report
from hinomi.runtime.unarchiving import Unarchived, unarchive
from hinomi.runtime.writer import Writer

if TYPE_CHECKING:
    from hinomi.runtime.drill.conductor import Conductor
    from hinomi.runtime.storing import TownStore


class Imported(msgspec.Struct, frozen=True):
    """What an import of areas did."""

    counts: dict[str, int]
    """Areas by kind."""
    new: int
    problems: list[Problem]
    rejoined: Report
    """What was read again because its areas had no geometry before."""


class Desk(Protocol):
    """What writes. Results are durable when a method returns."""

    def ingest(self, paths: Sequence[Path], *, watch: Watch = unwatched) -> Report:
        """Take files, folders and archives."""

    def append(self, records: Sequence[Record], *, since: int | None = None) -> Put:
        """Append records that were made by hand; see :meth:`Writer.append`."""

    def keep(self, data: bytes) -> str:
        """Keep bytes as a blob, durable on return, and return their digest."""

    def perform(self, wish: wire.Perform) -> Put:
        """Let a person act; see :class:`Acting`."""

    def import_areas(self, path: Path, *, watch: Watch = unwatched) -> Imported:
        """Read municipality boundaries, and join them to what came before them."""

    def replay(self, digests: Sequence[str], *, watch: Watch = unwatched) -> Report:
        """Read quarantined payloads again."""

    def drill(self, name: str, speed: float, *, watch: Watch, stop: threading.Event) -> None:
        """Play a drill to its end, or until ``stop`` is set."""

    def erase(self, wish: wire.Erase) -> Done:
        """Erase personal data; see :class:`Eraser`."""

    def unarchive(self, wish: wire.Unarchive) -> Unarchived:
        """Bring archived readings back; see :mod:`hinomi.runtime.unarchiving`."""

    def close(self) -> None:
        """Let go of the folder."""


class LocalDesk:
    """Writes by itself, under the folder's lock."""

    def __init__(self, data: Path, lock: Lock, *, store: TownStore | None = None) -> None:
        # Imported here: commands that go through the socket open no store.
        from hinomi.runtime.areas import StoreGazetteer  # noqa: PLC0415

        self.store = store or open_store(data)
        self.catalog = default_catalog()
        self._lock, self._data = lock, data
        self.writer = Writer(self.store)
        self.gazetteer = StoreGazetteer(self.store)
        self.intake = Intake(self.writer, self.catalog, self.gazetteer)
        settings = config.read(data).cap
        if settings.trust:
            from hinomi.runtime.cap import trusting  # noqa: PLC0415

            self.intake.replace(trusting(settings))
        self.acting = Acting(self.writer, self.catalog)
        self.sensing = Sensing(self.writer)
        work = getattr(self.store, "work", None)
        cursors = FileCursors(data / "models.json") if work is None else SharedCursors(work)
        self.models = Models(self.writer, self.catalog, cursors, apart=RunApart(data))
        self.settle: Callable[[], Any] = self.models.catch_up
        """What follows a write: the models run here, or (in the hub) by their own thread."""
        self._conductor: Conductor | None = None
        self.eraser = Eraser(self.store, data, put=self.writer.put)
        self.federation = Partners(self.writer, self.catalog, data)
        self.federation.erase = self.eraser.at_partners_wish
        trust = translog.opener(data)
        self.publish = self.federation.publish = translog.publisher(trust)
        self.federation.logs = Logs(
            translog.looker(trust), translog.heeder(trust), translog.grower(trust)
        )

    def ingest(self, paths: Sequence[Path], *, watch: Watch = unwatched) -> Report:
        """Take files, folders and archives."""
        report = self.intake.ingest(paths, watch=watch)
        self.settle()
        return report

    def append(self, records: Sequence[Record], *, since: int | None = None) -> Put:
        """Append records that were made by hand; see :meth:`Writer.append`."""
        put = self.writer.append([self._typed(record) for record in records], since=since)
        self.settle()
        return put

    def keep(self, data: bytes) -> str:
        """Keep bytes as a blob, durable on return, and return their digest."""
        return self.store.put_blob(data)

    def perform(self, wish: wire.Perform) -> Put:
        """Let a person act; see :class:`Acting`."""
        put = self.acting.perform(wish)
        self.settle()
        return put

    def import_areas(self, path: Path, *, watch: Watch = unwatched) -> Imported:
        """Read municipality boundaries, and join them to what came before them."""
        from hinomi.runtime.areas.boundaries import read_boundaries  # noqa: PLC0415

        found = read_boundaries(path)
        digest = self.store.put_blob(path.read_bytes())
        put = self.writer.put([_from_bytes(record, digest) for record in found.records])
        self.gazetteer.refresh()
        rejoined = quarantine.rejoin(self.intake, watch=watch)
        self.settle()
        return Imported(found.counts, put.new, found.problems, rejoined)

    def replay(self, digests: Sequence[str], *, watch: Watch = unwatched) -> Report:
        """Read quarantined payloads again."""
        report = quarantine.replay(self.intake, digests, watch=watch)
        self.settle()
        return report

    def drill(self, name: str, speed: float, *, watch: Watch, stop: threading.Event) -> None:
        """Play a drill to its end, or until ``stop`` is set."""
        conductor = self.conductor()
        own = conductor is not self._conductor
        played = 0

        def tell(name: str, now: timedelta, length: timedelta) -> None:
            nonlocal played
            played += 1
            watch(Progress(int(now.total_seconds()), int(length.total_seconds()), played, name))

        conductor.tell = tell
        try:
            conductor.start(name, speed)
            if own:
                conductor.play(stop)
            else:
                conductor.wait(stop)
        finally:
            conductor.tell = None
        self.settle()

    def erase(self, wish: wire.Erase) -> Done:
        """Erase personal data; see :class:`Eraser`."""
        if wish.again:
            return erasures.reapply(self.store, self._data, wish.again, self.writer.put)
        if not wish.collection:
            return self.eraser.expire()
        done = self.eraser.on_request(wish.collection, wish.key, who=wish.who, reason=wish.reason)
        if done.statements:
            # Reported; and whoever keeps answers makes them anew, since the log has moved.
            self.writer.put([report(wish.collection, wish.key, wish.who, self.writer.now())])
        return done

    def unarchive(self, wish: wire.Unarchive) -> Unarchived:
        """Bring archived readings back; see :mod:`hinomi.runtime.unarchiving`."""
        paths = [Path(path) for path in wish.paths]
        return unarchive(self.store, self._data, paths, wish.days, self.writer.put)

    def conductor(self) -> Conductor:
        """Return what plays exercises: the server's one, or where no server runs a new one.

        Without a server nothing else runs the models, so they follow each statement.
        """
        from hinomi.runtime.drill.conductor import Conductor  # noqa: PLC0415

        if self._conductor is not None:
            return self._conductor
        return Conductor(self.writer, self.catalog, self.gazetteer, settle=self.settle)

    def serve_drills(self) -> Conductor:
        """Make the one conductor that a server runs, and return it."""
        self._conductor = self.conductor()
        self._conductor.recover()
        return self._conductor

    def close(self) -> None:
        """Close the store and let go of the lock."""
        self.store.close()
        self._lock.close()

    def _typed(self, record: Record) -> Record:
        """Give a body that came over the socket as a map its collection's type again."""
        schema = self.catalog.collection(record.collection).schema
        if isinstance(record.body, schema):
            return record
        try:
            body = msgspec.convert(record.body, schema)
        except msgspec.ValidationError as error:
            raise InputError(f"{record.collection}/{record.key}: {error}") from None
        return msgspec.structs.replace(record, body=body)


class RemoteDesk:
    """Asks the server that holds the folder."""

    def __init__(self, path: Path) -> None:
        self._line = wire.Line(path)

    def ingest(self, paths: Sequence[Path], *, watch: Watch = unwatched) -> Report:
        """Take files, folders and archives."""
        asked = wire.Ingest(tuple(str(p.absolute()) for p in paths))
        report: Report = self._line.ask(asked, Report, watch=watch)
        return report

    def append(self, records: Sequence[Record], *, since: int | None = None) -> Put:
        """Append records that were made by hand; see :meth:`Writer.append`."""
        put: Put = self._line.ask(wire.Append(list(records), since), Put)
        return put

    def keep(self, data: bytes) -> str:
        """Keep bytes as a blob, durable on return, and return their digest."""
        digest: str = self._line.ask(wire.Keep(data), str)
        return digest

    def perform(self, wish: wire.Perform) -> Put:
        """Let a person act; see :class:`Acting`."""
        put: Put = self._line.ask(wish, Put)
        return put

    def import_areas(self, path: Path, *, watch: Watch = unwatched) -> Imported:
        """Read municipality boundaries, and join them to what came before them."""
        asked = wire.ImportAreas(str(path.absolute()))
        imported: Imported = self._line.ask(asked, Imported, watch=watch)
        return imported

    def replay(self, digests: Sequence[str], *, watch: Watch = unwatched) -> Report:
        """Read quarantined payloads again."""
        report: Report = self._line.ask(wire.Replay(tuple(digests)), Report, watch=watch)
        return report

    def drill(self, name: str, speed: float, *, watch: Watch, stop: threading.Event) -> None:
        """Play a drill; hanging up (Ctrl-C) stops it."""
        del stop
        # The server has another working folder.
        full = str(Path(name).absolute()) if Path(name).is_file() else name
        self._line.ask(wire.Drill(full, speed), type(None), watch=watch)

    def erase(self, wish: wire.Erase) -> Done:
        """Erase personal data; see :class:`Eraser`."""
        done: Done = self._line.ask(wish, Done)
        return done

    def unarchive(self, wish: wire.Unarchive) -> Unarchived:
        """Bring archived readings back; see :mod:`hinomi.runtime.unarchiving`."""
        done: Unarchived = self._line.ask(wish, Unarchived)
        return done

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def open_store(data: Path) -> TownStore:
    """Open the folder's town for writing; the caller holds the folder's lock."""
    return storing.open_store(storing.address(data))


def open_desk(data: Path, role: str) -> Desk:
    """Return the desk of a folder: its server's where one runs, our own otherwise.

    Raises:
        UnavailableError: another command writes in the folder.
    """
    held = folder.try_lock(data, role)
    if isinstance(held, Lock):
        try:
            return LocalDesk(data, held)
        except BaseException:
            held.close()
            raise
    if held.socket:
        return RemoteDesk(Path(held.socket))
    raise folder.busy(data, held)


def answer(desk: LocalDesk, request: wire.Request, watch: Watch, stop: threading.Event) -> Any:
    """Do what another process asks for through the socket."""
    match request:
        case wire.Ingest():
            return desk.ingest([Path(p) for p in request.paths], watch=watch)
        case wire.Append():
            return desk.append(request.records, since=request.since)
        case wire.ImportAreas():
            return desk.import_areas(Path(request.path), watch=watch)
        case wire.Replay():
            return desk.replay(request.digests, watch=watch)
        case wire.Drill():
            return desk.drill(request.name, request.speed, watch=watch, stop=stop)
        case wire.Unarchive():
            return desk.unarchive(request)
        case _:
            return _answer_at_once(desk, request)


def _answer_at_once(
    desk: LocalDesk,
    request: wire.Keep | wire.Erase | wire.Perform | wire.Receive | wire.Show | Sense,
) -> Any:
    """Do what takes no time that anybody watches."""
    match request:
        case wire.Keep():
            return desk.keep(request.data)
        case wire.Erase():
            return desk.erase(request)
        case wire.Perform():
            return desk.perform(request)
        case wire.Receive() | wire.Show():
            return desk.federation.answer(request)
        case Sense():
            return desk.sensing.take(request)


def _from_bytes(record: Record, digest: str) -> Record:
    origin = msgspec.structs.replace(record.origin, digest=digest)
    return msgspec.structs.replace(record, origin=origin)
