"""The data folder: who writes in it (one at a time), and where its writer's socket is."""

from __future__ import annotations

import fcntl
import os
import tempfile
from hashlib import sha256
from pathlib import Path

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Text, UnavailableError

DEFAULT = Path("hinomi-data")
SOCKET = "HINOMI_SOCKET"
_LOCK = "hinomi.lock"
_LONGEST_SOCKET = 100
"""[B] Linux allows 107 for a unix socket's path."""


class Holder(msgspec.Struct, frozen=True):
    """The process that holds the folder's lock."""

    pid: int
    role: str
    """The command: ``run``, ``ingest`` …"""
    socket: str = ""
    """Where it takes writes from others; empty for a command that takes none."""
    address: str = ""
    """The web address, for a server."""


class Lock:
    """The folder's lock, held until closed; the kernel lets go of it when the process dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def describe(self, holder: Holder) -> None:
        """Write who holds the lock, for those who find it taken."""
        if self._descriptor < 0:
            return
        data = msgspec.json.encode(holder)
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, data, 0)

    def close(self) -> None:
        """Let go."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def existing(path: Path) -> Path:
    """Return the folder if it is there.

    Raises:
        MissingError: it is not.
    """
    if not path.is_dir():
        near = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise MissingError(Text("データフォルダ", "data folder"), str(path), near)
    return path


def unlocked(path: Path) -> Lock:
    """Return a lock that nobody needs: the store takes several writers by itself."""
    path.mkdir(parents=True, exist_ok=True)
    return Lock(-1)


def lock(path: Path, role: str) -> Lock:
    """Take the folder's lock, making the folder where it is new.

    Raises:
        UnavailableError: another process writes in the folder; it is named.
        InputError: the path is a file, or the folder cannot be made.
    """
    found = try_lock(path, role)
    if isinstance(found, Lock):
        return found
    raise busy(path, found)


def busy(path: Path, held: Holder) -> UnavailableError:
    """Return the error that names who writes in the folder."""
    return UnavailableError(
        f"Another hinomi ({held.role or 'unknown'}, process {held.pid}) is writing in {path};"
        " try again when it is done.",
        f"別のhinomi({held.role or '不明'}, プロセス{held.pid})が{path}に書き込み中です。"
        "終わってからやり直してください。",
    )


def try_lock(path: Path, role: str) -> Lock | Holder:
    """Take the folder's lock, or return who holds it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise InputError(
            f"{path} cannot be a data folder: {error.strerror}.",
            f"{path}をデータフォルダにできません: {error.strerror}",
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            return _holder(os.pread(descriptor, 4096, 0))
        finally:
            os.close(descriptor)
    taken = Lock(descriptor)
    taken.describe(Holder(os.getpid(), role))
    return taken


def holder(path: Path) -> Holder | None:
    """Return who writes in the folder now, or None for nobody."""
    if not (path / _LOCK).exists():
        return None
    found = try_lock(path, "look")
    if isinstance(found, Holder):
        return found
    found.close()
    return None


def socket_path(path: Path) -> Path:
    """Return where the folder's writer listens: inside it, or elsewhere if that is too long.

    One of several processes on a folder tells its web workers its own (:data:`SOCKET`).
    """
    own = os.environ.get(SOCKET)
    if own:
        return Path(own)
    inside = path.resolve() / "hinomi.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
        return inside
    name = sha256(os.fsencode(inside)).hexdigest()[:16]
    home = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    private = Path(home) / f"hinomi-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid():
        raise UnavailableError(f"{private} belongs to somebody else.")
    return private / f"{name}.sock"


def _holder(data: bytes) -> Holder:
    try:
        return msgspec.json.decode(data, type=Holder)
    except msgspec.DecodeError:
        # Between taking the lock and writing the name.
        return Holder(0, "")
