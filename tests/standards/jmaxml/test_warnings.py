"""Bodies of warnings and outlooks: every kind, area, code and value, by two other readings."""

from __future__ import annotations

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from lxml import etree

from hinomi.standards.jmaxml import envelope, outlooks, warnings

OURS = re.compile(r"_(VPWW\d\d|VXWW50|VPHW5\d|VPOA50)\.(xml|json)$")
OUTLOOK = re.compile(r"_VPWP50\.(xml|json)$")
BODY = "{http://xml.kishou.go.jp/jmaxml1/body/meteorology1/}"


def archive(path: Path, wanted: re.Pattern[str]) -> dict[str, bytes]:
    found = {}
    with tarfile.open(path) as files:
        for member in files:
            handle = files.extractfile(member) if wanted.search(member.name) else None
            if handle is not None:
                found[Path(member.name).stem] = handle.read()
    return found


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "exchange/jma-xml"


@pytest.fixture(scope="module")
def samples(folder: Path) -> dict[str, bytes]:
    return archive(folder / "official_samples.tar.xz", OURS)


@pytest.fixture(scope="module")
def parsed_by_rust(folder: Path) -> dict[str, Any]:
    found = archive(folder / "official_samples_parsed_by_jmaxml_rs.tar.xz", OURS)
    return {name: json.loads(data) for name, data in found.items()}


def decoded(data: bytes) -> warnings.Warnings:
    return warnings.decode(envelope.decode(data).body)


def triples(read: warnings.Warnings) -> Iterator[tuple[str, str, str, str, str, str]]:
    for group in read.groups:
        for item in group.items:
            for kind in item.kinds:
                yield (
                    group.type,
                    item.area_code,
                    item.area_name,
                    kind.code,
                    kind.name,
                    kind.status,
                )


def counted(data: bytes) -> Counter[tuple[str, ...]]:
    """Count type, area, kind and status with the standard library's parser alone."""
    found: Counter[tuple[str, ...]] = Counter()
    for block in ElementTree.fromstring(data).iter(f"{BODY}Warning"):  # noqa: S314
        for item in block.findall(f"{BODY}Item"):
            area = item.find(f"{BODY}Area")
            assert area is not None
            for kind in item.findall(f"{BODY}Kind"):
                found[
                    (
                        block.get("type", ""),
                        area.findtext(f"{BODY}Code", ""),
                        area.findtext(f"{BODY}Name", ""),
                        kind.findtext(f"{BODY}Code", ""),
                        kind.findtext(f"{BODY}Name", ""),
                        kind.findtext(f"{BODY}Status", ""),
                    )
                ] += 1
    return found


def test_every_kind_of_every_area_is_there_once(samples: dict[str, bytes]) -> None:
    assert len(samples) == 81
    total = 0
    for name, data in samples.items():
        expected = counted(data)
        assert Counter(triples(decoded(data))) == expected, name
        assert len(re.findall(rb"<Warning\b", data)) == len(decoded(data).groups), name
        total += sum(expected.values())
    assert total > 5_000


def test_every_value_of_every_kind_is_there(samples: dict[str, bytes]) -> None:
    values = 0
    for name, data in samples.items():
        expected: Counter[str] = Counter()
        for block in ElementTree.fromstring(data).iter(f"{BODY}Warning"):  # noqa: S314
            for part in block.iter(f"{BODY}Property"):
                for leaf in part.iter():
                    if leaf.get("unit") is not None:
                        expected[leaf.get("description") or (leaf.text or "").strip()] += 1
                for coded in part.iter(f"{BODY}Significancy"):
                    expected[coded.findtext(f"{BODY}Name", "")] += 1
        found = Counter(
            value.text
            for group in decoded(data).groups
            for item in group.items
            for kind in item.kinds
            for part in kind.properties
            for value in part.values
        )
        assert not expected - found, name
        values += sum(expected.values())
    assert values > 500


def test_values_agree_with_the_rust_parser(
    samples: dict[str, bytes], parsed_by_rust: dict[str, Any]
) -> None:
    compared = 0
    for name, data in samples.items():
        groups = decoded(data).groups
        theirs = parsed_by_rust[name]["body"]["warnings"]
        assert [g.type for g in groups] == [g["type"] for g in theirs]
        for ours, other in zip(groups, theirs, strict=True):
            for item, expected in zip(ours.items, other["items"], strict=True):
                assert item.area_name == expected["area"]["name"]
                assert item.area_code == expected["area"]["code"]
                assert item.full_status == (expected.get("fullStatus") or "")
                for kind, said in zip(item.kinds, expected["kinds"], strict=True):
                    last = said.get("lastKind") or {}
                    assert kind.name == (said.get("name") or "")
                    assert kind.code == (said.get("code") or "")
                    assert kind.status == (said.get("status") or "")
                    assert kind.condition == (said.get("condition") or "")
                    assert kind.last_name == (last.get("name") or "")
                    assert kind.last_code == (last.get("code") or "")
                    compared += 1
    assert compared > 5_000


def test_an_item_without_an_areas_code_is_told() -> None:
    body = (
        f'<Body xmlns="{BODY[1:-1]}"><Warning type="x"><Item><Kind><Code>03</Code></Kind>'
        "<Area><Name>どこか</Name></Area></Item></Warning></Body>"
    )
    (problem,) = warnings.decode(etree.fromstring(body)).problems
    assert problem.code == "jmaxml.incomplete-item"
    assert problem.grade == "error"
    assert problem.path == "/Body/Warning/Item"


def test_every_step_of_every_outlook_is_there(folder: Path) -> None:
    samples = archive(folder / "official_samples.tar.xz", OUTLOOK)
    assert len(samples) == 6
    for data in samples.values():
        read = outlooks.decode(envelope.decode(data).body)
        root = ElementTree.fromstring(data)  # noqa: S314
        series = list(root.iter(f"{BODY}TimeSeriesInfo"))
        assert len(read.outlooks) == len(series)
        for ours, theirs in zip(read.outlooks, series, strict=True):
            assert len(ours.steps) == len(list(theirs.iter(f"{BODY}TimeDefine")))
            assert len(ours.items) == len(theirs.findall(f"{BODY}Item"))
            for item, expected in zip(ours.items, theirs.findall(f"{BODY}Item"), strict=True):
                leaves = [e for e in expected.iter() if e.get("refID") is not None]
                values = [v for e in item.elements for v in e.property.values]
                assert [v.step for v in values] == [e.get("refID") for e in leaves]
                assert len(item.elements) == len(list(expected.iter(f"{BODY}Property")))
