"""A node in memory, an SFTP server on loopback, and a subscriber that listens."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import paramiko
import pytest

from hinomi.domains.response.collections.shelters import Shelter
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN, Marking
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime.areas import StoreGazetteer
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.config import Login
from hinomi.runtime.intake import Intake
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Node:
    """Store, intake and service with a clock that the test moves."""

    def __init__(self) -> None:
        self.at = T0
        self.store = MemoryStore()
        self.catalog = default_catalog()
        self.writer = Writer(self.store, now=self.now)
        self.intake = Intake(self.writer, self.catalog, StoreGazetteer(self.store))
        self.service = Service(self.store, self.catalog, now=self.now)
        self.published: list[bytes] = []

    def publish(self, kind: str, data: bytes, name: str) -> int:
        del kind, name
        self.published.append(data)
        return len(self.published)

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def shelter(self, key: str, marking: Marking = OPEN, people: int = 3) -> None:
        body = Shelter(
            name=f"避難所{key}",
            municipality_code="1720200",
            municipality="七尾市",
            match_key=f"1720200-{key}",
            state="open",
            people=people,
        )
        record = Record(
            collection="response.shelters",
            key=key,
            said_at=self.at,
            body=body,
            source="nanao-city",
            place=point(136.96, 37.04),
            marking=marking,
        )
        self.writer.put([record])

    def reader(self, *args: Any, **kwargs: Any) -> Reader:
        return self.service.reader(*args, **kwargs)


@pytest.fixture
def node() -> Node:
    return Node()


class _Shell(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == ("kobe", "hi-no-mi")
        return paramiko.common.AUTH_SUCCESSFUL if right else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return paramiko.common.OPEN_SUCCEEDED

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "password"


def _files_in(root: Path) -> type[paramiko.SFTPServerInterface]:
    class Files(paramiko.SFTPServerInterface):
        def _at(self, path: str) -> Path:
            return root / path.lstrip("/")

        def list_folder(self, path: str) -> Any:
            found = []
            for entry in self._at(path).iterdir():
                attributes = paramiko.SFTPAttributes.from_stat(entry.stat())
                attributes.filename = entry.name
                found.append(attributes)
            return found

        def stat(self, path: str) -> Any:
            try:
                return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno or 0)

        lstat = stat

        def open(self, path: str, flags: int, attr: Any) -> Any:  # noqa: ARG002
            try:
                descriptor = os.open(self._at(path), flags, 0o644)
            except OSError as error:
                return paramiko.SFTPServer.convert_errno(error.errno or 0)
            mode = "r+b" if flags & os.O_RDWR else "wb" if flags & os.O_WRONLY else "rb"
            opened = os.fdopen(descriptor, mode)
            handle = paramiko.SFTPHandle(flags)
            handle.filename = str(self._at(path))
            handle.readfile = handle.writefile = opened  # type: ignore[attr-defined]
            return handle

        def posix_rename(self, oldpath: str, newpath: str) -> int:
            self._at(oldpath).replace(self._at(newpath))
            return paramiko.sftp.SFTP_OK

        def remove(self, path: str) -> int:
            self._at(path).unlink()
            return paramiko.sftp.SFTP_OK

    return Files


class SftpServer:
    """A real SFTP server in threads of this process."""

    def __init__(self, root: Path, login: Login) -> None:
        self.root, self.login = root, login
        self.key = paramiko.RSAKey.generate(2048)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        hosts = paramiko.HostKeys()
        hosts.add(f"[127.0.0.1]:{self.port}", self.key.get_name(), self.key)
        hosts.save(login.known_hosts)
        self._open: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"sftp://kobe@127.0.0.1:{self.port}/out"

    def _serve(self) -> None:
        while True:
            try:
                end, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(end)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _files_in(self.root))
            self._open.append(transport)
            # The caller may hang up at any point.
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=_Shell())

    def close(self) -> None:
        # A thread in accept() is woken by a last caller, not by closing its socket.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for transport in self._open:
            transport.close()
        self._thread.join(5)


@pytest.fixture
def sftp_server(tmp_path: Path) -> Iterator[SftpServer]:
    root = tmp_path / "sftp"
    (root / "out").mkdir(parents=True)
    password = tmp_path / "password"
    password.write_text("hi-no-mi\n")
    login = Login(known_hosts=str(tmp_path / "known_hosts"), password_file=str(password))
    server = SftpServer(root, login)
    yield server
    server.close()


class Subscriber:
    """Confirms what it is asked, and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.asked: list[dict[str, str]] = []
        self.confirms = True
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                outer.asked.append(query)
                body = query.get("hub.challenge", "") if outer.confirms else "no"
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body.encode())

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answers.pop(0) if outer.answers else 204
                if status < 300:
                    outer.told.append((dict(self.headers), data))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                del args

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback?for=kobe"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    found = Subscriber()
    yield found
    found.close()


@pytest.fixture
def package_of() -> Callable[..., bytes]:
    from hinomi.runtime import exchange  # noqa: PLC0415

    def make(node: Node, **kwargs: Any) -> bytes:
        return exchange.parcel(node.reader(**kwargs), "response.shelters").data

    return make
