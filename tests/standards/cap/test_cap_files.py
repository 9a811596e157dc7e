"""Every file of google/cap-library's collection gets the verdict that it deserves."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinomi.kernel.errors import DataError
from hinomi.standards.cap.decode import decode, elements, read
from hinomi.standards.cap.findings import Findings
from hinomi.standards.cap.shapes import geometry
from hinomi.standards.cap.signing import verify

GOOD = (
    *("43b080713727.cap", "KAR0-0306112239-SW.cap", "amber.atom", "canada.cap"),
    *("canada_signed.atom", "earthquake.cap", "earthquake_signed.cap", "no_optional_fields.cap"),
    *("wcatwc-warning.cap", "weather.atom", "weather.cap", "bushfire_valid.edxlde"),
)
WRONG = {
    "canada_errors.cap": {"cap.references-missing"},
    "invalid.cap": {"cap.missing"},
    "no_entries.atom": {"cap.order", "cap.unknown-element"},
    "weather_invalid.atom": {"cap.identifier"},
    "bushfire_invalid.edxlde": {"cap.missing", "cap.value"},
}
REFUSED = {
    "xee.cap": "cap.dtd",
    "xee.atom": "cap.dtd",
    "earthquake_index.atom": "cap.index",
    "empty_weather_index.atom": "cap.index",
    "weather_index.atom": "cap.index",
    "ny_index.rss": "cap.index",
    "invalid.rss": "cap.index",
    "invalid_element.atom": "cap.index",
    "no_id.atom": "cap.index",
    "no_link.atom": "cap.index",
    "no_title.atom": "cap.index",
}


@pytest.fixture
def files(shared_data: Path) -> Path:
    return shared_data / "exchange" / "cap"


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_conforms(files: Path, name: str) -> None:
    found = decode((files / name).read_bytes())
    assert found
    assert [f.problems for f in found if not f.conforms] == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_told_what_is_wrong(files: Path, name: str) -> None:
    found = decode((files / name).read_bytes())
    assert {p.code for f in found for p in f.problems} == WRONG[name]
    assert not all(f.conforms for f in found)


@pytest.mark.parametrize("name", REFUSED)
def test_attacks_and_mere_lists_are_refused_whole(files: Path, name: str) -> None:
    with pytest.raises(DataError) as error:
        decode((files / name).read_bytes())
    assert [p.code for p in error.value.problems] == [REFUSED[name]]


def test_every_file_has_its_verdict(files: Path) -> None:
    here = {p.name for p in files.iterdir() if p.suffix in {".cap", ".atom", ".rss", ".edxlde"}}
    assert here == {*GOOD, *WRONG, *REFUSED}


def test_languages_and_areas_are_all_kept(files: Path) -> None:
    (found,) = decode((files / "canada.cap").read_bytes())
    assert found.alert is not None
    assert [i.language for i in found.alert.infos] == ["en-CA", "fr-CA"]
    assert all(len(i.areas) == 2 for i in found.alert.infos)
    ring = found.alert.infos[0].areas[0].polygons[0]
    assert ring[0] == (-82.9314, 42.3481)
    shape = geometry(found.alert.infos[0].areas, "/", Findings())
    assert shape is not None
    assert shape["type"] in {"Polygon", "MultiPolygon"}


def test_signatures_are_worth_what_they_prove(files: Path) -> None:
    trust = [(files / f"{n}_x509_cert.pem").read_bytes() for n in ("environment_canada", "naads")]

    def state(name: str) -> str:
        ((path, element),) = elements((files / name).read_bytes())
        alert = read(path, element).alert
        assert alert is not None
        return verify(element, trust, alert.sent).state

    # SHA-1 over an unchanged alert, by a certificate of the list: intact, and proves nothing.
    assert state("canada_signed.atom") == "weak"
    assert state("earthquake_signed.cap") == "invalid"
    assert state("weather.cap") == "unsigned"
