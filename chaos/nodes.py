"""Faults between nodes: a cut line, a line that loses a fifth, a certificate that has run out."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.nation import update
from chaos.faults import Outcome
from chaos.servers import Process, Proxy, free_port, wait_for
from hinomi.kernel.errors import HinomiError
from hinomi.kernel.store import Put
from hinomi.runtime import clock, folder
from hinomi.runtime import socket as wire
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Agreement, Peer
from hinomi.runtime.federation.registry import Registry
from hinomi.stores.sqlite import SqliteStore


class Pair:
    """A town's node that sends to a prefecture's through a proxy, and follows it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.hub, self.node = home / "hub", home / "17"
        certificate(home, valid=True)
        port = free_port()
        self.proxy = Proxy(port, tls=lambda: _context(home))
        everything = Agreement(collections=("*",))
        for data in (self.hub, self.node):
            data.mkdir()
        hub_key, key = nodekey.load(self.hub), nodekey.load(self.node)
        registry = Registry(self.hub)
        registry.add(Peer(name="17", public=key.public, node=key.node, shows=everything))
        registry.close()
        registry = Registry(self.node)
        registry.add(
            Peer(
                name="hub", public=hub_key.public, node=hub_key.node, pushes=True,
                url=f"https://localhost:{self.proxy.port}", shows=everything,
                ca_file=str(home / "ca.pem"),
            )
        )  # fmt: skip
        registry.close()
        self.processes = [
            Process("hub", ["run", "--data", str(self.hub), "--port", str(port), "--no-drill",
                            "--no-open"], home / "hub.log"),
            Process("node", ["peer", "run", "--data", str(self.node)], home / "node.log"),
        ]  # fmt: skip
        self.lines = [wire.Line(folder.socket_path(data)) for data in (self.node, self.hub)]
        for process in self.processes:
            process.start()
        self.number = 0
        self.acknowledged: set[str] = set()
        if not (wait_for(self.say, 60.0) and wait_for(lambda: self.behind() == 0, 60.0)):
            self.end()
            raise RuntimeError(f"The nodes do not meet: {(home / 'node.log').read_text()[-2000:]}")

    def say(self) -> bool:
        """Have both sides say something."""
        self.number += 1
        try:
            for line, name in zip(self.lines, ("17", "13"), strict=True):
                put = line.ask(wire.Append([update(name, self.number)]), Put)
                self.acknowledged.update(put.ids)
        except HinomiError:
            return False
        return True

    def statements(self, data: Path) -> dict[str, int]:
        """Return how often each statement is in a node's log."""
        store = SqliteStore(data, read_only=True)
        found: dict[str, int] = {}
        after = 0
        try:
            while True:
                changes = store.changes(
                    after, visible=store.markings(), collections=("response.shelters",), limit=5000
                )
                for change in changes.items:
                    if change.record is not None:
                        found[change.record.id] = found.get(change.record.id, 0) + 1
                if changes.position == after:
                    return found
                after = changes.position
        finally:
            store.close()

    def behind(self) -> int:
        """Return how many statements one side has and the other has not."""
        one, other = self.statements(self.node), self.statements(self.hub)
        return len(one.keys() ^ other.keys())

    def end(self) -> None:
        for process in self.processes:
            process.stop()
        for line in self.lines:
            line.close()
        self.proxy.close()


def between_nodes(home: Path, seconds: float, *names: str) -> Iterator[Outcome]:
    """Cut the line, lose a fifth of what passes, let the certificate run out."""
    pair = Pair(home)
    try:
        for name, fault in _FAULTS.items():
            if name in names or not names:
                yield _measured(pair, name, seconds, fault)
    finally:
        pair.end()


def _measured(pair: Pair, name: str, seconds: float, fault: object) -> Outcome:
    before, known = pair.number, set(pair.acknowledged)
    assert callable(fault)
    told = fault(pair, on=True)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pair.say()
        time.sleep(0.02)
    behind = pair.behind()
    told = fault(pair, on=False) or told
    start = time.monotonic()
    back = wait_for(lambda: pair.behind() == 0, 60.0, 0.1)
    recovery_s = time.monotonic() - start
    sides = [pair.statements(data) for data in (pair.node, pair.hub)]
    twice = sum(count > 1 for side in sides for count in side.values())
    acknowledged = pair.acknowledged - known
    found = acknowledged & sides[0].keys() & sides[1].keys()
    return Outcome(
        fault=name, sent=2 * (pair.number - before), acknowledged=len(acknowledged),
        found=len(found), lost=len(acknowledged) - len(found),
        recovery_s=recovery_s, failed=not back or twice > 0,
        note=f"{behind} behind when it ended; {twice} twice{told}",
    )  # fmt: skip


def _cut(pair: Pair, *, on: bool) -> str:
    pair.proxy.partition(on=on)
    return ""


def _lossy(pair: Pair, *, on: bool) -> str:
    pair.proxy.loss = 0.2 if on else 0.0
    return f"; {pair.proxy.lost} of {pair.proxy.passed} pieces lost"


def _expired(pair: Pair, *, on: bool) -> str:
    certificate(pair.home, valid=not on)
    pair.proxy.partition(on=True)
    pair.proxy.partition(on=False)
    return ""


_FAULTS = {
    "partition between nodes": _cut,
    "20 % loss between nodes": _lossy,
    "certificate expired": _expired,
}


def certificate(home: Path, *, valid: bool) -> None:
    """Write a certificate for localhost, signed by an authority that the node trusts."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def begin(subject: x509.Name, key: object, start: float, end: float) -> x509.CertificateBuilder:
        now = clock.now()
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(name("chaos CA"))
            .public_key(key.public_key())  # type: ignore[attr-defined]
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=start))
            .not_valid_after(now + timedelta(days=end))
        )  # fmt: skip

    ca_file, key_file = home / "ca.pem", home / "ca.key"
    if not ca_file.exists():
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca = begin(name("chaos CA"), ca_key, -9, 99).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        ca_file.write_bytes(
            ca.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )
        key_file.write_bytes(_pem(ca_key))
    loaded = serialization.load_pem_private_key(key_file.read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = begin(name("localhost"), key, -8, 90 if valid else -1).add_extension(
        alternative, critical=False
    )
    pem = made.sign(loaded, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)  # type: ignore[arg-type]
    (home / "server.pem").write_bytes(pem + _pem(key))


def _pem(key: object) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(  # type: ignore[attr-defined, no-any-return]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _context(home: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "server.pem")
    return context
