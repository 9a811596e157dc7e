"""The table of ``make proof`` names tests that are there, and all software that it must."""

from __future__ import annotations

import re

import pytest

from proof.lines import LINES, ROOT, version_of

NAMED = (
    "QGIS", "GDAL", "OWSLib", "ogctests", "schemathesis", "stac-api-validator", "pystac-client",
    "frost_sta_client", "paho-mqtt", "mosquitto_sub", "CAP", "CKAN", "annex A",
)  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.software}: {line.proves}")
def test_a_line_names_tests_that_are_there(line: object) -> None:
    for node in line.tests:  # type: ignore[attr-defined]
        path, _, name = node.partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"def {name}\(" if name else "def test_", text), node


def test_all_software_that_must_be_is_listed() -> None:
    listed = " ".join(line.software for line in LINES)
    assert [name for name in NAMED if name not in listed] == []


def test_a_version_is_the_installed_ones() -> None:
    import owslib  # noqa: PLC0415

    assert version_of("owslib") == owslib.__version__
    assert version_of("no-such-package") == ""
    assert version_of("$ no-such-command --version") == ""
