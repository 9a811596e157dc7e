"""The local socket: how other processes of the same user write while a server holds the folder.

Frames are a length (4 bytes, big-endian) and MessagePack. A request is answered by any number of
``Progress`` and one ``Done`` or ``Failed``. The socket's file lies in the data folder and only its
owner may open it; there is no other authentication. With a request goes the W3C trace that it is
part of (``traceparent``), where traces are taken.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from hinomi.kernel import errors
from hinomi.kernel.errors import HinomiError, Problem, Text, UnavailableError
from hinomi.kernel.marking import Principal, Status
from hinomi.kernel.records import Record
from hinomi.runtime.intake import Progress, Watch, unwatched
from hinomi.runtime.mqtt.messages import Sense
from hinomi.runtime.observing import carried, observed
from hinomi.runtime.operations import Listed

log = logging.getLogger("hinomi.socket")

MAX_FRAME = 512 * 1024 * 1024
_LENGTH = struct.Struct(">I")


class Ingest(msgspec.Struct, frozen=True, tag=True):
    """Take files and folders; the paths are absolute."""

    paths: tuple[str, ...]


class Append(msgspec.Struct, frozen=True, tag=True):
    """Append records that an app writes; on the wire their bodies are maps."""

    records: list[Record]
    since: int | None = None
    """The position that they were written in knowledge of; see :class:`Writer`."""


class ImportAreas(msgspec.Struct, frozen=True, tag=True):
    """Read municipality boundaries from a file."""

    path: str


class Replay(msgspec.Struct, frozen=True, tag=True):
    """Read quarantined payloads again."""

    digests: tuple[str, ...]


class Drill(msgspec.Struct, frozen=True, tag=True):
    """Play a drill."""

    name: str
    speed: float


class Perform(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Let a person act; see :mod:`hinomi.runtime.acting`."""

    act: str
    id: str
    """Unique: the same wish sent twice is done once."""
    principal: Principal
    status: Status
    key: str = ""
    expected: str = ""
    """The id of the statement that the person saw."""
    values: dict[str, Any] = {}


class Keep(msgspec.Struct, frozen=True, tag=True):
    """Keep bytes as a blob: what records that follow were made from."""

    data: bytes


class Erase(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Erase personal data: what is past its retention, or all of one thing."""

    collection: str = ""
    key: str = ""
    who: str = ""
    reason: str = ""
    again: tuple[Listed, ...] = ()
    """What a list names, once more."""


class Unarchive(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Bring archived readings back; see :mod:`hinomi.runtime.unarchiving`."""

    paths: tuple[str, ...]
    days: int


class Receive(msgspec.Struct, frozen=True, tag=True):
    """Take batches that partner nodes sent."""

    batches: tuple[bytes, ...]


class Show(msgspec.Struct, frozen=True, tag=True):
    """Hold a partner's log to what was seen of it: it shows how its log grew."""

    node: str
    growth: bytes


Request: TypeAlias = (
    Receive
    | Show
    | Keep
    | Ingest
    | Append
    | ImportAreas
    | Replay
    | Drill
    | Perform
    | Sense
    | Erase
    | Unarchive
)


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A request as it is sent."""

    request: Request
    trace: dict[str, str] = {}
    """The trace's headers."""


class Step(msgspec.Struct, frozen=True, tag=True):
    """How far the request is."""

    progress: Progress


class Done(msgspec.Struct, frozen=True, tag=True):
    """The result, encoded by its own type."""

    result: msgspec.Raw


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The error: its class and words."""

    error: str
    text: Text
    rule: str = ""
    problems: tuple[Problem, ...] = ()


Answer: TypeAlias = Step | Done | Failed
Serve: TypeAlias = Callable[[Request, Watch, threading.Event], Any]
"""Does a request; the event is set when the caller has hung up."""

_requests = msgspec.msgpack.Decoder(Asked)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
_encoder = msgspec.msgpack.Encoder()


class Server:
    """Listens on the folder's socket; each caller has a thread."""

    def __init__(self, path: Path, serve: Serve) -> None:
        self._path, self._serve = path, serve
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(64)
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name="socket", daemon=True)

    def start(self) -> None:
        """Begin to take callers."""
        self._thread.start()

    def close(self) -> None:
        """Hang up on everyone and remove the socket's file."""
        for end in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(caller)
            threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        gone = threading.Event()
        try:
            with caller:
                while (frame := _receive(caller)) is not None:
                    _send(caller, self._answer(frame, caller, gone))
        except (OSError, msgspec.DecodeError) as error:
            log.debug("hop=4 caller hung up: %s", error)
        finally:
            gone.set()
            self._open.discard(caller)

    def _answer(self, frame: bytes, caller: socket.socket, gone: threading.Event) -> Answer:
        def watch(progress: Progress) -> None:
            try:
                _send(caller, Step(progress))
            except OSError:
                # The work goes on without its watcher; drills stop.
                gone.set()

        try:
            asked = _requests.decode(frame)
            name = type(asked.request).__name__
            with observed("writer", name, hop=4, headers=asked.trace):
                result = self._serve(asked.request, watch, gone)
            return Done(msgspec.Raw(_encoder.encode(result)))
        except HinomiError as error:
            return Failed(
                type(error).__name__,
                error.text,
                getattr(error, "rule", ""),
                getattr(error, "problems", ()),
            )
        except Exception as error:
            log.exception("hop=4 a request through the socket failed")
            text = f"{type(error).__name__}: {error}"
            return Failed("", Text(f"サーバの内部障害: {text}", f"The server failed: {text}"))


class Line:
    """A caller's end of the socket: one request at a time, opened anew when a server restarts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._end: socket.socket | None = None

    def ask(self, request: Request, result: type[Any], *, watch: Watch = unwatched) -> Any:
        """Return the request's result.

        Raises:
            HinomiError: the server's own error, as it was raised there.
            UnavailableError: no server answers.
        """
        with self._lock:
            stale = self._end is not None
            try:
                return self._ask(request, result, watch)
            except (OSError, EOFError) as error:
                self.close()
                if stale:
                    # The server was restarted since; every request may be repeated safely.
                    with contextlib.suppress(OSError, EOFError):
                        return self._ask(request, result, watch)
                    self.close()
                raise UnavailableError(
                    f"The writer does not answer at {self._path} ({error}); try again.",
                    f"書き込みプロセスが応答しません({self._path}: {error})。",
                ) from None
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Hang up."""
        if self._end is not None:
            self._end.close()
            self._end = None

    def _ask(self, request: Request, result: type[Any], watch: Watch) -> Any:
        if self._end is None:
            self._end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._end.connect(str(self._path))
        _send(self._end, Asked(request, carried()))
        while True:
            frame = _receive(self._end)
            if frame is None:
                raise EOFError("hung up")
            answer = _answers.decode(frame)
            match answer:
                case Step():
                    watch(answer.progress)
                case Done():
                    return msgspec.msgpack.decode(answer.result, type=result)
                case Failed():
                    raise _error(answer)


def _error(failed: Failed) -> HinomiError:
    kind: type[HinomiError] = getattr(errors, failed.error, HinomiError)
    error = HinomiError.__new__(kind)
    HinomiError.__init__(error, failed.text.en, failed.text.ja)
    if isinstance(error, errors.DeniedError):
        error.rule = failed.rule
    if isinstance(error, errors.DataError):
        error.problems = failed.problems
    if isinstance(error, errors.MissingError):
        error.name, error.nearest = "", []
    return error


def _send(end: socket.socket, value: Asked | Answer) -> None:
    data = _encoder.encode(value)
    end.sendall(_LENGTH.pack(len(data)) + data)


def _receive(end: socket.socket) -> bytes | None:
    head = _exactly(end, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME:
        raise OSError(f"a frame of {length} bytes is too large")
    return _exactly(end, length)


def _exactly(end: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = end.recv(min(size - len(data), 1 << 20))
        if not piece:
            return None
        data += piece
    return bytes(data)
