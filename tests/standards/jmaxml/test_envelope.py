"""The envelope: what every telegram says of itself, and bytes that mean harm."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.kernel.marking import Status
from hinomi.standards.jmaxml import envelope, outlooks, warnings
from hinomi.standards.jmaxml.types import type_of
from hinomi.standards.jmaxml.xml import MAX_BYTES, MAX_ELEMENTS

CODE = re.compile(r"_(VX[KS][OU]|VFSV|V[A-Z]{3}\d\d)")
SHARED_TITLES = {"VPTW41": "VPTW40", "VPTW51": "VPTW50", "VPTW61": "VPTW60", "VPTW62": "VPTW60"}
SHARED_TITLES["VYSE52"] = "VYSE51"

TELEGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<Report xmlns="http://xml.kishou.go.jp/jmaxml1/">
<Control>
<Title>気象警報・注意報（Ｒ０６）（大雨）</Title><DateTime>2026-06-01T00:00:10Z</DateTime>
<Status>{status}</Status><EditorialOffice>松江地方気象台</EditorialOffice>
<PublishingOffice>松江地方気象台</PublishingOffice>
</Control>
<Head xmlns="http://xml.kishou.go.jp/jmaxml1/informationBasis1/">
<Title>島根県大雨警報</Title><ReportDateTime>{reported}</ReportDateTime>
<TargetDateTime>2026-06-01T09:00:00+09:00</TargetDateTime><EventID/>
<InfoType>{info_type}</InfoType><Serial/><InfoKind>気象警報・注意報</InfoKind>
<InfoKindVersion>1.5_0</InfoKindVersion>
<Headline><Text>低い土地の浸水に警戒。</Text>
<Information type="気象警報・注意報（市町村等）"><Item>
<Kind><Name>レベル３大雨警報</Name><Code>03</Code></Kind>
<Areas codeType="気象・地震・火山情報／市町村等">
<Area><Name>松江市</Name><Code>3220100</Code></Area>
</Areas></Item></Information></Headline>
</Head>
<Body xmlns="http://xml.kishou.go.jp/jmaxml1/body/meteorology1/">{body}</Body>
</Report>"""


def telegram(
    *,
    status: str = "通常",
    reported: str = "2026-06-01T09:00:00+09:00",
    info_type: str = "発表",
    body: str = "",
) -> bytes:
    """Return a whole telegram."""
    return TELEGRAM.format(
        status=status, reported=reported, info_type=info_type, body=body
    ).encode()


def refusal(data: bytes) -> DataError:
    """Return why bytes are refused, quickly and with what was expected."""
    began = time.process_time()
    with pytest.raises(DataError) as caught:
        envelope.decode(data)
    assert time.process_time() - began < 2
    for problem in caught.value.problems:
        assert problem.expected
        assert problem.text.ja
        assert problem.text.en
        assert len(problem.found) <= 200
    return caught.value


@pytest.fixture(scope="module")
def samples(shared_data: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(shared_data / "exchange/jma-xml/official_samples.tar.xz") as files:
        for member in files:
            handle = files.extractfile(member) if member.name.endswith(".xml") else None
            if handle is not None:
                found[Path(member.name).name] = handle.read()
    return found


def test_what_a_telegram_says_of_itself_is_read() -> None:
    read = envelope.decode(telegram())
    assert read.type == "VPWW55"
    assert read.control.status is Status.ACTUAL
    assert read.control.sent_at == datetime(2026, 6, 1, 0, 0, 10, tzinfo=UTC)
    assert read.control.publishing_office == "松江地方気象台"
    assert read.head.reported_at == datetime(2026, 6, 1, tzinfo=UTC)
    assert (read.head.act, read.head.info_type) == ("issue", "発表")
    assert read.head.headline == "低い土地の浸水に警戒。"
    assert read.problems == ()
    (block,) = read.informations()
    assert block.type == "気象警報・注意報（市町村等）"
    assert block.items[0].kinds == (envelope.Kind("レベル３大雨警報", "03"),)
    assert block.items[0].areas == (envelope.Area("松江市", "3220100"),)


def test_every_official_sample_has_the_type_that_its_file_name_says(
    samples: dict[str, bytes],
) -> None:
    assert len(samples) == 450
    for file, data in samples.items():
        found = CODE.search(file)
        assert found
        read = envelope.decode(data)
        assert read.type == SHARED_TITLES.get(found[1], found[1])
        assert read.problems == ()


def test_every_real_telegram_is_read(shared_data: Path) -> None:
    files = sorted((shared_data / "exchange/jma-xml/real-eqvol").glob("*.xml"))
    assert files
    for file in files:
        assert envelope.decode(file.read_bytes()).type


def test_an_unknown_title_is_kept_with_an_alarm() -> None:
    data = telegram().decode().replace("気象警報・注意報（Ｒ０６）（大雨）", "新しい電文").encode()
    read = envelope.decode(data)
    assert read.type == ""
    assert [(p.code, p.grade, p.found) for p in read.problems] == [
        ("jmaxml.unknown-type", "alarm", "新しい電文")
    ]


def test_spellings_of_one_title_are_one_type() -> None:
    assert type_of("津波警報・注意報・予報a") == type_of("津波警報・注意報・予報") == "VTSE41"
    assert type_of("緊急地震速報(警報)") == "VXSE43"


@pytest.mark.parametrize(
    ("word", "status"),
    [("通常", Status.ACTUAL), ("訓練", Status.EXERCISE), ("試験", Status.TEST)],
)
def test_each_status_is_told_apart(word: str, status: Status) -> None:
    assert envelope.decode(telegram(status=word)).control.status is status


def test_a_status_that_is_not_defined_never_passes_as_actual() -> None:
    problems = refusal(telegram(status="練習", info_type="発令")).problems
    assert [(p.code, p.path, p.expected) for p in problems] == [
        ("jmaxml.unknown-word", "/Report/Control/Status", "通常|訓練|試験"),
        ("jmaxml.unknown-word", "/Report/Head/InfoType", "発表|訂正|遅延|取消"),
    ]


@pytest.mark.parametrize(
    "reported", ["", "yesterday", "2026-13-01T00:00:00+09:00", "9999-12-31T23:59:59-14:00", "0001"]
)
def test_a_telegram_that_cannot_be_ordered_is_refused(reported: str) -> None:
    (problem,) = refusal(telegram(reported=reported)).problems
    assert problem.path.startswith("/Report/Head")


def test_a_time_without_a_zone_is_read_as_japans_with_a_note() -> None:
    read = envelope.decode(telegram(reported="2026-06-01T09:00:00"))
    assert read.head.reported_at == datetime(2026, 6, 1, tzinfo=UTC)
    assert [(p.code, p.grade) for p in read.problems] == [("jmaxml.zone", "note")]


def declared(encoding: str) -> bytes:
    return telegram().replace(b'"UTF-8"', f'"{encoding}"'.encode())


BOMB = b"<!DOCTYPE r [" + b"".join(
    b'<!ENTITY e%d "%s">' % (n, (b"&e%d;" % (n - 1)) * 10 if n else b"boom") for n in range(10)
)
HOSTILE = {
    "empty": (b"", "jmaxml.xml"),
    "no-xml": (b"PK\x03\x04 not xml", "jmaxml.xml"),
    "cut": (telegram()[:700], "jmaxml.encoding|jmaxml.xml"),
    "bomb": (BOMB + b"]><r>&e9;</r>", "jmaxml.dtd"),
    "external": (
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
        "jmaxml.dtd",
    ),
    "remote-dtd": (b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>', "jmaxml.dtd"),
    "entity": (telegram(body="&nosuch;"), "jmaxml.xml"),
    "nested": (b"<a>" * 300_000 + b"</a>" * 300_000, "jmaxml.depth"),
    "nested-deeper": (b"<a>" * 5_000_000, "jmaxml.too-large"),
    "wide": (b"<r>" + b"<a/>" * (2 * MAX_ELEMENTS) + b"</r>", "jmaxml.too-large"),
    "attribute": (b'<r a="' + b"x" * 10_500_000 + b'"/>', "jmaxml.xml"),
    "large": (b" " * (MAX_BYTES + 1), "jmaxml.too-large"),
    "utf-16": (telegram().decode().encode("utf-16"), "jmaxml.encoding"),
    "shift-jis": (telegram().decode().encode("shift_jis", "replace"), "jmaxml.encoding"),
    "declared-utf-16": (declared("UTF-16"), "jmaxml.xml"),
    "declared-unknown": (declared("klingon"), "jmaxml.xml"),
    "nul": (telegram().replace(b"<Serial/>", b"<Serial>\x00</Serial>"), "jmaxml.encoding"),
    "control": (telegram().replace(b"<Serial/>", b"<Serial>\x01</Serial>"), "jmaxml.xml"),
    "other": (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "jmaxml.not-a-telegram"),
    "hollow": (b'<Report xmlns="http://xml.kishou.go.jp/jmaxml1/"/>', "jmaxml.missing"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_refused_with_a_reason(name: str) -> None:
    data, code = HOSTILE[name]
    problems = refusal(data).problems
    assert problems
    assert all(re.fullmatch(code, p.code) for p in problems)


def test_all_that_is_missing_is_listed() -> None:
    problems = refusal(b'<Report xmlns="http://xml.kishou.go.jp/jmaxml1/"/>').problems
    assert len(problems) == 3


FILL = """
from pathlib import Path

from hinomi.kernel.errors import DataError
from hinomi.standards.jmaxml.envelope import decode
from hinomi.standards.jmaxml.xml import MAX_BYTES, MAX_ELEMENTS

def peak():  # Not ru_maxrss: that remembers the process that this one was forked from.
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

before = peak()
for data in (
    b"<r>" + b"<a>x</a>" * (MAX_ELEMENTS - 10) + b"</r>",
    b"<r>" + b"x" * (MAX_BYTES - 10) + b"</r>",
    b"<r " + b" ".join(b'a%d="1"' % n for n in range(1_000_000)) + b"/>",
    b"<a>" * 500_000,
):
    try:
        decode(data)
    except DataError:
        pass
print((peak() - before) // 1024)
"""


def test_memory_stays_bounded_at_the_limits() -> None:
    done = subprocess.run([sys.executable, "-c", FILL], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 400  # [MB]


def test_a_long_attribute_within_the_limit_does_no_harm() -> None:
    data = telegram().replace(b"<Serial/>", b'<Serial x="' + b"y" * 9_000_000 + b'"/>')
    assert envelope.decode(data).type == "VPWW55"


WARNING = (
    '<Warning type="気象警報・注意報（市町村等）"><Item><Kind><Name>レベル３大雨警報</Name>'
    "<Code>03</Code><Status>発表</Status></Kind>"
    "<Area><Name>松江市</Name><Code>3220100</Code></Area></Item></Warning>"
)
WHOLE = telegram(body=WARNING)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(WHOLE)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        how = draw(st.sampled_from(("cut", "flip", "pad", "drop", "double")))
        if how == "cut":
            del data[at:]
        elif how == "flip":
            data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
        elif how == "pad":
            data[at:at] = draw(st.binary(max_size=40))
        elif how == "drop":
            del data[at : at + length]
        else:
            data[at:at] = data[at : at + length]
    return bytes(data)


@settings(max_examples=400, deadline=1000)
@given(damaged())
def test_damaged_telegrams_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        read = envelope.decode(data)
    except DataError:
        return
    read.informations()
    warnings.decode(read.body)
    outlooks.decode(read.body)
