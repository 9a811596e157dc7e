"""Packages fetched: over HTTP only when they have changed, by SFTP what is new in a folder."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from hinomi.kernel.errors import HinomiError, InputError
from hinomi.runtime import answers, clock, sftp
from hinomi.runtime.config import Pull
from hinomi.runtime.feeds import Seen
from hinomi.runtime.policy import addresses

log = logging.getLogger("hinomi.pulls")

Take = Callable[[bytes, str, str, datetime], object]
"""What is done with a package: (bytes, name, address, time); durable on return."""
Tell = Callable[[str, int, str], object]
"""Hears how a pull went: (address, failures in a row, why)."""
MAX_BYTES = 512 * 1024 * 1024
_PATIENCE_S = 60.0
_LONGEST_WAIT_S = 900.0


class PullState(msgspec.Struct):
    """How one pull stands."""

    pull: Pull
    due: datetime
    failures: int = 0
    fetched: int = 0
    unchanged: int = 0
    error: str = ""


class Pulls:
    """Asks each address when it is due; what has been taken is remembered over restarts."""

    def __init__(
        self,
        pulls: Sequence[Pull],
        take: Take,
        folder: Path | None,
        *,
        now: clock.Clock = clock.now,
        tell: Tell = lambda *_: None,
    ) -> None:
        self._tell = tell
        self._take, self._now = take, now
        self._seen = Seen(folder / "pulls.db" if folder else None)
        self._files = _Files(folder / "pulls-sftp.db" if folder else None)
        hooks = addresses.hooks(pull.url for pull in pulls)
        self._client = httpx.Client(timeout=20.0, follow_redirects=True, event_hooks=hooks)
        self.states = [PullState(pull, now()) for pull in pulls]

    def run(self, stop: threading.Event) -> None:
        """Fetch until ``stop`` is set."""
        try:
            while not stop.wait(0.5):
                for state in self.states:
                    if not stop.is_set() and state.due <= self._now():
                        self.pull(state)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of files and connections."""
        self._client.close()
        self._seen.close()
        self._files.close()

    def pull(self, state: PullState) -> None:
        """Ask one address once, and set when it is due next."""
        wait_s = state.pull.every_s
        try:
            if state.pull.url.startswith("sftp:"):
                self._by_sftp(state)
            else:
                self._by_http(state)
        except (httpx.HTTPError, HinomiError) as error:
            state.failures += 1
            state.error = str(error) or type(error).__name__
            wait_s = min(wait_s * 2.0 ** min(state.failures, 8), max(_LONGEST_WAIT_S, wait_s))
            log.warning("pull %s: %s; again in %.0f s", state.pull.url, state.error, wait_s)
        else:
            state.failures, state.error = 0, ""
        self._tell(state.pull.url, state.failures, state.error)
        state.due = self._now() + timedelta(seconds=wait_s)

    def _by_http(self, state: PullState) -> None:
        url = state.pull.url
        if not url.startswith(("http://", "https://")):
            raise InputError(f"{url!r}: expected http, https or sftp.")
        with self._client.stream("GET", url, headers=self._seen.validators(url)) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                state.unchanged += 1
                return
            response.raise_for_status()
            data = answers.read(response, MAX_BYTES, _PATIENCE_S)
        name = urlsplit(url).path.rsplit("/", 1)[-1] or "package.zip"
        self._take(data, name, url, self._now())
        # Only now: had taking it failed, the next poll must get it again.
        self._seen.remember(url, response)
        state.fetched += 1

    def _by_sftp(self, state: PullState) -> None:
        url = state.pull.url.rstrip("/")
        address = sftp.address_of(url)
        with sftp.connect(address, state.pull.login) as session:
            for file in sftp.listed(session, address.folder):
                if self._files.has(url, file):
                    continue
                if not self._files.stands_still(url, file):
                    continue
                data = sftp.fetch(session, address.folder, file)
                at = min(datetime.fromtimestamp(file.modified, UTC), self._now())
                self._take(data, file.name, f"{url}/{file.name}", at)
                self._files.add(url, file)
                state.fetched += 1


class _Files:
    """Which files were taken; one that changes is another one, one that grows waits."""

    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._db.execute(
            "create table if not exists taken (url text, name text, size integer, at integer,"
            " primary key (url, name)) strict"
        )
        self._last: dict[tuple[str, str], sftp.RemoteFile] = {}

    def has(self, url: str, file: sftp.RemoteFile) -> bool:
        row = self._db.execute(
            "select size, at from taken where url = ? and name = ?", (url, file.name)
        ).fetchone()
        return bool(row == (file.size, file.modified))

    def stands_still(self, url: str, file: sftp.RemoteFile) -> bool:
        """Tell whether it was the same at the poll before: then its sender has ended it."""
        before = self._last.get((url, file.name))
        self._last[url, file.name] = file
        return before == file

    def add(self, url: str, file: sftp.RemoteFile) -> None:
        kept = (url, file.name, file.size, file.modified)
        with self._db:
            self._db.execute("insert or replace into taken values (?, ?, ?, ?)", kept)
        self._last.pop((url, file.name), None)

    def close(self) -> None:
        self._db.close()
