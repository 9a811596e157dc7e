"""SFTP: what is new in a folder comes, and files go out whole or not at all.

The server must be known (``known_hosts``): an unknown one is refused, for packages may be closed.
"""

from __future__ import annotations

import contextlib
import io
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.runtime.config import Login

if TYPE_CHECKING:
    from paramiko import SFTPClient

log = logging.getLogger("hinomi.sftp")

TIMEOUT_S = 20.0
MAX_FILE_BYTES = 512 * 1024 * 1024


class Address(msgspec.Struct, frozen=True):
    """Where and as whom."""

    host: str
    port: int
    user: str
    folder: str


class RemoteFile(msgspec.Struct, frozen=True):
    """A file of a folder, and what tells whether it is another one than before."""

    name: str
    size: int
    modified: int


def address_of(url: str) -> Address:
    """Return the parts of ``sftp://USER@HOST:PORT/FOLDER``.

    Raises:
        InputError: it is no such address, or holds a password.
    """
    parts = urlsplit(url)
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.password:
        raise InputError(
            f"{url!r}: expected sftp://USER@HOST:PORT/FOLDER, the password in a file of its own.",
            f"{url!r}: sftp://利用者@ホスト:ポート/フォルダ の形です(パスワードは別ファイルに)。",
        )
    folder = unquote(parts.path) or "."
    return Address(parts.hostname, parts.port or 22, unquote(parts.username), folder)


@contextlib.contextmanager
def connect(address: Address, login: Login) -> Iterator[SFTPClient]:
    """Give a connection to the folder's server.

    Raises:
        InputError: paramiko is not installed.
        UnavailableError: the server is not there, not known, or does not let us in.
    """
    try:
        # Imported here: an extra, and half a second of cryptography.
        import paramiko  # noqa: PLC0415
    except ImportError:
        raise InputError(
            "SFTP needs the extra sip4d: pip install 'hinomi[sip4d]'.",
            "SFTPにはsip4dの追加パッケージが要ります: pip install 'hinomi[sip4d]'",
        ) from None
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    try:
        if login.known_hosts:
            client.load_host_keys(login.known_hosts)
        else:
            client.load_system_host_keys()
        password = _password(login)
        client.connect(
            address.host,
            address.port,
            address.user,
            password=password,
            key_filename=login.key_file or None,
            look_for_keys=not login.key_file and password is None,
            allow_agent=False,
            timeout=TIMEOUT_S,
            banner_timeout=TIMEOUT_S,
            auth_timeout=TIMEOUT_S,
        )
        with client.open_sftp() as session:
            channel = session.get_channel()
            if channel is not None:
                channel.settimeout(TIMEOUT_S)
            yield session
    except (paramiko.SSHException, OSError, EOFError) as error:
        where = f"sftp://{address.user}@{address.host}:{address.port}{address.folder}"
        raise UnavailableError(f"{where}: {error}", f"{where}に接続できません: {error}") from error
    finally:
        client.close()


def listed(session: SFTPClient, folder: str) -> list[RemoteFile]:
    """Return the folder's files, the oldest first; hidden ones and parts are left out."""
    found = [
        RemoteFile(entry.filename, entry.st_size or 0, int(entry.st_mtime or 0))
        for entry in session.listdir_attr(folder)
        if stat.S_ISREG(entry.st_mode or 0)
        and not entry.filename.startswith(".")
        and not entry.filename.endswith((".part", ".tmp", ".filepart"))
    ]
    return sorted(found, key=lambda f: (f.modified, f.name))


def fetch(session: SFTPClient, folder: str, file: RemoteFile) -> bytes:
    """Return a file's bytes.

    Raises:
        UnavailableError: it is too large.
    """
    if file.size > MAX_FILE_BYTES:
        raise UnavailableError(f"{file.name} has more than {MAX_FILE_BYTES} bytes.")
    out = io.BytesIO()
    session.getfo(f"{folder.rstrip('/')}/{file.name}", out)
    return out.getvalue()


def put(session: SFTPClient, folder: str, name: str, data: bytes) -> None:
    """Put a file under a hidden name, then rename it: whoever looks sees it whole."""
    part = f"{folder.rstrip('/')}/.{name}.part"
    session.putfo(io.BytesIO(data), part, len(data), confirm=True)
    whole = f"{folder.rstrip('/')}/{name}"
    try:
        session.posix_rename(part, whole)
    except OSError:
        # Servers without OpenSSH's extension rename only where nothing is.
        with contextlib.suppress(FileNotFoundError):
            session.remove(whole)
        session.rename(part, whole)


def _password(login: Login) -> str | None:
    if not login.password_file:
        return None
    try:
        return Path(login.password_file).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise InputError(f"{login.password_file}: {error.strerror}") from None
