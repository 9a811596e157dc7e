"""Feeds of strangers, Atom and RSS: read, or refused with a reason, and never a fault."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards import atom
from hinomi.standards.cap import feeds

ATOM = (
    '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
    "<title>高頻度</title><entry><title>気象</title><id>urn:1</id>"
    '<updated>2026-05-20T10:00:00Z</updated><link href="http://example.jp/1.xml"/></entry></feed>'
).encode()
RSS = (
    '<rss version="2.0"><channel><title>x</title><item><title>警報</title>'
    "<link>http://example.jp/1.cap</link></item></channel></rss>"
).encode()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_cut_and_flipped_feeds_are_read_or_refused(data: st.DataObject) -> None:
    for good, read in ((ATOM, atom.decode), (RSS, feeds.links)):
        at = data.draw(st.integers(0, len(good) - 1))
        rest = good[at + data.draw(st.integers(0, 9)) :]
        with suppress(DataError):
            read(good[:at] + data.draw(st.binary(max_size=3)) + rest)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    for read in (atom.decode, feeds.links):
        with suppress(DataError):
            read(noise)


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "x"])
def test_a_time_outside_all_calendars_is_no_time(time: str) -> None:
    found = atom.decode(ATOM.replace(b"2026-05-20T10:00:00Z", time.encode()))
    assert [entry.updated for entry in found.entries] == [None]
    assert {problem.code for problem in found.problems} == {"atom.time"}


def test_another_files_content_never_comes_in() -> None:
    entity = b'<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed'
    text = ATOM.replace("高頻度".encode(), b"&x;").replace(b"<feed", entity)
    with suppress(DataError):
        assert "root:" not in repr(atom.decode(text))
