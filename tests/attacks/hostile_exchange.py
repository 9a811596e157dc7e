"""Hostile and broken files for each decoder of the exchange; each is built, none is shipped."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.standards.sip4d.conftest import Parts, feature

CAP = (
    '<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
    "<identifier>{id}</identifier><sender>pref.example.jp</sender><sent>{sent}</sent>"
    "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>"
    "<language>ja-JP</language><category>Met</category><event>{event}</event>"
    "<urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>"
    "<area><areaDesc>岩倉市</areaDesc><polygon>{polygon}</polygon></area></info></alert>"
)
SQUARE = "35.2,136.8 35.3,136.8 35.3,136.9 35.2,136.9 35.2,136.8"


def cap(
    id: str = "a",
    sent: str = "2026-05-20T10:00:00+09:00",
    event: str = "大雨",
    polygon: str = SQUARE,
) -> bytes:
    """Return a small valid alert, or one with something put into it."""
    return CAP.format(id=id, sent=sent, event=event, polygon=polygon).encode()


def bombed(xml: bytes, root: str) -> bytes:
    """Return the document with entities that grow to thousands of millions of letters."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    head, _, rest = xml.decode().partition("?>")
    return f"{head}?><!DOCTYPE {root} [{entities}]>{rest.replace('大雨', '&l9;')}".encode()


def outside(xml: bytes, root: str) -> bytes:
    """Return the document with another file's content in it."""
    head, _, rest = xml.decode().partition("?>")
    doctype = f'<!DOCTYPE {root} [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'
    return f"{head}?>{doctype}{rest.replace('大雨', '&xxe;')}".encode()


GDACS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
    'xmlns:gdacs="http://www.gdacs.org" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#">'
    "<channel><title>GDACS</title><item><title>大雨</title><guid>FL1</guid>"
    "<pubDate>{at}</pubDate><gdacs:eventid>1</gdacs:eventid><gdacs:eventtype>FL</gdacs:eventtype>"
    "<gdacs:episodeid>1</gdacs:episodeid><gdacs:alertlevel>Red</gdacs:alertlevel>"
    "<gdacs:fromdate>{at}</gdacs:fromdate><gdacs:todate>{at}</gdacs:todate>"
    "<geo:Point><geo:lat>{lat}</geo:lat><geo:long>121</geo:long></geo:Point></item></channel></rss>"
)


def gdacs(at: str = "Wed, 20 May 2026 10:00:00 GMT", lat: str = "14.5") -> bytes:
    """Return a feed of one event."""
    return GDACS.format(at=at, lat=lat).encode()


def usgs(
    coordinates: str = "[139.7,35.6,10.0]", time: str = "1779000000000", place: str = "x"
) -> bytes:
    """Return a feed of two quakes: one of them good."""
    row = (
        '{{"type":"Feature","id":"us{n}","properties":{{"mag":5.1,"place":"{place}","time":{time},'
        '"updated":1779000001000,"status":"reviewed","type":"earthquake","net":"us","code":"{n}"}},'
        '"geometry":{{"type":"Point","coordinates":{at}}}}}'
    )
    rows = (
        row.format(n=1, time="1779000000000", at="[140.1,36.2,10.0]", place="x"),
        row.format(n=2, time=time, at=coordinates, place=place),
    )
    return (
        '{"type":"FeatureCollection","metadata":{"generated":1779000002000,"url":"https://earthquake'
        f'.usgs.gov/x","title":"USGS","status":200}},"features":[{",".join(rows)}]}}'
    ).encode()


def nwis(value: str = '"1.20"', name: str = "X") -> bytes:
    """Return an answer of one gauge and one value."""
    return (
        '{"name":"ns1:timeSeriesResponseType","value":{"timeSeries":[{"sourceInfo":{'
        f'"siteName":"{name}",'
        '"siteCode":[{"value":"01646500","agencyCode":"USGS"}],"geoLocation":{"geogLocation":'
        '{"srs":"EPSG:4326","latitude":38.9,"longitude":-77.1}}},"variable":{"variableCode":'
        '[{"value":"00065"}],"unit":{"unitCode":"ft"},"noDataValue":-999999.0},"values":[{"value":'
        f'[{{"value":{value},"dateTime":"2026-05-20T10:00:00.000-05:00","qualifiers":["P"]}}]'
        '}],"name":"USGS:01646500:00065:00000"}]}}'
    ).encode()


SENSORS = (
    "sensor_id,name,kind,longitude,latitude,device,decoder,heartbeat_s,municipality_code,status\n"
)


def sensors(*rows: str) -> bytes:
    """Return a list of sensors whose first one is good."""
    return (SENSORS + "\n".join(("good,良,flood-switch,139.7,35.6,,,3600,,actual", *rows))).encode()


def package(**changes: Any) -> bytes:
    """Return a package whose first feature is good, with the second one's properties changed."""
    parts = Parts()
    parts.meta.update(changes.pop("meta", {}))
    parts.others = changes.pop("others", [])
    parts.geojson = changes.pop("geojson", None)
    place = changes.pop("place", None)
    second = feature(2, **changes)
    if place is not None:
        second["geometry"] = {"type": "Point", "coordinates": place}
    parts.features = [feature(1), second]
    return parts.zip()


def linked() -> bytes:
    """Return a package in which a member is a symbolic link."""
    out = io.BytesIO(package())
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("icon.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


@cache
def bomb() -> bytes:
    """Return a package of 200 kB that unpacks to 200 MB."""
    return package(others=[("zeros.bin", bytes(200_000_000))])


FILES: dict[str, Callable[[], bytes]] = {
    "cap-laughs.xml": lambda: bombed(cap(), "alert"),
    "cap-outside.xml": lambda: outside(cap(), "alert"),
    "cap-nested.xml": lambda: cap(event="<a>" * 1_000_000),
    "cap-cut.xml": lambda: cap()[:-90],
    "cap-encoding.xml": lambda: cap().replace("大雨".encode(), b"\xff\xfe\xfa"),
    "cap-declared.xml": lambda: cap().replace(b"UTF-8", b"utf-99", 1),
    "cap-year-9999.xml": lambda: cap("y", sent="9999-12-31T23:59:59-12:00"),
    "cap-nan.xml": lambda: cap("n", polygon=SQUARE.replace("35.3,136.8", "NaN,136.8")),
    "cap-swapped.xml": lambda: cap("s", polygon="136.8,35.2 136.8,35.3 136.9,35.3 136.8,35.2"),
    "cap-10mb.xml": lambda: cap(event="x" * 10**7),
    "gdacs-laughs.xml": lambda: bombed(gdacs(), "rss"),
    "gdacs-outside.xml": lambda: outside(gdacs(), "rss"),
    "gdacs-nan.xml": lambda: gdacs(lat="NaN"),
    "gdacs-year.xml": lambda: gdacs(at="Fri, 31 Dec 9999 23:59:59 -1200"),
    "usgs-nan.json": lambda: usgs("[NaN,35.6,10.0]"),
    "usgs-infinite.json": lambda: usgs("[1e999,35.6,10.0]"),
    "usgs-year.json": lambda: usgs(time="1e300"),
    "usgs-deep.json": lambda: usgs("[" * 100_000),
    "usgs-10mb.json": lambda: usgs(place="x" * 10**7),
    "gdacs-10mb.xml": lambda: gdacs().replace("大雨".encode(), b"x" * 10**7),
    "nwis-10mb.json": lambda: nwis(name="x" * 10**7),
    "nwis-nan.json": lambda: nwis('"NaN"'),
    "nwis-huge.json": lambda: nwis('"' + "9" * 5_000_000 + '"'),
    "sensors-nan.csv": lambda: sensors("bad,x,flood-switch,NaN,35.6,,,3600,,actual"),
    "sensors-swapped.csv": lambda: sensors("bad,x,flood-switch,35.6,139.7,,,3600,,actual"),
    "sensors-status.csv": lambda: sensors("bad,x,flood-switch,139.7,35.6,,,3600,,real"),
    "sensors-sql.csv": lambda: sensors("'; DROP TABLE record; --,x,flood-switch,139,35,,,,,actual"),
    "sensors-10mb.csv": lambda: sensors(f"bad,{'x' * 10**7},flood-switch,139,35,,,,,actual"),
    "sip4d-nan.zip": lambda: package(geojson=b'{"type":"FeatureCollection","features":['
                                     + json.dumps(feature(1)).encode() + b","
                                     + json.dumps(feature(2)).replace("35.28", "NaN").encode()
                                     + b"]}"),
    "sip4d-swapped.zip": lambda: package(place=[35.28, 136.872]),
    "sip4d-status.zip": lambda: package(meta={"testflg": "本番"}),
    "sip4d-year.zip": lambda: package(kaisetsu="99999-01-01T00:00:00"),
    "sip4d-climbing.zip": lambda: package(others=[("../../climb.geojson", b"{}")]),
    "sip4d-link.zip": linked,
    "sip4d-bomb.zip": bomb,
    "sip4d-deep.zip": lambda: package(geojson=b'{"type":"FeatureCollection","features":'
                                      + b"[" * 3_000_000),
    "sip4d-10mb.zip": lambda: package(mei="x" * 10**7),
    "sip4d-cut.zip": lambda: package()[:-60],
    "qzss-broken.nmea": lambda: b"$QZQSM,56," + b"F" * 63 + b"*00\r\n$QZQSM," + b"A" * 5_000_000,
}  # fmt: skip
"""Name -> what makes it."""

GOOD: dict[str, bytes] = {
    "zz-good-cap.xml": cap("good", event="good-cap"),
    "zz-good.json": usgs("[141.0,37.0,10.0]"),
    "zz-good-sensors.csv": sensors("last,末,flood-switch,139.8,35.7,,,3600,,actual"),
    "zz-good.zip": package(meta={"ttid": "326c70a0-65c3-4f34-b94e-8bd591395e99"}),
}
"""What comes after them all."""
