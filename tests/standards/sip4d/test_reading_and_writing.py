"""Streams, normalising, styles, round trips, and bytes that lie."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.standards import sip4d
from hinomi.standards.sip4d import markings
from hinomi.standards.sip4d.splitter import SplitError, Splitter
from hinomi.standards.sip4d.style import read_style

PACKAGES = "exchange/sip4d-zip"
NAMES = (
    "052_20250801_0000000.zip",
    "20260609111841_R_1003665_20251004.zip",
    "bomtest.zip",
    "kunren_023_01-001-01_20260414140049_1.zip",
    "polygon_style_err_sample.zip",
    "ttid_nashi.zip",
)


def test_a_senders_names_and_codes_become_the_standards_beside_its_own(parts: Any) -> None:
    package = sip4d.open_package(parts.zip())
    first = next(package.layers[0].features())
    assert first.stated == {
        "id": "232280001",
        "name": "第1小学校",
        "cityname": "岩倉市",
        "eststts": "open",
        "evacueeno": 30,
        "sevacueeno": 2,
        "starttime": datetime(2026, 5, 20, tzinfo=UTC),
    }
    assert first.properties["jokyo"] == "1"
    assert first.municipality == "2322800"


def test_the_drill_packages_own_code_1_is_not_open(shared_data: Path) -> None:
    data = (shared_data / PACKAGES / "kunren_023_01-001-01_20260414140049_1.zip").read_bytes()
    package = sip4d.open_package(data)
    states = {f.stated["eststts"] for f in package.layers[0].features()}
    assert states == {"notopen"}
    assert package.marking() == Marking(Status.EXERCISE)


@pytest.mark.parametrize("name", NAMES)
def test_a_package_read_and_written_is_the_same(shared_data: Path, name: str) -> None:
    data = (shared_data / PACKAGES / name).read_bytes()
    assert list(sip4d.differences(data, _rewritten(data))) == []


def _rewritten(data: bytes) -> bytes:
    package = sip4d.open_package(data)
    layers, icons = [], {}
    for layer in package.layers:
        raws = [feature.raw for feature in layer.features()]
        icons |= {n: package.archive.read(n, package.findings) for n in layer.icons}
        layers.append(
            sip4d.LayerContent(
                file=layer.file,
                columns=layer.columns_document or {},
                style=layer.style_document,
                features=raws,
                members=layer.members,
            )
        )
    out = io.BytesIO()
    kept = {n: b for n, b in icons.items() if b is not None}
    content = sip4d.Content(metadata=package.metadata, layers=layers, icons=kept)
    sip4d.write_package(content, out)
    return out.getvalue()


def test_equal_content_gives_equal_bytes(parts: Any) -> None:
    data = parts.zip()
    assert _rewritten(data) == _rewritten(data)


def test_a_changed_value_is_a_difference(parts: Any) -> None:
    before = parts.zip()
    parts.features[1]["properties"]["evacueeno"] = 31
    (found,) = sip4d.differences(before, parts.zip())
    assert (found.path, found.left, found.right) == (
        "a.geojson/features[1]/properties/evacueeno",
        30,
        31,
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{"type":"FeatureCollection","features":[]}', 0),
        ('{"features":[{"a":{"b":{"c":{"d":"}{"}}}}, {}],"name":"features"}', 2),
        ('\ufeff {"name":"features","x":{"features":[1]},"features" : [ {"a":"\\"}"} ] }', 1),
    ],
)
def test_features_are_split_wherever_braces_stand(text: str, count: int) -> None:
    for size in (1, 7, 1 << 20):
        splitter = Splitter(_Slow(text.encode(), size))
        assert [json.loads(raw) for raw in splitter] == json.loads(text.removeprefix("\ufeff"))[
            "features"
        ]
    assert len(json.loads(text.removeprefix("\ufeff"))["features"]) == count


class _Slow(io.BytesIO):
    """Gives few bytes at once."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(self._size, size) if size and size > 0 else self._size)


def test_a_document_that_nests_without_end_is_refused() -> None:
    for text in ('{"features":[' + '{"a":' * 100_000, '{"x":' + "[" * 100_000):
        with pytest.raises(SplitError):
            list(Splitter(io.BytesIO(text.encode())))


def test_a_class_is_chosen_by_value_or_by_the_end_of_its_range(parts: Any) -> None:
    style = read_style(parts.style)
    found = style.class_of({"jokyo": "1"})
    assert found is not None
    assert (found.title, found.colour, found.size_px) == ("開設", "#00aa00", 8.0)
    ranges = read_style(
        {
            "type": "polygon",
            "column": "depth",
            "minvalue": 0,
            "classes": [{"title": "浅い", "value": 0.5}, {"title": "深い", "value": 2}],
        }
    )
    titles = [getattr(ranges.class_of({"depth": d}), "title", None) for d in (0.5, 0.6, 3, "x")]
    assert titles == ["浅い", "深い", None, None]


@pytest.mark.parametrize("testflg", markings.STATUSES)
@pytest.mark.parametrize("openflg", markings.WIDTH)
def test_flags_and_markings_map_both_ways(testflg: str, openflg: str) -> None:
    marking = sip4d.marking_of(testflg, openflg)
    assert marking is not None
    assert sip4d.flags_of(marking) == (testflg, openflg)


def test_what_has_no_flag_goes_into_no_package() -> None:
    closed = [
        Marking(disclosure=Disclosure.RED, audience=("disaster-responders",)),
        Marking(disclosure=Disclosure.AMBER),
        Marking(disclosure=Disclosure.AMBER, audience=("kobe-city",)),
        Marking(disclosure=Disclosure.AMBER_STRICT, audience=("isut-site",)),
        Marking(audience=("kobe-city",)),
    ]
    assert [sip4d.flags_of(m) for m in closed] == [None] * len(closed)


_LARGE = """
import io, json, sys
from pathlib import Path
from hinomi.standards import sip4d
meta, columns = json.loads(sys.argv[1])
count = int(sys.argv[2])
def features():
    for i in range(count):
        yield (b'{"type":"Feature","properties":{"no":"%d","mei":"x%d","shi":"\\xe5\\xb2\\xa9'
               b'\\xe5\\x80\\x89\\xe5\\xb8\\x82","jokyo":"1","evacueeno":3},"geometry":'
               b'{"type":"Point","coordinates":[136.8,35.2]}}' % (i, i))
path = sys.argv[3]
with open(path, "wb") as file:
    layer = sip4d.LayerContent(file="a.geojson", columns=columns, features=features())
    sip4d.write_package(sip4d.Content(metadata=meta, layers=[layer]), file, level=1)
with open(path, "rb") as file:
    verdict = sip4d.check(file)
assert verdict.features == count and verdict.conforms, verdict
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def test_memory_does_not_grow_with_the_number_of_features(parts: Any, tmp_path: Path) -> None:
    """200,000 features written and judged; a million are in benchmarks/sip4d.py."""
    documents = json.dumps([parts.meta, parts.columns])
    done = subprocess.run(
        [sys.executable, "-c", _LARGE, documents, "200000", str(tmp_path / "large.zip")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 200


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_cut_padded_and_flipped_bytes_end_in_a_verdict(parts: Any, data: st.DataObject) -> None:
    whole = bytearray(_PACKAGE or _keep(parts.zip()))
    kind = data.draw(st.sampled_from(["cut", "pad", "flip"]))
    at = data.draw(st.integers(0, len(whole) - 1))
    if kind == "cut":
        del whole[at:]
    elif kind == "pad":
        whole[at:at] = data.draw(st.binary(min_size=1, max_size=20))
    else:
        whole[at] ^= data.draw(st.integers(1, 255))
    verdict = sip4d.check(bytes(whole))
    assert isinstance(verdict.conforms, bool)


_PACKAGE = b""


def _keep(data: bytes) -> bytes:
    global _PACKAGE
    _PACKAGE = data
    return data


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "name", "coordinates", "classes"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(where=st.sampled_from(["meta", "columns", "style", "feature"]), value=_JSON, data=st.data())
def test_any_value_anywhere_ends_in_a_verdict(
    parts: Any, where: str, value: Any, data: st.DataObject
) -> None:
    target = {
        "meta": parts.meta,
        "columns": parts.columns,
        "style": parts.style,
        "feature": parts.features[0],
    }[where]
    name = data.draw(st.sampled_from(sorted(target)))
    before, target[name] = target[name], value
    if where == "columns" and name == "columns":
        target[name] = [value, *before]
    try:
        verdict = sip4d.check(parts.zip())
        read_style(parts.style)
    finally:
        target[name] = before
    assert isinstance(verdict.plausible, bool)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_no_package_or_one(data: bytes) -> None:
    for given_bytes in (data, b"PK\x03\x04" + data):
        with contextlib.suppress(DataError):
            assert sip4d.open_package(given_bytes).metadata


def test_a_deeply_nested_document_is_a_finding(parts: Any) -> None:
    parts.others = [("a_style.json", b"[" * 200_000)]
    with pytest.warns(UserWarning, match="Duplicate name"):
        verdict = sip4d.check(parts.zip())
    assert verdict.counts["member-not-json"] == 1
    huge = msgspec.json.encode({"type": "FeatureCollection", "features": parts.features})
    parts.others, parts.geojson = [], huge.replace(b"136.871", b"1" + b"0" * 400, 1)
    assert not sip4d.check(parts.zip()).plausible
