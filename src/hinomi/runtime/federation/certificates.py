"""Mutual TLS on a line to a partner: the files named for it, and what is wrong with them."""

from __future__ import annotations

import html
import re
import ssl
from pathlib import Path

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime import clock
from hinomi.runtime.federation.agreement import Peer

_TITLE = re.compile(rb"<title>(?:\d{3} )?([^<]{1,200})</title>", re.IGNORECASE)


def context_of(peer: Peer) -> ssl.SSLContext:
    """Return how the line is secured, by the files as they are now: a renewed one is taken.

    Raises:
        UnavailableError: one is not there, or holds no certificate (and key).
    """
    name, at = "--ca-file", peer.ca_file
    try:
        context = ssl.create_default_context(cafile=peer.ca_file or None)
        if peer.cert_file:
            name, at = "--cert-file", peer.cert_file
            # Without a password: a key that asks for one would wait at a terminal for ever.
            context.load_cert_chain(peer.cert_file, password="")
    except (OSError, ValueError) as error:
        raise UnavailableError(
            f"{name} {at} cannot be used: {error}.", f"{name} {at}を使えません: {error}"
        ) from None
    return context


def ended(peer: Peer) -> str:
    """Return a word on this node's own certificate where it is not good now, else nothing."""
    if not peer.cert_file:
        return ""
    # Imported here: only a line that failed looks.
    from cryptography import x509  # noqa: PLC0415

    try:
        own = x509.load_pem_x509_certificates(Path(peer.cert_file).read_bytes())[0]
    except (OSError, ValueError):
        return ""
    start, end = own.not_valid_before_utc, own.not_valid_after_utc
    if clock.now() > end:
        return f"; our certificate {peer.cert_file} ended {end:%Y-%m-%d %H:%M} UTC"
    if clock.now() < start:
        return f"; our certificate {peer.cert_file} begins only {start:%Y-%m-%d %H:%M} UTC"
    return ""


def told(body: bytes) -> str:
    """Return what a page says that a proxy answers with, such as nginx on a certificate."""
    found = _TITLE.search(body)
    return f" ({html.unescape(found[1].decode('utf-8', 'replace')).strip()})" if found else ""
