"""Telegrams, real and made, and a small store to put them in."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hinomi.domains.hazards.observe import jma
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.marking import OPERATOR, Status
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.reader import Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.stores.memory import MemoryStore

TAKEN_AT = datetime(2026, 6, 1, tzinfo=UTC)

WARNING = """<?xml version="1.0" encoding="UTF-8"?>
<Report xmlns="http://xml.kishou.go.jp/jmaxml1/">
<Control><Title>{title}</Title><DateTime>2026-06-01T00:00:00Z</DateTime>
<Status>{status}</Status><EditorialOffice>松江地方気象台</EditorialOffice>
<PublishingOffice>松江地方気象台</PublishingOffice></Control>
<Head xmlns="http://xml.kishou.go.jp/jmaxml1/informationBasis1/">
<Title>島根県の情報</Title><ReportDateTime>{at}</ReportDateTime>
<TargetDateTime>{at}</TargetDateTime>{valid}<EventID/><InfoType>{info_type}</InfoType><Serial/>
<InfoKind>気象警報・注意報</InfoKind><InfoKindVersion>1.5_0</InfoKindVersion>
<Headline><Text>警戒してください。</Text></Headline></Head>
<Body xmlns="http://xml.kishou.go.jp/jmaxml1/body/meteorology1/">
<Warning type="気象警報・注意報（市町村等）">{items}</Warning></Body></Report>"""
RAIN = "気象警報・注意報（Ｒ０６）（大雨）"
OLD = "気象警報・注意報（Ｈ２７）"

Said = tuple[str, str, str, str]
"""Area code, kind code ("" for none), kind name, status."""


class Areas:
    """A gazetteer that knows Matsue with a place and Izumo without one."""

    def place(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        return point(133.05, 35.47) if code == "3220100" else None

    def knows(self, code: str, on: date) -> bool:  # noqa: ARG002
        return code != "9999900"


def payload(data: bytes, name: str = "made.xml") -> Payload:
    digest = hashlib.sha256(data).hexdigest()
    return Payload(data=data, name=name, address=name, digest=digest, taken_at=TAKEN_AT)


def parse(data: bytes) -> Parsed:
    return jma.parse(payload(data), Areas())


def warning(
    *said: Said,
    at: str = "2026-06-01T09:00:00+09:00",
    title: str = RAIN,
    status: str = "通常",
    info_type: str = "発表",
    valid: str = "",
) -> bytes:
    """Return a telegram that says these kinds of these areas."""
    items = "".join(
        "<Item><Kind>"
        + (f"<Name>{name}</Name><Code>{code}</Code>" if code else "")
        + f"<Status>{phase}</Status></Kind>"
        + f"<Area><Name>area {area}</Name><Code>{area}</Code></Area></Item>"
        for area, code, name, phase in said
    )
    if valid:
        valid = f"<ValidDateTime>{valid}</ValidDateTime>"
    return WARNING.format(
        title=title, status=status, at=at, valid=valid, info_type=info_type, items=items
    ).encode()


def reader(telegrams: Iterable[bytes], status: Status = Status.ACTUAL) -> Reader:
    """Return a reader of a store that got the telegrams one by one, in this order."""
    store = MemoryStore()
    for data in telegrams:
        parsed = parse(data)
        store.put(parsed.records, parsed.readings, parsed.complete, at=TAKEN_AT)
    return Reader(store, default_catalog(), OPERATOR, status=frozenset({status}))


@pytest.fixture(scope="session")
def samples(shared_data: Path) -> dict[str, bytes]:
    """All official samples by file name."""
    found: dict[str, bytes] = {}
    with tarfile.open(shared_data / "exchange/jma-xml/official_samples.tar.xz") as files:
        for member in files:
            handle = files.extractfile(member) if member.name.endswith(".xml") else None
            if handle is not None:
                found[Path(member.name).name] = handle.read()
    return found


@pytest.fixture(scope="session")
def sample(samples: dict[str, bytes]) -> Callable[[str], bytes]:
    """Give an official sample by a part of its file name."""

    def one(part: str) -> bytes:
        (name,) = [n for n in samples if part in n]
        return samples[name]

    return one


@pytest.fixture(scope="session")
def real(shared_data: Path) -> dict[str, bytes]:
    """Telegrams of quakes and volcanoes as they came, by file name."""
    folder = shared_data / "exchange/jma-xml/real-eqvol"
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.xml"))}


@pytest.fixture
def say() -> Callable[..., bytes]:
    """Make a warning's telegram."""
    return warning


@pytest.fixture
def parsed() -> Callable[[bytes], Parsed]:
    """Parse a telegram as the source does."""
    return parse


@pytest.fixture
def told() -> Callable[..., Reader]:
    """Give a reader of a store that got these telegrams in this order."""
    return reader
