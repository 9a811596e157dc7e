"""The server's sockets: the one it listens on, its own or systemd's, and a word to systemd."""

from __future__ import annotations

import contextlib
import os
import socket

from hinomi.kernel.errors import InputError

_GIVEN = 3
"""The first descriptor that systemd hands over, see sd_listen_fds(3)."""


def listening(host: str, port: int) -> socket.socket:
    """Return a listening socket: what systemd holds for us, or one of our own.

    A socket that systemd holds outlives this process: who calls while it is replaced waits.

    Raises:
        InputError: the address is taken.
    """
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=_GIVEN)
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


def tell(words: str) -> None:
    """Tell systemd of our state, where it asks for it; see sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address[0] == "@":
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(address)
        line.sendall(words.encode())
