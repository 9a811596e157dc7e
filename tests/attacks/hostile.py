"""Files that mean harm, or that a broken sender makes; each is built, none is shipped."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

HEAD = (
    '<Report xmlns="http://xml.kishou.go.jp/jmaxml1/"><Control><Title>{title}</Title>'
    "<DateTime>{at}</DateTime><Status>通常</Status><EditorialOffice>松江地方気象台</EditorialOffice>"
    "<PublishingOffice>松江地方気象台</PublishingOffice></Control>"
    '<Head xmlns="http://xml.kishou.go.jp/jmaxml1/informationBasis1/"><Title>{head}</Title>'
    "<ReportDateTime>{at}</ReportDateTime><TargetDateTime>{at}</TargetDateTime><EventID/>"
    "<InfoType>発表</InfoType><Serial/><InfoKind>気象警報・注意報</InfoKind>"
    "<InfoKindVersion>1.5_0</InfoKindVersion><Headline><Text/></Headline></Head>"
)
BODY = (
    '<Body xmlns="http://xml.kishou.go.jp/jmaxml1/body/meteorology1/">'
    '<Warning type="気象警報・注意報（市町村等）"><Item><Kind><Name>レベル３大雨警報</Name>'
    "<Code>03</Code><Status>発表</Status></Kind><Area><Name>{area}</Name><Code>3220100</Code></Area>"
    "</Item></Warning></Body></Report>"
)


def telegram(
    at: str = "2026-06-01T09:00:00+09:00",
    title: str = "気象警報・注意報（Ｒ０６）（大雨）",
    head: str = "島根県大雨警報・注意報",
    area: str = "松江市",
) -> bytes:
    """Return a small valid telegram, or one with something put into it."""
    return (HEAD.format(at=at, title=title, head=head) + BODY.format(area=area)).encode()


def laughs() -> bytes:
    """Return ten levels of entities, ten each: ten thousand million when expanded."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    text = telegram(head="&l9;").decode()
    return f"<!DOCTYPE Report [{entities}]>{text}".encode()


def outside(url: str) -> bytes:
    """Return a telegram whose headline is another file's content."""
    text = telegram(head="&xxe;").decode()
    return f'<!DOCTYPE Report [<!ENTITY xxe SYSTEM "{url}">]>{text}'.encode()


def quadratic() -> bytes:
    """Return one long entity, repeated."""
    text = telegram(head="&a;" * 10_000).decode()
    return f'<!DOCTYPE Report [<!ENTITY a "{"a" * 50_000}">]>{text}'.encode()


def nested(size: int) -> bytes:
    """Return so many bytes of open elements."""
    return HEAD.format(title="x", head="x", at="2026-06-01T09:00:00+09:00").encode() + b"<a>" * (
        size // 3
    )


def nested_zip(size: int) -> bytes:
    """Return a zip with one member of so many bytes of nesting (about a thousandth of it)."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("deep.xml", "w", force_zip64=True) as member,
    ):
        chunk = b"<a>" * 333_333
        for _ in range(size // len(chunk)):
            member.write(chunk)
    return packed.getvalue()


def climbing_tar(good: bytes) -> bytes:
    """Return a tar with a climbing name, an absolute one, a link, a device and a good member."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as archive:
        for name, data in (
            ("../../climb.xml", good),
            ("/etc/absolute.xml", good),
            ("fine.xml", good),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, kind in (("link.xml", tarfile.SYMTYPE), ("null.xml", tarfile.CHRTYPE)):
            member = tarfile.TarInfo(name)
            member.type = kind
            member.linkname = "/etc/passwd"
            archive.addfile(member)
    return packed.getvalue()


def sites(coordinates: str) -> bytes:
    """Return a GSI site list with one good row and one with those coordinates (JSON text)."""
    row = (
        '{{"type":"Feature","geometry":{{"type":"Point","coordinates":{at}}},"properties":'
        '{{"NO":{no},"共通ID":"E32201{no:08d}","都道府県名及び市町村名":"島根県松江市",'
        '"施設・場所名":"公園{no}","住所":"島根県松江市","洪水":"1","崖崩れ、土石流及び地滑り":"",'
        '"高潮":"","地震":"1","津波":"","大規模な火事":"","内水氾濫":"","火山現象":"",'
        '"指定避難所との住所同一":"","備考":""}}}}'
    )
    rows = ",".join((row.format(at="[133.05,35.46]", no=1), row.format(at=coordinates, no=2)))
    return f'{{"type":"FeatureCollection","name":"322016","features":[{rows}]}}'.encode()


FILES: dict[str, Callable[[], bytes]] = {
    "laughs.xml": laughs,
    "quadratic.xml": quadratic,
    "outside-file.xml": lambda: outside("file:///etc/passwd"),
    "outside-net.xml": lambda: outside("http://127.0.0.1:9/secret"),
    "nested.xml": lambda: nested(12_000_000),
    "nested-1gb.zip": lambda: nested_zip(1_000_000_000),
    "declared-sjis.xml": lambda: b'<?xml version="1.0" encoding="Shift_JIS"?>' + telegram(),
    "declared-unknown.xml": lambda: b'<?xml version="1.0" encoding="utf-99"?>' + telegram(),
    "bad-utf8.xml": lambda: telegram().replace("松江市".encode(), b"\xff\xfe\xfa"),
    "utf16-cut.xml": lambda: b"\xff\xfe" + telegram().decode().encode("utf-16-le")[:-7],
    "truncated.xml": lambda: telegram()[:-120],
    "empty.xml": lambda: b"",
    "year-9999.xml": lambda: telegram(at="9999-12-31T23:59:59-12:00"),
    "no-such-day.xml": lambda: telegram(at="2026-02-31T09:00:00+09:00"),
    "attribute-10mb.xml": lambda: telegram().replace(b"<Item>", b'<Item a="%b">' % (b"x" * 10**7)),
    "unknown-type.xml": lambda: telegram(title="未来の電文（Ｒ９９）"),
    "nan.json": lambda: sites("[NaN,35.4]"),
    "infinite.json": lambda: sites("[1e999,35.4]"),
    "swapped.json": lambda: sites("[35.46,133.05]"),
    "displaced.json": lambda: sites("[5.0,35.46]"),
    "deep.json": lambda: b'{"type":"FeatureCollection","features":' + b"[" * 3_000_000,
    "not-json.json": lambda: b'{"type":"FeatureCollection","features":[{]}',
    "gauges-null.json": lambda: json.dumps(
        {"generatedAt": "x", "totalItems": 1, "items": [{"code": None, "level": "high"}]}
    ).encode(),
    "climbing.tar.xz": lambda: climbing_tar(telegram()),
    "cut.zip": lambda: nested_zip(2_000_000)[:-40],
    "cut.xml.gz": lambda: gzip.compress(telegram())[:-9],
}
"""Name -> what makes it."""

REFUSED = {name for name in FILES if name not in {"unknown-type.xml", "attribute-10mb.xml"}}


def write_all(folder: Path) -> None:
    """Write all of them, and a good telegram last in order."""
    folder.mkdir(parents=True)
    for name, make in FILES.items():
        (folder / name).write_bytes(make())
    (folder / "zz-good.xml").write_bytes(telegram(area="浜田市").replace(b"3220100", b"3220200"))
