"""Alerts by e-mail: levels, quakes and tsunami in one's area, until somebody acknowledges them.

A thread of the writer's process looks at what is raised and not acknowledged; what it has told is
kept in ``alerts.json``. So what was raised while the server was down is still sent, a restart
repeats nothing, and a mail server that is away delays mails and nothing else. A drill's mails say
訓練 and go to the drill's list only.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import Problem, Text, UnavailableError
from hinomi.kernel.marking import OPERATOR, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.runtime import operations
from hinomi.runtime.config import Config, Mail
from hinomi.runtime.mail import Send, sender
from hinomi.runtime.watching import Watch, gravity, heading, raised, unheard
from hinomi.runtime.writer import Writer

log = logging.getLogger("hinomi.alerts")

STALE = timedelta(hours=6)
"""What was raised longer ago than this is not first told of by mail: it is on the screen."""
_LOOK_S = 1.0
_RETRY_S = (5.0, 15.0, 60.0, 300.0)


class Told(msgspec.Struct):
    """An alert that mails have been sent about."""

    last_at: datetime
    times: int


class _List(msgspec.Struct, frozen=True):
    """Who is written to about what of one status."""

    name: str
    """Begins the names under which is kept what it was told."""
    status: Status
    to: tuple[str, ...]
    watch: Watch


class AlertMail:
    """Sends mails about alerts that nobody has acknowledged."""

    def __init__(
        self,
        writer: Writer,
        catalog: Catalog,
        config: Config,
        path: Path,
        *,
        send: Send | None = None,
    ) -> None:
        if config.mail is None:
            raise ValueError("Alerts go by mail only where mail is configured.")
        self._writer, self._catalog = writer, catalog
        self._mail: Mail = config.mail
        self._lists = list(_lists(config.mail, config.watched()))
        self._path = path
        self._send = send or sender(config.mail, now=writer.now)
        self._told: dict[str, Told] = {}
        self._failures = 0
        self._not_before: datetime | None = None
        if path.exists():
            self._told = _kept(path)

    def run(self, stop: threading.Event) -> None:
        """Look every second until ``stop`` is set."""
        while not stop.wait(_LOOK_S):
            self.look()

    def look(self) -> int:
        """Send what is due now; return the number of mails."""
        now = self._writer.now()
        if self._not_before is not None and now < self._not_before:
            return 0
        sent = 0
        standing: set[str] = set()
        for one in self._lists:
            due = self._due(one, now, standing)
            if not due:
                continue
            if not self._try(one, due, now):
                return sent
            sent += 1
        for name in self._told.keys() - standing:
            del self._told[name]
        return sent

    def _due(self, one: _List, now: datetime, standing: set[str]) -> list[Stored]:
        """Return the alerts that are unacknowledged and were not told of within the time."""
        statuses = frozenset({one.status})
        reader = Reader(self._writer.store, self._catalog, OPERATOR, status=statuses)
        alerts = raised(reader, one.watch, now)
        standing |= {f"{one.name}/{alert.key}" for alert in alerts}
        return [a for a in unheard(reader, alerts) if self._is_due(f"{one.name}/{a.key}", a, now)]

    def _is_due(self, name: str, alert: Stored, now: datetime) -> bool:
        told = self._told.get(name)
        if told is None:
            return now - alert.recorded_at <= STALE
        return (now - told.last_at).total_seconds() >= self._mail.again_s

    def _try(self, one: _List, due: list[Stored], now: datetime) -> bool:
        again = any(f"{one.name}/{a.key}" in self._told for a in due)
        try:
            self._send(one.to, subject(due, one.status, again=again), text(due, one.status))
        except UnavailableError as error:
            wait_s = _RETRY_S[min(self._failures, len(_RETRY_S) - 1)]
            self._failures += 1
            self._not_before = now + timedelta(seconds=wait_s)
            log.warning("part=alerts mail failed, again in %.0f s: %s", wait_s, error)
            self._complain(error)
            return False
        self._failures, self._not_before = 0, None
        for alert in due:
            name = f"{one.name}/{alert.key}"
            times = self._told[name].times if name in self._told else 0
            self._told[name] = Told(now, times + 1)
        _keep(self._path, self._told)
        return True

    def _complain(self, error: UnavailableError) -> None:
        """Let people see that mails do not go out: it is an alarm on the screen."""
        key = "alerts/mail-failed"
        visible = frozenset({operations.INTERNAL})
        known = self._writer.store.history(operations.ALARMS.id, key, visible=visible).items
        now = self._writer.now()
        if known and now - known[-1].recorded_at < timedelta(hours=1):
            return
        alarm = operations.alarm_of("alerts", Problem("alerts.mail-failed", "", error.text))
        self._writer.put([operations.alarm_record(key, alarm, at=now)])


def _lists(mail: Mail, watch: Watch) -> Iterator[_List]:
    """Yield who is written to: of each status those who are named for it, nobody else."""
    for status, to in ((Status.ACTUAL, mail.to), (Status.EXERCISE, mail.exercise_to)):
        if to:
            yield _List(status.value, status, to, watch)
    for number, one in enumerate(mail.watchers):
        # As the installation's own where a watcher names no areas.
        own = msgspec.structs.replace(one, areas=one.areas or watch.areas)
        for status, to in ((Status.ACTUAL, one.to), (Status.EXERCISE, one.exercise_to)):
            if to:
                yield _List(f"{status.value}-{number}", status, to, own)


def subject(due: list[Stored], status: Status, *, again: bool) -> str:
    """Return the mail's subject: 【訓練】 first in a drill."""
    drill = "【訓練】EXERCISE " if status is Status.EXERCISE else ""
    repeat = "【未確認】" if again else ""
    first = max((a.properties() for a in due), key=gravity)
    more = f" ほか{len(due) - 1}件" if len(due) > 1 else ""
    return f"{drill}{repeat}{heading(first)}{more} [Hinomi]"


def text(due: list[Stored], status: Status) -> str:
    """Return the mail's text, in Japanese and English."""
    said = [a.properties() for a in due]
    drill = Text("これは訓練です。\n\n", "THIS IS AN EXERCISE.\n\n")
    no = Text("", "")
    head = drill if status is Status.EXERCISE else no
    lines_ja = "\n".join(f"・{s['text']}" for s in said)
    lines_en = "\n".join(f"- {s['text_en']}" for s in said)
    return (
        f"{head.ja}{lines_ja}\n\n画面で「確認した」を押すまで繰り返し送ります。\n\n"
        f"{head.en}{lines_en}\n\nThis repeats until somebody acknowledges it on the screen.\n"
    )


def _kept(path: Path) -> dict[str, Told]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Told])
    except msgspec.DecodeError:
        return {}


def _keep(path: Path, told: dict[str, Told]) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(told))
    new.replace(path)
