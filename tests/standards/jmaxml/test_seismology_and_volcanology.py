"""Earthquake, tsunami and volcano bodies: every value against an independent parser's output."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hinomi.standards.jmaxml import envelope, seismology, volcanology
from hinomi.standards.jmaxml.coordinates import decode_position, decode_positions
from hinomi.standards.jmaxml.xml import SEISMOLOGY, VOLCANOLOGY, name

OURS = re.compile(r"(VXSE|VTSE|VYSE|VZSE|VFVO|VFSV|VZVO)\w*\.xml$")
JMA = "exchange/jma-xml"


@cache
def archive(path: Path) -> dict[str, bytes]:
    """Return an archive's files by their names."""
    with tarfile.open(path) as files:
        return {
            Path(m.name).name: io.BytesIO(files.extractfile(m).read()).getvalue()  # type: ignore[union-attr]
            for m in files
            if m.isfile()
        }


@pytest.fixture(scope="module")
def samples(shared_data: Path) -> dict[str, bytes]:
    found = archive(shared_data / JMA / "official_samples.tar.xz")
    return {name: data for name, data in sorted(found.items()) if OURS.search(name)}


@pytest.fixture(scope="module")
def real(shared_data: Path) -> dict[str, bytes]:
    folder = shared_data / JMA / "real-eqvol"
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.xml"))}


def decoded(data: bytes) -> tuple[Any, seismology.Seismology | volcanology.Volcanology]:
    body = envelope.decode(data).body
    codec = volcanology if body.tag.startswith(VOLCANOLOGY) else seismology
    return body, codec.decode(body)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield (path, value) of whatever is said; lists and spelling of names fall away."""
    if isinstance(value, msgspec.Struct):
        value = {f: getattr(value, f) for f in value.__struct_fields__ if f != "problems"}
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}/{spelling(key)}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif isinstance(value, str) and re.fullmatch(r"\d{4}( \d{4})+", value):
        yield from ((path, float(code)) for code in value.split())
    elif value is not None and plain(value) != "":
        yield re.sub(r"/(\w+)/\1/", r"/\1/", path).removesuffix("/value"), plain(value)


def spelling(key: str) -> str:
    key = key.replace("_", "").lower()
    return re.sub("(ses|s)$", "", re.sub("ies$", "y", key))


def plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, str):
        if re.match(r"\d{4}-\d\d-\d\dT", value):
            return datetime.fromisoformat(value).astimezone(UTC)
        return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else value.strip()
    return float(value) if isinstance(value, int | float) else value


def test_every_value_of_the_samples_is_what_an_independent_parser_reads(
    samples: dict[str, bytes], shared_data: Path
) -> None:
    oracle = archive(shared_data / JMA / "official_samples_parsed_by_jmaxml_rs.tar.xz")
    compared = 0
    for file, data in samples.items():
        expected_file = file.removesuffix(".xml") + ".json"
        if expected_file not in oracle:
            continue
        expected = json.loads(oracle[expected_file])["body"]
        expected.pop("type")
        theirs, ours = Counter(leaves(expected)), Counter(leaves(decoded(data)[1]))
        assert ours == theirs, (file, ours - theirs, theirs - ours)
        compared += sum(ours.values())
    assert compared > 20_000


@pytest.mark.parametrize("which", ["samples", "real"])
def test_every_telegram_is_read_whole(which: str, request: pytest.FixtureRequest) -> None:
    files: dict[str, bytes] = request.getfixturevalue(which)
    assert len(files) >= 30
    for file, data in files.items():
        body, read = decoded(data)
        assert read.problems == [], file
        said = sum(
            1 for e in body.iter() if not len(e) and (e.text or "").strip() not in ("", "NaN")
        )
        said += sum(len(e.attrib) - sum(not v for v in e.attrib.values()) for e in body.iter())
        codes = sum((e.text or "").strip().count(" ") for e in body.iter() if name(e) == "Code")
        assert len(list(leaves(read))) == said + codes, file


def body_of(namespace: str, inside: str) -> Any:
    return etree.fromstring(f'<Body xmlns="{namespace[1:-1]}">{inside}</Body>')


def test_what_the_format_does_not_know_is_reported_with_its_path() -> None:
    body = body_of(
        SEISMOLOGY,
        "<Text>a</Text><Text>b</Text><Moon/><NextAdvisory when='now'>c<Star/></NextAdvisory>"
        "<Earthquake phase='1'><OriginTime>soon</OriginTime><Hypocenter><Area><Name>x</Name>"
        "</Area></Hypocenter><Magnitude type='Mj'>big</Magnitude></Earthquake>",
    )
    read = seismology.decode(body)
    found = [(p.code, p.path) for p in read.problems]
    assert found == [
        ("jmaxml.unknown-element", "/Body/Text[2]"),
        ("jmaxml.unknown-element", "/Body/Moon"),
        ("jmaxml.unknown-attribute", "/Body/NextAdvisory"),
        ("jmaxml.unknown-element", "/Body/NextAdvisory/Star"),
        ("jmaxml.unknown-attribute", "/Body/Earthquake"),
        ("jmaxml.time", "/Body/Earthquake/OriginTime"),
        ("jmaxml.missing", "/Body/Earthquake/Hypocenter/Area"),
        ("jmaxml.number", "/Body/Earthquake/Magnitude"),
    ]
    assert read.text == "a"
    assert read.earthquake[0].hypocenter is not None


@pytest.mark.parametrize(
    ("said", "longitude", "latitude", "depth_km"),
    [
        ("+36.8+135.1-10000/", 135.1, 36.8, 10.0),
        ("+34.3+135.2+0/", 135.2, 34.3, 0.0),
        ("+3447.1+13829.9-23000/", 138.498333, 34.785, 23.0),
        ("+3624.38+13831.38+2568/", 138.523, 36.406333, -2.568),
        ("-35.8-072.7/", -72.7, -35.8, None),
        ("+27.5+140.5-700000/", 140.5, 27.5, 700.0),
    ],
)
def test_a_position_is_read_in_degrees_and_in_minutes(
    said: str, longitude: float, latitude: float, depth_km: float | None
) -> None:
    found = decode_position(said)
    assert found is not None
    assert (found.longitude, found.latitude) == (longitude, latitude)
    assert found.depth_km == depth_km


@pytest.mark.parametrize(
    "said", ["", "/", "+91.0+135.0/", "+3475.0+13829.9/", "+34.8+138.5", "+34.8+138.5/x", "nan"]
)
def test_what_is_no_position_is_none(said: str) -> None:
    assert decode_position(said) is None


def test_a_ring_of_which_one_position_is_wrong_is_no_ring() -> None:
    good = "+31.5+130.6/+31.6+130.7/+31.5+130.8/+31.5+130.6/"
    assert len(decode_positions(good)) == 4
    assert decode_positions(good.replace("130.7", "190.7")) == []


TAGS = [
    "Earthquake",
    "Area",
    "Hypocenter",
    "Magnitude",
    "Tsunami",
    "Forecast",
    "Item",
    "Station",
    "Name",
    "Code",
    "Intensity",
    "Pref",
    "VolcanoInfo",
    "Kind",
    "Areas",
    "AshInfos",
    "Text",
]
WORDS = [
    "NaN",
    "1",
    "-9e999",
    "1_0",
    "2011-03-11T14:46:00+09:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+09:00",
    "+34.8+138.5-20000/",
    "震度５弱以上未入電",
]


@st.composite
def trees(draw: st.DrawFn, depth: int = 5) -> str:
    tag = draw(st.sampled_from(TAGS))
    inner = draw(st.sampled_from(WORDS) | st.text("<&é震 \n1".replace("<", "").replace("&", "")))
    if depth:
        inner += "".join(draw(st.lists(trees(depth - 1), max_size=3)))
    return f"<{tag} type='x' condition='{draw(st.sampled_from(WORDS))}'>{inner}</{tag}>"


@settings(max_examples=150, deadline=None)
@given(st.lists(trees(), max_size=4))
def test_no_tree_of_known_names_breaks_the_decoders(inside: list[str]) -> None:
    for codec, namespace in ((seismology, SEISMOLOGY), (volcanology, VOLCANOLOGY)):
        body = body_of(namespace, "".join(inside))
        read = codec.decode(body)
        assert all(p.path.startswith("/Body") for p in read.problems)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_real_body_with_elements_moved_or_spoilt_never_breaks_the_decoders(
    data: st.DataObject, samples: dict[str, bytes]
) -> None:
    file = data.draw(st.sampled_from(sorted(samples)[::9]))
    body = envelope.decode(samples[file]).body
    every = list(body.iter())[1:400]
    for element in data.draw(st.lists(st.sampled_from(every), max_size=6)):
        if data.draw(st.booleans()):
            element.text = data.draw(st.sampled_from(WORDS))
        elif element.getparent() is not None:
            element.getparent().append(
                etree.Element(data.draw(st.sampled_from([e.tag for e in every])))
            )
    codec = volcanology if body.tag.startswith(VOLCANOLOGY) else seismology
    read = codec.decode(body)
    assert all(p.grade == "alarm" or p.grade == "note" for p in read.problems), name(body)
