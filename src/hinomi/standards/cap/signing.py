"""XML signatures of CAP messages (section 3.3.4.1), verified and made by signxml.

A message is believed only where a certificate of the trust list made a signature over the whole
alert, by an algorithm that still holds, while the certificate was valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any, Literal

import msgspec
from lxml import etree

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.records import EPOCH
from hinomi.standards.cap.xml import Element

State = Literal["unsigned", "trusted", "untrusted", "weak", "invalid", "unchecked"]
"""``trusted``: by a certificate of the list. ``untrusted``: unchanged since somebody signed it.
``weak``: as either, but by SHA-1, which proves nothing any more. ``invalid``: changed since, or
not over the whole alert. ``unchecked``: signed, and the extra ``cap`` is not installed."""

MOST = 4
"""Signatures of one alert that are looked at: each costs public-key work."""
_DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
_SIGNATURE = f"{_DSIG}Signature"
_UNREADABLE = (ValueError, TypeError, etree.LxmlError)
_ORDER: tuple[State, ...] = ("trusted", "weak", "untrusted", "invalid")


class Signed(msgspec.Struct, frozen=True):
    """What the signatures of an alert are worth, and whose the best one is."""

    state: State
    signer: str = ""
    """The certificate's subject (RFC 4514)."""
    detail: str = ""


def verify(alert: Element, trust: Sequence[bytes], sent: datetime | None) -> Signed:
    """Return what an alert element's signatures are worth.

    Args:
        alert: the element with its white space as it came.
        trust: certificates (PEM) of those who are believed.
        sent: when the message was sent: the certificate must have been valid then.
    """
    count = len(alert.findall(_SIGNATURE))
    if not count:
        return Signed("unsigned")
    if count > MOST:
        return Signed("invalid", detail=f"{count} signatures")
    try:
        import signxml  # noqa: F401, PLC0415
    except ImportError:
        return Signed("unchecked", detail="pip install 'hinomi[cap]'")
    found = [_one(alert, number, trust, sent) for number in range(count)]
    return min(found, key=lambda one: _ORDER.index(one.state))


def _one(alert: Element, number: int, trust: Sequence[bytes], sent: datetime | None) -> Signed:
    """Return what one signature is worth; the others are set aside, for each was made alone."""
    root = etree.fromstring(etree.tostring(deepcopy(alert), with_tail=False))
    for other, signature in enumerate(root.findall(_SIGNATURE)):
        if other != number:
            _drop(signature)
    weak = _is_weak(root)
    for certificate in trust:
        signer, start, end = _described(certificate)
        if signer and _holds(root, certificate.decode(), start, weak=weak):
            if weak:
                return Signed("weak", signer, "SHA-1")
            if sent is None or not start <= sent <= end:
                return Signed("untrusted", signer, "the certificate was not valid then")
            return Signed("trusted", signer)
    # Nobody we know: still worth telling whether the alert is what somebody signed.
    embedded = root.findtext(f"{_SIGNATURE}/{_DSIG}KeyInfo//{_DSIG}X509Certificate")
    pem = _pem(embedded) if embedded else ""
    signer, start, _ = _described(pem.encode())
    if not _holds(root, pem, start, weak=weak):
        return Signed("invalid", signer, "the alert is not what was signed")
    return Signed("weak" if weak else "untrusted", signer, "SHA-1" if weak else "")


def _drop(signature: Element) -> None:
    """Remove a signature, and leave the text that follows it where it is."""
    parent, before = signature.getparent(), signature.getprevious()
    if signature.tail:
        if before is None:
            parent.text = (parent.text or "") + signature.tail
        else:
            before.tail = (before.tail or "") + signature.tail
    parent.remove(signature)


def _is_weak(root: Element) -> bool:
    algorithms = [
        str(e.get("Algorithm", ""))
        for name in ("SignatureMethod", "DigestMethod")
        for e in root.iter(f"{_DSIG}{name}")
    ]
    return any(name.endswith("sha1") for name in algorithms)


def _holds(root: Element, certificate: str, at: datetime, *, weak: bool) -> bool:
    """Tell whether the key made the signature, over all of the alert.

    Without a certificate it is the key that stands beside the signature. ``at`` is within the
    certificate's validity: whether it was valid when it mattered is the caller's question.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415
    from signxml.algorithms import DigestAlgorithm, SignatureMethod  # noqa: PLC0415
    from signxml.exceptions import SignXMLException  # noqa: PLC0415
    from signxml.verifier import SignatureConfiguration, XMLVerifier  # noqa: PLC0415

    how: dict[str, Any] = {}
    if weak:
        how = {
            "signature_methods": frozenset({SignatureMethod.RSA_SHA1, SignatureMethod.RSA_SHA256}),
            "digest_algorithms": frozenset({DigestAlgorithm.SHA1, DigestAlgorithm.SHA256}),
        }
    expected = SignatureConfiguration(
        location="./", require_x509=bool(certificate), verification_time=at, **how
    )
    try:
        result = XMLVerifier().verify(
            etree.tostring(root),
            x509_cert=certificate or None,
            expect_config=expected,
            validate_schema=False,  # Senders write Ids with blanks, which the schema forbids.
        )
    except (SignXMLException, InvalidSignature, UnsupportedAlgorithm, *_UNREADABLE):
        return False
    one = result[0] if isinstance(result, list) else result
    covered = one.signed_xml
    return covered is not None and covered.tag == root.tag and len(covered) >= len(root) - 1


def _pem(base64: str) -> str:
    body = "\n".join(base64.split())
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def _described(pem: bytes) -> tuple[str, datetime, datetime]:
    """Return a certificate's subject and the first and last moment of its validity."""
    from cryptography import x509  # noqa: PLC0415

    try:
        certificate = x509.load_pem_x509_certificate(pem)
        name = certificate.subject.rfc4514_string()
    except ValueError:
        return "", EPOCH, EPOCH
    return name, certificate.not_valid_before_utc, certificate.not_valid_after_utc


def sign(alert: Element, key: bytes, certificate: bytes) -> Element:
    """Return the alert with an enveloped signature (RSA or ECDSA, SHA-256) and its certificate.

    Args:
        alert: the alert's element.
        key: private key, PEM, without a passphrase.
        certificate: the key's certificate, PEM.

    Raises:
        UnavailableError: the extra ``cap`` is not installed.
    """
    try:
        from cryptography.hazmat.primitives.asymmetric.ec import (  # noqa: PLC0415
            EllipticCurvePrivateKey,
        )
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            load_pem_private_key,
        )
        from signxml.algorithms import CanonicalizationMethod, SignatureMethod  # noqa: PLC0415
        from signxml.signer import XMLSigner  # noqa: PLC0415
    except ImportError:
        raise UnavailableError(
            "Signatures need the extra: pip install 'hinomi[cap]'.",
            "署名にはpip install 'hinomi[cap]'が必要です。",
        ) from None
    loaded = load_pem_private_key(key, None)
    elliptic = isinstance(loaded, EllipticCurvePrivateKey)
    method = SignatureMethod.ECDSA_SHA256 if elliptic else SignatureMethod.RSA_SHA256
    signer = XMLSigner(
        signature_algorithm=method,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return signer.sign(deepcopy(alert), key=key, cert=certificate.decode())
