"""Mutual TLS: a node whose server asks for certificates is reached with one, and not without."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime import clock
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Peer
from hinomi.runtime.federation.calling import Caller
from hinomi.runtime.federation.certificates import told
from hinomi.runtime.federation.registry import Registry
from tests.apps.cli.conftest import Hinomi, data, hinomi  # noqa: F401 - fixtures


def certificate(path: Path, name: str, *, hours: float = 1.0) -> Path:
    """Write a self-signed certificate for 127.0.0.1 and its key, good for so long."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(hours=2))
        .not_valid_after(clock.now() + timedelta(hours=hours))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A refused handshake is what is tested."""


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[Peer]:
    with serving(tmp_path) as found:
        yield found


@contextmanager
def serving(
    tmp_path: Path, *, server_hours: float = 1.0, client_hours: float = 1.0
) -> Iterator[Peer]:
    """Serve with a certificate that is good for so long, and ask for one that is."""
    server = certificate(tmp_path / "server.pem", "server", hours=server_hours)
    client = certificate(tmp_path / "client.pem", "client", hours=client_hours)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(client))
    context.load_cert_chain(server)
    context.verify_mode = ssl.CERT_REQUIRED
    listener = Quiet(("127.0.0.1", 0), Handler)
    listener.socket = context.wrap_socket(listener.socket, server_side=True,
                                          do_handshake_on_connect=False)  # fmt: skip
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    public = nodekey.NodeKey(b"1" * 32).public
    try:
        yield Peer(
            name="prefecture",
            public=public,
            node=nodekey.node_of(public),
            url=f"https://127.0.0.1:{listener.server_address[1]}",
            ca_file=str(server),
            cert_file=str(client),
        )
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def test_a_node_shows_its_certificate_where_the_partner_asks_for_one(partner: Peer) -> None:
    caller = Caller(partner, nodekey.NodeKey(b"2" * 32))
    assert caller.growth(7) == b"/log/growth?size=7"
    caller.close()


@pytest.mark.parametrize("wrong", ["none", "another"])
def test_a_node_without_the_right_certificate_is_refused(
    partner: Peer, wrong: str, tmp_path: Path
) -> None:
    other = str(certificate(tmp_path / "other.pem", "other")) if wrong == "another" else ""
    stranger = msgspec.structs.replace(partner, cert_file=other)
    caller = Caller(stranger, nodekey.NodeKey(b"2" * 32))
    with pytest.raises(UnavailableError):
        caller.growth(7)
    caller.close()


def test_a_server_with_another_certificate_is_not_believed(partner: Peer, tmp_path: Path) -> None:
    other = certificate(tmp_path / "other.pem", "other")
    caller = Caller(
        msgspec.structs.replace(partner, ca_file=str(other)), nodekey.NodeKey(b"2" * 32)
    )
    with pytest.raises(UnavailableError):
        caller.growth(7)
    caller.close()


@pytest.mark.parametrize("whose", ["server_hours", "client_hours"])
def test_a_certificate_that_has_run_out_is_refused_on_either_side(
    tmp_path: Path, whose: str
) -> None:
    with serving(tmp_path, **{whose: -1.0}) as partner:
        caller = Caller(partner, nodekey.NodeKey(b"2" * 32))
        # A server hangs up on whom it does not believe: that our own has run out, we look up.
        why = "expired" if whose == "server_hours" else r"our certificate .*client.pem ended 20"
        with pytest.raises(UnavailableError, match=why):
            caller.growth(7)
        caller.close()


def test_a_file_that_is_away_or_no_certificate_is_named(partner: Peer, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("no")
    for field, option, name in (
        ("ca_file", "--ca-file", "none.pem"), ("cert_file", "--cert-file", "none.pem"),
        ("ca_file", "--ca-file", "text.pem"), ("cert_file", "--cert-file", "text.pem"),
    ):  # fmt: skip
        wrong = msgspec.structs.replace(partner, **{field: str(tmp_path / name)})
        with pytest.raises(UnavailableError, match=rf"^{option} .*{name} cannot be used"):
            Caller(wrong, nodekey.NodeKey(b"2" * 32))


def test_what_a_proxy_says_of_a_certificate_is_told() -> None:
    page = b"<html><head><title>400 No required SSL certificate was sent</title></head></html>"
    assert told(page) == " (No required SSL certificate was sent)"
    assert told(b"") == ""


def test_files_are_checked_and_kept_whole_when_a_partner_is_added(
    hinomi: Hinomi,  # noqa: F811
    data: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server that uses them runs in another folder than the command."""
    data.mkdir()
    monkeypatch.chdir(tmp_path)
    certificate(tmp_path / "node.pem", "node")
    key = nodekey.text_of(nodekey.NodeKey(b"1" * 32).public)
    add = ("peer", "add", "pref", "--key", key, "--url", "https://pref.example")
    refused = hinomi(*add, "--cert-file", "nod.pem")
    assert refused.code != 0
    assert "--cert-file" in refused.err
    assert hinomi(*add, "--cert-file", "node.pem", "--ca-file", "node.pem").code == 0
    (peer,) = Registry(data).every()
    assert peer.cert_file == peer.ca_file == str(tmp_path / "node.pem")


def test_a_certificate_that_is_renewed_in_its_file_is_used_with_the_next_line(
    partner: Peer, tmp_path: Path
) -> None:
    """A line that fails is opened anew (following.py), and reads the files again."""
    renewed = (tmp_path / "client.pem").read_bytes()
    certificate(tmp_path / "client.pem", "client", hours=-1.0)
    key = nodekey.NodeKey(b"2" * 32)
    caller = Caller(partner, key)
    with pytest.raises(UnavailableError):
        caller.growth(7)
    caller.close()
    (tmp_path / "client.pem").write_bytes(renewed)
    caller = Caller(partner, key)
    assert caller.growth(7) == b"/log/growth?size=7"
    caller.close()
