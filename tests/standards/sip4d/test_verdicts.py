"""Both verdicts: the official checker's on real packages, ours where it looks away."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hinomi.kernel.geometry import Geometry
from hinomi.runtime.areas.boundaries import read_boundaries
from hinomi.standards import sip4d
from hinomi.standards.sip4d import rules
from hinomi.standards.sip4d.archive import Limits
from hinomi.standards.sip4d.codes import CODES

PACKAGES = "exchange/sip4d-zip"


@pytest.mark.parametrize(
    ("name", "conforms", "because"),
    [
        # test_package.py of NIED-DIR/SIP4D-ZIP_Checker at b6dbf0a4, tests 1, 3, 5, 7, 8 and 9.
        ("052_20250801_0000000.zip", True, ""),
        ("bomtest.zip", False, "byte-order-mark"),
        ("polygon_style_err_sample.zip", False, "member-required"),
        ("ttid_nashi.zip", False, "wrong-format"),
        ("kunren_023_01-001-01_20260414140049_1.zip", False, "wrong-format"),
        ("20260609111841_R_1003665_20251004.zip", False, "property-name"),
    ],
)
def test_the_verdict_is_the_official_checkers_and_for_its_reason(
    shared_data: Path, *, name: str, conforms: bool, because: str
) -> None:
    verdict = sip4d.check((shared_data / PACKAGES / name).read_bytes())
    assert verdict.conforms is conforms
    assert not because or because in verdict.counts


def test_a_bom_is_named_and_the_rest_is_read_on(shared_data: Path, parts: Any) -> None:
    parts.columns = json.loads((shared_data / PACKAGES / "utf8bom.json").read_bytes()[3:])
    data = (shared_data / PACKAGES / "utf8bom.json").read_bytes()
    parts.others.append(("sip4d_zip_meta.json", data))
    with pytest.warns(UserWarning, match="Duplicate name"):
        verdict = sip4d.check(parts.zip())
    assert verdict.counts["byte-order-mark"] == 1
    assert not verdict.conforms
    assert verdict.title == "道路被害"


def test_a_package_by_the_rules_conforms_and_is_plausible(parts: Any) -> None:
    verdict = sip4d.check(parts.zip())
    assert (verdict.conforms, verdict.plausible, verdict.features) == (True, True, 2)
    assert set(verdict.counts) == {"time-without-zone"}


def _mutations() -> list[tuple[str, Callable[[Any], None]]]:
    def meta(**change: Any) -> Callable[[Any], None]:
        return lambda parts: parts.meta.update(change)

    def first(**change: Any) -> Callable[[Any], None]:
        return lambda parts: parts.features[0]["properties"].update(change)

    def geometry(value: Any) -> Callable[[Any], None]:
        return lambda parts: parts.features[0].update(geometry=value)

    def point(*at: Any) -> Callable[[Any], None]:
        return geometry({"type": "Point", "coordinates": list(at)})

    def drop_column(parts: Any) -> None:
        del parts.columns["columns"][1]

    ring = [[136.8, 35.2], [136.9, 35.2], [136.9, 35.3], [136.8, 35.3]]
    nested = {"type": "GeometryCollection", "geometries": []}
    return [
        ("wrong-format", meta(ttid="z26c70a0-65c3-4f34-b94e-8bd591395e72")),
        ("wrong-format", meta(updated="2026/05/20 10:10:00")),
        ("wrong-value", meta(category="雨")),
        ("wrong-value", meta(license_id="mit")),
        ("member-required", lambda parts: parts.meta["maintainer"].pop("e-mail")),
        ("wrong-type", meta(tags="避難所")),
        ("out-of-range", meta(disaster={"name": "x", "report": 10_000})),
        ("count-differs", meta(entry_num=2)),
        ("version-unknown", meta(version="3.0")),
        ("entries-too-many", lambda p: p.meta.update(entry=p.meta["entry"] * 2, entry_num=2)),
        ("count-differs", lambda p: p.columns.update(num_column=9)),
        ("column-required", drop_column),
        ("connected-value-unknown",
         lambda p: p.columns["columns"][3].update(conn_attr_list=["notopen", "open", "shut"])),
        ("wrong-type", first(evacueeno="30")),
        ("wrong-value", first(jokyo="開いている")),
        ("wrong-format", first(kaisetsu="2026/05/20 09:00")),
        ("property-name", first(Iki="x")),
        ("member-required", first(jokyo=None)),
        ("geometry-missing", geometry(None)),
        ("geometry-unknown", geometry(nested)),
        ("position-integer", point(136, 35)),
        ("position-3d", point(136.8, 35.2, 10.0)),
        ("position-malformed", point("136.8", 35.2)),
        ("geometry-mixed", geometry({"type": "LineString", "coordinates": ring[:2]})),
        ("ring-open", geometry({"type": "Polygon", "coordinates": [ring]})),
        ("ring-short", geometry({"type": "Polygon", "coordinates": [ring[:3]]})),
        ("line-short", geometry({"type": "LineString", "coordinates": ring[:1]})),
        ("geometry-empty", geometry({"type": "MultiPoint", "coordinates": []})),
        ("member-required", lambda p: p.style["classes"][0].pop("fill")),
        ("member-missing", lambda p: p.meta["entry"][0].update(file="b.geojson")),
        ("status-unreadable", meta(testflg="本番")),
        ("marking-unreadable", meta(openflg="公開")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "spoil"), _mutations(), ids=[f"{c}-{i}" for i, (c, _) in enumerate(_mutations())]
)
def test_a_broken_rule_is_found(parts: Any, code: str, spoil: Callable[[Any], None]) -> None:
    spoil(parts)
    verdict = sip4d.check(parts.zip())
    assert code in verdict.counts
    assert not verdict.conforms


@pytest.mark.parametrize(
    ("code", "geometry"),
    [
        ("coordinates-swapped", {"type": "Point", "coordinates": [35.28, 136.87]}),
        ("outside-japan", {"type": "Point", "coordinates": [999.0, -999.0]}),
        ("vertex-malformed", {"type": "LineString", "coordinates": [[136.8, 35.2], ["a", "b"]]}),
    ],
)
def test_what_the_official_checker_lets_pass_is_not_plausible(
    parts: Any, code: str, geometry: dict[str, Any]
) -> None:
    parts.features = [dict(parts.features[0], geometry=geometry)]
    verdict = sip4d.check(parts.zip())
    assert verdict.counts[code] == 1
    assert (verdict.conforms, verdict.plausible) == (True, False)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_number_that_is_none_is_not_plausible(parts: Any, number: str) -> None:
    whole = json.dumps({"type": "FeatureCollection", "features": parts.features})
    parts.geojson = whole.replace("35.28", number, 1).encode()
    verdict = sip4d.check(parts.zip())
    assert not verdict.plausible
    assert verdict.counts["number-not-finite"] >= 1
    assert verdict.features == 2


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("counts-contradict", {"sevacueeno": 31}),
        ("counts-contradict", {"jokyo": "9"}),
        ("negative-count", {"evacueeno": -1, "sevacueeno": -1}),
        ("identifier-twice", {"no": "232280002"}),
    ],
)
def test_counts_and_identifiers_that_contradict_are_not_plausible(
    parts: Any, make_feature: Callable[..., Any], code: str, change: dict[str, Any]
) -> None:
    parts.features[0] = make_feature(1, **change)
    verdict = sip4d.check(parts.zip())
    assert code in verdict.counts
    assert (verdict.conforms, verdict.plausible) == (True, False)


def test_a_name_that_climbs_and_a_name_twice_are_told(parts: Any) -> None:
    parts.others = [("../evil.json", b"{}"), ("a_style.json", b"{}"), ("x/y.txt", b"")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        verdict = sip4d.check(parts.zip())
    assert {"member-unsafe", "member-twice", "member-in-folder"} <= set(verdict.counts)
    assert not verdict.plausible


def test_a_bomb_is_refused_before_it_is_unpacked(parts: Any) -> None:
    parts.others = [("bomb.bin", b"\0" * 3_000_000)]
    limits = Limits(free_bytes=1_000_000, ratio=100)
    verdict = sip4d.check(parts.zip(), limits=limits)
    assert set(verdict.counts) == {"archive-bomb"}
    assert (verdict.conforms, verdict.plausible) == (False, False)


def test_version_2_is_one_more_table(parts: Any) -> None:
    parts.meta["version"] = "2.0"
    assert "version-unknown" in sip4d.check(parts.zip()).counts
    shipped = {v: msgspec.json.encode(rules.default_rules()._tables[v]) for v in ("1", "1.1")}
    second = {
        "version": "2.0",
        "based_on": "1.1",
        "source": "test",
        "metadata": {
            "version": {"is": "string", "required": True, "one_of": ["2.0"]},
            "language": {"is": "string", "required": True},
            "note": None,
        },
    }
    book = sip4d.Rulebook({**shipped, "2.0": msgspec.json.encode(second)})
    verdict = sip4d.check(parts.zip(), rulebook=book)
    assert [p.path for p in verdict.problems if p.code == "sip4d.member-required"] == [
        "sip4d_zip_meta.json/language"
    ]
    parts.meta["language"] = "ja"
    del parts.meta["note"]
    assert sip4d.check(parts.zip(), rulebook=book).conforms
    assert book.versions == ("1", "1.1", "2.0")


def test_our_tables_say_what_the_templates_say(shared_data: Path) -> None:
    """The templates are the oracle: required names, words and patterns, of both versions."""
    folder = shared_data / "exchange" / "sip4d-zip-templates"
    for version in ("1", "1.1"):
        ours = rules.default_rules().of(version)
        assert ours is not None
        meta = json.loads((folder / version / "VECTOR" / "temp_meta.json").read_bytes())
        assert {m["key"] for m in meta["members"]} == set(ours.metadata)
        for member in meta["members"]:
            rule = ours.metadata[member["key"]]
            assert rule.required is member["necessary"]
            assert list(rule.one_of or ()) == member.get("values", [])
            assert list(rule.patterns or ()) == member.get("string_formats", [])
        files = sorted((folder / version / "VECTOR").glob("[0-9]*.json"))
        assert [f.stem for f in files] == sorted(ours.types)
        for file in files:
            template = json.loads(file.read_bytes())
            attributes = ours.types[file.stem].attributes
            for stated in template.get("properties_value", ()):
                attribute = attributes[stated["connid"]]
                assert attribute.value is stated["necessary"]
                assert list((attribute.words or {}).values()) == stated.get("values", [])


class _Ground:
    """A list of names whose places the package's are compared with."""

    def __init__(self, named: dict[str, list[tuple[float, float]]]) -> None:
        self._named = named

    def boundary(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        return None

    def named(self, code: str, name: str) -> Sequence[tuple[float, float]]:  # noqa: ARG002
        return self._named.get(name, ())


def test_the_drill_package_is_found_to_be_displaced_by_five_degrees(shared_data: Path) -> None:
    """169 of its names are GSI's; the median difference is +5.000 degrees of longitude."""
    named: dict[str, list[tuple[float, float]]] = {}
    samples = shared_data / "exchange/gsi-shelters/ishikawa_aichi_sample"
    for file in sorted(samples.glob("*.json")):
        listed = json.loads(file.read_bytes())
        for f in listed.get("features", ()) if isinstance(listed, dict) else ():
            name = f["properties"]["施設・場所名"]
            x, y = f["geometry"]["coordinates"]
            if 136 < x < 138 and 34 < y < 36:
                named.setdefault(name, []).append((x, y))
    data = (shared_data / PACKAGES / "kunren_023_01-001-01_20260414140049_1.zip").read_bytes()
    verdict = sip4d.check(data, ground=_Ground(named))
    assert not verdict.plausible
    (found,) = [p.found for p in verdict.problems if p.code == "sip4d.layer-displaced"]
    assert found == "+5.000 degrees of longitude, +0.000 of latitude"


def test_boundaries_alone_show_that_some_towns_are_displaced_by_four(shared_data: Path) -> None:
    found = read_boundaries(shared_data / "exchange/boundaries/N03-21_23_s0010.json")
    places = {r.key: r.place for r in found.records}

    class Ground(_Ground):
        def boundary(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
            return places.get(code)

    data = (shared_data / PACKAGES / "kunren_023_01-001-01_20260414140049_1.zip").read_bytes()
    verdict = sip4d.check(data, ground=Ground({}))
    shifts = [p.found for p in verdict.problems if p.code == "sip4d.layer-displaced"]
    assert shifts[:2] == [
        "+5.000 degrees of longitude, +0.000 of latitude",
        "+4.000 degrees of longitude, +0.000 of latitude",
    ]


def test_every_code_is_in_the_reference_page() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "sip4d.md"
    text = page.read_text(encoding="utf-8")
    assert [code for code in CODES if f"`sip4d.{code}`" not in text] == []


def test_a_zip_without_metadata_is_no_package(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    assert not sip4d.is_package(path.read_bytes())
    assert not sip4d.check(path.read_bytes()).conforms
