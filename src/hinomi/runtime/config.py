"""The configuration: ``hinomi.toml`` in the data folder, read once; the command line goes first."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from hinomi.kernel.errors import InputError

FILE = "hinomi.toml"
DRILL = "typhoon"
DRILL_SPEED = 60.0
"""Times as fast as life."""


class Mail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An SMTP server, and who is written to."""

    server: str
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password_file: str = ""
    """A file with the password alone; it is read at each sending."""
    sender: str
    to: tuple[str, ...]
    """Who is told of actual alerts."""
    exercise_to: tuple[str, ...] = ()
    """Who is told of a drill's; nobody else ever is."""
    again_s: float = 300.0
    """How long an alert waits for an acknowledgement before it is sent again [s]."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How ``hinomi run`` runs."""

    store: str = ""
    """``postgresql://USER@HOST/DATABASE``, or ``sqlite:FOLDER``; empty is the data folder."""
    host: str = "127.0.0.1"
    port: int = 8470
    workers: int = 1
    """Web worker processes."""
    watch: tuple[str, ...] = ()
    """Folders whose files are taken as they come."""
    feeds: tuple[str, ...] = ()
    """Atom feeds; ``jma`` is all of JMA's."""
    drill: bool | str = True
    """Play the shipped drill (訓練), or the scenario of this file."""
    organisation: str = "本部"
    """Whom the local operator, and people without another organisation, act for."""
    join: bool = True
    """Whoever reaches the server may join a drill with a name."""
    areas: tuple[str, ...] = ()
    """One's area: municipalities (7 digits) or beginnings of their codes; empty: all."""
    mail: Mail | None = None
    """Where alerts go by e-mail."""


def read(data: Path) -> Config:
    """Return the folder's configuration, or the defaults where it has none.

    Raises:
        InputError: the file is no TOML, or a setting is unknown or of the wrong type.
    """
    path = data / FILE
    if not path.exists():
        return Config()
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Config)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"{path}: {error}", f"設定ファイル{path}: {error}") from None
