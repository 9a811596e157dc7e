"""Batches as multipart/mixed: the standard's form in, and out an answer that others can read."""

from __future__ import annotations

import email
import email.policy
from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards.sensorthings.multipart import Part, Reply, decode_batch, encode_batch

TYPE = "multipart/mixed;boundary=batch_36522ad7-fc75-4b56-8c71-56071383e77b"
# As OData 4.0 Part 1, 11.7.2 writes one, with our paths.
BATCH = b"""--batch_36522ad7-fc75-4b56-8c71-56071383e77b
Content-Type: application/http
Content-Transfer-Encoding:binary

GET /v1.1/Things?$select=name HTTP/1.1
Host: town.test

--batch_36522ad7-fc75-4b56-8c71-56071383e77b
Content-Type: multipart/mixed;boundary=changeset_77162fcd

--changeset_77162fcd
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST /v1.1/Things HTTP/1.1
Host: town.test
Content-Type: application/json
Content-Length: 36

{"name":"a","description":"b\\r\\n\\r\\nc"}
--changeset_77162fcd
Content-Type: application/http
Content-ID: 2

DELETE Things('x') HTTP/1.1

--changeset_77162fcd--
--batch_36522ad7-fc75-4b56-8c71-56071383e77b--
and what follows does not count
"""


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_batch_of_the_standards_form_is_read(end: bytes) -> None:
    first, group = decode_batch(BATCH.replace(b"\n", end), TYPE)
    assert isinstance(first, Part)
    assert (first.method, first.url) == ("GET", "/v1.1/Things?$select=name")
    assert first.headers == {"host": "town.test"}
    assert isinstance(group, tuple)
    assert [(p.method, p.url, p.id) for p in group] == [
        ("POST", "/v1.1/Things", "1"), ("DELETE", "Things('x')", "2")
    ]  # fmt: skip
    assert group[0].body == b'{"name":"a","description":"b\\r\\n\\r\\nc"}'
    assert group[1].body == b""


def test_pythons_own_parser_reads_the_answer() -> None:
    made = Reply(status=201, headers={"location": "http://t/Things('1')"}, body=b"{}", id="1")
    gone = Reply(status=200, headers={}, body=b"")
    data, media_type = encode_batch([gone, (made, gone)])
    read = email.message_from_bytes(
        f"Content-Type: {media_type}\r\n\r\n".encode() + data, policy=email.policy.HTTP
    )
    assert isinstance(read, EmailMessage)
    plain, group = read.iter_parts()
    assert plain.get_content_type() == "application/http"
    assert plain.get_payload(decode=True).startswith(b"HTTP/1.1 200 OK\r\n")  # type: ignore[union-attr]
    assert group.get_content_type() == "multipart/mixed"
    inner = list(group.iter_parts())
    assert [one["Content-ID"] for one in inner] == ["1", None]
    assert b"location: http://t/Things('1')\r\nContent-Length: 2\r\n\r\n{}" in inner[0].get_payload(
        decode=True
    )


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (BATCH, "multipart/mixed"),
        (BATCH[:-200], TYPE),
        (BATCH.replace(b"application/http", b"text/plain", 1), TYPE),
        (BATCH.replace(b"GET /v1.1/Things?$select=name HTTP/1.1", b"please"), TYPE),
        (b"", TYPE),
        (b"--b\r\n\r\n" * 2_000 + b"--b--", "multipart/mixed; boundary=b"),
    ],
)
def test_what_is_no_batch_is_refused_in_both_languages(data: bytes, media_type: str) -> None:
    with pytest.raises(DataError) as caught:
        decode_batch(data, media_type)
    (problem,) = caught.value.problems
    assert problem.text.ja
    assert problem.text.en


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_bytes_are_a_batch_or_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(BATCH)))
    bad = (
        BATCH[:at] + data.draw(st.binary(max_size=9)) + BATCH[at + data.draw(st.integers(0, 40)) :]
    )
    for one in (bad, data.draw(st.binary(max_size=200))):
        with suppress(DataError):
            decode_batch(one, TYPE)
