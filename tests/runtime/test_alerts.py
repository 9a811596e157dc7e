"""Alerts by e-mail, to a real SMTP server: who, what, how often, until when."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.kernel.records import Interval, Record
from hinomi.runtime import operations
from hinomi.runtime.acting import Acting
from hinomi.runtime.alerts import AlertMail
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.config import Config, Mail, Watcher
from hinomi.runtime.mail import sender
from hinomi.runtime.socket import Perform
from hinomi.runtime.watching import Watch
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

START = datetime(2026, 9, 1, 18, tzinfo=UTC)


class _Talk(socketserver.StreamRequestHandler):
    """RFC 5321 as far as a client that behaves needs it."""

    server: Smtp

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        to: list[str] = []
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"RCPT":
                to.append(line.split(b"<")[1].split(b">")[0].decode())
            if verb == b"DATA":
                self.wfile.write(b"354 go\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(
                    (to, message_from_bytes(b"".join(lines), policy=policy.default))
                )
            self.wfile.write(self.server.bye if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


class Smtp(socketserver.ThreadingTCPServer):
    """Keeps what it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[tuple[list[str], Any]] = []
        self.bye = b"221 bye\r\n"


@pytest.fixture
def smtp() -> Iterator[Smtp]:
    with Smtp() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Office:
    """A store with alerts, a clock, and the mailer."""

    def __init__(self, folder: Path, port: int, **config: Any) -> None:
        self.time = START
        self.writer = Writer(MemoryStore(), now=lambda: self.time)
        mail = Mail(
            server="127.0.0.1",
            port=port,
            sender="hinomi@town.test",
            to=("duty@town.test",),
            exercise_to=("drill@town.test",),
        )
        self.config = Config(mail=mail, **config)
        self.folder = folder
        self.mailer = self.restarted()

    def restarted(self) -> AlertMail:
        return AlertMail(self.writer, default_catalog(), self.config, self.folder / "alerts.json")

    def raise_alert(self, area: str = "1720400", *, status: Status = Status.ACTUAL) -> str:
        schema = default_catalog().collection("response.alerts").schema
        key = f"{area}/4/x"
        body = schema(
            area_code=area,
            areas=(area,), area_name="輪島市", level=4, text="輪島市 レベル４", text_en="Wajima 4",
            state="raised", raised_at=self.time,
        )  # fmt: skip
        self.writer.put(
            [Record(collection="response.alerts", key=key, said_at=self.time, body=body,
                    source="hinomi", when=Interval(self.time, None), marking=Marking(status))]
        )  # fmt: skip
        return key

    def quake(self, strengths: dict[str, float], *, status: Status = Status.ACTUAL) -> str:
        schema = default_catalog().collection("response.alerts").schema
        body = schema(
            kind="quake", area_code="17", area_name="石川県", areas=tuple(strengths), rank=8,
            strengths=strengths, heading="震度6強 石川県", text="地震 石川県 震度6強", text_en="q",
            state="raised", raised_at=self.time,
        )  # fmt: skip
        until = self.time + timedelta(hours=24)
        self.writer.put(
            [Record(collection="response.alerts", key="quake:q:17/8", said_at=self.time, body=body,
                    source="hinomi", when=Interval(self.time, until), marking=Marking(status))]
        )  # fmt: skip
        return "quake:q:17/8"

    def acknowledge(self, key: str) -> None:
        who = Principal("佐藤", ("town",), Disclosure.AMBER, roles=("officer",))
        Acting(self.writer, default_catalog()).perform(
            Perform(act="response.acknowledge-alert", id="a-deed-1", principal=who,
                    status=Status.ACTUAL, key=key)
        )  # fmt: skip


@pytest.fixture
def office(tmp_path: Path, smtp: Smtp) -> Office:
    return Office(tmp_path, smtp.server_address[1])


def test_a_new_alert_is_mailed_and_repeated_until_acknowledged(office: Office, smtp: Smtp) -> None:
    key = office.raise_alert()
    assert [office.mailer.look(), office.mailer.look()] == [1, 0]
    ((to, mail),) = smtp.mails
    assert to == ["duty@town.test"]
    assert mail["Subject"] == "レベル4 輪島市 [Hinomi]"
    assert "輪島市 レベル４" in mail.get_content()
    office.time += timedelta(seconds=301)
    assert office.mailer.look() == 1
    assert "未確認" in smtp.mails[1][1]["Subject"]
    office.acknowledge(key)
    office.time += timedelta(hours=1)
    assert office.mailer.look() == 0


def test_an_exercise_mail_says_so_and_goes_to_the_exercise_list_only(
    office: Office, smtp: Smtp
) -> None:
    office.raise_alert(status=Status.EXERCISE)
    office.mailer.look()
    ((to, mail),) = smtp.mails
    assert to == ["drill@town.test"]
    assert mail["Subject"].startswith("【訓練】EXERCISE ")
    assert mail.get_content().startswith("これは訓練です。")


def test_without_an_exercise_list_a_drill_mails_nobody(tmp_path: Path, smtp: Smtp) -> None:
    office = Office(tmp_path, smtp.server_address[1])
    assert office.config.mail is not None
    mail = msgspec.structs.replace(office.config.mail, exercise_to=())
    office.config = msgspec.structs.replace(office.config, mail=mail)
    office.raise_alert(status=Status.EXERCISE)
    assert office.restarted().look() == 0
    assert smtp.mails == []


def test_a_server_that_takes_the_mail_and_hangs_up_badly_gets_it_once(
    office: Office, smtp: Smtp
) -> None:
    smtp.bye = b"421 gone\r\n"
    office.raise_alert()
    assert [office.mailer.look(), office.mailer.look()] == [1, 0]
    assert len(smtp.mails) == 1


def test_only_ones_own_area_is_mailed(tmp_path: Path, smtp: Smtp) -> None:
    office = Office(tmp_path, smtp.server_address[1], areas=("172",))
    office.raise_alert("1310100")
    assert office.mailer.look() == 0
    office.raise_alert("1720400")
    assert office.mailer.look() == 1


def test_a_strong_quake_is_mailed_by_the_strength_in_ones_area(tmp_path: Path, smtp: Smtp) -> None:
    office = Office(tmp_path, smtp.server_address[1], areas=("1720300",))
    office.quake({"1720400": 6.0, "1720300": 3.5})
    assert office.mailer.look() == 0
    office.config = msgspec.structs.replace(office.config, alerts=Watch(intensity="4"))
    assert office.restarted().look() == 1
    assert smtp.mails[0][1]["Subject"] == "震度6強 石川県 [Hinomi]"


def test_a_quake_that_is_old_is_mailed_no_more(office: Office) -> None:
    office.quake({"1720400": 6.0})
    assert office.mailer.look() == 1
    office.time += timedelta(hours=25)
    assert office.mailer.look() == 0


def test_a_watcher_is_mailed_about_their_own_area_and_an_exercise_only_where_named(
    tmp_path: Path, smtp: Smtp
) -> None:
    office = Office(tmp_path, smtp.server_address[1], areas=("1310100",))
    assert office.config.mail is not None
    watcher = Watcher(to=("noto@pref.test",), areas=("17204",))
    mail = msgspec.structs.replace(office.config.mail, watchers=(watcher,))
    office.config = msgspec.structs.replace(office.config, mail=mail)
    office.mailer = office.restarted()
    office.raise_alert("1720400", status=Status.EXERCISE)
    assert office.mailer.look() == 0
    office.raise_alert("1720400")
    assert office.mailer.look() == 1
    assert smtp.mails[0][0] == ["noto@pref.test"]


def test_a_restart_repeats_nothing_and_forgets_nothing(office: Office, smtp: Smtp) -> None:
    office.raise_alert()
    office.mailer.look()
    assert office.restarted().look() == 0
    office.raise_alert("1720500")
    assert office.restarted().look() == 1
    assert len(smtp.mails) == 2


def test_a_mail_server_that_is_away_is_tried_again_and_told_of(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        office = Office(tmp_path, taken.getsockname()[1])
        office.raise_alert()
        assert office.mailer.look() == 0
    visible = frozenset({operations.INTERNAL})
    history = office.writer.store.history(
        operations.ALARMS.id, "alerts/mail-failed", visible=visible
    )
    assert len(history.items) == 1
    with Smtp() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        mail = office.config.mail
        assert mail is not None
        office.mailer._send = _to(server.server_address[1])
        assert office.mailer.look() == 0, "not before the pause is over"
        office.time += timedelta(seconds=6)
        assert office.mailer.look() == 1
        server.shutdown()
        thread.join()


def _to(port: int) -> Any:
    return sender(Mail(server="127.0.0.1", port=port, sender="a@town.test", to=("b@town.test",)))
