"""The configuration: ``hinomi.toml`` in the data folder, read once; the command line goes first."""

from __future__ import annotations

import tomllib
from datetime import time
from pathlib import Path
from typing import Literal

import msgspec

from hinomi.kernel.errors import InputError
from hinomi.runtime import proxies
from hinomi.runtime.cap_settings import Cap
from hinomi.runtime.mqtt.settings import Mqtt
from hinomi.runtime.oidc_settings import Oidc
from hinomi.runtime.photos.settings import PhotoSettings
from hinomi.runtime.watching import Watch, checked
from hinomi.vocabulary.exchange import Sender

FILE = "hinomi.toml"
DRILL = "typhoon"
DRILL_SPEED = 60.0
"""Times as fast as life."""


class Watcher(Watch, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who is mailed about areas and strengths of their own."""

    to: tuple[str, ...] = ()
    exercise_to: tuple[str, ...] = ()


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
    watchers: tuple[Watcher, ...] = ()
    """Others who are mailed, each by a watch of their own."""


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a partner's server is entered. An SFTP server's key must be in ``known_hosts``."""

    known_hosts: str = ""
    """A file of OpenSSH's form; empty is the user's own."""
    key_file: str = ""
    password_file: str = ""
    """A file with the password, or over HTTP the key, alone; it is read at each connection."""
    header: str = "X-API-Key"
    """Over HTTP: where the key stands; in ``Authorization`` as a bearer token."""


class Pull(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Packages that are fetched: one file over HTTP, or what is new in an SFTP folder."""

    url: str
    """``https://…/package.zip`` or ``sftp://USER@HOST:PORT/FOLDER``."""
    every_s: float = 60.0
    login: Login = Login()


class OutDelivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A collection that goes out as SIP4D-ZIP on change, on schedule, or both."""

    name: str
    collection: str
    to: str
    """A folder, ``sftp://USER@HOST:PORT/FOLDER``, or an address that takes a POST."""
    user: str = ""
    """Name of the API key whose rights the receiver has; empty: what everyone may see."""
    status: Literal["actual", "exercise", "test"] = "actual"
    on_change: bool = True
    every_s: float | None = None
    """Also so often [s], changed or not."""
    at: tuple[str, ...] = ()
    """Also at these times of day in Japan (``06:00``), changed or not."""
    settle_s: float = 2.0
    """Changes of so long are gathered into one package [s]."""
    login: Login = Login()

    def __post_init__(self) -> None:
        """Refuse what is no time of day."""
        for text in self.at:
            time.fromisoformat(text)


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How ``hinomi run`` runs."""

    store: str = ""
    """``postgresql://USER@HOST/DATABASE``, or ``sqlite:FOLDER``; empty is the data folder."""
    host: str = "127.0.0.1"
    port: int = 8470
    workers: int = 1
    """Web worker processes."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of our reverse proxies: their word for who calls, and how, holds."""
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
    alerts: Watch = Watch()
    """What alerts are about; its areas are :attr:`areas` unless it has its own."""
    mail: Mail | None = None
    """Where alerts go by e-mail."""
    sender: Sender = Sender()
    """Who sends SIP4D-ZIP packages, and for which disaster."""
    cap: Cap = Cap()
    nmea: tuple[str, ...] = ()
    """QZSS receivers: ``tcp://HOST:PORT`` or ``serial:DEVICE?baud=38400``."""
    pulls: tuple[Pull, ...] = ()
    """Packages that are fetched."""
    deliveries: tuple[OutDelivery, ...] = ()
    """Packages that are sent."""
    oidc: Oidc | None = None
    """The identity provider by which people and services sign in."""
    mqtt: Mqtt | None = None
    """The broker that sensors send to."""

    photos: PhotoSettings = PhotoSettings()
    """How photos from the field are taken in."""

    def watched(self) -> Watch:
        """Return what the installation is told of."""
        return msgspec.structs.replace(self.alerts, areas=self.alerts.areas or self.areas)


def read(data: Path) -> Config:
    """Return the folder's configuration, or the defaults where it has none.

    Raises:
        InputError: the file is no TOML, or a setting is unknown or of the wrong type.
    """
    path = data / FILE
    if not path.exists():
        return Config()
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Config)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"{path}: {error}", f"設定ファイル{path}: {error}") from None
    for watch in (found.alerts, *(found.mail.watchers if found.mail else ())):
        checked(watch)
    proxies.networks(found.proxies)
    return found
