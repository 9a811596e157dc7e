"""Packages fetched and sent: folders, HTTP and a real SFTP server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import OPEN, Marking, Status
from hinomi.kernel.store import Query
from hinomi.runtime import operations, posting, sftp
from hinomi.runtime.config import Login, OutDelivery, Pull
from hinomi.runtime.deliveries import Deliveries
from hinomi.runtime.deliveries_in import Pulls
from hinomi.runtime.outages import Outages
from hinomi.standards import sip4d
from hinomi.vocabulary.exchange import Sender


def _deliveries(node: Any, path: Path, *configured: OutDelivery) -> Deliveries:
    return Deliveries(
        node.store, node.catalog, configured, Sender(), path=path / "state.json", now=node.now
    )


def _to(folder: object, **more: Any) -> OutDelivery:
    return OutDelivery(name="pref", collection="response.shelters", to=str(folder), **more)


def test_a_change_is_sent_once_when_it_has_settled(node: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sending = _deliveries(node, tmp_path, _to(out))
    assert sending.round() == 0
    node.shelter("a")
    assert sending.round() == 0
    node.shelter("b")
    node.wait(3)
    assert sending.round() == 1
    (file,) = out.iterdir()
    assert sip4d.check(file.read_bytes()).features == 2
    again = _deliveries(node, tmp_path, _to(out))
    node.wait(3)
    assert again.round() == 0
    node.shelter("a", people=8)
    again.round()
    node.wait(3)
    assert again.round() == 1


def test_an_exercise_is_no_change_of_the_actual(node: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sending = _deliveries(node, tmp_path, _to(out))
    node.shelter("a", Marking(Status.EXERCISE))
    sending.round()
    node.wait(3)
    assert sending.round() == 0
    assert not out.exists()


def test_by_the_clock_it_goes_unchanged_too(node: Any, tmp_path: Path) -> None:
    sending = _deliveries(node, tmp_path, _to(tmp_path / "out", on_change=False, every_s=60.0))
    node.shelter("a")
    assert [sending.round(), sending.round()] == [1, 0]
    node.wait(61)
    assert sending.round() == 1


def test_at_set_times_in_japan_it_goes_and_what_passed_while_away_is_made_good(
    node: Any, tmp_path: Path
) -> None:
    # The node's clock stands at noon in Japan.
    daily = _to(tmp_path / "out", on_change=False, at=("06:00", "18:00"))
    sending = _deliveries(node, tmp_path, daily)
    node.shelter("a")
    assert sending.round() == 0, "nothing was due today yet"
    node.wait(6 * 3600 + 1)
    assert [sending.round(), sending.round()] == [1, 0]
    node.wait(13 * 3600)
    again = _deliveries(node, tmp_path, daily)
    assert [again.round(), again.round()] == [1, 0]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"name": "x", "collection": "y", "to": "z", "at": ["25:00"]}, OutDelivery)


def test_a_package_is_posted_with_a_key_until_it_is_taken_and_silence_is_an_alarm(
    node: Any, subscriber: Any, tmp_path: Path
) -> None:
    subscriber.answers = [503, 503, 503]
    (tmp_path / "key").write_text("k3y\n")
    login = Login(password_file=str(tmp_path / "key"))
    bearer = Login(password_file=str(tmp_path / "key"), header="Authorization")
    pref = _to(subscriber.url, settle_s=0.0, login=login)
    sending = Deliveries(
        node.store, node.catalog, [pref], Sender(), now=node.now,
        tell=Outages(node.writer).delivery,
    )  # fmt: skip
    node.shelter("a")
    for _ in range(3):
        assert sending.round() == 0
        node.wait(60)
    assert _alarms(node) == ["deliveries.unreachable"]
    assert sending.round() == 1
    assert _alarms(node) == []
    headers, data = subscriber.told[0]
    assert headers["X-API-Key"] == "k3y"
    assert headers["Content-Type"] == "application/zip"
    assert sip4d.check(data).features == 1
    posting.post(subscriber.url, bearer, "x.zip", data)
    assert subscriber.told[1][0]["Authorization"] == "Bearer k3y"


def _alarms(node: Any) -> list[str]:
    visible = frozenset({operations.INTERNAL, OPEN})
    query = Query(collection=operations.ALARMS.id, visible=visible)
    return [item.body()["code"] for item in node.store.find(query).items]


def test_what_could_not_be_sent_is_sent_later(node: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("a file where the folder should be")
    sending = _deliveries(node, tmp_path, _to(out, settle_s=0.0))
    node.shelter("a")
    assert sending.round() == 0
    assert sending.states["pref"].failures == 1
    out.unlink()
    assert sending.round() == 0
    node.wait(5)
    assert sending.round() == 1


def test_a_package_goes_by_sftp_and_comes_back(node: Any, sftp_server: Any, tmp_path: Path) -> None:
    node.shelter("a")
    sending = _deliveries(
        node, tmp_path, _to(sftp_server.url, settle_s=0.0, login=sftp_server.login)
    )
    assert sending.round() == 1
    (file,) = (sftp_server.root / "out").iterdir()
    assert file.name.endswith(".zip")
    other = type(node)()
    other.wait(10**6)
    pull = Pull(url=sftp_server.url, login=sftp_server.login)
    pulls = Pulls([pull], other.intake.take, tmp_path, now=other.now)
    # Taken when it stands still from one poll to the next, and once only.
    for _ in range(3):
        pulls.pull(pulls.states[0])
    pulls.close()
    assert pulls.states[0].error == ""
    assert pulls.states[0].fetched == 1
    (found,) = other.reader().find("response.shelters").items
    assert found.body()["name"] == "避難所a"
    assert found.source == "火の見"
    (origin, _) = other.reader().trace(found.id).origins[0]
    assert origin.address == f"{sftp_server.url}/{file.name}"


@pytest.mark.parametrize("what", ["unknown server", "wrong password"])
def test_an_unknown_server_and_a_wrong_password_are_refused(
    sftp_server: Any, tmp_path: Path, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "paramiko")
    empty = tmp_path / "empty"
    empty.write_text("")
    login = (
        Login(known_hosts=str(empty), password_file=sftp_server.login.password_file)
        if what == "unknown server"
        else Login(known_hosts=sftp_server.login.known_hosts, password_file=str(empty))
    )
    pulls = Pulls([Pull(url=sftp_server.url, login=login)], _never, None)
    pulls.pull(pulls.states[0])
    pulls.close()
    assert pulls.states[0].failures == 1
    assert sftp_server.url.removesuffix("/out") in pulls.states[0].error


def _never(*args: object) -> None:
    raise AssertionError(args)


def test_a_password_in_the_address_is_refused() -> None:
    with pytest.raises(InputError):
        sftp.address_of("sftp://kobe:secret@example.jp/out")


def test_http_is_asked_for_what_has_changed_only(
    node: Any, package_of: Callable[..., bytes], tmp_path: Path
) -> None:
    node.shelter("a")
    data = package_of(node)
    statuses = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            same = self.headers.get("If-None-Match") == '"v1"'
            statuses.append(304 if same else 200)
            self.send_response(statuses[-1])
            self.send_header("ETag", '"v1"')
            self.end_headers()
            self.wfile.write(b"" if same else data)

        def log_message(self, *args: object) -> None:
            del args

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        other = type(node)()
        other.wait(3600)
        url = f"http://127.0.0.1:{server.server_port}/shelters.zip"
        pulls = Pulls([Pull(url=url)], other.intake.take, tmp_path, now=other.now)
        for _ in range(2):
            pulls.pull(pulls.states[0])
        pulls.close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert statuses == [200, 304]
    assert len(other.reader().find("response.shelters").items) == 1
